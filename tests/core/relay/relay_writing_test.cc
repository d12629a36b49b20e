// Mutations: from a tab into the log, to the server, and out again.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/core/relay/relay_harness.h"

namespace tidemark::relay {
namespace {

using protocol::ClientState;
using testing::FaultyDisk;

class RelayWritingTest : public ::testing::Test {
 protected:
  RelayWritingTest() : disk_(1), harness_(disk_) {
    const Status opened = harness_.Open();
    TIDEMARK_CHECK(opened.ok());
  }

  void Reopen() {
    harness_.Close();
    harness_.ForgetMessages();
    const Status opened = harness_.Open();
    ASSERT_TRUE(opened.ok()) << opened.error().message;
  }

  Status Push(TabID tab, const std::string& client, MutationID from, MutationID upto) {
    protocol::Push push;
    for (MutationID id = from; id <= upto; ++id) push.mutations.push_back(MakeMutation(client, id));
    return harness_.FromTab(tab, push);
  }

  std::vector<MutationID> PushedIds() {
    std::vector<MutationID> ids;
    for (const auto& push : harness_.TakeForServer<protocol::Push>()) {
      for (const auto& mutation : push.mutations) ids.push_back(mutation.id);
    }
    return ids;
  }

  FaultyDisk disk_;
  RelayHarness harness_;
};

TEST_F(RelayWritingTest, AnswersHelloWithWelcomeLogRejectionsAndLinkState) {
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a")).ok());
  const std::vector<protocol::Message> messages = harness_.TakeAllFor(1);
  ASSERT_EQ(messages.size(), 4u);
  const auto& welcome = std::get<protocol::Welcome>(messages[0]);
  EXPECT_EQ(welcome.clients, (std::vector<ClientState>{{ClientID("a"), 0}}));
  EXPECT_TRUE(std::get<protocol::LogState>(messages[1]).durable);
  EXPECT_TRUE(std::get<protocol::Rejections>(messages[2]).entries.empty());
  EXPECT_EQ(std::get<protocol::LinkState>(messages[3]).connection, "connecting");
}

TEST_F(RelayWritingTest, AcknowledgesAndPushesOnlyWhatIsDurable) {
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a")).ok());
  ASSERT_TRUE(harness_.OpenTab(2, harness_.HelloOf("b")).ok());
  harness_.Connect(At(5));
  harness_.ForgetMessages();

  ASSERT_TRUE(Push(1, "a", 1, 2).ok());
  EXPECT_TRUE(harness_.needs_flush);
  EXPECT_TRUE(harness_.TakeFor<protocol::Logged>(1).empty());
  EXPECT_TRUE(PushedIds().empty());

  ASSERT_TRUE(harness_.Flush().ok());
  EXPECT_FALSE(harness_.needs_flush);
  const auto own = harness_.TakeFor<protocol::Logged>(1);
  ASSERT_EQ(own.size(), 1u);
  EXPECT_TRUE(own[0].durable);
  ASSERT_EQ(own[0].mutations.size(), 2u);
  EXPECT_EQ(own[0].mutations[1].id, 2u);
  EXPECT_TRUE(own[0].mutations[1].name.empty());
  const auto foreign = harness_.TakeFor<protocol::Logged>(2);
  ASSERT_EQ(foreign.size(), 1u);
  EXPECT_EQ(foreign[0].mutations[1], MakeMutation("a", 2));
  EXPECT_EQ(PushedIds(), (std::vector<MutationID>{1, 2}));
  EXPECT_EQ(harness_.relay().pending(), 2u);
}

TEST_F(RelayWritingTest, KeepsTheLogInItsOrderOverRestart) {
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a")).ok());
  ASSERT_TRUE(harness_.OpenTab(2, harness_.HelloOf("b")).ok());
  ASSERT_TRUE(Push(1, "a", 1, 1).ok());
  ASSERT_TRUE(Push(2, "b", 1, 1).ok());
  ASSERT_TRUE(Push(1, "a", 2, 2).ok());
  ASSERT_TRUE(harness_.Flush().ok());
  Reopen();
  EXPECT_EQ(harness_.relay().group(), ClientGroupID("group-1"));
  ASSERT_TRUE(harness_.OpenTab(3, harness_.HelloOf("c")).ok());
  const auto log = harness_.TakeFor<protocol::LogState>(3);
  ASSERT_EQ(log.size(), 1u);
  EXPECT_EQ(log[0].mutations,
            (std::vector<mutation::Mutation>{MakeMutation("a", 1), MakeMutation("b", 1),
                                             MakeMutation("a", 2)}));
  // Mutations of tabs that are gone are pushed all the same.
  harness_.Connect(At(5));
  EXPECT_EQ(PushedIds(), (std::vector<MutationID>{1, 1, 2}));
}

TEST_F(RelayWritingTest, IgnoresDuplicatesAndRefusesGaps) {
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a")).ok());
  ASSERT_TRUE(Push(1, "a", 1, 2).ok());
  ASSERT_TRUE(harness_.Flush().ok());
  harness_.ForgetMessages();
  ASSERT_TRUE(Push(1, "a", 1, 3).ok());
  const auto again = harness_.TakeFor<protocol::Logged>(1);  // what is durable already
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].mutations.size(), 2u);
  ASSERT_TRUE(harness_.Flush().ok());
  EXPECT_EQ(harness_.relay().pending(), 3u);

