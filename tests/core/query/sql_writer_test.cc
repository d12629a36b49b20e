#include "core/query/sql_writer.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "core/query/ast_json.h"

namespace tidemark::query {
namespace {

constexpr std::string_view kSchema = R"({"tables":[
  {"name":"todo","from":"app.todos","columns":[
    {"name":"id","type":"string"},
    {"name":"boardID","from":"board \"id\"","type":"string","optional":true},
    {"name":"rank","type":"number"},
    {"name":"size","type":"bigint"},
    {"name":"done","type":"boolean"},
    {"name":"at","type":"timestamp","optional":true},
    {"name":"day","type":"date"},
    {"name":"doc","type":"json"},
    {"name":"state","type":"enumeration","values":["open"]}],
   "primaryKey":["id"]},
  {"name":"tag","columns":[{"name":"id","type":"string"}],"primaryKey":["id"]}]})";

class SqlWriterTest : public ::testing::Test {
 protected:
  SqlStatement Write(Dialect dialect, std::string_view rest,
                     const std::optional<SqlStart>& start = std::nullopt) {
    Result<Query> query = ParseQuery(schema_, R"({"table":"todo")" + std::string(rest) + "}");
    EXPECT_TRUE(query.ok()) << query.error().message;
    return WriteSelect(dialect, schema_, *query, start);
  }
  /// What is between WHERE and ORDER BY.
  std::string Where(Dialect dialect, std::string_view condition) {
    return Where(Write(dialect, R"(,"where":)" + std::string(condition)));
  }
  static std::string Where(const SqlStatement& statement) {
    const std::size_t begin = statement.text.find(" WHERE ") + 7;
    return statement.text.substr(begin, statement.text.find(" ORDER BY ") - begin);
  }
  SqlStart Start(std::string_view row, bool inclusive) {
    return SqlStart{*RowFromJsonText(schema_.table(0), row), inclusive};
  }

  model::Schema schema_ = *model::Schema::Parse(kSchema);
};

TEST_F(SqlWriterTest, NamesTablesInBothDatabases) {
  EXPECT_EQ(QuotedTable(Dialect::kSqlite, schema_.table(0)), R"("app_todos")");
  EXPECT_EQ(QuotedTable(Dialect::kPostgres, schema_.table(0)), R"("app"."todos")");
  EXPECT_EQ(QuotedTable(Dialect::kPostgres, schema_.table(1)), R"("tag")");
  EXPECT_EQ(QuotedName(R"(a"b)"), R"("a""b")");
}

TEST_F(SqlWriterTest, SelectsEveryColumnInSchemaOrder) {
  EXPECT_EQ(Write(Dialect::kSqlite, R"(,"orderBy":[["rank","desc"]],"limit":3)").text,
            R"(SELECT "id", "board ""id""", "rank", "size", "done", "at", "day", "doc", "state")"
            R"( FROM "app_todos" ORDER BY "rank" DESC, "id" ASC LIMIT 3)");
  EXPECT_EQ(
      Write(Dialect::kPostgres, R"(,"orderBy":[["boardID","desc"],["at","asc"]])").text,
      R"(SELECT "id"::text, "board ""id"""::text, "rank"::float8, "size"::int8, "done"::text, )"
      R"(floor(extract(epoch from "at") * 1000)::int8, to_char("day", 'YYYY-MM-DD'), )"
      R"("doc"::text, "state"::text FROM "app"."todos" AS t ORDER BY )"
      R"(t."board ""id"""::text COLLATE "C" DESC NULLS LAST, )"
      R"(date_trunc('milliseconds', t."at") ASC NULLS FIRST, t."id"::text COLLATE "C" ASC)");
}

TEST_F(SqlWriterTest, BindsEveryValue) {
  const SqlStatement statement = Write(Dialect::kSqlite, R"(,"where":{"op":"or","args":[
      {"op":"=","column":"id","value":"a'b"},{"op":"<","column":"rank","value":1.5}]})");
  EXPECT_EQ(Where(statement), R"(("id" = ?1 OR "rank" < ?2))");
  ASSERT_EQ(statement.parameters.size(), 2u);
  EXPECT_EQ(statement.parameters[0].type, model::ColumnType::kString);
  EXPECT_EQ(statement.parameters[0].value, model::Value("a'b"));
  EXPECT_EQ(statement.parameters[1].value, model::Value(1.5));
}

TEST_F(SqlWriterTest, PostgresEqualityLeavesTheColumnAlone) {
  const auto where = [&](std::string_view condition) {
    return Where(Dialect::kPostgres, condition);
  };
  EXPECT_EQ(where(R"({"op":"=","column":"id","value":"a"})"), R"("id" = $1)");
  EXPECT_EQ(where(R"({"op":"!=","column":"state","value":"open"})"), R"("state" <> $1)");
  EXPECT_EQ(where(R"({"op":"=","column":"rank","value":1})"), R"("rank" = $1::int8)");
  EXPECT_EQ(where(R"({"op":"=","column":"rank","value":1.5})"), R"("rank" = $1::float8)");
  EXPECT_EQ(where(R"({"op":">","column":"size","value":"7"})"), R"("size" > $1::int8)");
  EXPECT_EQ(where(R"({"op":"=","column":"done","value":true})"), R"("done" = $1::boolean)");
  EXPECT_EQ(where(R"({"op":"<","column":"day","value":"2024-01-01"})"), R"("day" < $1)");
  EXPECT_EQ(where(R"({"op":"in","column":"id","value":["a","b"]})"), R"(("id" IN ($1, $2)))");
  EXPECT_EQ(where(R"({"op":"is","column":"id","value":"a"})"),
            R"(("id" IS NOT NULL AND "id" = $1))");
}

TEST_F(SqlWriterTest, PostgresOrdersTextByCodePoint) {
  EXPECT_EQ(Where(Dialect::kPostgres, R"({"op":"<","column":"id","value":"a"})"),
            R"("id"::text COLLATE "C" < $1)");
}

TEST_F(SqlWriterTest, PostgresComparesTimestampsInWholeMilliseconds) {
  const SqlStatement statement =
      Write(Dialect::kPostgres, R"(,"where":{"op":"=","column":"at","value":1000})");
  EXPECT_EQ(Where(statement),
            R"(("at" >= (timestamptz 'epoch' + $1::int8 * interval '1 millisecond') AND )"
            R"("at" < (timestamptz 'epoch' + $2::int8 * interval '1 millisecond')))");
  EXPECT_EQ(ParameterText(statement.parameters[0].value), "1000");
  EXPECT_EQ(ParameterText(statement.parameters[1].value), "1001");
}

TEST_F(SqlWriterTest, NothingEscapesInLike) {
  const std::string_view like = R"({"op":"like","column":"id","value":"a\\%[x]"})";
  const std::string_view not_ilike = R"({"op":"not ilike","column":"id","value":"A_"})";
  EXPECT_EQ(Where(Dialect::kPostgres, like), R"(("id"::text COLLATE "C") LIKE $1 ESCAPE '')");
  EXPECT_EQ(Where(Dialect::kPostgres, not_ilike),
            R"(("id"::text COLLATE "C") NOT ILIKE $1 ESCAPE '')");
  EXPECT_EQ(Where(Dialect::kSqlite, like), R"("id" GLOB ?1)");
  EXPECT_EQ(Where(Dialect::kSqlite, not_ilike), R"(lower("id") NOT GLOB ?1)");
  const SqlStatement statement = Write(Dialect::kSqlite, R"(,"where":)" + std::string(like));
  EXPECT_EQ(statement.parameters[0].value, model::Value("a\\*[[]x]"));
}

TEST_F(SqlWriterTest, NullsInComparisonsAreUnknown) {
  EXPECT_EQ(Where(Dialect::kSqlite, R"({"op":"=","column":"boardID","value":null})"), "NULL");
  EXPECT_EQ(Where(Dialect::kPostgres, R"({"op":"<","column":"boardID","value":null})"),
            "NULL::boolean");
  EXPECT_EQ(Where(Dialect::kSqlite, R"({"op":"not in","column":"id","value":["a",null]})"),
            R"(("id" NOT IN (?1) AND NULL))");
  EXPECT_EQ(Where(Dialect::kSqlite, R"({"op":"in","column":"id","value":[]})"), "FALSE");
  EXPECT_EQ(Where(Dialect::kSqlite, R"({"op":"is","column":"boardID","value":null})"),
            R"("board ""id""" IS NULL)");
}

