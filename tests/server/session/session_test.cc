#include "server/session.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/server/embedded/replay_world.h"
#include "tests/server/session/sync_world.h"

namespace tidemark::server {
namespace {

protocol::DesiredQuery All() { return {QueryKey("k"), "all", "{}"}; }

TEST(SessionTest, CarriesAMutationOfOneClientToAnother) {
  SyncWorld world;
  const ClientID client = NewClient("a");
  const SyncWorld::Peer writer = world.Connect();
  protocol::Hello hello = SyncWorld::Hello("g");
  hello.clients.push_back({client, 0});
  world.Send(writer, hello);
  EXPECT_TRUE(writer.connection->Take<protocol::Welcome>().has_value());
  const SyncWorld::Peer reader = world.Connect();
  hello = SyncWorld::Hello("other");
  hello.queries.push_back(All());
  world.Send(reader, hello);
  EXPECT_TRUE(reader.connection->Take<protocol::Poke>().has_value());
  EXPECT_TRUE(reader.connection->Take<protocol::Segment>()->reset);

  world.Send(writer, SyncWorld::Add(client, 1));
  world.authority().Replay();
  const auto told = writer.connection->Take<protocol::Poke>();
  ASSERT_TRUE(told.has_value());
  EXPECT_EQ(told->lmids, (std::vector<protocol::ClientState>{{client, 1}}));
  EXPECT_EQ(told->results.at(0).result_json, "\"1\"");
  const auto seen = reader.connection->Take<protocol::Segment>();
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->changes.at(0).row_json, R"(["x","1",null])");

  world.Send(writer, protocol::AckResults{{{client, 1}}});
  world.authority().Replay();
  const SyncWorld::Peer again = world.Connect();
  hello = SyncWorld::Hello("g");
  hello.clients.push_back({client, 1});
  world.Send(again, hello);
  EXPECT_EQ(again.connection->Take<protocol::Welcome>()->clients.at(0).lmid, 1u);
  EXPECT_FALSE(again.connection->Take<protocol::Poke>().has_value());
}

TEST(SessionTest, TellsClientsThatTheHelloDidNotName) {
  SyncWorld world;
  const ClientID late = NewClient("late");
  const SyncWorld::Peer peer = world.Connect();
  world.Send(peer, SyncWorld::Hello("g"));
  world.Send(peer, SyncWorld::Add(late, 1));
  world.authority().Replay();
  EXPECT_EQ(peer.connection->Take<protocol::Poke>()->lmids.at(0).lmid, 1u);

  const SyncWorld::Peer next = world.Connect();
  world.Send(next, SyncWorld::Hello("g"));
  world.Send(next, SyncWorld::Add(late, 1));  // sent again, on a connection that does not know it
  const auto poke = next.connection->Take<protocol::Poke>();
  ASSERT_TRUE(poke.has_value());
  EXPECT_EQ(poke->lmids.at(0).lmid, 1u);
  EXPECT_EQ(poke->results.size(), 1u);
}

void ExpectRefused(const SyncWorld::Peer& peer, ErrorCode code, const std::string& mention) {
  const auto refused = peer.connection->Take<protocol::Refused>();
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->error.code, code);
  EXPECT_NE(refused->error.message.find(mention), std::string::npos) << refused->error.message;
  EXPECT_TRUE(peer.connection->closed.has_value());
}

TEST(SessionTest, RefusesWhatIsNoSessionNamingIt) {
  SyncWorld world;
  SyncWorld::Peer peer = world.Connect();
  world.service().OnMessage(peer.session, R"({"t":"hello","protocol":)");
  ExpectRefused(peer, ErrorCode::kInvalidArgs, "malformed");
  peer = world.Connect();
  world.Send(peer, SyncWorld::Add(NewClient("a"), 1));
  ExpectRefused(peer, ErrorCode::kInvalidArgs, "hello");
  peer = world.Connect();
  protocol::Hello hello = SyncWorld::Hello("g");
  hello.protocol = 99;
  world.Send(peer, hello);
  ExpectRefused(peer, ErrorCode::kOutdated, "99");
  peer = world.Connect();
  world.Send(peer, SyncWorld::Hello(""));
  ExpectRefused(peer, ErrorCode::kInvalidArgs, "group");
  peer = world.Connect();
  world.Send(peer, SyncWorld::Hello("g"));
  world.Send(peer, SyncWorld::Hello("g"));
  ExpectRefused(peer, ErrorCode::kInvalidArgs, "second hello");
  peer = world.Connect();
  world.Send(peer, SyncWorld::Hello("g"));
  world.Send(peer, protocol::Clear{});
  ExpectRefused(peer, ErrorCode::kInvalidArgs, "does not go to a server");
  peer = world.Connect();
  world.service().OnOversized(peer.session);
  ExpectRefused(peer, ErrorCode::kLimit, "message_bytes_max");
  EXPECT_EQ(peer.connection->closed, CloseCode::kTooBig);
}

