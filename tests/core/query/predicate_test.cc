#include "core/query/predicate.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/query/ast_json.h"

namespace tidemark::query {
namespace {

constexpr std::string_view kSchema = R"({"tables":[{"name":"t","columns":[
  {"name":"id","type":"string"},
  {"name":"n","type":"number","optional":true},
  {"name":"big","type":"bigint","optional":true},
  {"name":"doc","type":"json","optional":true}],"primaryKey":["id"]}]})";

class PredicateTest : public ::testing::Test {
 protected:
  bool Passes(std::string_view where, std::string_view row) {
    const Result<Query> query =
        ParseQuery(schema_, R"({"table":"t","where":)" + std::string(where) + "}");
    EXPECT_TRUE(query.ok()) << query.error().message;
    return Predicate(query->where).Test(*RowFromJsonText(schema_.table(0), row));
  }

  /// Neither the condition nor its negation passes.
  bool Unknown(const std::string& where, std::string_view row) {
    return !Passes(where, row) && !Passes(R"({"op":"not","arg":)" + where + "}", row);
  }

  model::Schema schema_ = *model::Schema::Parse(kSchema);
};

constexpr std::string_view kNullRow = R"(["a",null,null,null])";
constexpr std::string_view kRow = R"(["a",2,"9007199254740993",{}])";

TEST_F(PredicateTest, ComparisonWithNullIsUnknown) {
  for (const char* op : {"=", "!=", "<", "<=", ">", ">="}) {
    const std::string name(op);
    EXPECT_TRUE(Unknown(R"({"op":")" + name + R"(","column":"n","value":null})", kRow)) << op;
    EXPECT_TRUE(Unknown(R"({"op":")" + name + R"(","column":"n","value":2})", kNullRow)) << op;
  }
}

TEST_F(PredicateTest, IsComparesNullsToo) {
  EXPECT_TRUE(Passes(R"({"op":"is","column":"n","value":null})", kNullRow));
  EXPECT_FALSE(Passes(R"({"op":"is","column":"n","value":null})", kRow));
  EXPECT_TRUE(Passes(R"({"op":"is not","column":"n","value":2})", kNullRow));
  EXPECT_TRUE(Passes(R"({"op":"is","column":"n","value":2})", kRow));
  EXPECT_TRUE(Passes(R"({"op":"is not","column":"doc","value":null})", kRow));
}

TEST_F(PredicateTest, InFollowsSqlWithNulls) {
  EXPECT_TRUE(Passes(R"({"op":"in","column":"n","value":[null,2]})", kRow));
  EXPECT_TRUE(Unknown(R"({"op":"in","column":"n","value":[null,3]})", kRow));
  EXPECT_TRUE(Unknown(R"({"op":"not in","column":"n","value":[null,3]})", kRow));
  EXPECT_FALSE(Passes(R"({"op":"not in","column":"n","value":[2]})", kRow));
  EXPECT_TRUE(Passes(R"({"op":"not in","column":"n","value":[3]})", kRow));
  EXPECT_TRUE(Unknown(R"({"op":"not in","column":"n","value":[3]})", kNullRow));
}

TEST_F(PredicateTest, NothingIsInAnEmptyListNotEvenNull) {
  EXPECT_FALSE(Passes(R"({"op":"in","column":"n","value":[]})", kRow));
  EXPECT_TRUE(Passes(R"({"op":"not in","column":"n","value":[]})", kRow));
  EXPECT_TRUE(Passes(R"({"op":"not in","column":"n","value":[]})", kNullRow));
}

TEST_F(PredicateTest, BigintsAreExact) {
  EXPECT_TRUE(Passes(R"({"op":"=","column":"big","value":"9007199254740993"})", kRow));
  EXPECT_FALSE(Passes(R"({"op":"=","column":"big","value":"9007199254740992"})", kRow));
  EXPECT_TRUE(Passes(R"({"op":">","column":"big","value":"9007199254740992"})", kRow));
}

TEST_F(PredicateTest, UnknownIsNeitherTrueNorFalseInJunctions) {
  const std::string unknown = R"({"op":"=","column":"n","value":null})";
  const std::string yes = R"({"op":"and","args":[]})";
  const std::string no = R"({"op":"or","args":[]})";
  EXPECT_TRUE(Passes(R"({"op":"or","args":[)" + unknown + "," + yes + "]}", kRow));
  EXPECT_TRUE(Unknown(R"({"op":"or","args":[)" + unknown + "," + no + "]}", kRow));
  EXPECT_TRUE(Unknown(R"({"op":"and","args":[)" + unknown + "," + yes + "]}", kRow));
  EXPECT_TRUE(
      Passes(R"({"op":"not","arg":{"op":"and","args":[)" + unknown + "," + no + "]}}", kRow));
}

TEST_F(PredicateTest, RequiredValueLooksThroughAnds) {
  const auto required = [&](std::string_view where) {
    const Query query = *ParseQuery(schema_, R"({"table":"t","where":)" + std::string(where) + "}");
    return RequiredValue(query.where, 1);
  };
  EXPECT_EQ(required(R"({"op":"=","column":"n","value":2})"), model::Value(2.0));
  EXPECT_EQ(required(R"({"op":"and","args":[{"op":">","column":"n","value":1},
                         {"op":"and","args":[{"op":"is","column":"n","value":2}]}]})"),
            model::Value(2.0));
  EXPECT_EQ(required(R"({"op":"in","column":"n","value":[2]})"), model::Value(2.0));
  EXPECT_EQ(required(R"({"op":"in","column":"n","value":[2,3]})"), std::nullopt);
  EXPECT_EQ(required(R"({"op":"is","column":"n","value":null})"), std::nullopt);
  EXPECT_EQ(required(R"({"op":"or","args":[{"op":"=","column":"n","value":2}]})"), std::nullopt);
  EXPECT_EQ(required(R"({"op":"not","arg":{"op":"=","column":"n","value":2}})"), std::nullopt);
  EXPECT_EQ(RequiredValue(std::nullopt, 1), std::nullopt);
}

TEST_F(PredicateTest, KnownColumnsMaySufficeOrNot) {
  const Query query = *ParseQuery(schema_, R"({"table":"t","where":{"op":"and","args":[
      {"op":"=","column":"id","value":"a"},{"op":"=","column":"n","value":2}]}})");
  const model::Table& table = schema_.table(0);
  const std::vector<bool> known = {true, false, false, false};
  EXPECT_EQ(TestKnownColumns(query.where, *RowFromJsonText(table, kNullRow), known), std::nullopt);
  const model::Row other = *RowFromJsonText(table, R"(["b",null,null,null])");
  EXPECT_EQ(TestKnownColumns(query.where, other, known), false);
  EXPECT_EQ(TestKnownColumns(std::nullopt, other, known), true);
}

}  // namespace
}  // namespace tidemark::query
