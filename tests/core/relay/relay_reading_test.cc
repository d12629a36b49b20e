// Queries: answered from base, by the server, kept up to date, and kept on disk.

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/base/hash.h"
#include "tests/core/relay/relay_harness.h"

namespace tidemark::relay {
namespace {

using protocol::Poke;
using protocol::ResolvedQuery;
using protocol::Segment;
using testing::DiskFault;
using testing::FaultyDisk;

constexpr char kRowA[] = R"(["a","first",true])";
constexpr char kRowB[] = R"(["b","second",false])";
const std::vector<protocol::SegmentChange> kRows = {PutRow("a", kRowA), PutRow("b", kRowB)};

class RelayReadingTest : public ::testing::Test {
 protected:
  RelayReadingTest() : disk_(1), harness_(disk_) { TIDEMARK_CHECK(harness_.Open().ok()); }

  void Reopen() {
    harness_.Close();
    harness_.ForgetMessages();
    const Status opened = harness_.Open();
    ASSERT_TRUE(opened.ok()) << opened.error().message;
  }

  static Poke PokeTo(Version from, Version to, std::vector<ResolvedQuery> resolved = {}) {
    Poke poke;
    poke.from = std::move(from);
    poke.to = std::move(to);
    poke.resolved = std::move(resolved);
    return poke;
  }

  /// Tab 1 watches q1 (pipeline p1: rows a and b) at version 5, durably.
  void FillBase() {
    ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a", {"q1"})).ok());
    harness_.Connect(At(5));
    ASSERT_TRUE(
        harness_
            .SendPoke(PokeTo({}, At(5), {{QueryKey("q1"), PipelineID("p1")}}),
                      {MakeSegment("p1", At(5), true, {PutRow("a", kRowA), PutRow("b", kRowB)})})
            .ok());
    ASSERT_TRUE(harness_.Flush().ok());
    harness_.ForgetMessages();
  }

  std::int64_t RowsOnDisk() {
    auto statement = harness_.base().Prepare("SELECT count(*) FROM rows");
    TIDEMARK_CHECK(statement.ok() && *statement->Step());
    return statement->Int64(0);
  }

