// Writing: what a mutation does in Postgres, exactly once.
#include "server/postgres/postgres_authority.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/server/postgres/postgres_world.h"

namespace tidemark::server {
namespace {

using PostgresAuthorityTest = PostgresTest;

TEST_F(PostgresAuthorityTest, AppliesOnceWhateverIsSentAgain) {
  const auto server = StartServer();
  EXPECT_TRUE(
      server->PushAndWait({Call("a", 1, "add", kAddOne), Call("a", 2, "add", kAddOne)}).ok());
  EXPECT_TRUE(server
                  ->PushAndWait({Call("a", 1, "add", kAddOne), Call("a", 2, "add", kAddOne),
                                 Call("a", 3, "add", kAddOne)})
                  .ok());
  EXPECT_TRUE(server->PushAndWait({Call("a", 1, "add", kAddOne)}).ok());
  server->WaitForLmid("a", 3);
  EXPECT_EQ(server->Row(0, "x")[1].bigint(), 3);
  EXPECT_EQ(SqlText("SELECT value FROM counter"), "3");
  EXPECT_EQ(server->results.at({"a", 3}).result_json, "\"3\"");
  server->Stop();
}

TEST_F(PostgresAuthorityTest, AnswersAGapAndForeignAndUnknownClients) {
  const auto server = StartServer();
  const Status gap =
      server->PushAndWait({Call("a", 1, "add", kAddOne), Call("a", 3, "add", kAddOne)});
  ASSERT_FALSE(gap.ok());
  EXPECT_EQ(gap.error().code, ErrorCode::kConflict);
  EXPECT_NE(gap.error().message.find("expected mutation 2"), std::string::npos);
  const Status foreign = server->PushAndWait({Call("a", 2, "add", kAddOne)}, "g", "mallory");
  ASSERT_FALSE(foreign.ok());
  EXPECT_EQ(foreign.error().code, ErrorCode::kForbidden);
  const Status group = server->PushAndWait({Call("b", 1, "add", kAddOne)}, "g", "mallory");
  ASSERT_FALSE(group.ok());
  EXPECT_EQ(group.error().code, ErrorCode::kForbidden);
  const Status unknown = server->PushAndWait({Call("c", 7, "add", kAddOne)});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::kExpired);
  EXPECT_EQ(SqlText("SELECT value FROM counter"), "1");
  server->Stop();
}

TEST_F(PostgresAuthorityTest, StoresWhatTheAppThrewAndUndoesItsWrites) {
  const auto server = StartServer();
  EXPECT_TRUE(server
                  ->PushAndWait({Call("a", 1, "fail", kAddOne), Call("a", 2, "nothing", "null"),
                                 Call("a", 3, "add", kAddOne)})
                  .ok());
  server->WaitForLmid("a", 3);
  EXPECT_EQ(server->results.at({"a", 1}).error->app_code, "no-luck");
  EXPECT_EQ(server->results.at({"a", 2}).error->code, ErrorCode::kUnknownMutator);
  EXPECT_EQ(SqlText("SELECT value FROM counter"), "1");
  // Undelivered results are there for who comes back, until they are acknowledged.
  bool loaded = false;
  server->authority().LoadGroup(ClientGroupID("g"), "", {{ClientID("a"), 0}},
                                [&](Result<GroupState> state) {
                                  ASSERT_TRUE(state.ok());
                                  EXPECT_EQ(state->lmids.front().lmid, 3u);
                                  EXPECT_EQ(state->results.size(), 3u);
                                  loaded = true;
                                });
  EXPECT_TRUE(loaded);
  server->authority().AckResults(ClientGroupID("g"), {{ClientID("a"), 2}});
  EXPECT_TRUE(server->PushAndWait({Call("a", 4, "add", kAddOne)}).ok());
  EXPECT_EQ(SqlText("SELECT count(*) FROM tidemark.result"), "2");
  server->Stop();
}

TEST_F(PostgresAuthorityTest, NamesTheConstraintThatAWriteBreaks) {
  const auto server = StartServer();
  Sql("ALTER TABLE counter ADD CONSTRAINT small CHECK (value < 100)");
  const auto insert = [](const char* id, int value, const char* label) {
    return std::string(R"({"op":"insert","table":"counter","payload":{"id":")") + id +
           R"(","value":")" + std::to_string(value) + R"(","label":")" + label + R"("}})";
  };
  EXPECT_TRUE(server
                  ->PushAndWait({Call("a", 1, "write", insert("x", 1, "one")),
                                 Call("a", 2, "write", insert("y", 1, "one")),
                                 Call("a", 3, "write", insert("x", 1, "two")),
                                 Call("a", 4, "write", insert("z", 100, "three")),
                                 Call("a", 5, "write", insert("z", 99, "three"))})
                  .ok());
  server->WaitForLmid("a", 5);
  const auto& results = server->results;
  EXPECT_EQ(results.count({"a", 1}), 0u);
  EXPECT_EQ(results.at({"a", 2}).error->code, ErrorCode::kAlreadyExists);
  EXPECT_NE(results.at({"a", 2}).error->message.find("counter_label_key"), std::string::npos);
  EXPECT_EQ(results.at({"a", 3}).error->code, ErrorCode::kAlreadyExists);
  EXPECT_NE(results.at({"a", 3}).error->message.find("counter_pkey"), std::string::npos);
  EXPECT_EQ(results.at({"a", 4}).error->code, ErrorCode::kInvalidArgs);
  EXPECT_NE(results.at({"a", 4}).error->message.find("small"), std::string::npos);
  EXPECT_EQ(SqlText("SELECT count(*) FROM counter"), "2");
  server->Stop();
}

