// The law of the query layer: the same rows in memory and in SQLite.
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/query/ast_json.h"
#include "core/query/predicate.h"
#include "core/query/sql_writer.h"
#include "tests/core/query/query_generator.h"
#include "tests/core/query/sqlite_fixture.h"
#include "tests/support/seed.h"

namespace tidemark::query {
namespace {

std::string Text(const std::vector<model::Row>& rows) {
  std::string text;
  for (const model::Row& row : rows) {
    model::AppendRowJson(text, row);
    text.push_back('\n');
  }
  return text;
}

class SqliteAgreementTest : public ::testing::Test {
 protected:
  void Load(testing::QueryGenerator& generator, std::size_t count) {
    rows_ = generator.Rows(count);
    for (const model::Row& row : rows_) database_.Insert(row);
  }

  std::vector<model::Row> RunInSqlite(const Query& query, const std::optional<SqlStart>& start) {
    return database_.Run(WriteSelect(Dialect::kSqlite, schema_, query, start));
  }

  const model::Schema schema_ = testing::SampleSchema();
  testing::SampleDatabase database_{schema_};
  std::vector<model::Row> rows_;
};

TEST_F(SqliteAgreementTest, RandomQueriesHaveOneAnswer) {
  const std::uint64_t seed = testing::TestSeed(4);
  SCOPED_TRACE(testing::SeedTrace(seed));
  testing::QueryGenerator generator(schema_, seed);
  Load(generator, 60);
  for (int i = 0; i < 4000; ++i) {
    const Query query = generator.Query();
    std::optional<SqlStart> start;
    if (generator.random().OneIn(2)) start = generator.Start(rows_);
    const std::string expected = Text(testing::Answer(query, rows_, start));
    ASSERT_EQ(Text(RunInSqlite(query, start)), expected)
        << QueryToJson(schema_, query) << "\n"
        << WriteSelect(Dialect::kSqlite, schema_, query, start).text;
    const Query normal = Normalize(schema_, query);
    ASSERT_EQ(Text(testing::Answer(normal, rows_, start)), expected)
        << QueryToJson(schema_, query) << "\n"
        << QueryToJson(schema_, normal);
    ASSERT_EQ(Text(RunInSqlite(normal, start)), expected) << QueryToJson(schema_, normal);
  }
}

TEST_F(SqliteAgreementTest, LikeIsTheSameWhateverThePragmaSays) {
  const std::uint64_t seed = testing::TestSeed(5);
  SCOPED_TRACE(testing::SeedTrace(seed));
  testing::QueryGenerator generator(schema_, seed);
  database_.Execute("PRAGMA case_sensitive_like = ON");
  Load(generator, 60);
  const model::ColumnIndex title = *schema_.table(0).FindColumn("title");
  for (const char* pattern : {"A%", "a_", "%B", "[x]", "%\\%", "_", "%_%_%", "*", "a?b", "%]"}) {
    for (const Op op : {Op::kLike, Op::kNotLike, Op::kIlike, Op::kNotIlike}) {
      Query query = generator.Query();
      query.where = Condition{Comparison{title, op, {model::Value(pattern)}}};
      EXPECT_EQ(Text(RunInSqlite(query, std::nullopt)),
                Text(testing::Answer(query, rows_, std::nullopt)))
          << pattern;
    }
  }
}

TEST_F(SqliteAgreementTest, PagesFollowOneAnotherWithoutGapOrOverlap) {
  const std::uint64_t seed = testing::TestSeed(6);
  SCOPED_TRACE(testing::SeedTrace(seed));
  testing::QueryGenerator generator(schema_, seed);
  Load(generator, 100);
  for (int i = 0; i < 50; ++i) {
    Query query = generator.Query();
    query.limit = std::nullopt;
    const std::vector<model::Row> all = RunInSqlite(query, std::nullopt);
    query.limit = 7;
    std::vector<model::Row> paged;
    std::optional<SqlStart> start;
    for (;;) {
      const std::vector<model::Row> page = RunInSqlite(query, start);
      if (page.empty()) break;
      paged.insert(paged.end(), page.begin(), page.end());
      start = SqlStart{page.back(), false};
    }
    ASSERT_EQ(Text(paged), Text(all)) << QueryToJson(schema_, query);
  }
}

TEST_F(SqliteAgreementTest, AnIndexServesTheStartOfAPage) {
  database_.Execute("CREATE INDEX by_rank ON sample (rank, key, part)");
  testing::QueryGenerator generator(schema_, 7);
  const SqlStart start{generator.Row(), false};
  const auto plan = [&](std::string_view order) {
    const Query query =
        *ParseQuery(schema_, R"({"table":"sample","orderBy":[)" + std::string(order) + "]}");
    return database_.Plan(WriteSelect(Dialect::kSqlite, schema_, query, start));
  };
  EXPECT_EQ(plan(R"(["rank","asc"])"),
            "SEARCH sample USING INDEX by_rank ((rank,key,part)>(?,?,?))\n");
  EXPECT_EQ(plan(R"(["rank","desc"],["key","desc"],["part","desc"])"),
            "SEARCH sample USING INDEX by_rank ((rank,key,part)<(?,?,?))\n");
}

TEST_F(SqliteAgreementTest, KnownColumnsDecideOnlyWhatTheOthersCannotChange) {
  const std::uint64_t seed = testing::TestSeed(8);
  SCOPED_TRACE(testing::SeedTrace(seed));
  testing::QueryGenerator generator(schema_, seed);
  Random& random = generator.random();
  const std::size_t columns = schema_.table(0).columns.size();
  int decided = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::optional<Condition> condition = generator.Condition(3);
    const model::Row row = generator.Row();
    std::vector<bool> known(columns);
    for (std::size_t c = 0; c < columns; ++c) known[c] = !random.OneIn(3);
    const std::optional<bool> answer = TestKnownColumns(condition, row, known);
    if (answer) ++decided;
    for (int completion = 0; answer && completion < 10; ++completion) {
      std::vector<model::Value> values = generator.Row().values();
      for (std::size_t c = 0; c < columns; ++c) {
        if (known[c]) values[c] = row[c];
      }
      ASSERT_EQ(Predicate(condition).Test(model::Row::Make(std::move(values))), *answer);
    }
    const std::optional<bool> all =
        TestKnownColumns(condition, row, std::vector<bool>(columns, true));
    ASSERT_EQ(all, std::optional<bool>(Predicate(condition).Test(row)));
  }
  EXPECT_GT(decided, 400);
}

TEST_F(SqliteAgreementTest, RequiredValuesAreWhatEveryMatchHas) {
  const std::uint64_t seed = testing::TestSeed(9);
  SCOPED_TRACE(testing::SeedTrace(seed));
  testing::QueryGenerator generator(schema_, seed);
  int required = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::optional<Condition> condition = generator.Condition(2);
    const Predicate predicate(condition);
    for (model::ColumnIndex c = 0; c < schema_.table(0).columns.size(); ++c) {
      const std::optional<model::Value> value = RequiredValue(condition, c);
      if (!value) continue;
      ++required;
      for (int r = 0; r < 10; ++r) {
        const model::Row row = generator.Row();
        if (predicate.Test(row)) {
          ASSERT_EQ(row[c], *value);
        }
      }
    }
  }
  EXPECT_GT(required, 100);
}

}  // namespace
}  // namespace tidemark::query