  FaultyDisk disk_;
  RelayHarness harness_;
};

TEST_F(RelayReadingTest, ForwardsWhatTheServerAnswers) {
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a", {"q1"})).ok());
  EXPECT_TRUE(harness_.TakeFor<Poke>(1).empty());
  harness_.relay().OnLinkOpened();
  harness_.Pump();
  const auto hello = harness_.TakeForServer<protocol::Hello>();
  ASSERT_EQ(hello.size(), 1u);
  EXPECT_EQ(hello[0].group, ClientGroupID("group-1"));
  EXPECT_EQ(hello[0].queries, (std::vector<protocol::DesiredQuery>{Query("q1", 1)}));
  harness_.Connect(At(5));
  const Segment segment = MakeSegment("p1", At(5), true, {PutRow("a", kRowA)});
  ASSERT_TRUE(
      harness_.SendPoke(PokeTo({}, At(5), {{QueryKey("q1"), PipelineID("p1")}}), {segment}).ok());
  const auto pokes = harness_.TakeFor<Poke>(1);
  ASSERT_EQ(pokes.size(), 1u);
  EXPECT_EQ(pokes[0].to, At(5));
  EXPECT_EQ(pokes[0].segments, 1u);
  EXPECT_EQ(harness_.TakeFor<Segment>(1), (std::vector<Segment>{segment}));
  EXPECT_TRUE(harness_.needs_flush);  // forwarded before it is durable
}

TEST_F(RelayReadingTest, AnswersFromDiskWithTheServerAway) {
  FillBase();
  Reopen();
  ASSERT_TRUE(harness_.OpenTab(7, harness_.HelloOf("z", {"q1"})).ok());
  const auto pokes = harness_.TakeFor<Poke>(7);
  ASSERT_EQ(pokes.size(), 1u);
  EXPECT_EQ(pokes[0].from, Version{});
  EXPECT_EQ(pokes[0].to, At(5));
  EXPECT_EQ(pokes[0].resolved, (std::vector<ResolvedQuery>{{QueryKey("q1"), PipelineID("p1")}}));
  const auto segments = harness_.TakeFor<Segment>(7);
  ASSERT_EQ(segments.size(), 1u);
  EXPECT_EQ(segments[0], MakeSegment("p1", At(5), true, {PutRow("a", kRowA), PutRow("b", kRowB)}));
  // And asks the server with what it has.
  harness_.relay().OnLinkOpened();
  harness_.Pump();
  const auto hello = harness_.TakeForServer<protocol::Hello>();
  EXPECT_EQ(hello[0].base, At(5));
  ASSERT_TRUE(hello[0].queries[0].have.has_value());
  EXPECT_EQ(hello[0].queries[0].have->pipeline, PipelineID("p1"));
  EXPECT_EQ(hello[0].queries[0].have->fingerprint, FingerprintOf(kRows));
}

TEST_F(RelayReadingTest, SendsNoRowsToATabThatHasThem) {
  FillBase();
  Reopen();
  protocol::Hello hello = harness_.HelloOf("a", {"q1"}, At(5));
  hello.queries[0].have = protocol::DesiredQuery::Have{PipelineID("p1"), FingerprintOf(kRows)};
  ASSERT_TRUE(harness_.OpenTab(1, hello).ok());
  const auto pokes = harness_.TakeFor<Poke>(1);
  ASSERT_EQ(pokes.size(), 1u);
  EXPECT_EQ(pokes[0].resolved.size(), 1u);
  EXPECT_EQ(pokes[0].segments, 0u);
}

TEST_F(RelayReadingTest, KeepsRowsUpToDateAndDropsThoseThatNoQueryHolds) {
  FillBase();
  ASSERT_TRUE(harness_
                  .SendPoke(PokeTo(At(5), At(6)),
                            {MakeSegment("p1", At(6), false,
                                         {PutRow("a", R"(["a","changed",true])"), RemoveRow("b")})})
                  .ok());
  EXPECT_EQ(harness_.TakeFor<Segment>(1).size(), 1u);
  ASSERT_TRUE(harness_.Flush().ok());
  EXPECT_EQ(RowsOnDisk(), 1);
  Reopen();
  ASSERT_TRUE(harness_.OpenTab(7, harness_.HelloOf("z", {"q1"})).ok());
  EXPECT_EQ(harness_.TakeFor<Segment>(7)[0],
            MakeSegment("p1", At(6), true, {PutRow("a", R"(["a","changed",true])")}));
}

TEST_F(RelayReadingTest, AppliesPatchesToStoredRows) {
  FillBase();
  const std::string after = R"(["a","first",{"n":[1,2],"x":"y"}])";
  const std::string last = R"(["a","first",{"n":[1,3],"x":"y"}])";
  protocol::SegmentChange patch;
  patch.kind = protocol::SegmentChange::Kind::kPatch;
  patch.table = "todo";
  patch.key = RowKey(R"(["a"])");
  const std::uint64_t table = HashBytes("todo").low;
  patch.hash_before = HashBytes(kRowA, table).low;
  patch.hash_after = HashBytes(after, table).low;
  patch.columns = {{2, R"({"n":[1,2],"x":"y"})", false}};
  ASSERT_TRUE(
      harness_
          .SendPoke(PokeTo(At(5), At(6)), {MakeSegment("p1", At(6), false, {patch},
                                                       {PutRow("a", after), PutRow("b", kRowB)})})
          .ok());
  patch.hash_before = patch.hash_after;
  patch.hash_after = HashBytes(last, table).low;
  patch.columns = {{2, R"([[["n",1],3]])", true}};
  ASSERT_TRUE(
      harness_
          .SendPoke(PokeTo(At(6), At(7)), {MakeSegment("p1", At(7), false, {patch},
                                                       {PutRow("a", last), PutRow("b", kRowB)})})
          .ok());
  ASSERT_TRUE(harness_.Flush().ok());
  ASSERT_TRUE(harness_.OpenTab(2, harness_.HelloOf("b", {"q1"})).ok());
  EXPECT_EQ(harness_.TakeFor<Segment>(2)[0],
            MakeSegment("p1", At(7), true, {PutRow("a", last), PutRow("b", kRowB)}));
}

TEST_F(RelayReadingTest, StoresAWholeResultOfEarlierWithWhatChangedSince) {
  FillBase();
  const std::string newer = R"(["a","newer",true])";
  ASSERT_TRUE(
      harness_
          .SendPoke(PokeTo(At(5), At(7)), {MakeSegment("p1", At(7), false, {PutRow("a", newer)},
                                                       {PutRow("a", newer), PutRow("b", kRowB)})})
          .ok());
  ASSERT_TRUE(harness_.OpenTab(2, harness_.HelloOf("b", {"q2"})).ok());
  // What was read at 6 has an `a` of then, a `c` that has left since, and not yet the `b` of 8.
  const std::string last = R"(["b","last",false])";
  const std::vector<Segment> segments = {
      MakeSegment("p2", At(6), true, {PutRow("a", kRowA), PutRow("c", R"(["c","third",true])")}),
      MakeSegment("p2", At(8), false, {PutRow("a", newer), PutRow("b", last), RemoveRow("c")})};
  ASSERT_TRUE(
      harness_.SendPoke(PokeTo(At(7), At(8), {{QueryKey("q2"), PipelineID("p2")}}), segments).ok());
  EXPECT_EQ(harness_.TakeFor<Segment>(2), segments);
  ASSERT_TRUE(harness_.Flush().ok());
  EXPECT_EQ(RowsOnDisk(), 2);
  ASSERT_TRUE(harness_.OpenTab(3, harness_.HelloOf("c", {"q1", "q2"})).ok());
  const auto stored = harness_.TakeFor<Segment>(3);
  ASSERT_EQ(stored.size(), 2u);
  // The script did not tell p1 of that `b`: its fingerprint is of what it was told.
  EXPECT_EQ(stored[0], MakeSegment("p1", At(8), true, {PutRow("a", newer), PutRow("b", last)},
                                   {PutRow("a", newer), PutRow("b", kRowB)}));
  EXPECT_EQ(stored[1], MakeSegment("p2", At(8), true, {PutRow("a", newer), PutRow("b", last)}));
}

TEST_F(RelayReadingTest, AsksAgainWhenAPatchDoesNotFit) {
  FillBase();
  protocol::SegmentChange patch;
  patch.kind = protocol::SegmentChange::Kind::kPatch;
  patch.table = "todo";
  patch.key = RowKey(R"(["a"])");
  patch.hash_after = 12345;
  patch.columns = {{1, R"("other")", false}};
  ASSERT_TRUE(
      harness_.SendPoke(PokeTo(At(5), At(6)), {MakeSegment("p1", At(6), false, {patch})}).ok());
  ASSERT_TRUE(harness_.Flush().ok());
  const auto asked = harness_.TakeForServer<protocol::ChangeQueries>();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].remove, (std::vector<QueryKey>{QueryKey("q1")}));
  ASSERT_EQ(asked[0].put.size(), 1u);
  ASSERT_TRUE(asked[0].put[0].have.has_value()) << "what is here may be all but one row";
  EXPECT_EQ(asked[0].put[0].have->fingerprint.low, FingerprintOf(kRows).low);
  // Until the answer is there, base shows what it has, and does not vouch for it.
  ASSERT_TRUE(harness_.OpenTab(2, harness_.HelloOf("b", {"q1"})).ok());
  EXPECT_EQ(harness_.TakeFor<Poke>(2)[0].resolved,
            (std::vector<ResolvedQuery>{{QueryKey("q1"), PipelineID("p1"), false}}));
  EXPECT_EQ(harness_.TakeFor<Segment>(2)[0].changes, kRows);
  ASSERT_TRUE(harness_
                  .SendPoke(PokeTo(At(6), At(7), {{QueryKey("q1"), PipelineID("p1")}}),
                            {MakeSegment("p1", At(7), true, {PutRow("b", kRowB)})})
                  .ok());
  EXPECT_EQ(harness_.TakeFor<Segment>(2).size(), 1u);
  ASSERT_TRUE(harness_.Flush().ok());
  EXPECT_EQ(RowsOnDisk(), 1);
}

