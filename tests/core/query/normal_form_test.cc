#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "core/query/ast.h"
#include "core/query/ast_json.h"
#include "tests/core/query/query_generator.h"
#include "tests/support/seed.h"

namespace tidemark::query {
namespace {

class NormalFormTest : public ::testing::Test {
 protected:
  Query Parse(std::string_view where) {
    Result<Query> query =
        ParseQuery(schema_, R"({"table":"sample","where":)" + std::string(where) + "}");
    EXPECT_TRUE(query.ok()) << query.error().message;
    return std::move(query).value();
  }
  std::string Normal(std::string_view where) {
    const std::string json = QueryToJson(schema_, Normalize(schema_, Parse(where)));
    const std::string begin = R"({"table":"sample")";
    const std::size_t end = json.find(R"(,"orderBy")");
    return json.substr(begin.size(), end - begin.size());
  }
  PipelineID Hash(std::string_view where) { return HashQuery(schema_, Parse(where)); }

  model::Schema schema_ = testing::SampleSchema();
};

constexpr std::string_view kDone = R"({"op":"=","column":"done","value":true})";
constexpr std::string_view kRank = R"({"op":">","column":"rank","value":1})";

std::string Junct(std::string_view op, std::string_view a, std::string_view b) {
  return R"({"op":")" + std::string(op) + R"(","args":[)" + std::string(a) + "," + std::string(b) +
         "]}";
}

std::string Negate(std::string_view a) { return R"({"op":"not","arg":)" + std::string(a) + "}"; }

TEST_F(NormalFormTest, EqualMeaningsHaveOneHash) {
  const PipelineID both = Hash(Junct("and", kDone, kRank));
  EXPECT_EQ(both.value.size(), 32u);
  EXPECT_EQ(Hash(Junct("and", kRank, kDone)), both);
  EXPECT_EQ(Hash(Junct("and", Junct("and", kRank, kDone), kDone)), both);
  EXPECT_EQ(Hash(Negate(Negate(Junct("and", kRank, kDone)))), both);
  EXPECT_EQ(Hash(Negate(Junct("or", Negate(kRank), Negate(kDone)))), both);
  EXPECT_EQ(Hash(Junct("and", R"({"op":"in","column":"done","value":[true,null,true]})", kRank)),
            both);
  EXPECT_EQ(Hash(Junct("and", R"({"op":"is","column":"done","value":true})", kRank)), both);
  EXPECT_NE(Hash(Junct("or", kRank, kDone)), both);
  EXPECT_NE(Hash(kRank), both);
}

TEST_F(NormalFormTest, OrderAndLimitArePartOfTheHash) {
  const auto hash = [&](std::string_view rest) {
    return HashQuery(schema_,
                     *ParseQuery(schema_, R"({"table":"sample")" + std::string(rest) + "}"));
  };
  EXPECT_NE(hash(""), hash(R"(,"limit":1)"));
  EXPECT_NE(hash(""), hash(R"(,"orderBy":[["rank","asc"]])"));
  EXPECT_EQ(hash(""), hash(R"(,"orderBy":[["key","asc"],["part","asc"],["rank","desc"]])"));
}

TEST_F(NormalFormTest, ConstantsFold) {
  EXPECT_EQ(Normal(R"({"op":"and","args":[]})"), "");
  EXPECT_EQ(Normal(R"({"op":"not in","column":"rank","value":[]})"), "");
  const std::string never = R"(,"where":{"op":"or","args":[]})";
  EXPECT_EQ(Normal(R"({"op":"in","column":"rank","value":[]})"), never);
  EXPECT_EQ(Normal(R"({"op":"=","column":"score","value":null})"), never);
  EXPECT_EQ(Normal(Negate(R"({"op":"=","column":"score","value":null})")), never);
  EXPECT_EQ(Normal(R"({"op":"not in","column":"score","value":[1,null]})"), never);
  EXPECT_EQ(Normal(R"({"op":"is","column":"rank","value":null})"), never);
  EXPECT_EQ(Normal(R"({"op":"is not","column":"rank","value":null})"), "");
  EXPECT_EQ(Normal(Junct("and", kDone, R"({"op":"or","args":[]})")), never);
  EXPECT_EQ(Normal(Junct("or", kDone, R"({"op":"and","args":[]})")), "");
}

TEST_F(NormalFormTest, NegationMovesIntoTheOperators) {
  EXPECT_EQ(Normal(Negate(kRank)), R"(,"where":{"op":"<=","column":"rank","value":1})");
  EXPECT_EQ(Normal(Negate(R"({"op":"ilike","column":"title","value":"a%"})")),
            R"(,"where":{"op":"not ilike","column":"title","value":"a%"})");
  EXPECT_EQ(Normal(Negate(R"({"op":"is","column":"score","value":null})")),
            R"(,"where":{"op":"is not","column":"score","value":null})");
}

TEST_F(NormalFormTest, IsAFixpoint) {
  const std::uint64_t seed = testing::TestSeed(11);
  SCOPED_TRACE(testing::SeedTrace(seed));
  testing::QueryGenerator generator(schema_, seed);
  for (int i = 0; i < 1000; ++i) {
    const Query once = Normalize(schema_, generator.Query());
    const Query twice = Normalize(schema_, once);
    ASSERT_EQ(QueryToJson(schema_, once), QueryToJson(schema_, twice));
    ASSERT_EQ(HashQuery(schema_, once), HashQuery(schema_, twice));
  }
}

}  // namespace
}  // namespace tidemark::query
