// Whole results are read beside the hub: what happens meanwhile, and before, and after.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/hub/hub.h"
#include "core/hub/recent_changes.h"
#include "tests/core/hub/hub_world.h"

namespace tidemark::hub {
namespace {

const char kAll[] = R"({"table":"todo"})";
const char kOpen[] = R"({"table":"todo","where":{"op":"=","column":"done","value":false}})";
const char kFirstTwo[] = R"({"table":"todo","orderBy":[["rank","asc"]],"limit":2})";

class HubHydrationTest : public ::testing::Test {
 protected:
  explicit HubHydrationTest(protocol::Limits limits = {}) : world_(limits) {
    world_.Commit({Todo("a", "first", false, 1), Todo("b", "second", true, 2)});
    world_.HoldJobs();
  }

  /// A session with the query, resolved; its job is out.
  SessionID Open(const std::string& tree) {
    const SessionID session = world_.Open();
    world_.Put(session, tree);
    world_.ResolveAll();
    return session;
  }
  void Rename(const std::string& id, const std::string& title) {
    world_.Commit({Todo(id, title, false, 1)});
  }
  void ExpectCurrent(SessionID session, const std::string& tree) {
    ASSERT_TRUE(world_.receiver(session).has(QueryKey(tree)));
    EXPECT_EQ(world_.receiver(session).rows(QueryKey(tree)), world_.Expected(tree, world_.schema()))
        << tree;
    EXPECT_TRUE(world_.receiver(session).settled());
  }

