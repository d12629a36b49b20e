#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/store/sqlite_source.h"

namespace tidemark::store {
namespace {

using model::Schema;

Schema Parse(const std::string& columns, const std::string& rest = "",
             const std::string& key = R"(["id"])") {
  auto schema = Schema::Parse(R"({"tables":[{"name":"todo","columns":[)" + columns +
                              R"(],"primaryKey":)" + key + rest + "}]}");
  EXPECT_TRUE(schema.ok()) << (schema.ok() ? "" : schema.error().message);
  return std::move(schema).value();
}

const std::string kId = R"({"name":"id","type":"string"})";
const std::string kTitle = R"({"name":"title","type":"string"})";
const std::string kOptionalTitle = R"({"name":"title","type":"string","optional":true})";

class SqliteMigrationTest : public testing::Test {
 protected:
  // What the plan calls destructive, or what fails.
  std::string Migrate(const Schema& schema) {
    const Status status = MigrateSqlite(schema, database_);
    if (status.ok()) {
      auto plan = PlanSqliteMigration(schema, database_);
      EXPECT_TRUE(plan.ok() && plan->statements.empty() && plan->destructive.empty());
      return "";
    }
    EXPECT_EQ(status.error().code, ErrorCode::kConflict);
    return status.error().message;
  }
  void Execute(std::string_view sql) {
    const Status status = database_.Execute(sql);
    EXPECT_TRUE(status.ok()) << status.error().message;
  }
  // All values of the first column, joined.
  std::string Read(std::string_view sql) {
    auto statement = database_.Prepare(sql);
    EXPECT_TRUE(statement.ok());
    std::string all;
    while (*statement->Step()) {
      all += (all.empty() ? "" : " ") +
             (statement->IsNull(0) ? "NULL" : std::string(statement->Text(0)));
    }
    return all;
  }