TEST_F(RelayReadingTest, SharesOnePipelineAmongQueriesAndTabs) {
  FillBase();
  ASSERT_TRUE(harness_.OpenTab(2, harness_.HelloOf("b", {"q2"})).ok());
  EXPECT_EQ(harness_.TakeForServer<protocol::ChangeQueries>()[0].put[0].key, QueryKey("q2"));
  harness_.ForgetMessages();
  // The server knows that this session has p1: no rows come, but tab 2 needs them.
  ASSERT_TRUE(harness_.SendPoke(PokeTo(At(5), At(6), {{QueryKey("q2"), PipelineID("p1")}})).ok());
  const auto pokes = harness_.TakeFor<Poke>(2);
  ASSERT_EQ(pokes.size(), 1u);
  EXPECT_EQ(pokes[0].resolved, (std::vector<ResolvedQuery>{{QueryKey("q2"), PipelineID("p1")}}));
  EXPECT_EQ(harness_.TakeFor<Segment>(2)[0].changes.size(), 2u);
  const auto first = harness_.TakeFor<Poke>(1);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_TRUE(first[0].resolved.empty());
  EXPECT_EQ(first[0].to, At(6));
}

TEST_F(RelayReadingTest, AnUnwatchedQueryIsPartialUntilTheServerSaysMore) {
  FillBase();
  ASSERT_TRUE(harness_.FromTab(1, protocol::ChangeQueries{{}, {QueryKey("q1")}}).ok());
  EXPECT_EQ(harness_.TakeForServer<protocol::ChangeQueries>()[0].remove,
            (std::vector<QueryKey>{QueryKey("q1")}));
  Poke poke = PokeTo(At(5), At(6));
  poke.lmids = {{ClientID("other"), 1}};
  ASSERT_TRUE(harness_.SendPoke(poke).ok());
  harness_.ForgetMessages();
  ASSERT_TRUE(harness_.FromTab(1, protocol::ChangeQueries{{Query("q1")}, {}}).ok());
  const auto pokes = harness_.TakeFor<Poke>(1);
  ASSERT_EQ(pokes.size(), 1u);
  ASSERT_EQ(pokes[0].resolved.size(), 1u);
  EXPECT_FALSE(pokes[0].resolved[0].complete);
  EXPECT_EQ(harness_.TakeFor<Segment>(1)[0].to.position, 0u);  // older than what may be there
  EXPECT_TRUE(harness_.TakeForServer<protocol::ChangeQueries>()[0].put[0].have.has_value());
  ASSERT_TRUE(harness_.SendPoke(PokeTo(At(6), At(7), {{QueryKey("q1"), PipelineID("p1")}})).ok());
  EXPECT_TRUE(harness_.TakeFor<Poke>(1)[0].resolved[0].complete);
}

