// The law of the query layer once more: the same rows in memory and in Postgres.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "core/query/ast_json.h"
#include "core/query/sql_writer.h"
#include "server/postgres/migration.h"
#include "server/postgres/rows.h"
#include "tests/core/query/query_generator.h"
#include "tests/core/query/reference_evaluator.h"
#include "tests/core/query/tree_generator.h"
#include "tests/core/query/tree_schema.h"
#include "tests/server/postgres/postgres_world.h"
#include "tests/support/seed.h"

namespace tidemark::server {
namespace {

using PostgresAgreementTest = PostgresTest;

std::string Text(const std::vector<model::Row>& rows) {
  std::string text = "[";
  for (const model::Row& row : rows) {
    if (text.size() > 1) text += ',';
    model::AppendRowJson(text, row);
  }
  return text + "]";
}

std::string Text(const Result<std::string>& result) {
  if (result.ok()) return *result;
  return std::string(ErrorCodeName(result.error().code));
}

/// A transaction on `sql` with a row of each of `rows`.
void Fill(PgRows& access, const model::Schema& schema, const testing::TableRows& rows) {
  for (model::TableIndex table = 0; table < rows.size(); ++table) {
    for (const model::Row& row : rows[table]) {
      const RowKey key = model::KeyOf(schema.table(table), row);
      ASSERT_TRUE(
          access.Write({mutation::RowWrite::Kind::kInsert, table, key, model::Row(), row, {}})
              .ok());
    }
  }
}

TEST_F(PostgresAgreementTest, RandomQueriesHaveOneAnswer) {
  const std::uint64_t seed = testing::TestSeed(11);
  SCOPED_TRACE(testing::SeedTrace(seed));
  const model::Schema schema = testing::SampleSchema();
  testing::QueryGenerator generator(schema, seed);
  const Status migrated = MigratePostgres(*sql_, schema);
  ASSERT_TRUE(migrated.ok()) << migrated.error().message;
  const std::vector<model::Row> rows = generator.Rows(60);
  PgRows access(schema);
  access.Begin(*sql_);
  Fill(access, schema, {rows});
  for (int i = 0; i < 600; ++i) {
    const query::Query query = generator.Query();
    const Result<std::string> found = access.Run(query);
    const std::string sql = query::WriteResult(query::Dialect::kPostgres, schema, query).text +
                            "\n" + query::QueryToJson(schema, query);
    ASSERT_TRUE(found.ok()) << found.error().message << "\n" << sql;
    ASSERT_EQ(*found, Text(testing::Answer(query, rows, std::nullopt))) << sql;
  }
}

TEST_F(PostgresAgreementTest, RandomTreesHaveOneResult) {
  const std::uint64_t seed = testing::TestSeed(22);
  SCOPED_TRACE(testing::SeedTrace(seed));
  const model::Schema schema = testing::TreeSchema();
  const Status migrated = MigratePostgres(*sql_, schema);
  ASSERT_TRUE(migrated.ok()) << migrated.error().message;
  testing::TreeGenerator generator(schema, seed);
  for (int round = 0; round < 6; ++round) {
    ASSERT_TRUE(sql_->Execute("BEGIN").ok());
    PgRows access(schema);
    access.Begin(*sql_);
    const testing::TableRows rows = generator.Rows(4 + 2 * static_cast<std::size_t>(round));
    Fill(access, schema, rows);
    for (int i = 0; i < 80; ++i) {
      const query::Query tree = generator.Tree(3);
      const Result<std::string> found = access.Run(tree);
      ASSERT_EQ(Text(found), Text(testing::EvaluateToJson(rows, tree)))
          << (found.ok() ? "" : found.error().message) << "\n"
          << query::QueryToJson(schema, tree) << "\n"
          << query::WriteResult(query::Dialect::kPostgres, schema, tree).text;
    }
    ASSERT_TRUE(sql_->Execute("ROLLBACK").ok());
  }
}

}  // namespace
}  // namespace tidemark::server
