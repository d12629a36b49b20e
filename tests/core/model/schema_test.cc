#include "core/model/schema.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace tidemark::model {
namespace {

constexpr std::string_view kTodo = R"({"tables":[
  {"name":"board","from":"public.boards","columns":[
    {"name":"id","type":"string"},
    {"name":"createdAt","from":"created_at","type":"timestamp","default":0}],
   "primaryKey":["id"],
   "relationships":[{"name":"todos","kind":"many","table":"todo","match":{"id":"boardID"}}]},
  {"name":"todo","columns":[
    {"name":"id","type":"string"},
    {"name":"boardID","from":"board_id","type":"string"},
    {"name":"done","type":"boolean","default":false},
    {"name":"state","type":"enumeration","values":["open","closed"],"optional":true}],
   "primaryKey":["id"],"indexes":[["boardID","done"]],"uniques":[["boardID","id"]],
   "relationships":[{"name":"board","kind":"one","table":"board","match":{"boardID":"id"}}]}]})";

std::string WithColumns(std::string_view columns, std::string_view rest = "") {
  return R"({"tables":[{"name":"t","columns":[{"name":"id","type":"string"})" +
         std::string(columns) + R"(],"primaryKey":["id"])" + std::string(rest) + "}]}";
}

std::string ErrorOf(std::string_view document) {
  const Result<Schema> schema = Schema::Parse(document);
  if (schema.ok()) return "no error";
  EXPECT_EQ(schema.error().code, ErrorCode::kInvalidArgs);
  return schema.error().message;
}

TEST(SchemaTest, ReadsTablesColumnsAndRelationships) {
  const Result<Schema> schema = Schema::Parse(kTodo);
  ASSERT_TRUE(schema.ok()) << schema.error().message;
  ASSERT_EQ(schema->tables().size(), 2u);
  const Table& board = schema->table(*schema->FindTable("board"));
  EXPECT_EQ(board.db_schema, "public");
  EXPECT_EQ(board.db_name, "boards");
  EXPECT_EQ(board.columns[1].db_name, "created_at");
  EXPECT_EQ(board.columns[1].default_value, Value(0.0));
  ASSERT_EQ(board.relationships.size(), 1u);
  EXPECT_TRUE(board.relationships[0].many);
  EXPECT_EQ(board.relationships[0].target, 1u);
  const Table& todo = schema->table(1);
  EXPECT_EQ(todo.db_name, "todo");
  EXPECT_TRUE(todo.columns[3].optional);
  EXPECT_EQ(todo.columns[3].enumeration, (std::vector<std::string>{"open", "closed"}));
  EXPECT_EQ(todo.indexes, (std::vector<std::vector<ColumnIndex>>{{1, 2}}));
  EXPECT_EQ(todo.uniques, (std::vector<std::vector<ColumnIndex>>{{1, 0}}));
  EXPECT_EQ(todo.relationships[0].match,
            (std::vector<std::pair<ColumnIndex, ColumnIndex>>{{1, 0}}));
  EXPECT_TRUE(todo.IsKeyColumn(0));
  EXPECT_FALSE(todo.IsKeyColumn(1));
  EXPECT_FALSE(schema->FindTable("nothing"));
  EXPECT_FALSE(todo.FindColumn("board_id"));
}

TEST(SchemaTest, HashDependsOnContentNotOnLayout) {
  const Schema schema = *Schema::Parse(WithColumns(R"(,{"name":"a","type":"number"})"));
  const Schema same = *Schema::Parse(
      R"({"tables":[ {"primaryKey":["id"],"indexes":[],"columns":[{"optional":false,"type":"string",
         "name":"id","from":"id"},{"type":"number","name":"a"}],"name":"t","from":"t"}]})");
  EXPECT_EQ(schema.hash(), same.hash());
  EXPECT_EQ(schema.hash().size(), 32u);
  const Schema other = *Schema::Parse(WithColumns(R"(,{"name":"a","type":"bigint"})"));
  EXPECT_NE(schema.hash(), other.hash());
}

TEST(SchemaTest, CanonicalDocumentReadsBackTheSame) {
  const Schema schema = *Schema::Parse(kTodo);
  const Result<Schema> again = Schema::Parse(schema.json());
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->json(), schema.json());
  EXPECT_EQ(again->hash(), schema.hash());
}

