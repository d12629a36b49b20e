// New claims of a session: all its queries are resolved anew, and what is lost and gained leaves in
// one poke.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/hub/hub.h"
#include "tests/core/hub/hub_world.h"

namespace tidemark::hub {
namespace {

const char kAll[] = R"({"table":"todo"})";
const char kOpen[] = R"({"table":"todo","where":{"op":"=","column":"done","value":false}})";
const char kDone[] = R"({"table":"todo","where":{"op":"=","column":"done","value":true}})";
const char kBob[] = R"({"sub":"bob"})";

Error Forbidden() { return Error{ErrorCode::kForbidden, "not yours"}; }

class HubAuthTest : public ::testing::Test {
 protected:
  HubAuthTest() { world_.Commit({Todo("a", "A", false, 1), Todo("b", "B", true, 2)}); }

  SessionID Open(const std::vector<std::string>& trees) {
    HubWorld::OpenOptions options;
    for (const std::string& tree : trees) options.queries.push_back(Desired(tree));
    const SessionID session = world_.Open(options);
    world_.ResolveAll();
    return session;
  }
  void SetAuth(SessionID session, const std::string& auth_json = kBob) {
    world_.hub().SetAuth(session, auth_json);
    world_.Pump();
  }
  const Receiver::Rows& RowsOf(SessionID session, const char* tree) {
    return world_.receiver(session).rows(QueryKey(tree));
  }

  HubWorld world_;
};

TEST_F(HubAuthTest, AsksForEveryQueryAgainWithTheNewClaims) {
  const SessionID session = Open({kAll, kOpen});
  SetAuth(session);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(world_.has_requests());
    const ResolveRequest request = world_.TakeRequest();
    EXPECT_EQ(request.auth_json, kBob);
    EXPECT_EQ(request.name, "named");
    EXPECT_EQ(request.args_json, request.key.value);
    world_.Answer(request, request.args_json);
  }
  EXPECT_EQ(world_.receiver(session).auth_json, kBob);
}

TEST_F(HubAuthTest, SendsNothingWhenNothingChanges) {
  const SessionID session = Open({kAll, kOpen});
  const int pokes = world_.receiver(session).pokes;
  const std::size_t segments = world_.receiver(session).segments.size();
  SetAuth(session);
  world_.ResolveAll();
  EXPECT_EQ(world_.receiver(session).pokes, pokes);
  EXPECT_EQ(world_.receiver(session).segments.size(), segments);
  world_.Commit({Todo("c", "C", false, 3)});
  EXPECT_EQ(RowsOf(session, kAll).size(), 3u);
  EXPECT_EQ(RowsOf(session, kOpen).size(), 2u);
}

TEST_F(HubAuthTest, TellsWhatIsLostAndGainedInOnePoke) {
  const SessionID session = Open({kAll, kOpen, kDone});
  const int pokes = world_.receiver(session).pokes;
  SetAuth(session);
  // The answers come in any order: `all` is now done todos only, `done` all of them, `open`
  // nothing.
  const ResolveRequest first = world_.TakeRequest();
  const ResolveRequest second = world_.TakeRequest();
  const ResolveRequest third = world_.TakeRequest();
  const auto answer = [&](const ResolveRequest& request) {
    if (request.args_json == kAll) return world_.Answer(request, std::string(kDone));
    if (request.args_json == kDone) return world_.Answer(request, std::string(kAll));
    world_.Answer(request, Forbidden());
  };
  answer(third);
  answer(first);
  EXPECT_EQ(world_.receiver(session).pokes, pokes) << "nothing is told before all is known";
  EXPECT_EQ(world_.receiver(session).auth_json, "");
  EXPECT_TRUE(world_.receiver(session).failed.empty());
  answer(second);
  EXPECT_EQ(world_.receiver(session).pokes, pokes + 1);
  EXPECT_EQ(world_.receiver(session).auth_json, kBob);
  EXPECT_EQ(RowsOf(session, kAll).size(), 1u);
  EXPECT_EQ(RowsOf(session, kDone).size(), 2u);
  EXPECT_FALSE(world_.receiver(session).has(QueryKey(kOpen)));
  EXPECT_EQ(world_.receiver(session).failed.at(QueryKey(kOpen)).code, ErrorCode::kForbidden);

  world_.Commit({Todo("c", "C", false, 3)});
  EXPECT_EQ(RowsOf(session, kAll).size(), 1u);
  EXPECT_EQ(RowsOf(session, kDone).size(), 3u);
}

TEST_F(HubAuthTest, HoldsPokesBackUntilTheClaimsAreSettled) {
  const SessionID session = Open({kAll});
  const SessionID other = Open({kAll});
  SetAuth(session);
  world_.Commit({Todo("c", "C", false, 3)});
  world_.Commit({Todo("a", "A2", false, 1)}, {"b"});
  EXPECT_EQ(RowsOf(session, kAll).size(), 2u) << "with which claims is not known yet";
  EXPECT_EQ(RowsOf(other, kAll).size(), 2u);
  world_.ResolveAll();
  EXPECT_EQ(RowsOf(session, kAll), world_.Expected(kAll, world_.schema()));
  EXPECT_EQ(world_.receiver(session).version, world_.version());
  world_.Commit({Todo("d", "D", false, 4)});
  EXPECT_EQ(RowsOf(session, kAll), world_.Expected(kAll, world_.schema()));
}

TEST_F(HubAuthTest, TakesNoAnswerThatWasMadeWithOlderClaims) {
  const SessionID session = Open({kOpen});
  SetAuth(session, R"({"sub":"ada","admin":true})");
  const ResolveRequest as_admin = world_.TakeRequest();
  SetAuth(session, R"({"sub":"ada"})");
  const ResolveRequest as_user = world_.TakeRequest();
  world_.Answer(as_user, Forbidden());
  world_.Answer(as_admin, std::string(kAll));
  EXPECT_FALSE(world_.receiver(session).has(QueryKey(kOpen)));
  EXPECT_EQ(world_.receiver(session).auth_json, R"({"sub":"ada"})");

  const SessionID late = Open({});
  world_.Put(late, kOpen);
  const ResolveRequest before = world_.TakeRequest();
  SetAuth(late);
  const ResolveRequest after = world_.TakeRequest();
  world_.Answer(before, std::string(kAll));
  EXPECT_FALSE(world_.receiver(late).has(QueryKey(kOpen)));
  world_.Answer(after, std::string(kOpen));
  EXPECT_EQ(RowsOf(late, kOpen).size(), 1u);
}

TEST_F(HubAuthTest, GoesOnWhenQueriesComeAndGoMeanwhile) {
  const SessionID session = Open({kAll, kOpen});
  SetAuth(session);
  world_.Remove(session, kAll);
  world_.Put(session, kDone);
  world_.ResolveAll();
  EXPECT_EQ(RowsOf(session, kOpen).size(), 1u);
  EXPECT_EQ(RowsOf(session, kDone).size(), 1u);
  SetAuth(session);
  world_.Close(session);
  world_.ResolveAll();
  world_.Commit({Todo("c", "C", false, 3)});
}

TEST_F(HubAuthTest, TellsTheClaimsToASessionWithoutQueries) {
  const SessionID session = Open({});
  SetAuth(session);
  EXPECT_EQ(world_.receiver(session).auth_json, kBob);
  world_.hub().SetAuth(99, kBob);
  world_.Pump();
}

}  // namespace
}  // namespace tidemark::hub