TEST_F(PostgresAuthorityTest, AMutatorReadsItsOwnWrites) {
  const auto server = StartServer();
  EXPECT_TRUE(server
                  ->PushAndWait({Call("a", 1, "writeThenFind",
                                      R"({"op":"insert","table":"board","payload":)"
                                      R"({"id":"b","title":"t","doc":{"z":1,"a":[1.5]}}})")})
                  .ok());
  server->WaitForLmid("a", 1);
  EXPECT_EQ(server->results.at({"a", 1}).result_json, R"([["b","t",{"a":[1.5],"z":1}]])");
  server->Stop();
}

TEST_F(PostgresAuthorityTest, TwoServersLoseNoIncrement) {
  const auto one = StartServer("one");
  const auto two = StartServer("two");
  constexpr MutationID kEach = 60;
  for (MutationID id = 1; id <= kEach; ++id) {
    one->Push({Call("a", id, "add", kAddOne)}, "g1");
    two->Push({Call("b", id, "add", kAddOne)}, "g2");
  }
  one->WaitForAnswers();
  two->WaitForAnswers();
  for (const auto& server : {one.get(), two.get()}) {
    server->WaitForLmid("a", kEach);
    server->WaitForLmid("b", kEach);
    for (const auto& [mutation, result] : server->results) {
      EXPECT_FALSE(result.error.has_value()) << result.error->message;
    }
    ASSERT_TRUE(server->Row(0, "x"))
        << (server == one.get() ? "one " : "two ") << server->changes.size()
        << " in Postgres: " << SqlText("SELECT string_agg(c::text, ' ') FROM counter c");
    EXPECT_EQ(server->Row(0, "x")[1].bigint(), static_cast<std::int64_t>(2 * kEach));
  }
  EXPECT_EQ(SqlText("SELECT value FROM counter"), std::to_string(2 * kEach));
  one->Stop();
  two->Stop();
}

TEST_F(PostgresAuthorityTest, LosesAndDoublesNothingWhenConnectionsAreCut) {
  const auto server = StartServer();
  constexpr MutationID kCount = 300;
  constexpr MutationID kPerPush = 10;
  for (MutationID id = 1; id <= kCount; id += kPerPush) {
    std::vector<mutation::Mutation> push;
    for (MutationID i = id; i < id + kPerPush; ++i) push.push_back(Call("a", i, "add", kAddOne));
    server->Push(std::move(push));
    server->Push({Call("b", id / kPerPush + 1, "add", R"({"id":"y","by":1})")}, "other");
    Sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = "
        "'tidemark' AND datname = current_database() AND pid <> pg_backend_pid()");
  }
  server->WaitForAnswers();
  server->WaitForLmid("a", kCount);
  server->WaitForLmid("b", kCount / kPerPush);
  EXPECT_EQ(SqlText("SELECT value FROM counter WHERE id = 'x'"), std::to_string(kCount));
  EXPECT_EQ(server->Row(0, "x")[1].bigint(), static_cast<std::int64_t>(kCount));
  EXPECT_EQ(server->Row(0, "y")[1].bigint(), static_cast<std::int64_t>(kCount / kPerPush));
  EXPECT_GT(server->times_away, 0);
  server->Stop();
}

TEST_F(PostgresAuthorityTest, FinishesWhatIsQueuedWhenItStops) {
  auto server = StartServer();
  for (MutationID id = 1; id <= 50; ++id) server->Push({Call("a", id, "add", kAddOne)});
  server->Stop();
  EXPECT_EQ(SqlText("SELECT lmid FROM tidemark.client"), "50");
}

TEST_F(PostgresAuthorityTest, NamesWhatTheDatabaseLacks) {
  const auto message = [this](bool migrate) {
    PostgresOptions options = Options("other");
    options.migrate = migrate;
    TestServer server(loop_, std::move(options));
    const Status started = server.Start();
    return started.ok() ? std::string() : started.error().message;
  };
  EXPECT_NE(message(false).find("table counter"), std::string::npos);
  Sql("CREATE TABLE counter (id text PRIMARY KEY, value bigint NOT NULL);"
      "CREATE TABLE board (id text PRIMARY KEY, title text NOT NULL, doc text NOT NULL)");
  EXPECT_NE(message(false).find("column counter.label"), std::string::npos);
  Sql("ALTER TABLE counter ADD COLUMN label integer");
  EXPECT_NE(message(false).find("counter.label has type int4"), std::string::npos);
  Sql("ALTER TABLE counter DROP COLUMN label");
  EXPECT_NE(message(true).find("board.doc has type text"), std::string::npos);
  Sql("ALTER TABLE board DROP COLUMN doc");
  EXPECT_EQ(message(true), "");
}

}  // namespace
}  // namespace tidemark::server