  const Status gap = Push(1, "a", 5, 5);
  ASSERT_FALSE(gap.ok());
  EXPECT_NE(gap.error().message.find("expected 4"), std::string::npos);
  EXPECT_EQ(harness_.TakeFor<protocol::Refused>(1).size(), 1u);
  EXPECT_EQ(harness_.closed, (std::vector<TabID>{1}));
  EXPECT_EQ(harness_.relay().pending(), 3u);
}

TEST_F(RelayWritingTest, ResendsWhatTheServerDoesNotHave) {
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a")).ok());
  ASSERT_TRUE(Push(1, "a", 1, 4).ok());
  ASSERT_TRUE(harness_.Flush().ok());
  harness_.Connect(At(5), {{ClientID("a"), 2}});
  EXPECT_EQ(PushedIds(), (std::vector<MutationID>{3, 4}));
  harness_.relay().OnLinkClosed();
  harness_.Connect(At(5), {{ClientID("a"), 3}});
  EXPECT_EQ(PushedIds(), (std::vector<MutationID>{4}));
}

TEST_F(RelayWritingTest, SplitsALongLogIntoPushes) {
  harness_.options.limits.push_mutations_max = 3;
  Reopen();
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a")).ok());
  ASSERT_TRUE(Push(1, "a", 1, 3).ok());
  ASSERT_TRUE(Push(1, "a", 4, 6).ok());
  ASSERT_TRUE(Push(1, "a", 7, 7).ok());
  ASSERT_TRUE(harness_.Flush().ok());
  harness_.Connect(At(5));
  const auto pushes = harness_.TakeForServer<protocol::Push>();
  ASSERT_EQ(pushes.size(), 3u);
  EXPECT_EQ(pushes[2].mutations.size(), 1u);
}

TEST_F(RelayWritingTest, ConfirmationsLeaveTheLogOnceBaseIsDurable) {
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a")).ok());
  ASSERT_TRUE(harness_.OpenTab(2, harness_.HelloOf("b")).ok());
  harness_.Connect(At(5));
  ASSERT_TRUE(Push(1, "a", 1, 3).ok());
  ASSERT_TRUE(harness_.Flush().ok());
  harness_.ForgetMessages();
  // Without queries the relay took the server's version at once; the server counts from the hello.
  protocol::Poke poke;
  poke.to = At(6);
  poke.lmids = {{ClientID("a"), 2}};
  ASSERT_TRUE(harness_.SendPoke(poke).ok());
  EXPECT_EQ(harness_.relay().pending(), 1u);
  for (const TabID tab : {1u, 2u}) {  // every tab shows every tab's pending mutations
    const auto pokes = harness_.TakeFor<protocol::Poke>(tab);
    ASSERT_EQ(pokes.size(), 1u);
    EXPECT_EQ(pokes[0].from, At(5));
    EXPECT_EQ(pokes[0].to, At(6));
    EXPECT_EQ(pokes[0].lmids, poke.lmids);
  }
  ASSERT_TRUE(harness_.Flush().ok());
  Reopen();
  EXPECT_EQ(harness_.relay().pending(), 1u);
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a", {}, At(6), 2)).ok());
  EXPECT_EQ(harness_.TakeFor<protocol::Welcome>(1)[0].clients,
            (std::vector<ClientState>{{ClientID("a"), 2}}));
  EXPECT_TRUE(Push(1, "a", 4, 4).ok());
}