TEST_F(RelayReadingTest, TakesNoAnswerToAnEarlierAskingForTheOneItWaitsFor) {
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a", {"q1"})).ok());
  harness_.Connect(At(5));
  ASSERT_TRUE(harness_.FromTab(1, protocol::ChangeQueries{{}, {QueryKey("q1")}}).ok());
  ASSERT_TRUE(harness_.FromTab(1, protocol::ChangeQueries{{Query("q1", 7)}, {}}).ok());
  EXPECT_EQ(harness_.TakeForServer<protocol::ChangeQueries>()[1].put,
            (std::vector<protocol::DesiredQuery>{Query("q1", 2)}));
  // Said before the server heard of either: it sends no changes between the two.
  ASSERT_TRUE(harness_
                  .SendPoke(PokeTo({}, At(5), {{QueryKey("q1"), PipelineID("p1"), true, 1}}),
                            {MakeSegment("p1", At(5), true, {PutRow("a", kRowA)})})
                  .ok());
  for (const Poke& poke : harness_.TakeFor<Poke>(1)) EXPECT_TRUE(poke.resolved.empty());
  ASSERT_TRUE(
      harness_.FromServer(protocol::QueryFailed{QueryKey("q1"), Error{ErrorCode::kApp, ""}, 1})
          .ok());
  EXPECT_TRUE(harness_.TakeFor<protocol::QueryFailed>(1).empty());
  ASSERT_TRUE(harness_
                  .SendPoke(PokeTo(At(5), At(6), {{QueryKey("q1"), PipelineID("p1"), true, 2}}),
                            {MakeSegment("p1", At(6), true, {PutRow("b", kRowB)})})
                  .ok());
  const auto pokes = harness_.TakeFor<Poke>(1);
  ASSERT_EQ(pokes.size(), 1u);
  EXPECT_EQ(pokes[0].resolved,
            (std::vector<ResolvedQuery>{{QueryKey("q1"), PipelineID("p1"), true, 7}}));
}

