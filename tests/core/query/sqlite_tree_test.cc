// The law of trees: the same result by looking at every row, and by one statement in SQLite.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "core/query/ast_json.h"
#include "core/query/sql_writer.h"
#include "core/store/sqlite.h"
#include "core/store/sqlite_result.h"
#include "core/store/sqlite_source.h"
#include "tests/core/query/reference_evaluator.h"
#include "tests/core/query/tree_generator.h"
#include "tests/core/query/tree_schema.h"
#include "tests/support/seed.h"

namespace tidemark::query {
namespace {

std::string Text(const Result<std::string>& result) {
  if (result.ok()) return *result;
  return std::string(ErrorCodeName(result.error().code));
}

class SqliteTreeTest : public ::testing::Test {
 protected:
  SqliteTreeTest() { EXPECT_TRUE(store::MigrateSqlite(schema_, database_).ok()); }

  void Fill(const testing::TableRows& rows) {
    store::SqliteStore store(schema_, database_);
    for (model::TableIndex table = 0; table < rows.size(); ++table) {
      ASSERT_TRUE(
          database_.Execute("DELETE FROM " + QuotedTable(Dialect::kSqlite, schema_.table(table)))
              .ok());
      for (const model::Row& row : rows[table]) ASSERT_TRUE(store.Insert(table, row).ok());
    }
  }
  Result<std::string> Run(const Query& query) {
    return store::RunToJson(schema_, query, database_, pool_);
  }

  const model::Schema schema_ = testing::TreeSchema();
  store::Database database_ = *store::Database::Open(":memory:");
  store::StatementPool pool_{100};
};

TEST_F(SqliteTreeTest, RandomTreesHaveOneResult) {
  const std::uint64_t seed = testing::TestSeed(21);
  SCOPED_TRACE(testing::SeedTrace(seed));
  testing::TreeGenerator generator(schema_, seed);
  for (int round = 0; round < 12; ++round) {
    const testing::TableRows rows = generator.Rows(4 + static_cast<std::size_t>(round));
    Fill(rows);
    for (int i = 0; i < 60; ++i) {
      const Query query = generator.Tree(3);
      const std::string json = QueryToJson(schema_, query);
      const Result<Query> parsed = ParseQuery(schema_, json);
      ASSERT_TRUE(parsed.ok()) << parsed.error().message << "\n" << json;
      ASSERT_TRUE(*parsed == query) << json;
      const std::string expected = Text(testing::EvaluateToJson(rows, query));
      const Result<std::string> found = Run(query);
      ASSERT_EQ(Text(found), expected) << (found.ok() ? "" : found.error().message) << "\n"
                                       << json << "\n"
                                       << WriteResult(Dialect::kSqlite, schema_, query).text;
      const Query normal = Normalize(schema_, query);
      ASSERT_EQ(Text(testing::EvaluateToJson(rows, normal)), expected)
          << json << "\n"
          << QueryToJson(schema_, normal);
      ASSERT_EQ(Text(Run(normal)), expected) << QueryToJson(schema_, normal);
      ASSERT_EQ(HashQuery(schema_, normal), HashQuery(schema_, query));
    }
  }
}

}  // namespace
}  // namespace tidemark::query