TEST_F(RelayWritingTest, ResultsReachTheirTabAndFailuresTheDurableList) {
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a")).ok());
  ASSERT_TRUE(harness_.OpenTab(2, harness_.HelloOf("b")).ok());
  harness_.Connect(At(5));
  ASSERT_TRUE(Push(1, "a", 1, 2).ok());
  ASSERT_TRUE(harness_.Flush().ok());
  harness_.ForgetMessages();
  const Error failure{ErrorCode::kApp, "too long", "title-too-long"};
  protocol::Poke poke;
  poke.to = At(6);
  poke.lmids = {{ClientID("a"), 2}};
  poke.results = {{ClientID("a"), 1, "", failure}, {ClientID("a"), 2, "7"}};
  ASSERT_TRUE(harness_.SendPoke(poke).ok());
  EXPECT_EQ(harness_.TakeFor<protocol::Poke>(1)[0].results, poke.results);
  EXPECT_TRUE(harness_.TakeFor<protocol::Poke>(2)[0].results.empty());
  EXPECT_TRUE(harness_.TakeForServer<protocol::AckResults>().empty());  // not durable yet

  ASSERT_TRUE(harness_.Flush().ok());
  const auto acknowledged = harness_.TakeForServer<protocol::AckResults>();
  ASSERT_EQ(acknowledged.size(), 1u);
  EXPECT_EQ(acknowledged[0].upto, (std::vector<ClientState>{{ClientID("a"), 2}}));
  const auto rejections = harness_.TakeFor<protocol::Rejections>(2);
  ASSERT_EQ(rejections.size(), 1u);
  ASSERT_EQ(rejections[0].entries.size(), 1u);
  EXPECT_EQ(rejections[0].entries[0].mutation, MakeMutation("a", 1));
  EXPECT_EQ(rejections[0].entries[0].error, failure);

  // The tab that had not seen the poke gets its results again, also from the next leader.
  Reopen();
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a", {}, At(5), 0)).ok());
  const auto pokes = harness_.TakeFor<protocol::Poke>(1);
  ASSERT_EQ(pokes.size(), 1u);
  EXPECT_EQ(pokes[0].results, poke.results);
  EXPECT_EQ(pokes[0].lmids, poke.lmids);
  EXPECT_EQ(harness_.TakeFor<protocol::Rejections>(1)[0].entries.size(), 1u);
  ASSERT_TRUE(harness_.FromTab(1, protocol::AckResults{{{ClientID("a"), 2}}}).ok());
  ASSERT_TRUE(harness_.FromTab(1, protocol::Dismiss{ClientID("a"), 1}).ok());
  ASSERT_TRUE(harness_.Flush().ok());
  EXPECT_TRUE(harness_.TakeFor<protocol::Rejections>(1)[0].entries.empty());
  Reopen();
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a", {}, At(5), 0)).ok());
  EXPECT_TRUE(harness_.TakeFor<protocol::Rejections>(1)[0].entries.empty());
  EXPECT_TRUE(harness_.TakeFor<protocol::Poke>(1)[0].results.empty());
}

TEST_F(RelayWritingTest, ExpiredClientsMutationsBecomeRejections) {
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a")).ok());
  ASSERT_TRUE(harness_.OpenTab(2, harness_.HelloOf("b")).ok());
  ASSERT_TRUE(Push(1, "a", 1, 2).ok());
  ASSERT_TRUE(harness_.Flush().ok());
  harness_.relay().OnLinkOpened();
  harness_.Pump();
  harness_.ForgetMessages();
  protocol::Welcome welcome;
  welcome.protocol = protocol::kProtocolVersion;
  welcome.build = "server";
  welcome.version = At(5);
  welcome.expired = {ClientID("a")};
  ASSERT_TRUE(harness_.FromServer(welcome).ok());
  EXPECT_EQ(harness_.relay().pending(), 0u);
  EXPECT_TRUE(PushedIds().empty());
  EXPECT_EQ(harness_.closed, (std::vector<TabID>{1}));
  EXPECT_EQ(harness_.TakeFor<protocol::Poke>(2)[0].lmids,
            (std::vector<ClientState>{{ClientID("a"), 2}}));
  ASSERT_TRUE(harness_.Flush().ok());
  const auto rejections = harness_.TakeFor<protocol::Rejections>(2);
  ASSERT_EQ(rejections.size(), 1u);
  ASSERT_EQ(rejections[0].entries.size(), 2u);
  EXPECT_EQ(rejections[0].entries[0].error.code, ErrorCode::kExpired);
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a")).ok());
  EXPECT_EQ(harness_.TakeFor<protocol::Welcome>(1)[0].expired,
            (std::vector<ClientID>{ClientID("a")}));
}