TEST_F(RelayReadingTest, AsksAgainWhenWhatItHadChangedBeforeTheAnswer) {
  FillBase();
  ASSERT_TRUE(harness_.FromTab(1, protocol::ChangeQueries{{}, {QueryKey("q1")}}).ok());
  ASSERT_TRUE(harness_.FromTab(1, protocol::ChangeQueries{{Query("q1")}, {}}).ok());
  harness_.ForgetMessages();
  // On its way when q1 was removed; then the server says "what you had at 5 is right".
  ASSERT_TRUE(harness_
                  .SendPoke(PokeTo(At(5), At(6)), {MakeSegment("p1", At(6), false, {RemoveRow("a")},
                                                               {PutRow("b", kRowB)})})
                  .ok());
  ASSERT_TRUE(
      harness_.SendPoke(PokeTo(At(6), At(7), {{QueryKey("q1"), PipelineID("p1"), true, 2}})).ok());
  const auto asked = harness_.TakeForServer<protocol::ChangeQueries>();
  ASSERT_EQ(asked.size(), 1u);
  ASSERT_EQ(asked[0].put.size(), 1u);
  EXPECT_EQ(asked[0].put[0].ask, 3u);
  EXPECT_EQ(asked[0].put[0].have,
            (protocol::DesiredQuery::Have{PipelineID("p1"), FingerprintOf({PutRow("b", kRowB)})}));
  EXPECT_FALSE(harness_.TakeFor<Poke>(1).at(0).resolved.at(0).complete);
}

TEST_F(RelayReadingTest, CallsPartialWhatStayedBehind) {
  FillBase();
  Reopen();
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a", {"q1"})).ok());
  EXPECT_TRUE(harness_.TakeFor<Poke>(1)[0].resolved.at(0).complete);
  harness_.Connect(At(6));
  Poke poke = PokeTo(At(5), At(6));
  poke.lmids = {{ClientID("other"), 1}};
  ASSERT_TRUE(harness_.SendPoke(poke).ok());
  // The server has not said yet what q1 is at version 6.
  EXPECT_EQ(harness_.TakeFor<Poke>(1)[0].resolved,
            (std::vector<ResolvedQuery>{{QueryKey("q1"), PipelineID("p1"), false}}));
}

TEST_F(RelayReadingTest, CallsPartialWhatATabBroughtAlongAndBaseLacks) {
  FillBase();
  protocol::Hello hello = harness_.HelloOf("b", {"q2"}, At(4));
  hello.queries[0].have = protocol::DesiredQuery::Have{PipelineID("p2"), Hash128{0, 9}};
  ASSERT_TRUE(harness_.OpenTab(2, hello).ok());
  const std::vector<ResolvedQuery> partial = {{QueryKey("q2"), PipelineID("p2"), false}};
  EXPECT_EQ(harness_.TakeFor<Poke>(2)[0].resolved, partial);

  // At base's version the rows are right; when base moves on, not any more.
  hello.base = At(5);
  hello.clients[0].client = ClientID("c");
  ASSERT_TRUE(harness_.OpenTab(3, hello).ok());
  EXPECT_TRUE(harness_.TakeFor<Poke>(3).empty());
  ASSERT_TRUE(harness_
                  .SendPoke(PokeTo(At(5), At(6)), {MakeSegment("p1", At(6), false, {RemoveRow("a")},
                                                               {PutRow("b", kRowB)})})
                  .ok());
  EXPECT_EQ(harness_.TakeFor<Poke>(3)[0].resolved, partial);
}

TEST_F(RelayReadingTest, CallsPartialWhatTheDiskDoesNotGive) {
  FillBase();
  ASSERT_TRUE(harness_
                  .SendPoke(PokeTo(At(5), At(6)), {MakeSegment("p1", At(6), false, {RemoveRow("a")},
                                                               {PutRow("b", kRowB)})})
                  .ok());
  for (int i = 0; i < 20; ++i) disk_.FailAt(disk_.operations() + i, DiskFault::kIoError);
  protocol::Hello hello = harness_.HelloOf("b", {"q1"}, At(5));
  hello.queries[0].have = protocol::DesiredQuery::Have{PipelineID("p1"), FingerprintOf(kRows)};
  ASSERT_TRUE(harness_.OpenTab(2, hello).ok());
  EXPECT_EQ(harness_.TakeFor<Poke>(2)[0].resolved,
            (std::vector<ResolvedQuery>{{QueryKey("q1"), PipelineID("p1"), false}}));
}

