#include "core/query/ast_json.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "core/query/limits.h"
#include "tests/core/query/query_generator.h"
#include "tests/support/seed.h"

namespace tidemark::query {
namespace {

class AstJsonTest : public ::testing::Test {
 protected:
  std::string ErrorOf(std::string_view json) {
    const Result<Query> query = ParseQuery(schema_, json);
    if (query.ok()) return "no error";
    return std::string(ErrorCodeName(query.error().code)) + " " + query.error().message;
  }
  std::string ErrorOfWhere(std::string_view where) {
    return ErrorOf(R"({"table":"sample","where":)" + std::string(where) + "}");
  }

  model::Schema schema_ = testing::SampleSchema();
};

TEST_F(AstJsonTest, ReadsAQuery) {
  const Result<Query> query = ParseQuery(schema_, R"({"table":"sample",
      "where":{"op":"and","args":[{"op":"=","column":"done","value":false},
                                  {"op":"in","column":"size","value":["1",null]}]},
      "orderBy":[["rank","asc"],["title","desc"]],"limit":100})");
  ASSERT_TRUE(query.ok()) << query.error().message;
  const model::Table& table = schema_.table(0);
  EXPECT_EQ(query->limit, 100u);
  EXPECT_FALSE(query->one);
  EXPECT_EQ(query->order_by, (Ordering{{*table.FindColumn("rank"), Direction::kAscending},
                                       {*table.FindColumn("title"), Direction::kDescending},
                                       {0, Direction::kAscending},
                                       {1, Direction::kAscending}}));
  const Junction& where = std::get<Junction>(query->where->node);
  EXPECT_EQ(
      std::get<Comparison>(where.args[1].node),
      (Comparison{
          *table.FindColumn("size"), Op::kIn, {model::Value(std::int64_t{1}), model::Value()}}));
}

TEST_F(AstJsonTest, AppendsThePrimaryKeyOnce) {
  const Query query = *ParseQuery(
      schema_, R"({"table":"sample","orderBy":[["part","desc"],["part","asc"]],"one":true})");
  EXPECT_EQ(query.order_by, (Ordering{{1, Direction::kDescending}, {0, Direction::kAscending}}));
  EXPECT_EQ(query.limit, 1u);
  EXPECT_TRUE(query.one);
}

TEST_F(AstJsonTest, WritesWhatItReads) {
  const std::uint64_t seed = testing::TestSeed(10);
  SCOPED_TRACE(testing::SeedTrace(seed));
  testing::QueryGenerator generator(schema_, seed);
  for (int i = 0; i < 500; ++i) {
    const Query query = generator.Query();
    const std::string json = QueryToJson(schema_, query);
    const Result<Query> again = ParseQuery(schema_, json);
    ASSERT_TRUE(again.ok()) << json << again.error().message;
    ASSERT_EQ(again->where.has_value(), query.where.has_value());
    if (query.where) {
      ASSERT_TRUE(*again->where == *query.where) << json;
    }
    ASSERT_EQ(again->order_by, query.order_by);
    ASSERT_EQ(again->limit, query.limit);
  }
}

TEST_F(AstJsonTest, NamesWhatDoesNotFit) {
  EXPECT_EQ(ErrorOf(R"({"table":"nothing"})"), R"(invalid_args query: no table "nothing")");
  EXPECT_EQ(ErrorOf(R"({"table":"sample","having":[]})"),
            "invalid_args query: unknown key 'having'");
  EXPECT_EQ(ErrorOf(R"({"table":"sample","orderBy":[["nope","asc"]]})"),
            "invalid_args query: no column 'nope' in sample");
  EXPECT_EQ(ErrorOf(R"({"table":"sample","orderBy":[["rank","up"]]})"),
            R"(invalid_args query: sample.rank: the direction must be 'asc' or 'desc', not "up")");
  EXPECT_EQ(ErrorOf(R"({"table":"sample","orderBy":[["doc","asc"]]})"),
            "invalid_args query: cannot order by the json column sample.doc");
  EXPECT_EQ(ErrorOf(R"({"table":"sample","limit":-1})"),
            "invalid_args query: 'limit' must be a whole number, not -1");
  EXPECT_EQ(ErrorOf("[]"), "invalid_args query: expected an object, got []");
  EXPECT_EQ(ErrorOfWhere(R"({"op":"~","column":"rank","value":1})"),
            "invalid_args query: unknown operator '~'");
  EXPECT_EQ(ErrorOfWhere(R"({"op":"=","column":"rank","value":"1"})"),
            R"(invalid_args sample.rank: expected a number, got "1")");
  EXPECT_EQ(ErrorOfWhere(R"({"op":"in","column":"rank","value":1})"),
            "invalid_args query: sample.rank: 'in' needs a list, got 1");
  EXPECT_EQ(ErrorOfWhere(R"({"op":"=","column":"rank"})"),
            "invalid_args query: '=' needs 'column' and 'value'");
  EXPECT_EQ(ErrorOfWhere(R"({"op":"like","column":"rank","value":"1%"})"),
            "invalid_args query: sample.rank: 'like' needs text, not number");
  EXPECT_EQ(ErrorOfWhere(R"({"op":"=","column":"rank","value":1,"as":"r"})"),
            "invalid_args query: unknown key 'as'");
  EXPECT_EQ(ErrorOfWhere(R"({"op":"=","column":"state","value":"ajar"})"),
            "invalid_args sample.state: expected one of 'open' 'Closed' '[x]', got \"ajar\"");
  EXPECT_NE(ErrorOfWhere(R"({"op":"=","column":"doc","value":{}})"), "no error");
  EXPECT_NE(ErrorOfWhere(R"({"op":"exists"})"), "no error");
  EXPECT_NE(ErrorOfWhere("true"), "no error");
}

TEST_F(AstJsonTest, APatternNeedNotBeAMemberOfTheEnumeration) {
  EXPECT_EQ(ErrorOfWhere(R"({"op":"like","column":"state","value":"o%"})"), "no error");
}

TEST_F(AstJsonTest, RefusesWhatIsTooLarge) {
  std::string deep = R"({"op":"and","args":[]})";
  for (std::size_t i = 1; i < kConditionDepthMax; ++i) {
    deep = R"({"op":"not","arg":)" + deep + "}";
  }
  EXPECT_EQ(ErrorOfWhere(deep), "no error");
  EXPECT_EQ(ErrorOfWhere(R"({"op":"not","arg":)" + deep + "}"),
            "limit query: conditions nest deeper than 32 (condition_depth_max)");
  std::string values = "1";
  for (std::size_t i = 1; i < kLiteralsMax; ++i) values += ",1";
  const std::string in = R"({"op":"in","column":"rank","value":[)";
  EXPECT_EQ(ErrorOfWhere(in + values + "]}"), "no error");
  EXPECT_EQ(ErrorOfWhere(in + values + ",1]}"),
            "limit query: more than 5000 values (literals_max)");
  std::string args = R"({"op":"and","args":[]})";
  for (std::size_t i = 2; i < kConditionNodesMax; ++i) args += R"(,{"op":"and","args":[]})";
  EXPECT_EQ(ErrorOfWhere(R"({"op":"or","args":[)" + args + "]}"), "no error");
  EXPECT_EQ(ErrorOfWhere(R"({"op":"or","args":[)" + args + R"(,{"op":"and","args":[]}]})"),
            "limit query: more than 500 conditions (condition_nodes_max)");
  EXPECT_EQ(ErrorOfWhere(R"({"op":"like","column":"title","value":")" +
                         std::string(kLikePatternBytesMax + 1, '%') + R"("})"),
            "limit query: sample.title: a pattern longer than 1000 bytes "
            "(like_pattern_bytes_max)");
}

}  // namespace
}  // namespace tidemark::query
