// The app's tables in a SQLite database: one STRICT table each, named as in the schema. Reads are
// plain SQL on one connection, so a read transaction on that connection pins the state. Used by the
// server: replica and embedded authority.
//   string, date, enumeration, json: TEXT · number: REAL · boolean, bigint, timestamp: INTEGER
#ifndef TIDEMARK_CORE_STORE_SQLITE_SOURCE_H_
#define TIDEMARK_CORE_STORE_SQLITE_SOURCE_H_

#include <memory>
#include <string>
#include <vector>

#include "core/store/source.h"
#include "core/store/sqlite.h"

namespace tidemark::store {

class SqliteSource;

class SqliteStore final : public Store {
 public:
  /// Both outlive the store. The tables must exist (MigrateSqlite).
  SqliteStore(const model::Schema& schema, Database& database);
  ~SqliteStore() override;

  const model::Schema& schema() const override { return schema_; }
  const Source& source(model::TableIndex table) const override;

  Result<model::Row> Get(model::TableIndex table, const RowKey& key) const;
  /// INSERT of a whole row; kAlreadyExists if the key or a unique column is taken.
  Status Insert(model::TableIndex table, const model::Row& row);
  /// Replaces the row with the same key (INSERT if there is none).
  Status Put(model::TableIndex table, const model::Row& row);
  Status Delete(model::TableIndex table, const RowKey& key);
  /// Rows of any query on this store's connection.
  Result<std::vector<model::Row>> Run(const query::Query& query) const;

 private:
  const model::Schema& schema_;
  Database& database_;
  std::vector<std::unique_ptr<SqliteSource>> sources_;
};

struct MigrationPlan {
  std::vector<std::string> statements;  // additive: CREATE TABLE, ADD COLUMN, CREATE INDEX
  std::vector<std::string>
      destructive;  // in words, naming table and column: what cannot be done without losing data
};
/// Compares the database with the schema. A column that became required without a default, a
/// changed type or primary key is destructive; a table or column that the schema does not name (any
/// more) is left alone.
Result<MigrationPlan> PlanSqliteMigration(const model::Schema& schema, Database& database);
/// Plans and runs; kConflict with the differences if any is destructive.
Status MigrateSqlite(const model::Schema& schema, Database& database);

}  // namespace tidemark::store

#endif  // TIDEMARK_CORE_STORE_SQLITE_SOURCE_H_
