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
#include "tests/server/postgres/postgres_world.h"
#include "tests/support/seed.h"

namespace tidemark::server {
namespace {

using PostgresAgreementTest = PostgresTest;

std::string Text(const std::vector<model::Row>& rows) {
  std::string text;
  for (const model::Row& row : rows) text += model::RowJson(row) + "\n";
  return text;
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
  for (const model::Row& row : rows) {
    const RowKey key = model::KeyOf(schema.table(0), row);
    ASSERT_TRUE(
        access.Write({mutation::RowWrite::Kind::kInsert, 0, key, model::Row(), row, {}}).ok());
  }
  for (int i = 0; i < 600; ++i) {
    const query::Query query = generator.Query();
    const Result<std::vector<model::Row>> found = access.Run(query);
    const std::string sql = query::WriteSelect(query::Dialect::kPostgres, schema, query).text +
                            "\n" + query::QueryToJson(schema, query);
    ASSERT_TRUE(found.ok()) << found.error().message << "\n" << sql;
    ASSERT_EQ(Text(*found), Text(testing::Answer(query, rows, std::nullopt))) << sql;
  }
}

}  // namespace
}  // namespace tidemark::server