TEST_F(SqlWriterTest, StartsByRowComparisonWhereAnIndexCanServeIt) {
  const SqlStart start = Start(R"(["a","b",1,"1",true,null,"2024-01-01",{},"open"])", false);
  EXPECT_EQ(Where(Write(Dialect::kSqlite, R"(,"orderBy":[["rank","asc"]])", start)),
            R"(("rank", "id") > (?1, ?2))");
  EXPECT_EQ(Where(Write(Dialect::kPostgres, R"(,"orderBy":[["rank","asc"]])", start)),
            R"(("rank", "id"::text COLLATE "C") > ($1::int8, $2))");
  const SqlStart inclusive = Start(R"(["a","b",1,"1",true,null,"2024-01-01",{},"open"])", true);
  EXPECT_EQ(
      Where(Write(Dialect::kSqlite, R"(,"orderBy":[["rank","desc"],["id","desc"]])", inclusive)),
      R"(("rank", "id") <= (?1, ?2))");
}

TEST_F(SqlWriterTest, StartsByExpansionWithMixedDirectionsAndNulls) {
  const SqlStart start = Start(R"(["a",null,1,"1",true,null,"2024-01-01",{},"open"])", true);
  EXPECT_EQ(
      Where(Write(Dialect::kSqlite, R"(,"orderBy":[["rank","asc"],["boardID","desc"]])", start)),
      R"("rank" >= ?1 AND ("rank" > ?2 OR ("rank" = ?3 AND (FALSE OR )"
      R"(("board ""id""" IS NULL AND ("id" > ?4 OR ("id" = ?5 AND TRUE)))))))");
}

TEST_F(SqlWriterTest, WritesParametersAsText) {
  EXPECT_EQ(ParameterText(model::Value(true)), "true");
  EXPECT_EQ(ParameterText(model::Value(std::int64_t{-5})), "-5");
  EXPECT_EQ(ParameterText(model::Value(1e21)), "1e+21");
  EXPECT_EQ(ParameterText(model::Value("x")), "x");
  EXPECT_EQ(ParameterText(model::Value(model::JsonText{"[1]"})), "[1]");
}

}  // namespace
}  // namespace tidemark::query