TEST_F(RelayWritingTest, AServerWithAnOlderDatabaseIsNotPushedBlindly) {
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a", {}, {}, 0)).ok());
  harness_.Connect(At(5));
  ASSERT_TRUE(Push(1, "a", 1, 3).ok());
  ASSERT_TRUE(harness_.Flush().ok());
  protocol::Poke poke;
  poke.to = At(6);
  poke.lmids = {{ClientID("a"), 2}};
  ASSERT_TRUE(harness_.SendPoke(poke).ok());
  ASSERT_TRUE(harness_.Flush().ok());
  harness_.ForgetMessages();
  harness_.Connect(At(3, "e2"), {{ClientID("a"), 1}});
  EXPECT_TRUE(PushedIds().empty());
  EXPECT_EQ(harness_.relay().pending(), 0u);
  ASSERT_TRUE(harness_.Flush().ok());
  ASSERT_TRUE(harness_.OpenTab(2, harness_.HelloOf("b")).ok());
  EXPECT_EQ(harness_.TakeFor<protocol::Rejections>(2)[0].entries.size(), 1u);
}

TEST_F(RelayWritingTest, RefusesToClearWhilePendingUnlessTold) {
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a")).ok());
  ASSERT_TRUE(Push(1, "a", 1, 1).ok());
  ASSERT_TRUE(harness_.Flush().ok());
  ASSERT_TRUE(harness_.FromTab(1, protocol::Clear{false}).ok());
  const auto refused = harness_.TakeFor<protocol::Refused>(1);
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].error.code, ErrorCode::kConflict);
  EXPECT_EQ(harness_.relay().pending(), 1u);
  ASSERT_TRUE(harness_.FromTab(1, protocol::Clear{true}).ok());
  EXPECT_EQ(harness_.closed, (std::vector<TabID>{1}));
  ASSERT_TRUE(harness_.Flush().ok());
  Reopen();
  EXPECT_EQ(harness_.relay().pending(), 0u);
}

TEST_F(RelayWritingTest, SaysSoWhenNothingIsDurable) {
  harness_.options.durable = false;
  Reopen();
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a")).ok());
  EXPECT_FALSE(harness_.TakeFor<protocol::LogState>(1)[0].durable);
  ASSERT_TRUE(Push(1, "a", 1, 1).ok());
  ASSERT_TRUE(harness_.Flush().ok());
  EXPECT_FALSE(harness_.TakeFor<protocol::Logged>(1)[0].durable);
}

TEST_F(RelayWritingTest, BoundsTheLogAndTheClients) {
  harness_.options.limits.pending_mutations_max = 2;
  harness_.options.limits.clients_per_group_max = 2;
  Reopen();
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a")).ok());
  const Status many = Push(1, "a", 1, 3);
  ASSERT_FALSE(many.ok());
  EXPECT_EQ(many.error().code, ErrorCode::kLimit);
  EXPECT_EQ(harness_.relay().pending(), 2u);  // what came before it stays
  ASSERT_TRUE(harness_.OpenTab(2, harness_.HelloOf("b")).ok());
  EXPECT_FALSE(harness_.OpenTab(3, harness_.HelloOf("c")).ok());
  harness_.relay().OnTabClosed(2);
  EXPECT_TRUE(harness_.OpenTab(3, harness_.HelloOf("c")).ok());
}