TEST_F(RelayReadingTest, HoldsATabThatIsAheadUntilItHasCaughtUp) {
  FillBase();
  Reopen();
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a", {"q1"}, At(9))).ok());
  EXPECT_TRUE(harness_.TakeAllFor(1).empty());
  harness_.Connect(At(10));
  ASSERT_TRUE(harness_
                  .SendPoke(PokeTo(At(5), At(8), {{QueryKey("q1"), PipelineID("p1")}}),
                            {MakeSegment("p1", At(8), true, {PutRow("a", kRowA)})})
                  .ok());
  EXPECT_TRUE(harness_.TakeAllFor(1).empty());
  ASSERT_TRUE(harness_
                  .SendPoke(PokeTo(At(8), At(10)),
                            {MakeSegment("p1", At(10), false, {PutRow("b", kRowB)}, kRows)})
                  .ok());
  ASSERT_EQ(harness_.TakeFor<protocol::Welcome>(1).size(), 1u);
  const auto pokes = harness_.TakeFor<Poke>(1);
  ASSERT_EQ(pokes.size(), 1u);
  EXPECT_EQ(pokes[0].from, At(9));
  EXPECT_EQ(pokes[0].to, At(10));
  EXPECT_EQ(harness_.TakeFor<Segment>(1)[0].changes.size(), 2u);
}

TEST_F(RelayReadingTest, AnotherHistoryIsSettledByTheServer) {
  FillBase();
  Reopen();
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a", {"q1"}, At(2, "e2"))).ok());
  EXPECT_TRUE(harness_.TakeAllFor(1).empty());
  harness_.Connect(At(3, "e2"));
  ASSERT_TRUE(harness_
                  .SendPoke(PokeTo(At(5), At(3, "e2"), {{QueryKey("q1"), PipelineID("p1")}}),
                            {MakeSegment("p1", At(3, "e2"), true, {PutRow("a", kRowB)})})
                  .ok());
  const auto pokes = harness_.TakeFor<Poke>(1);
  ASSERT_EQ(pokes.size(), 1u);
  EXPECT_EQ(pokes[0].to, At(3, "e2"));
  EXPECT_EQ(harness_.TakeFor<Segment>(1)[0].changes, (std::vector{PutRow("a", kRowB)}));
}

TEST_F(RelayReadingTest, RoutesFailuresAndForgetsWhatIsForbidden) {
  FillBase();
  const protocol::QueryFailed failed{QueryKey("q1"), Error{ErrorCode::kForbidden, "not yours"}};
  ASSERT_TRUE(harness_.FromServer(failed).ok());
  EXPECT_EQ(harness_.TakeFor<protocol::QueryFailed>(1), (std::vector{failed}));
  ASSERT_TRUE(harness_.Flush().ok());
  EXPECT_EQ(RowsOnDisk(), 0);
  // Whoever wants it anew has the server asked again, once.
  ASSERT_TRUE(harness_.FromTab(1, protocol::Ping{}).ok());
  EXPECT_TRUE(harness_.TakeForServer<protocol::ChangeQueries>().empty());
  ASSERT_TRUE(harness_.FromTab(1, protocol::ChangeQueries{{Query("q1")}, {}}).ok());
  EXPECT_EQ(harness_.TakeForServer<protocol::ChangeQueries>()[0].put,
            (std::vector<protocol::DesiredQuery>{Query("q1", 2)}));
}

TEST_F(RelayReadingTest, DropsARemovedQuerysRowsWhenTheServerSaysGone) {
  FillBase();
  Poke poke = PokeTo(At(5), At(6));
  poke.gone = {QueryKey("q1")};
  ASSERT_TRUE(harness_.SendPoke(poke).ok());
  EXPECT_EQ(harness_.TakeFor<Poke>(1)[0].gone, poke.gone);
  ASSERT_TRUE(harness_.Flush().ok());
  EXPECT_EQ(RowsOnDisk(), 0);
}

TEST_F(RelayReadingTest, AnotherSchemaRebuildsBaseAndKeepsTheLog) {
  FillBase();
  ASSERT_TRUE(harness_.FromTab(1, protocol::Push{{MakeMutation("a", 1)}}).ok());
  ASSERT_TRUE(harness_.Flush().ok());
  Reopen();
  protocol::Hello hello = harness_.HelloOf("b", {"q1"});
  hello.schema_hash = "schema-2";
  ASSERT_TRUE(harness_.OpenTab(1, hello).ok());
  EXPECT_TRUE(harness_.TakeFor<Poke>(1).empty());
  EXPECT_EQ(harness_.TakeFor<protocol::LogState>(1)[0].mutations.size(), 1u);
  ASSERT_TRUE(harness_.Flush().ok());
  EXPECT_EQ(RowsOnDisk(), 0);
}