TEST(SchemaTest, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(ErrorOf(R"({"tables":[],"version":2})"), "schema: unknown key 'version'");
  EXPECT_EQ(ErrorOf(WithColumns(R"(,{"name":"a","type":"number","unique":true})")),
            "schema: t.a: unknown key 'unique'");
  EXPECT_EQ(ErrorOf(R"({"tables":[{"name":"#t","columns":[{"name":"a","type":"string"}],
                        "primaryKey":["a"]}]})"),
            "schema: #t: a table's name cannot begin with '#'");
  EXPECT_EQ(ErrorOf(WithColumns(R"(,{"name":"a","type":"float"})")),
            "schema: t.a: unknown type 'float'");
  EXPECT_NE(ErrorOf("[]"), "no error");
  EXPECT_NE(ErrorOf("{"), "no error");
}

TEST(SchemaTest, RefusesDefaultsThatDoNotFit) {
  EXPECT_EQ(ErrorOf(WithColumns(R"(,{"name":"a","type":"number","default":"x"})")),
            R"(schema: t.a: default: t.a: expected a number, got "x")");
  EXPECT_NE(ErrorOf(WithColumns(R"(,{"name":"a","type":"number","default":null})")), "no error");
}

TEST(SchemaTest, ANullDefaultOfAnOptionalColumnIsNone) {
  const Schema schema = *Schema::Parse(
      WithColumns(R"(,{"name":"a","type":"number","optional":true,"default":null})"));
  EXPECT_FALSE(schema.table(0).columns[1].default_value);
}

TEST(SchemaTest, RefusesColumnsThatTheDatabaseCannotTellApart) {
  EXPECT_NE(ErrorOf(WithColumns(R"(,{"name":"ID","type":"string"})")), "no error");
  EXPECT_NE(ErrorOf(WithColumns(R"(,{"name":"id","type":"string"})")), "no error");
  EXPECT_NE(ErrorOf(WithColumns(R"(,{"name":"x","from":"id","type":"string"})")), "no error");
}

TEST(SchemaTest, RefusesTablesThatTheDatabaseCannotTellApart) {
  const auto two = [](const std::string& first, const std::string& second) {
    const std::string rest = R"("columns":[{"name":"id","type":"string"}],"primaryKey":["id"]})";
    return R"({"tables":[{)" + first + "," + rest + ",{" + second + "," + rest + "]}";
  };
  EXPECT_EQ(ErrorOf(two(R"("name":"a")", R"("name":"b")")), "no error");
  EXPECT_NE(ErrorOf(two(R"("name":"a")", R"("name":"a")")), "no error");
  EXPECT_NE(ErrorOf(two(R"("name":"a")", R"("name":"A")")), "no error");
  EXPECT_NE(ErrorOf(two(R"("name":"x_y")", R"("name":"b","from":"x.y")")), "no error");
  EXPECT_NE(ErrorOf(two(R"("name":"a")", R"("name":"sqlite_b")")), "no error");
  EXPECT_NE(ErrorOf(two(R"("name":"a")", R"("name":"b","from":"tidemark.clients")")), "no error");
  EXPECT_NE(ErrorOf(two(R"("name":"a")", R"("name":"b","from":"x.y.z")")), "no error");
  EXPECT_NE(ErrorOf(two(R"("name":"a")", R"("name":"b","from":".y")")), "no error");
}

TEST(SchemaTest, RefusesKeysAndIndexesThatCannotBe) {
  const std::string json_column = R"(,{"name":"doc","type":"json"})";
  EXPECT_NE(ErrorOf(WithColumns(json_column, R"(,"indexes":[["doc"]])")), "no error");
  EXPECT_NE(ErrorOf(WithColumns("", R"(,"indexes":[["nothing"]])")), "no error");
  EXPECT_NE(ErrorOf(WithColumns("", R"(,"uniques":[[]])")), "no error");
  const std::string optional = R"({"tables":[{"name":"t","columns":[
      {"name":"id","type":"string","optional":true}],"primaryKey":["id"]}]})";
  EXPECT_EQ(ErrorOf(optional), "schema: t.primaryKey: the optional column 'id' cannot be here");
  EXPECT_EQ(ErrorOf(R"({"tables":[{"name":"t","columns":[{"name":"id","type":"string"}]}]})"),
            "schema: t: 'primaryKey' is missing");
}

