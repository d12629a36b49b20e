// Following Postgres: whatever is committed there, by whomever, reaches the replica once.
#include "server/postgres/replication.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/server/postgres/postgres_world.h"

namespace tidemark::server {
namespace {

using ReplicationTest = PostgresTest;

bool IsThere(const model::Row& row) { return static_cast<bool>(row); }
bool IsGone(const model::Row& row) { return !row; }

TEST_F(ReplicationTest, CopiesWhatIsThereAtTheStart) {
  Sql("CREATE TABLE counter (id uuid PRIMARY KEY, value int NOT NULL, label varchar(9) UNIQUE);"
      "INSERT INTO counter SELECT gen_random_uuid(), i, 'l' || i FROM generate_series(1, 5000) i;"
      "INSERT INTO counter VALUES ('00000000-0000-0000-0000-000000000001', 7, NULL)");
  const auto server = StartServer();
  const model::Row row = server->Row(0, "00000000-0000-0000-0000-000000000001");
  ASSERT_TRUE(row);
  EXPECT_EQ(row[1].bigint(), 7);
  EXPECT_TRUE(row[2].is_null());
  EXPECT_TRUE(server->changes.empty());
  server->Stop();
}

TEST_F(ReplicationTest, TellsWhatOthersWrite) {
  const auto server = StartServer();
  Sql("INSERT INTO counter VALUES ('a', 1, NULL), ('b', 2, 'two')");
  server->WaitForRow(0, "b", IsThere);
  ASSERT_EQ(server->changes.size(), 1u);  // one transaction, one commit
  EXPECT_EQ(server->changes[0].size(), 2u);
  Sql("UPDATE counter SET value = value + 10 WHERE id = 'a'");
  server->WaitForRow(0, "a", [](const model::Row& row) { return row[1].bigint() == 11; });
  EXPECT_EQ(server->changes.back().front().before[1].bigint(), 1);
  Sql("DELETE FROM counter WHERE id = 'a'");
  server->WaitForRow(0, "a", IsGone);
  Sql("BEGIN; INSERT INTO counter VALUES ('c', 3, NULL); TRUNCATE counter;"
      "INSERT INTO counter VALUES ('d', 4, NULL); COMMIT");
  server->WaitForRow(0, "d", IsThere);
  EXPECT_FALSE(server->Row(0, "b"));
  EXPECT_EQ(server->changes.back().size(), 2u);  // b is gone, d is there; nobody saw c
  server->Stop();
}

TEST_F(ReplicationTest, AChangedKeyIsARowThatWentAndOneThatCame) {
  const auto server = StartServer();
  Sql("INSERT INTO counter VALUES ('a', 1, NULL)");
  server->WaitForRow(0, "a", IsThere);
  Sql("UPDATE counter SET id = 'b' WHERE id = 'a'");
  server->WaitForRow(0, "b", IsThere);
  EXPECT_FALSE(server->Row(0, "a"));
  ASSERT_EQ(server->changes.back().size(), 2u);
  EXPECT_FALSE(server->changes.back()[0].after);
  EXPECT_FALSE(server->changes.back()[1].before);
  server->Stop();
}

TEST_F(ReplicationTest, KeepsLargeValuesThatAnUpdateDidNotTouch) {
  const auto server = StartServer();
  Sql("ALTER TABLE board ALTER COLUMN doc SET STORAGE EXTERNAL;"
      "INSERT INTO board VALUES ('b', 'one', jsonb_build_object('text', repeat('tide', 50000)))");
  server->WaitForRow(1, "b", IsThere);
  const std::string document = server->Row(1, "b")[2].json();
  EXPECT_GT(document.size(), 200000u);
  Sql("UPDATE board SET title = 'two'");
  server->WaitForRow(1, "b", [](const model::Row& row) { return row[1].string() == "two"; });
  EXPECT_EQ(server->Row(1, "b")[2].json(), document);
  Sql("UPDATE board SET id = 'c', title = 'three'");
  server->WaitForRow(1, "c", IsThere);
  EXPECT_EQ(server->Row(1, "c")[2].json(), document);
  server->Stop();
}

TEST_F(ReplicationTest, GoesOnAfterARestartWithoutCopying) {
  auto server = StartServer();
  EXPECT_TRUE(server->PushAndWait({Call("a", 1, "add", kAddOne)}).ok());
  server->WaitForLmid("a", 1);
  server->Stop();
  const Version version = server->authority().version();
  server.reset();
  Sql("INSERT INTO counter VALUES ('away', 1, NULL)");

  server = StartServer();
  EXPECT_EQ(server->authority().version().epoch, version.epoch);
  EXPECT_TRUE(server->Row(0, "x"));
  EXPECT_FALSE(server->Row(0, "away"));  // not copied: it comes as a commit
  server->WaitForRow(0, "away", IsThere);
  ASSERT_EQ(server->changes.size(), 1u);
  EXPECT_GT(server->authority().version().position, version.position);
  server->Stop();
}

TEST_F(ReplicationTest, CopiesAnewWhenItsSlotIsGone) {
  auto server = StartServer();
  server->Stop();
  server.reset();
  // The sender may still be on its way out.
  Sql("SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE database = "
      "current_database() AND active_pid IS NOT NULL");
  Sql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = "
      "current_database()");
  Sql("INSERT INTO counter VALUES ('away', 1, NULL)");