TEST_F(RelayReadingTest, ADamagedBaseIsFetchedAgainAndTheLogIsNotTouched) {
  FillBase();
  ASSERT_TRUE(harness_.FromTab(1, protocol::Push{{MakeMutation("a", 1)}}).ok());
  ASSERT_TRUE(harness_.Flush().ok());
  harness_.Close();
  std::string content = disk_.Content("base");
  for (std::size_t at = 4096 + 100; at < content.size(); ++at) content[at] = static_cast<char>(at);
  disk_.SetContent("base", content);
  const std::string log = disk_.Content("log");
  Reopen();
  EXPECT_EQ(disk_.Content("log"), log);
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("b", {"q1"})).ok());
  EXPECT_TRUE(harness_.TakeFor<Poke>(1).empty());
  EXPECT_EQ(harness_.TakeFor<protocol::LogState>(1)[0].mutations.size(), 1u);
  harness_.Connect(At(5));
  ASSERT_TRUE(harness_
                  .SendPoke(PokeTo({}, At(5), {{QueryKey("q1"), PipelineID("p1")}}),
                            {MakeSegment("p1", At(5), true, {PutRow("a", kRowA)})})
                  .ok());
  ASSERT_TRUE(harness_.Flush().ok());
  EXPECT_EQ(RowsOnDisk(), 1);
}

/// Base has q1 (watched, two rows) and another query of about 400 KB (not watched any more).
class RelayFullDiskTest : public RelayReadingTest {
 protected:
  void FillDisk(std::uint64_t free_bytes) {
    FillBase();
    std::vector<protocol::SegmentChange> many;
    for (int i = 0; i < 400; ++i) {
      many.push_back(PutRow("m" + std::to_string(i), "[\"" + std::string(1000, 'x') + "\"]"));
    }
    ASSERT_TRUE(harness_.FromTab(1, protocol::ChangeQueries{{Query("big")}, {}}).ok());
    ASSERT_TRUE(harness_
                    .SendPoke(PokeTo(At(5), At(6), {{QueryKey("big"), PipelineID("p2")}}),
                              {MakeSegment("p2", At(6), true, many)})
                    .ok());
    ASSERT_TRUE(harness_.Flush().ok());
    ASSERT_TRUE(harness_.FromTab(1, protocol::ChangeQueries{{}, {QueryKey("big")}}).ok());
    ASSERT_TRUE(harness_.Flush().ok());
    harness_.ForgetMessages();
    disk_.SetCapacity(disk_.used_bytes() + free_bytes);
  }

  /// 8 KB each.
  void PushMutations(MutationID count) {
    protocol::Push push;
    for (MutationID id = 1; id <= count; ++id) {
      push.mutations.push_back(MakeMutation("a", id));
      push.mutations.back().args_json = "\"" + std::string(7000, 'y') + "\"";
    }
    ASSERT_TRUE(harness_.FromTab(1, push).ok());
    const Status flushed = harness_.Flush();
    ASSERT_TRUE(flushed.ok()) << flushed.error().message;
    EXPECT_EQ(harness_.TakeFor<protocol::Logged>(1)[0].mutations.size(), count);
  }
};

TEST_F(RelayFullDiskTest, DropsUnwatchedQueriesNotMutations) {
  FillDisk(550000);  // enough to drop a query, not for the mutations
  PushMutations(100);
  EXPECT_EQ(RowsOnDisk(), 2);  // q1 is watched and stays
  Reopen();
  EXPECT_EQ(harness_.relay().pending(), 100u);
}

TEST_F(RelayFullDiskTest, DropsAllOfBaseWhenThatIsNotEnough) {
  FillDisk(300000);
  PushMutations(60);
  // What is watched is asked for again, whole.
  const auto asked = harness_.TakeForServer<protocol::ChangeQueries>();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].put, (std::vector<protocol::DesiredQuery>{Query("q1", 3)}));
  Reopen();
  EXPECT_EQ(harness_.relay().pending(), 60u);
}

