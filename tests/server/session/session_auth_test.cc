// Sessions with tokens: who may open one, what new claims change, and when it is over.

#include <gtest/gtest.h>

#include <string>

#include "server/auth/token_verifier.h"
#include "server/session.h"
#include "tests/server/auth/token_maker.h"
#include "tests/server/embedded/replay_world.h"
#include "tests/server/session/sync_world.h"

namespace tidemark::server {
namespace {

constexpr std::int64_t kNowS = 1'700'000'000;
const std::string kSecret = "0123456789abcdef0123456789abcdef";

class SessionAuthTest : public ::testing::Test {
 protected:
  static std::string Token(const std::string& subject, const std::string& more = "") {
    return auth::SignHs256(kSecret, R"({"sub":")" + subject + "\"" + more + "}");
  }
  static protocol::Hello Hello(const std::string& group, const std::string& token) {
    protocol::Hello hello = SyncWorld::Hello(group);
    hello.auth_token = token;
    return hello;
  }
  static protocol::Push AddTo(const ClientID& client, MutationID id, const std::string& counter) {
    return protocol::Push{{Call(client, id, "add", R"({"id":")" + counter + R"(","by":1})")}};
  }
  SyncWorld::Peer Open(const protocol::Hello& hello) {
    const SyncWorld::Peer peer = world_.Connect();
    world_.Send(peer, hello);
    return peer;
  }
  static void ExpectRefused(const SyncWorld::Peer& peer, ErrorCode code) {
    ASSERT_EQ(peer.connection->messages.size(), 1u) << "nothing but the refusal";
    const auto refused = peer.connection->Take<protocol::Refused>();
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->error.code, code);
    EXPECT_TRUE(peer.connection->closed.has_value());
  }

  std::int64_t now_s_ = kNowS;
  auth::TokenVerifier verifier_{*auth::KeySet::Parse(auth::Algorithm::kHs256, kSecret),
                                {"", "", 16u << 10, [this] { return now_s_; }}};
  SyncWorld world_{verifier_};
};

TEST_F(SessionAuthTest, TellsNothingToWhoHasNoGenuineToken) {
  for (const std::string& token :
       {std::string(), std::string("x"), Token("ada") + "x", Token("ada", R"(,"exp":1)")}) {
    protocol::Hello hello = Hello("g", token);
    hello.queries.push_back({QueryKey("k"), "all", "{}"});
    // Whether the schema fits is nobody's business either.
    hello.schema_hash = "other";
    hello.schema_json = R"({"tables":[]})";
    ExpectRefused(Open(hello), ErrorCode::kUnauthorized);
  }
}

TEST_F(SessionAuthTest, TellsTheClaimsAndServesQueriesWithThem) {
  const ClientID client = NewClient("a");
  protocol::Hello hello = Hello("g", Token("ada"));
  hello.queries.push_back({QueryKey("mine"), "mine", "{}"});
  const SyncWorld::Peer ada = Open(hello);
  EXPECT_EQ(ada.connection->Take<protocol::Welcome>()->auth_json, R"({"sub":"ada"})");
  EXPECT_TRUE(ada.connection->Take<protocol::Segment>()->reset);
  world_.Send(ada, AddTo(client, 1, "ada"));
  world_.Send(ada, AddTo(client, 2, "bob"));
  world_.authority().Replay();
  const auto seen = ada.connection->Take<protocol::Segment>();
  ASSERT_TRUE(seen.has_value());
  ASSERT_EQ(seen->changes.size(), 1u);
  EXPECT_EQ(seen->changes[0].row_json, R"(["ada","1",null])");
}