  HubWorld world_;
};

TEST_F(HubHydrationTest, TellsOthersMeanwhileAndJoinsWithWhatChangedSince) {
  const SessionID other = Open(kAll);
  world_.FinishJobs();
  const int pokes = world_.receiver(other).pokes;
  const SessionID session = Open(kFirstTwo);
  ASSERT_EQ(world_.jobs(), 1u);
  Rename("a", "before it is read");
  world_.RunJob();
  Rename("a", "after it was read");
  world_.Commit({Todo("c", "third", false, 0)});
  EXPECT_EQ(world_.receiver(other).pokes, pokes + 3);
  EXPECT_EQ(world_.receiver(session).pokes, 0);

  world_.GiveBack();
  Receiver& receiver = world_.receiver(session);
  EXPECT_EQ(receiver.pokes, 1);
  ASSERT_EQ(receiver.segments.size(), 2u);
  EXPECT_TRUE(receiver.segments[0].reset);
  EXPECT_FALSE(receiver.segments[1].reset);
  EXPECT_EQ(receiver.segments[1].changes.size(), 3u);  // `c` and `a` are the first two now
  ExpectCurrent(session, kFirstTwo);
  Rename("a", "at last");
  ExpectCurrent(session, kFirstTwo);
  EXPECT_EQ(world_.jobs(), 0u);
}

TEST_F(HubHydrationTest, SendsRowsAndNotPatchesOfWhatChangedSince) {
  const auto document = [](int x) {
    std::string doc = R"({"a":[)";
    for (int i = 0; i < 400; ++i) doc += (i > 0 ? "," : "") + std::to_string(i);
    return doc + R"(],"x":)" + std::to_string(x) + "}";
  };
  world_.Commit({Todo("d", "document", false, 3, document(1))});
  const SessionID session = Open(kAll);
  world_.RunJob();
  world_.Commit({Todo("d", "document", false, 3, document(2))});
  world_.GiveBack();
  ASSERT_EQ(world_.receiver(session).segments.size(), 2u);
  EXPECT_EQ(world_.receiver(session).segments[1].changes[0].kind,
            protocol::SegmentChange::Kind::kPut);
  ExpectCurrent(session, kAll);
}

TEST_F(HubHydrationTest, WaitsWithAResultThatIsAheadForItsCommit) {
  const SessionID session = Open(kAll);
  hub::Commit commit = world_.Write({Todo("c", "third", false, 3)}, {"a"});
  world_.RunJob();
  world_.GiveBack();
  EXPECT_EQ(world_.receiver(session).pokes, 0);
  world_.Tell(std::move(commit));
  EXPECT_EQ(world_.receiver(session).pokes, 1);
  EXPECT_EQ(world_.receiver(session).segments.size(), 1u);
  ExpectCurrent(session, kAll);
  Rename("c", "changed");
  ExpectCurrent(session, kAll);
}

TEST_F(HubHydrationTest, ReadsOnceForAllWhoWaitAndForThoseWhoComeSoon) {
  std::vector<SessionID> sessions = {Open(kAll), Open(kAll)};
  EXPECT_EQ(world_.jobs(), 1u);
  world_.RunJob();
  world_.GiveBack();
  Rename("a", "changed");
  sessions.push_back(Open(kAll));
  Rename("b", "changed too");
  sessions.push_back(Open(kAll));
  EXPECT_EQ(world_.jobs(), 0u);
  for (const SessionID session : sessions) {
    ExpectCurrent(session, kAll);
    EXPECT_EQ(world_.receiver(session).segment_frames.front(),
              world_.receiver(sessions.front()).segment_frames.front());
  }
  world_.hub().Tick(protocol::Limits().kept_result_ms);
  const SessionID late = Open(kAll);
  EXPECT_EQ(world_.jobs(), 1u);
  world_.FinishJobs();
  ExpectCurrent(late, kAll);
}

TEST_F(HubHydrationTest, ReadsForEachSchemaThatIsInUse) {
  const SessionID session = Open(kAll);
  const SessionID older =
      world_.Open({.schema = &world_.older_schema(), .queries = {Desired(kAll)}});
  world_.ResolveAll();
  ASSERT_EQ(world_.jobs(), 2u);
  world_.RunJob(1);
  Rename("a", "changed");
  world_.GiveBack(1);
  EXPECT_EQ(world_.receiver(session).pokes, 0);
  Rename("a", "changed again");
  world_.FinishJobs();
  ExpectCurrent(session, kAll);
  EXPECT_EQ(world_.receiver(older).rows(QueryKey(kAll)),
            world_.Expected(kAll, world_.older_schema()));
}

TEST_F(HubHydrationTest, ReadsForTwoSchemasAtTwoMoments) {
  const SessionID session = Open(kAll);
  const SessionID older = world_.Open({.schema = &world_.older_schema()});
  world_.Put(older, kAll);
  world_.ResolveAll();
  ASSERT_EQ(world_.jobs(), 2u);
  world_.RunJob(0);
  Rename("a", "between");
  world_.RunJob(1);
  Rename("b", "after both");
  world_.GiveBack(0);
  world_.GiveBack(0);
  world_.FinishJobs();
  ExpectCurrent(session, kAll);
  EXPECT_EQ(world_.receiver(older).rows(QueryKey(kAll)),
            world_.Expected(kAll, world_.older_schema()));
  Rename("a", "later");
  EXPECT_EQ(world_.receiver(older).rows(QueryKey(kAll)),
            world_.Expected(kAll, world_.older_schema()));
}

TEST_F(HubHydrationTest, ReadsAgainWhenTooMuchHasHappened) {
  const SessionID session = Open(kAll);
  world_.RunJob();
  for (std::size_t left = RecentChanges::kHeldRowChangesMax / 1000 + 1; left > 0; --left) {
    std::vector<model::Row> rows;
    for (int i = 0; i < 1000; ++i) {
      rows.push_back(Todo(std::to_string(i), std::to_string(left), false, i));
    }
    world_.Commit(std::move(rows));
  }
  world_.GiveBack();
  EXPECT_EQ(world_.receiver(session).pokes, 0);
  ASSERT_EQ(world_.jobs(), 1u);
  world_.RunJob();
  Rename("a", "changed");
  world_.GiveBack();
  ExpectCurrent(session, kAll);
}

TEST_F(HubHydrationTest, ForgetsWhoHasLeftAndServesWhoHasComeBack) {
  const SessionID gone = Open(kAll);
  const SessionID session = Open(kAll);
  world_.Remove(session, kAll);
  world_.RunJob();
  world_.Close(gone);
  Rename("a", "changed");
  world_.Put(session, kAll);
  world_.ResolveAll();
  EXPECT_EQ(world_.jobs(), 1u);
  world_.GiveBack();
  ExpectCurrent(session, kAll);

  world_.Put(session, kOpen);
  world_.ResolveAll();
  world_.Remove(session, kOpen);
  world_.FinishJobs();
  EXPECT_FALSE(world_.receiver(session).has(QueryKey(kOpen)));
  Rename("a", "changed again");
  ExpectCurrent(session, kAll);
}

TEST_F(HubHydrationTest, TellsEverybodyWhoWaitsOfAFailure) {
  const SessionID one = Open(kAll);
  const SessionID two = world_.Open({.queries = {Desired(kAll), Desired(kOpen)}});
  world_.ResolveAll();
  ASSERT_EQ(world_.jobs(), 2u);
  world_.FailJob(Error{ErrorCode::kUnavailable, "no snapshot"});
  world_.GiveBack();
  world_.FinishJobs();
  for (const SessionID session : {one, two}) {
    EXPECT_EQ(world_.receiver(session).failed.at(QueryKey(kAll)).code, ErrorCode::kUnavailable);
  }
  ExpectCurrent(two, kOpen);
  world_.Put(one, kAll);
  world_.ResolveAll();
  world_.FinishJobs();
  ExpectCurrent(one, kAll);
}

TEST_F(HubHydrationTest, HoldsTheFirstPokeUntilAllItsResultsAreRead) {
  const SessionID session = world_.Open({.queries = {Desired(kAll), Desired(kFirstTwo)}});
  world_.ResolveAll();
  ASSERT_EQ(world_.jobs(), 2u);
  world_.RunJob(0);
  world_.GiveBack(0);
  Rename("a", "changed");
  world_.hub().Tick(protocol::Limits().kept_result_ms);  // what it waits with is its own
  EXPECT_EQ(world_.receiver(session).pokes, 0);
  world_.FinishJobs();
  EXPECT_EQ(world_.receiver(session).pokes, 1);
  ExpectCurrent(session, kAll);
  ExpectCurrent(session, kFirstTwo);
}

TEST_F(HubHydrationTest, SendsNoRowsToAClientThatHasWhatWasRead) {
  const SessionID first = Open(kAll);
  world_.FinishJobs();
  const auto have = world_.receiver(first).have(QueryKey(kAll));
  const Receiver held = world_.receiver(first);
  world_.Close(first);
  world_.hub().Tick(protocol::Limits().pipeline_ttl_ms);
  const SessionID again = world_.Open({.base = held.version, .queries = {Desired(kAll, have)}});
  world_.receiver(again).TakeUp(held);
  world_.ResolveAll();
  EXPECT_EQ(world_.jobs(), 1u);
  world_.FinishJobs();
  EXPECT_TRUE(world_.receiver(again).segments.empty());
  Rename("a", "changed");
  ExpectCurrent(again, kAll);
}

TEST_F(HubHydrationTest, ResolvesAnewWhileAResultIsRead) {
  const SessionID session = Open(kAll);
  world_.RunJob();
  world_.hub().SetAuth(session, R"({"sub":"bob"})");
  world_.Pump();
  world_.GiveBack();
  EXPECT_EQ(world_.receiver(session).pokes, 0);
  Rename("a", "changed");
  world_.ResolveAll();
  world_.FinishJobs();
  EXPECT_EQ(world_.receiver(session).pokes, 1);
  ExpectCurrent(session, kAll);
}

TEST_F(HubHydrationTest, TellsASessionThatMissedTooMuchNothingUntilTheResultIsRead) {
  const SessionID slow = Open(kAll);
  world_.Put(slow, kFirstTwo);
  world_.ResolveAll();
  world_.FinishJobs();
  const int pokes = world_.receiver(slow).pokes;
  world_.hub().Tick(protocol::Limits().kept_result_ms);
  world_.hub().SetCongested(slow, true);
  for (std::size_t n = 0; n <= RecentChanges::kRowChangesMax; ++n) {
    world_.Commit({Todo("z", "number " + std::to_string(n), false, 9)});
  }
  world_.Commit({Todo("c", "third", false, 0)});
  world_.hub().SetCongested(slow, false);
  world_.Pump();
  ASSERT_EQ(world_.jobs(), 1u);
  world_.RunJob();
  Rename("a", "changed");
  EXPECT_EQ(world_.receiver(slow).pokes, pokes);
  world_.GiveBack();
  EXPECT_EQ(world_.receiver(slow).pokes, pokes + 1);
  EXPECT_EQ(world_.receiver(slow).answers[QueryKey(kAll)], 1) << "it is served by what it was";
  ExpectCurrent(slow, kAll);
  ExpectCurrent(slow, kFirstTwo);
  Rename("a", "changed again");
  ExpectCurrent(slow, kAll);
}

TEST_F(HubHydrationTest, SendsWhatACongestedSessionMissedThoughItsClaimsChanged) {
  const SessionID slow = Open(kAll);
  world_.FinishJobs();
  world_.hub().SetCongested(slow, true);
  Rename("a", "missed");
  world_.hub().SetAuth(slow, R"({"sub":"bob"})");
  world_.Pump();
  world_.ResolveAll();
  world_.hub().SetCongested(slow, false);
  world_.Pump();
  ExpectCurrent(slow, kAll);
}

TEST_F(HubHydrationTest, PutsPatchesBeforeWholeResults) {
  const SessionID session = Open(kAll);
  world_.FinishJobs();
  world_.hub().SetCongested(session, true);
  world_.Put(session, kOpen);
  world_.ResolveAll();
  Rename("a", "changed");
  world_.FinishJobs();
  world_.hub().SetCongested(session, false);
  world_.Pump();
  world_.FinishJobs();
  const auto& segments = world_.receiver(session).segments;
  ASSERT_EQ(segments.size(), 3u);
  EXPECT_FALSE(segments[1].reset);
  EXPECT_TRUE(segments[2].reset);
  ExpectCurrent(session, kAll);
  ExpectCurrent(session, kOpen);
}

class SmallHubHydrationTest : public HubHydrationTest {
 protected:
  SmallHubHydrationTest()
      : HubHydrationTest([] {
          protocol::Limits limits;
          limits.rows_per_query_max = 2;
          limits.kept_result_bytes_max = 10;
          return limits;
        }()) {}
};

TEST_F(SmallHubHydrationTest, RefusesAResultThatIsTooLarge) {
  world_.Commit({Todo("c", "third", false, 3)});
  const SessionID session = Open(kAll);
  world_.FinishJobs();
  EXPECT_NE(world_.receiver(session).failed.at(QueryKey(kAll)).message.find("rows_per_query_max"),
            std::string::npos);
  // One that became so since it was read.
  world_.Commit({}, {"c"});
  world_.Put(session, kOpen);
  world_.ResolveAll();
  world_.RunJob();
  world_.Commit({Todo("d", "4", false, 4), Todo("e", "5", false, 5)});
  world_.GiveBack();
  EXPECT_EQ(world_.receiver(session).failed.at(QueryKey(kOpen)).code, ErrorCode::kLimit);
}

TEST_F(SmallHubHydrationTest, KeepsNoMoreBytesThanItMay) {
  const SessionID one = Open(kAll);
  world_.FinishJobs();
  const SessionID two = Open(kAll);
  EXPECT_EQ(world_.jobs(), 1u);
  world_.FinishJobs();
  ExpectCurrent(one, kAll);
  ExpectCurrent(two, kAll);
}

}  // namespace
}  // namespace tidemark::hub