TEST_F(RelayReadingTest, AFailedFlushLeavesEverythingToBeTriedAgain) {
  FillBase();
  for (const DiskFault fault : {DiskFault::kIoError, DiskFault::kNoSpace}) {
    const MutationID id = fault == DiskFault::kIoError ? 1 : 2;
    ASSERT_TRUE(harness_.FromTab(1, protocol::Push{{MakeMutation("a", id)}}).ok());
    for (int i = 0; i < 8; ++i) disk_.FailAt(disk_.operations() + i, fault);
    EXPECT_FALSE(harness_.Flush().ok());
    EXPECT_TRUE(harness_.needs_flush);
    EXPECT_TRUE(harness_.TakeFor<protocol::Logged>(1).empty());
    Status flushed = harness_.Flush();
    for (int i = 0; i < 10 && !flushed.ok(); ++i) flushed = harness_.Flush();
    ASSERT_TRUE(flushed.ok()) << flushed.error().message;
    EXPECT_EQ(harness_.TakeFor<protocol::Logged>(1).size(), 1u);
  }
  Reopen();
  EXPECT_EQ(harness_.relay().pending(), 2u);
}

TEST_F(RelayReadingTest, RefusesAPokeThatDoesNotFit) {
  FillBase();
  EXPECT_FALSE(harness_.SendPoke(PokeTo(At(4), At(6))).ok());
  EXPECT_FALSE(harness_.FromServer(MakeSegment("p1", At(6), false, {})).ok());
}

TEST_F(RelayReadingTest, PassesTokenAndRefusalOn) {
  protocol::Hello hello = harness_.HelloOf("a");
  hello.auth_token = "t1";
  ASSERT_TRUE(harness_.OpenTab(1, hello).ok());
  harness_.relay().OnLinkOpened();
  harness_.Pump();
  EXPECT_EQ(harness_.TakeForServer<protocol::Hello>()[0].auth_token, "t1");
  ASSERT_TRUE(harness_.FromTab(1, protocol::SetAuth{"t2"}).ok());
  EXPECT_EQ(harness_.TakeForServer<protocol::SetAuth>()[0].auth_token, "t2");
  ASSERT_TRUE(
      harness_.FromServer(protocol::Refused{Error{ErrorCode::kUnauthorized, "expired"}}).ok());
  ASSERT_TRUE(harness_.refused.has_value());
  EXPECT_EQ(harness_.refused->code, ErrorCode::kUnauthorized);
}

TEST_F(RelayReadingTest, KeepsGroupsOfTwoPipelinesApart) {
  const auto group = [](const std::string& state) {
    protocol::SegmentChange change;
    change.table = "#0123456789abcdef";
    change.key = RowKey("[true]");
    change.row_json = state;
    return change;
  };
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a", {"q1", "q2"})).ok());
  harness_.Connect(At(5));
  ASSERT_TRUE(harness_
                  .SendPoke(PokeTo({}, At(5),
                                   {{QueryKey("q1"), PipelineID("p1")},
                                    {QueryKey("q2"), PipelineID("p2")}}),
                            {MakeSegment("p1", At(5), true, {group("[true,1]")}),
                             MakeSegment("p2", At(5), true, {group("[true,2]")})})
                  .ok());
  ASSERT_TRUE(harness_.Flush().ok());
  protocol::SegmentChange gone = group("");
  gone.kind = protocol::SegmentChange::Kind::kRemove;
  ASSERT_TRUE(
      harness_
          .SendPoke(PokeTo(At(5), At(6)), {MakeSegment("p1", At(6), false, {group("[true,3]")}),
                                           MakeSegment("p2", At(6), false, {gone})})
          .ok());
  ASSERT_TRUE(harness_.Flush().ok());
  Reopen();
  ASSERT_TRUE(harness_.OpenTab(2, harness_.HelloOf("b", {"q1", "q2"})).ok());
  const auto segments = harness_.TakeFor<Segment>(2);
  ASSERT_EQ(segments.size(), 2u);
  EXPECT_EQ(segments[0].changes, (std::vector<protocol::SegmentChange>{group("[true,3]")}));
  EXPECT_TRUE(segments[1].changes.empty());
  EXPECT_EQ(RowsOnDisk(), 1);
}

}  // namespace
}  // namespace tidemark::relay