TEST_F(SessionAuthTest, BindsAClientGroupToItsSubject) {
  const ClientID client = NewClient("a");
  const SyncWorld::Peer ada = Open(Hello("g", Token("ada")));
  world_.Send(ada, AddTo(client, 1, "x"));
  world_.authority().Replay();
  protocol::Hello hello = Hello("g", Token("bob"));
  hello.clients.push_back({client, 1});
  ExpectRefused(Open(hello), ErrorCode::kForbidden);
  ExpectRefused(Open(Hello("g", Token("bob"))), ErrorCode::kForbidden);
  // A client of another group is not taken over either.
  hello = Hello("of bob", Token("bob"));
  hello.clients.push_back({client, 1});
  ExpectRefused(Open(hello), ErrorCode::kForbidden);
  EXPECT_FALSE(Open(Hello("g", Token("ada"))).connection->closed.has_value());
}

TEST_F(SessionAuthTest, ResolvesQueriesAnewWithANewToken) {
  const ClientID client = NewClient("a");
  protocol::Hello hello = Hello("g", Token("ada", R"(,"admin":true)"));
  hello.queries.push_back({QueryKey("admin"), "admin", "{}"});
  hello.queries.push_back({QueryKey("mine"), "mine", "{}"});
  const SyncWorld::Peer ada = Open(hello);
  world_.Send(ada, AddTo(client, 1, "bob"));
  world_.authority().Replay();
  ada.connection->messages.clear();

  world_.Send(ada, protocol::SetAuth{Token("ada")});
  EXPECT_EQ(ada.connection->Take<protocol::LinkState>()->auth_json, R"({"sub":"ada"})");
  const auto poke = ada.connection->Take<protocol::Poke>();
  ASSERT_TRUE(poke.has_value());
  EXPECT_EQ(poke->gone, (std::vector<QueryKey>{QueryKey("admin")}));
  EXPECT_EQ(poke->segments, 0u);
  EXPECT_EQ(ada.connection->Take<protocol::QueryFailed>()->error.app_code, "forbidden");
  EXPECT_TRUE(ada.connection->messages.empty());

  world_.Send(ada, AddTo(client, 2, "bob"));
  world_.authority().Replay();
  EXPECT_FALSE(ada.connection->Take<protocol::Segment>().has_value());
  EXPECT_FALSE(ada.connection->closed.has_value());
}

TEST_F(SessionAuthTest, RefusesASecondTokenThatIsNotTheFirstOnesSubject) {
  SyncWorld::Peer peer = Open(Hello("g", Token("ada")));
  peer.connection->messages.clear();
  world_.Send(peer, protocol::SetAuth{Token("bob")});
  ExpectRefused(peer, ErrorCode::kForbidden);
  peer = Open(Hello("g", Token("ada")));
  peer.connection->messages.clear();
  world_.Send(peer, protocol::SetAuth{"x"});
  ExpectRefused(peer, ErrorCode::kUnauthorized);
  peer = Open(Hello("g", Token("ada")));
  peer.connection->messages.clear();
  world_.Send(peer, protocol::SetAuth{});
  ExpectRefused(peer, ErrorCode::kUnauthorized);
}

TEST_F(SessionAuthTest, EndsWithItsToken) {
  const SyncWorld::Peer kept = Open(Hello("kept", Token("ada")));
  const SyncWorld::Peer renewed = Open(Hello("g", Token("ada", R"(,"exp":1700000060)")));
  const SyncWorld::Peer peer = Open(Hello("g", Token("ada", R"(,"exp":1700000060)")));
  now_s_ = kNowS + 60 + auth::kLeewaySeconds - 1;
  world_.service().Tick(now_s_);
  EXPECT_FALSE(peer.connection->closed.has_value());
  world_.Send(renewed, protocol::SetAuth{Token("ada", R"(,"exp":1700000999)")});
  peer.connection->messages.clear();
  world_.service().Tick(++now_s_);
  ExpectRefused(peer, ErrorCode::kUnauthorized);
  EXPECT_FALSE(renewed.connection->closed.has_value());
  EXPECT_FALSE(kept.connection->closed.has_value());
  world_.service().Tick(++now_s_);
  EXPECT_TRUE(peer.connection->messages.empty()) << "once is enough";
}

}  // namespace
}  // namespace tidemark::server
