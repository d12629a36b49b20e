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

TEST_F(PredicateTest, AtAPathOnlyTheTypeOfTheLiteralCompares) {
  const std::string_view row =
      R"(["a",null,null,{"b":true,"list":[1,{"x":"\u00e9\n"}],"n":-2.5,"none":null,"s":"text","7":"key"}])";
  const auto at = [](std::string_view path, std::string_view op, std::string_view value) {
    return R"({"op":")" + std::string(op) + R"(","column":"doc","path":)" + std::string(path) +
           R"(,"value":)" + std::string(value) + "}";
  };
  EXPECT_TRUE(Passes(at(R"(["s"])", "=", R"("text")"), row));
  EXPECT_TRUE(Passes(at(R"(["s"])", "ilike", R"("T%")"), row));
  EXPECT_TRUE(Passes(at(R"(["n"])", "<", "-2"), row));
  EXPECT_TRUE(Passes(at(R"(["b"])", "=", "true"), row));
  EXPECT_TRUE(Passes(at(R"(["list",0])", "in", "[3,1]"), row));
  EXPECT_TRUE(Passes(at(R"(["list",1,"x"])", "=", R"("\u00e9\n")"), row));
  EXPECT_TRUE(Passes(at("[7]", "=", R"("key")"), row));  // an index into an object is a key
  for (const char* path : {R"(["s"])", R"(["none"])", R"(["list"])", R"(["gone"])",
                           R"(["list","x"])", R"(["list",9])", R"(["s","x"])"}) {
    EXPECT_TRUE(Unknown(at(path, "=", "1"), row)) << path;
    EXPECT_TRUE(Unknown(at(path, "not in", "[1,null]"), row)) << path;
    EXPECT_TRUE(Passes(at(path, "is not", "1"), row)) << path;
    EXPECT_FALSE(Passes(at(path, "is", "1"), row)) << path;
  }
  EXPECT_TRUE(Passes(at(R"(["none"])", "is", "null"), row));
  EXPECT_TRUE(Passes(at(R"(["gone",1])", "is", "null"), row));
  EXPECT_TRUE(Passes(at(R"(["list"])", "is not", "null"), row));
  EXPECT_TRUE(Passes(at(R"(["list"])", "is", "null"), kNullRow));
  EXPECT_TRUE(Unknown(at(R"(["s"])", "=", R"("text")"), kNullRow));
}

TEST_F(PredicateTest, WhereAnEdgeLeadsIsAskedOnlyWhenItMatters) {
  const Exists exists{Edge{"others", {{0, 0}}, std::nullopt, Query()}, true};
  Condition none;
  none.node = exists;
  Condition both;
  both.node =
      Junction{Connective::kAnd, {Condition{Comparison{1, Op::kEqual, {model::Value(2.0)}}}, none}};
  const Predicate predicate(both);
  const model::Table& table = schema_.table(0);
  int asked = 0;
  const auto leads = [&asked](bool answer) {
    return [&asked, answer](const Exists&, const model::Row&) {
      ++asked;
      return answer;
    };
  };
  EXPECT_TRUE(predicate.Test(*RowFromJsonText(table, kRow), leads(false)));
  EXPECT_FALSE(predicate.Test(*RowFromJsonText(table, kRow), leads(true)));
  EXPECT_EQ(asked, 2);
  EXPECT_FALSE(predicate.Test(*RowFromJsonText(table, kNullRow), leads(false)));
  EXPECT_EQ(TestKnownColumns(none, *RowFromJsonText(table, kRow), {true, true, true, true}),
            std::nullopt);
  EXPECT_TRUE(HasExists(both));
  EXPECT_EQ(RequiredValue(both, 1), model::Value(2.0));
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