TEST_F(RelayWritingTest, ADamagedRecordIsKeptAsideAndTheRestSurvives) {
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a")).ok());
  ASSERT_TRUE(Push(1, "a", 1, 4).ok());
  ASSERT_TRUE(harness_.Flush().ok());
  ASSERT_TRUE(harness_.log()
                  .Execute("UPDATE mutation SET args = '{\"n\":99}' WHERE id = 2;"
                           "UPDATE mutation SET client = 'x' WHERE id = 4")
                  .ok());
  Reopen();
  EXPECT_EQ(harness_.relay().pending(), 4u);
  ASSERT_TRUE(harness_.OpenTab(2, harness_.HelloOf("b")).ok());
  const auto log = harness_.TakeFor<protocol::LogState>(2)[0].mutations;
  ASSERT_EQ(log.size(), 4u);
  EXPECT_EQ(log[0], MakeMutation("a", 1));
  EXPECT_EQ(log[1].name, "tidemark.damaged");
  EXPECT_EQ(log[1].id, 2u);
  EXPECT_EQ(log[2], MakeMutation("a", 3));
  EXPECT_EQ(log[3].client, ClientID("a"));
  EXPECT_EQ(log[3].id, 4u);
  const auto rejections = harness_.TakeFor<protocol::Rejections>(2)[0].entries;
  ASSERT_EQ(rejections.size(), 2u);
  EXPECT_EQ(rejections[0].error.code, ErrorCode::kCorrupt);
  EXPECT_EQ(rejections[0].mutation.id, 2u);
  Reopen();  // what was set right stays right
  EXPECT_EQ(harness_.relay().pending(), 4u);
}

TEST_F(RelayWritingTest, RefusesAnotherProtocolAndAnotherSchemaBesideOpenTabs) {
  protocol::Hello hello = harness_.HelloOf("a");
  hello.protocol = protocol::kProtocolVersion + 1;
  EXPECT_EQ(harness_.OpenTab(1, hello).error().code, ErrorCode::kOutdated);
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a")).ok());
  hello = harness_.HelloOf("b");
  hello.schema_hash = "schema-2";
  const Status other = harness_.OpenTab(2, hello);
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().code, ErrorCode::kOutdated);
  EXPECT_NE(other.error().message.find("schema-2"), std::string::npos);
  harness_.relay().OnTabClosed(1);
  EXPECT_TRUE(harness_.OpenTab(2, hello).ok());
}

TEST_F(RelayWritingTest, ClosesATabThatBreaksTheProtocol) {
  harness_.relay().OnTabOpened(1);
  EXPECT_FALSE(harness_.relay().OnTabMessage(1, "{").ok());
  harness_.relay().OnTabOpened(1);
  EXPECT_FALSE(harness_.FromTab(1, protocol::Push{}).ok());
  EXPECT_EQ(harness_.TakeFor<protocol::Refused>(1).size(), 2u);
}

TEST_F(RelayWritingTest, WritingBaseToAnswerATabWritesTheLogFirst) {
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a", {"q1"})).ok());
  harness_.Connect(At(5));
  ASSERT_TRUE(Push(1, "a", 1, 1).ok());
  ASSERT_TRUE(harness_.Flush().ok());
  protocol::Poke poke;
  poke.to = At(6);
  poke.resolved = {{QueryKey("q1"), PipelineID("p1")}};
  poke.lmids = {{ClientID("a"), 1}};
  poke.results = {{ClientID("a"), 1, "", Error{ErrorCode::kApp, "no"}}};
  ASSERT_TRUE(harness_.SendPoke(poke, {MakeSegment("p1", At(6), true, {})}).ok());
  harness_.ForgetMessages();
  // Its rows are read from the database, to which all that is staged is written for that.
  ASSERT_TRUE(harness_.OpenTab(2, harness_.HelloOf("b", {"q1"})).ok());
  EXPECT_EQ(harness_.TakeForServer<protocol::AckResults>().size(), 1u) << "the result is durable";
  disk_.Crash();
  harness_.Close();
  disk_.Restart();
  Reopen();
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a")).ok());
  EXPECT_EQ(harness_.TakeFor<protocol::Welcome>(1)[0].clients[0].lmid, 1u);
  EXPECT_EQ(harness_.TakeFor<protocol::Rejections>(1)[0].entries.size(), 1u);
  EXPECT_EQ(harness_.TakeFor<protocol::Poke>(1)[0].results.size(), 1u);
}

}  // namespace
}  // namespace tidemark::relay
