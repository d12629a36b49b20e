// The sample table in a real SQLite database in memory, through SQLite's own interface.
#ifndef TIDEMARK_TESTS_CORE_QUERY_SQLITE_FIXTURE_H_
#define TIDEMARK_TESTS_CORE_QUERY_SQLITE_FIXTURE_H_

#include <string>
#include <string_view>
#include <vector>

#include "core/model/row.h"
#include "core/model/schema.h"
#include "core/query/sql_writer.h"

struct sqlite3;

namespace tidemark::testing {

class SampleDatabase {
 public:
  /// Creates the schema's first table, STRICT, with its primary key. `schema` outlives this.
  explicit SampleDatabase(const model::Schema& schema);
  SampleDatabase(const SampleDatabase&) = delete;
  SampleDatabase& operator=(const SampleDatabase&) = delete;
  ~SampleDatabase();

  void Execute(const std::string& sql);
  void Insert(const model::Row& row);
  std::vector<model::Row> Run(const query::SqlStatement& statement);
  /// EXPLAIN QUERY PLAN, one line a step.
  std::string Plan(const query::SqlStatement& statement);

 private:
  const model::Table& table_;
  sqlite3* database_ = nullptr;
};

}  // namespace tidemark::testing

#endif  // TIDEMARK_TESTS_CORE_QUERY_SQLITE_FIXTURE_H_