TEST(SessionTest, TakesAnswersOfAComparisonThatIsOver) {
  SyncWorld world;
  const SyncWorld::Peer peer = world.Connect();
  world.Send(peer, SyncWorld::Hello("g"));
  world.Send(peer, protocol::Sums{7, {1, 2}});
  world.Send(peer, protocol::Members{7, {1, 2}});
  EXPECT_FALSE(peer.connection->Take<protocol::Refused>().has_value());
}

TEST(SessionTest, RefusesAGapAfterWhatCameBeforeIt) {
  SyncWorld world;
  const ClientID client = NewClient("a");
  const SyncWorld::Peer peer = world.Connect();
  world.Send(peer, SyncWorld::Hello("g"));
  world.Send(peer, SyncWorld::Add(client, 1));
  world.Send(peer, SyncWorld::Add(client, 3));
  world.authority().Replay();
  EXPECT_EQ(peer.connection->Take<protocol::Poke>()->lmids.at(0).lmid, 1u);
  ExpectRefused(peer, ErrorCode::kConflict, "expected mutation 2");
}

TEST(SessionTest, StopsReadingWhileTheAuthorityIsAsked) {
  SyncWorld world;
  world.authority().load_later = true;
  const SyncWorld::Peer peer = world.Connect();
  world.Send(peer, SyncWorld::Hello("g"));
  EXPECT_TRUE(peer.connection->paused);
  EXPECT_FALSE(peer.connection->Take<protocol::Welcome>().has_value());
  world.authority().FinishLoads();
  EXPECT_FALSE(peer.connection->paused);
  EXPECT_TRUE(peer.connection->Take<protocol::Welcome>().has_value());

  const SyncWorld::Peer gone = world.Connect();
  world.Send(gone, SyncWorld::Hello("g"));
  world.service().OnClosed(gone.session, "network");
  world.authority().FinishLoads();  // nobody is there any more
}

TEST(SessionTest, StopsReadingFromAPeerThatPushesFasterThanItIsReplayed) {
  SyncWorld world;
  const ClientID client = NewClient("a");
  const SyncWorld::Peer peer = world.Connect();
  world.Send(peer, SyncWorld::Hello("g"));
  MutationID id = 0;
  while (!peer.connection->paused) {
    ASSERT_LT(id, 100000u);
    protocol::Push push;
    for (int i = 0; i < 500; ++i) {
      push.mutations.push_back(SyncWorld::Add(client, ++id).mutations[0]);
    }
    world.Send(peer, push);
  }
  world.authority().Replay();
  EXPECT_FALSE(peer.connection->paused);
  EXPECT_EQ(peer.connection->Take<protocol::Poke>()->lmids.at(0).lmid, id);
}

TEST(SessionTest, FailsAQueryAndGoesOn) {
  SyncWorld world;
  const SyncWorld::Peer peer = world.Connect();
  protocol::Hello hello = SyncWorld::Hello("g");
  hello.queries.push_back({QueryKey("none"), "none", "{}"});
  hello.queries.push_back(All());
  world.Send(peer, hello);
  EXPECT_EQ(peer.connection->Take<protocol::QueryFailed>()->error.code, ErrorCode::kUnknownQuery);
  EXPECT_EQ(peer.connection->Take<protocol::Poke>()->resolved.size(), 1u);
  world.Send(peer, protocol::Ping{});
  EXPECT_TRUE(peer.connection->Take<protocol::Pong>().has_value());
}

TEST(SessionTest, LeavesPushesToTheNextServerWhenDraining) {
  SyncWorld world;
  const ClientID client = NewClient("a");
  const SyncWorld::Peer peer = world.Connect();
  world.Send(peer, SyncWorld::Hello("g"));
  world.Send(peer, SyncWorld::Add(client, 1));
  world.service().Drain();
  world.Send(peer, SyncWorld::Add(client, 2));
  world.authority().Replay();
  EXPECT_EQ(peer.connection->Take<protocol::Poke>()->lmids.at(0).lmid, 1u);
  EXPECT_FALSE(world.service().NotReadyReason().empty());
  world.service().CloseSessions(CloseCode::kServiceRestart, "service restart");
  EXPECT_EQ(peer.connection->closed, CloseCode::kServiceRestart);
}

}  // namespace
}  // namespace tidemark::server