constexpr std::string_view kThrough = R"({"tables":[
  {"name":"playlist","columns":[{"name":"id","type":"bigint"}],"primaryKey":["id"],
   "relationships":[{"name":"tracks","kind":"many","table":"track","match":{"id":"playlistID"},
     "through":{"table":"entry","match":{"trackID":"id"}}}]},
  {"name":"entry","columns":[{"name":"playlistID","type":"bigint"},
                             {"name":"trackID","type":"string"}],
   "primaryKey":["playlistID","trackID"]},
  {"name":"track","columns":[{"name":"id","type":"string"}],"primaryKey":["id"]}]})";

TEST(SchemaTest, ReadsRelationshipsThroughAJunction) {
  const Schema schema = *Schema::Parse(kThrough);
  const Relationship* tracks = schema.table(0).FindRelationship("tracks");
  ASSERT_NE(tracks, nullptr);
  EXPECT_EQ(tracks->target, 2u);
  EXPECT_EQ(tracks->match, (Relationship::Match{{0, 0}}));
  ASSERT_TRUE(tracks->through.has_value());
  EXPECT_EQ(tracks->through->table, 1u);
  EXPECT_EQ(tracks->through->match, (Relationship::Match{{1, 0}}));
  EXPECT_EQ(schema.table(0).FindRelationship("albums"), nullptr);
  EXPECT_EQ(Schema::Parse(schema.json())->json(), schema.json());
}

TEST(SchemaTest, RefusesJunctionsThatCannotBe) {
  const auto with = [](std::string_view through) {
    std::string text(kThrough);
    const std::string_view known = R"({"table":"entry","match":{"trackID":"id"}})";
    text.replace(text.find(known), known.size(), through);
    return ErrorOf(text);
  };
  EXPECT_EQ(with(R"({"table":"x","match":{"trackID":"id"}})"),
            "schema: playlist.relationships.tracks.through: no table 'x'");
  EXPECT_EQ(with(R"({"table":"entry"})"),
            "schema: playlist.relationships.tracks.through: 'match' must name columns");
  EXPECT_EQ(with(R"({"table":"entry","match":{"x":"id"}})"),
            "schema: playlist.relationships.tracks.through: no column 'x' in entry");
  EXPECT_EQ(
      with(R"({"table":"entry","match":{"playlistID":"id"}})"),
      "schema: playlist.relationships.tracks.through: entry.playlistID cannot match track.id: "
      "bigint and string");
  EXPECT_EQ(with("[]"), "schema: playlist.relationships.tracks.through: expected an object");
}

TEST(SchemaTest, RefusesRelationshipsThatCannotBe) {
  const auto relation = [](std::string_view target, std::string_view match) {
    return WithColumns(R"(,{"name":"n","type":"number"})",
                       R"(,"relationships":[{"name":"r","kind":"one","table":")" +
                           std::string(target) + R"(","match":)" + std::string(match) + "}]");
  };
  EXPECT_EQ(ErrorOf(relation("t", R"({"id":"id"})")), "no error");
  EXPECT_EQ(ErrorOf(relation("x", R"({"id":"id"})")), "schema: t.relationships.r: no table 'x'");
  EXPECT_NE(ErrorOf(relation("t", R"({"id":"n"})")), "no error");
  EXPECT_NE(ErrorOf(relation("t", R"({"x":"id"})")), "no error");
  EXPECT_NE(ErrorOf(relation("t", "{}")), "no error");
}

TEST(SchemaTest, EnumerationsNeedDistinctValues) {
  EXPECT_NE(ErrorOf(WithColumns(R"(,{"name":"e","type":"enumeration"})")), "no error");
  EXPECT_NE(ErrorOf(WithColumns(R"(,{"name":"e","type":"enumeration","values":["a","a"]})")),
            "no error");
  EXPECT_NE(ErrorOf(WithColumns(R"(,{"name":"e","type":"string","values":["a"]})")), "no error");
}

}  // namespace
}  // namespace tidemark::model