  Database database_ = Database::Open(":memory:").value();
};

TEST_F(SqliteMigrationTest, CreatesStrictTablesWithIndexesAndUniques) {
  const Schema schema =
      Parse(kId + "," + kTitle +
                R"(,{"name":"done","from":"is \"done","type":"boolean","default":false})"
                R"(,{"name":"rank","type":"number","default":-1.5})"
                R"(,{"name":"big","type":"bigint","default":"-9223372036854775808"})"
                R"(,{"name":"doc","type":"json","default":{"b":"it's","a":1}})",
            R"(,"indexes":[["done","rank"]],"uniques":[["title"]])");
  EXPECT_EQ(Migrate(schema), "");
  Execute("INSERT INTO todo (id, title) VALUES ('a', 't')");
  EXPECT_EQ(Read(R"(SELECT "is ""done" FROM todo)"), "0");
  EXPECT_EQ(Read("SELECT rank FROM todo"), "-1.5");
  EXPECT_EQ(Read("SELECT big FROM todo"), "-9223372036854775808");
  EXPECT_EQ(Read("SELECT doc FROM todo"), R"({"a":1,"b":"it's"})");
  EXPECT_FALSE(database_.Execute("INSERT INTO todo (id, title) VALUES ('b', 't')").ok());
  EXPECT_FALSE(database_.Execute("INSERT INTO todo (id, title, rank) VALUES ('b', 'u', 'x')").ok());
}

TEST_F(SqliteMigrationTest, NamesTablesFromElsewhereWithTheirSchema) {
  EXPECT_EQ(Migrate(Parse(kId, R"(,"from":"app.todos")")), "");
  EXPECT_EQ(Read("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'app%'"),
            "app_todos");
}

TEST_F(SqliteMigrationTest, AddsColumnsAndKeepsRows) {
  EXPECT_EQ(Migrate(Parse(kId)), "");
  Execute("INSERT INTO todo VALUES ('a'), ('b')");
  EXPECT_EQ(
      Migrate(Parse(kId + "," + kOptionalTitle + R"(,{"name":"rank","type":"number","default":7})",
                    R"(,"indexes":[["rank"]])")),
      "");
  EXPECT_EQ(Read("SELECT rank FROM todo"), "7.0 7.0");
  EXPECT_EQ(Read("SELECT title FROM todo"), "NULL NULL");
}

TEST_F(SqliteMigrationTest, RefusesANewRequiredColumnOnlyWhereRowsLackIt) {
  EXPECT_EQ(Migrate(Parse(kId)), "");
  EXPECT_EQ(Migrate(Parse(kId + "," + kTitle)), "");
  Execute("INSERT INTO todo VALUES ('a', 't')");
  const std::string refusal =
      Migrate(Parse(kId + "," + kTitle + R"(,{"name":"rank","type":"number"})"));
  EXPECT_NE(refusal.find("table todo: column rank is new and required"), std::string::npos)
      << refusal;
  EXPECT_EQ(Read("SELECT count(*) FROM pragma_table_info('todo')"), "2");
}

TEST_F(SqliteMigrationTest, MakesAColumnOptionalAndRequiredAgain) {
  EXPECT_EQ(Migrate(Parse(kId + "," + kTitle)), "");
  EXPECT_EQ(Migrate(Parse(kId + "," + kOptionalTitle)), "");
  Execute("INSERT INTO todo VALUES ('a', NULL), ('b', 't')");
  const std::string refusal = Migrate(Parse(kId + "," + kTitle));
  EXPECT_NE(refusal.find("table todo: column title is required now"), std::string::npos) << refusal;
  EXPECT_EQ(Migrate(Parse(kId + R"(,{"name":"title","type":"string","default":"none"})")), "");
  EXPECT_EQ(Read("SELECT title FROM todo ORDER BY id"), "none t");
  EXPECT_FALSE(database_.Execute("INSERT INTO todo VALUES ('c', NULL)").ok());
}

TEST_F(SqliteMigrationTest, LeavesWhatTheSchemaDoesNotNameAndDoesNotLetItRefuseRows) {
  EXPECT_EQ(Migrate(Parse(kId + "," + kTitle)), "");
  Execute("INSERT INTO todo VALUES ('a', 't'); CREATE TABLE other (x)");
  EXPECT_EQ(Migrate(Parse(kId)), "");
  Execute("INSERT INTO todo (id) VALUES ('b')");
  EXPECT_EQ(Read("SELECT title FROM todo ORDER BY id"), "t NULL");
  EXPECT_EQ(Read("SELECT count(*) FROM other"), "0");
}

TEST_F(SqliteMigrationTest, RefusesAChangedTypeOrKey) {
  EXPECT_EQ(Migrate(Parse(kId + "," + kTitle)), "");
  const std::string number = Migrate(Parse(kId + R"(,{"name":"title","type":"number"})"));
  EXPECT_NE(number.find("column title is number (REAL) now and was string"), std::string::npos)
      << number;
  // The same type in SQLite, but not every text is a document.
  const std::string json = Migrate(Parse(kId + R"(,{"name":"title","type":"json"})"));
  EXPECT_NE(json.find("column title is json (TEXT) now and was string"), std::string::npos) << json;
  const std::string key = Migrate(Parse(kId + "," + kTitle, "", R"(["title"])"));
  EXPECT_NE(key.find("table todo: the primary key is (title) now and was (id)"), std::string::npos)
      << key;
}

TEST_F(SqliteMigrationTest, WidensAnEnumerationToAString) {
  EXPECT_EQ(Migrate(Parse(kId + R"(,{"name":"title","type":"enumeration","values":["a"]})")), "");
  EXPECT_EQ(Migrate(Parse(kId + "," + kTitle)), "");
}

TEST_F(SqliteMigrationTest, RefusesAUniqueThatRowsViolate) {
  EXPECT_EQ(Migrate(Parse(kId + "," + kOptionalTitle)), "");
  const Schema unique = Parse(kId + "," + kOptionalTitle, R"(,"uniques":[["title"]])");
  Execute("INSERT INTO todo VALUES ('a', 't'), ('b', 't'), ('c', NULL), ('d', NULL)");
  const std::string refusal = Migrate(unique);
  EXPECT_NE(refusal.find("table todo: existing rows are not unique in (\"title\")"),
            std::string::npos)
      << refusal;
  Execute("DELETE FROM todo WHERE id = 'b'");
  EXPECT_EQ(Migrate(unique), "");
}

TEST_F(SqliteMigrationTest, NamesEveryDifferenceAtOnce) {
  EXPECT_EQ(Migrate(Parse(kId + "," + kTitle)), "");
  Execute("INSERT INTO todo VALUES ('a', 't')");
  auto plan = PlanSqliteMigration(Parse(kId + R"(,{"name":"title","type":"number"})"
                                              R"(,{"name":"rank","type":"number"})"),
                                  database_);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->destructive.size(), 2u);
}

TEST_F(SqliteMigrationTest, IndexesBothSidesOfRelationshipsAndTheirJunctions) {
  const auto schema = Schema::Parse(R"({"tables":[
    {"name":"list","columns":[{"name":"id","type":"string"},{"name":"owner","type":"string"}],
     "primaryKey":["id"],"indexes":[],"uniques":[],"relationships":[
       {"name":"todos","kind":"many","table":"todo","match":{"id":"list"}}]},
    {"name":"todo","columns":[{"name":"id","type":"string"},{"name":"list","type":"string"},
       {"name":"owner","type":"string"}],
     "primaryKey":["id"],"indexes":[["owner","list"]],"uniques":[],"relationships":[
       {"name":"lists","kind":"many","table":"list","match":{"owner":"owner","list":"id"}},
       {"name":"tags","kind":"many","table":"list","match":{"id":"todo"},
        "through":{"table":"tie","match":{"tag":"owner"}}}]},
    {"name":"tie","columns":[{"name":"todo","type":"string"},{"name":"tag","type":"string"}],
     "primaryKey":["todo","tag"],"indexes":[],"uniques":[],"relationships":[]}]})");
  ASSERT_TRUE(schema.ok()) << schema.error().message;
  EXPECT_EQ(Migrate(*schema), "");
  // Not for what a key or a declared index begins with.
  EXPECT_EQ(Read("SELECT name FROM sqlite_schema WHERE name LIKE 'index %' ORDER BY name"),
            "index list(id,owner) index list(owner) index tie(tag) index todo(list) "
            "index todo(owner,list)");
}

}  // namespace
}  // namespace tidemark::store