  server = StartServer();
  EXPECT_TRUE(server->Row(0, "away"));
  EXPECT_TRUE(server->changes.empty());
  Sql("DELETE FROM counter");
  server->WaitForRow(0, "away", IsGone);
  EXPECT_EQ(SqlText("SELECT count(*) FROM pg_replication_slots WHERE database = "
                    "current_database()"),
            "1");
  server->Stop();
}

TEST_F(ReplicationTest, ReadsEveryTypeThatAColumnMayHave) {
  const model::Schema schema = *model::Schema::Parse(
      R"({"tables":[{"name":"mixed","columns":[{"name":"id","type":"bigint"},
      {"name":"real","type":"number"},{"name":"exact","type":"number"},
      {"name":"zoned","type":"timestamp"},{"name":"plain","type":"timestamp","optional":true},
      {"name":"day","type":"date"},{"name":"mood","type":"enumeration","values":["fine","bad"]},
      {"name":"doc","type":"json","optional":true}],"primaryKey":["id"]}]})");
  Sql("CREATE TYPE mood AS ENUM ('fine', 'bad');"
      "CREATE TABLE mixed (id int PRIMARY KEY, \"real\" real NOT NULL, exact numeric NOT NULL,"
      "zoned timestamptz NOT NULL, plain timestamp, day date NOT NULL, mood mood NOT NULL, doc "
      "json)");
  const std::string rows =
      "(1, 0.1, 12.50, '1969-12-31 23:59:59.9995+00', '2024-02-29 12:00:00.123', '2024-02-29', "
      "'bad', '{\"b\": 1.0, \"a\": [1e3]}'), (2, '-Infinity', 'NaN', '2026-01-01 00:00:00+02', "
      "'infinity', '0001-01-01', 'fine', 'null')";
  Sql("INSERT INTO mixed VALUES " + rows);
  PostgresOptions options = Options();
  options.migrate = false;
  TestServer server(loop_, std::move(options), schema);
  const Status started = server.Start();
  ASSERT_TRUE(started.ok()) << started.error().message;
  const auto text = [&](int id) {
    return model::RowJson(*server.authority().replica().source(0).Get(
        model::KeyFromValues({model::Value(std::int64_t{id})})));
  };
  const std::string first = R"("1",0.10000000149011612,12.5,-1,1709208000123,"2024-02-29",)"
                            R"("bad",{"a":[1000],"b":1}])";
  const std::string second = R"("2",0,0,1767218400000,null,"0001-01-01","fine",null])";
  EXPECT_EQ(text(1), "[" + first);
  EXPECT_EQ(text(2), "[" + second);
  // The stream gives what the copy gave.
  Sql("TRUNCATE mixed");
  loop_.RunUntil([&] { return server.changes.size() == 1; });
  Sql("INSERT INTO mixed VALUES " + rows);
  loop_.RunUntil([&] { return server.changes.size() == 2; });
  EXPECT_EQ(text(1), "[" + first);
  EXPECT_EQ(text(2), "[" + second);
  server.Stop();
}

}  // namespace
}  // namespace tidemark::server
