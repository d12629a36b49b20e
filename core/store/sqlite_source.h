// The app's tables in a SQLite database: one STRICT table each, named as in the schema. Reads are
// plain SQL on one connection, so a read transaction on that connection pins the state. Used by the
// server: replica and embedded authority.
// The columns' types are in sqlite_row.h. Invariant: rows come out as the canonical values that
// went in. It never commits or rolls back: transactions are its owner's.
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
  // Texts of queries depend on what apps ask, so these are bounded, unlike the store's own texts.
  std::unique_ptr<StatementPool> queries_;
  std::vector<std::unique_ptr<SqliteSource>> sources_;
};

// Migration (sqlite_migration.cc). Invariant: every row that was there is still there. Never drops
// a table, a column or a value; what the schema does not name (any more) is left alone.

struct MigrationPlan {
  // In the order in which to run them: CREATE TABLE, ADD COLUMN, SET or DROP NOT NULL, CREATE
  // INDEX.
  std::vector<std::string> statements;
  // In words, naming table and column: what cannot be done without losing data.
  std::vector<std::string> destructive;
};

/// Compares the database with the schema. Destructive: a changed type or primary key; a column that
/// is required now, has no default, and lacks a value in existing rows; a unique that existing rows
/// violate.
Result<MigrationPlan> PlanSqliteMigration(const model::Schema& schema, Database& database);

/// Plans and runs in a transaction of its own; kConflict with the differences, and nothing changed,
/// if any is destructive.
Status MigrateSqlite(const model::Schema& schema, Database& database);

}  // namespace tidemark::store

#endif  // TIDEMARK_CORE_STORE_SQLITE_SOURCE_H_
