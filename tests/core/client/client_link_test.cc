// Connecting, losing the connection, and what is said again.

#include "core/protocol/version.h"
#include "tests/core/client/test_page.h"

namespace tidemark::client {
namespace {

TEST(ClientLinkTest, SaysHelloWithWhatItHasAndWants) {
  TestPage page;
  page.Watch();
  page.client().SetAuthToken("token");
  page.Open();
  std::vector<protocol::Hello> hellos = page.TakeSentOf<protocol::Hello>();
  ASSERT_EQ(hellos.size(), 1u);
  EXPECT_EQ(hellos[0].protocol, protocol::kProtocolVersion);
  EXPECT_EQ(hellos[0].schema_hash, page.schema().hash());
  EXPECT_EQ(hellos[0].group.value, "group");
  EXPECT_EQ(hellos[0].auth_token, "token");
  EXPECT_EQ(hellos[0].base, Version{});
  ASSERT_EQ(hellos[0].queries.size(), 1u);
  EXPECT_EQ(hellos[0].queries[0].name, "all");
  EXPECT_FALSE(hellos[0].queries[0].have.has_value());
}

TEST(ClientLinkTest, NamesTheFingerprintOfWhatItHolds) {
  TestPage page;
  page.Watch();
  page.Connect();
  page.ServeAllTodos({PutTodo("a", "Milk"), PutTodo("b", "Bread", 1)});
  page.Mutate("rename", R"(["a","Beer"])");
  page.Close();
  page.Open();
  const std::vector<protocol::Hello> hellos = page.TakeSentOf<protocol::Hello>();
  ASSERT_EQ(hellos.size(), 1u);
  ASSERT_TRUE(hellos[0].queries[0].have.has_value());
  EXPECT_EQ(hellos[0].queries[0].have->pipeline, ScriptedUpstream::kPipeline);
  EXPECT_EQ(hellos[0].queries[0].have->fingerprint, page.upstream().fingerprint())
      << "of base, not of what pending mutations made of it";
  EXPECT_EQ(hellos[0].base, page.upstream().version());
}

TEST(ClientLinkTest, PushesAfterTheWelcomeAndNotBefore) {
  TestPage page;
  page.Mutate("add", R"(["a","Milk"])");
  page.Open();
  EXPECT_TRUE(page.TakeSentOf<protocol::Push>().empty());
  page.Close();
  page.Connect();
  const std::vector<protocol::Push> pushes = page.TakeSentOf<protocol::Push>();
  ASSERT_EQ(pushes.size(), 1u);
  ASSERT_EQ(pushes[0].mutations.size(), 1u);
  EXPECT_EQ(pushes[0].mutations[0].name, "add");
  EXPECT_EQ(pushes[0].mutations[0].args_json, R"(["a","Milk"])");
}

TEST(ClientLinkTest, KeepsAnUnacknowledgedMutationAcrossReconnect) {
  TestPage page;
  page.Watch();
  page.Connect();
  page.ServeAllTodos({});
  page.Mutate("add", R"(["a","Milk"])");
  EXPECT_EQ(page.TakeSentOf<protocol::Push>().size(), 1u);
  page.Close();
  EXPECT_EQ(page.Titles(), "Milk");
  page.Mutate("add", R"(["b","Bread"])");
  page.Connect();
  const std::vector<protocol::Push> pushes = page.TakeSentOf<protocol::Push>();
  ASSERT_EQ(pushes.size(), 1u);
  ASSERT_EQ(pushes[0].mutations.size(), 2u);
  EXPECT_EQ(pushes[0].mutations[0].id, 1u);
  EXPECT_EQ(pushes[0].mutations[1].id, 2u);
}

TEST(ClientLinkTest, DoesNotResendWhatTheServerHas) {
  TestPage page;
  page.Watch();
  page.Connect();
  page.Mutate("add", R"(["a","Milk"])");
  page.Mutate("add", R"(["b","Bread"])");
  page.Close();
  page.TakeSent();
  page.Connect(/*lmid=*/1);
  const std::vector<protocol::Push> pushes = page.TakeSentOf<protocol::Push>();
  ASSERT_EQ(pushes.size(), 1u);
  EXPECT_EQ(pushes[0].mutations.front().id, 2u);
  EXPECT_EQ(page.pending(), 2u) << "the first one stays until its rows are here";
}

TEST(ClientLinkTest, CompleteViewsAreStaleWhileTheConnectionIsAway) {
  TestPage page;
  page.Watch();
  page.Connect();
  page.ServeAllTodos({PutTodo("a", "Milk")});
  EXPECT_EQ(page.Last().status, ViewStatus::kComplete);
  EXPECT_FALSE(page.Last().stale);
  page.Close();
  EXPECT_EQ(page.Last().status, ViewStatus::kComplete);
  EXPECT_TRUE(page.Last().stale);
  page.Connect();
  EXPECT_FALSE(page.Last().stale);
}

TEST(ClientLinkTest, IsStaleWhenTheRelayIsOffline) {
  TestPage page("");
  page.Watch();
  page.Connect();
  page.ServeAllTodos({PutTodo("a", "Milk")});
  EXPECT_FALSE(page.Last().stale);
  page.Receive(protocol::LinkState{"offline", "no network", "null"});
  EXPECT_TRUE(page.Last().stale);
}

TEST(ClientLinkTest, DropsHalfAPokeWhenTheLinkCloses) {
  TestPage page;
  page.Watch();
  page.Connect();
  page.ServeAllTodos({PutTodo("a", "Milk")});
  const std::vector<protocol::Message> poke = page.upstream().Poke({{PutTodo("b", "Bread")}});
  page.Receive(poke[0]);
  EXPECT_EQ(page.Titles(), "Milk");
  page.Close();
  page.Open();
  const std::vector<protocol::Hello> hellos = page.TakeSentOf<protocol::Hello>();
  EXPECT_EQ(hellos.back().base.position, 1u);
}

TEST(ClientLinkTest, RefusesAPokeThatDoesNotFit) {
  TestPage page;
  page.Connect();
  protocol::Poke poke;
  poke.from = Version{"db", 7};
  poke.to = Version{"db", 8};
  EXPECT_EQ(page.ReceiveFails(poke).code, ErrorCode::kInvalidArgs);
}

TEST(ClientLinkTest, AppliesAPokeWholeOrNotAtAll) {
  TestPage page;
  page.Watch();
  page.Connect();
  page.ServeAllTodos({PutTodo("a", "Milk")});
  std::vector<protocol::Message> poke =
      page.upstream().Poke({{PutTodo("b", "Bread"), PutTodo("c", "Eggs")}});
  std::get<protocol::Segment>(poke[1]).changes[1].row_json = R"(["c",7,false,0,null])";
  page.Receive(poke[0]);
  EXPECT_EQ(page.ReceiveFails(poke[1]).code, ErrorCode::kInvalidArgs);
  EXPECT_EQ(page.Titles(), "Milk");
  page.Close();
  page.Open();
  EXPECT_EQ(page.TakeSentOf<protocol::Hello>().back().base.position, 1u);
}

TEST(ClientLinkTest, RefusesWhatOnlyTravelsUp) {
  TestPage page;
  page.Connect();
  EXPECT_FALSE(page.ReceiveFails(protocol::Ping{}).message.empty());
  EXPECT_FALSE(page.ReceiveFails(protocol::Segment{}).message.empty());
}

TEST(ClientLinkTest, TellsThatItWasRefused) {
  TestPage page;
  page.Open();
  page.Receive(protocol::Refused{Error{ErrorCode::kUnauthorized, "the token is too old"}});
  ASSERT_TRUE(page.refused().has_value());
  EXPECT_EQ(page.refused()->code, ErrorCode::kUnauthorized);
}

TEST(ClientLinkTest, FollowsTheServerIntoAnotherHistory) {
  TestPage page;
  page.Watch();
  page.Connect();
  page.ServeAllTodos({PutTodo("a", "Milk")});
  page.Close();
  page.upstream().set_epoch("restored");
  page.Connect();
  page.ServeAllTodos({PutTodo("b", "Bread")});
  EXPECT_EQ(page.Titles(), "Bread");
}

}  // namespace
}  // namespace tidemark::client
