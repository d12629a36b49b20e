// Base against the server: what it says of its rows in a comparison, and what becomes of rows that
// are not the server's (altered on the way, or by the disk).

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/protocol/member_hash.h"
#include "tests/core/relay/relay_harness.h"

namespace tidemark::relay {
namespace {

using protocol::ChangeQueries;
using protocol::Compare;
using protocol::Members;
using protocol::Poke;
using protocol::ResolvedQuery;
using protocol::Segment;
using protocol::Sums;
using protocol::Want;
using testing::FaultyDisk;

constexpr std::uint32_t kBuckets = 64;
const protocol::SegmentChange kA = PutRow("a", R"(["a","first",true])");
const protocol::SegmentChange kB = PutRow("b", R"(["b","second",false])");
const protocol::SegmentChange kC = PutRow("c", R"(["c","third",false])");
const PipelineID kPipeline("p1");

std::uint32_t KeyHash(const protocol::SegmentChange& row) {
  return protocol::HashKey(row.table, row.key);
}

std::uint32_t RowHash(const protocol::SegmentChange& row) {
  return protocol::ShortRowHash(model::HashRowText(row.table, row.row_json).low);
}

std::vector<std::uint32_t> SumsOf(const std::vector<protocol::SegmentChange>& rows) {
  std::vector<std::uint32_t> sums(kBuckets, 0);
  for (const auto& row : rows) sums[protocol::BucketOf(KeyHash(row), kBuckets)] += RowHash(row);
  return sums;
}

/// Tab 1 watches q1 (p1: rows a and b) and q2 (p2: row c) at version 5, durably.
class RelayComparisonTest : public ::testing::Test {
 protected:
  RelayComparisonTest() : disk_(1), harness_(disk_) {
    TIDEMARK_CHECK(harness_.Open().ok());
    EXPECT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a", {"q1", "q2"})).ok());
    harness_.Connect(At(5));
    EXPECT_TRUE(
        Send({}, At(5), {{QueryKey("q1"), kPipeline}, {QueryKey("q2"), PipelineID("p2")}},
             {MakeSegment("p1", At(5), true, {kA, kB}), MakeSegment("p2", At(5), true, {kC})})
            .ok());
    EXPECT_TRUE(harness_.Flush().ok());
    harness_.ForgetMessages();
  }

  Status Send(Version from, Version to, std::vector<ResolvedQuery> resolved,
              const std::vector<Segment>& segments) {
    Poke poke;
    poke.from = std::move(from);
    poke.to = std::move(to);
    poke.resolved = std::move(resolved);
    return harness_.SendPoke(poke, segments);
  }

  void Reopen() {
    harness_.Close();
    harness_.ForgetMessages();
    ASSERT_TRUE(harness_.Open().ok());
  }

  void Alter(const std::string& sql) {
    const Status altered = harness_.base().Execute(sql);
    ASSERT_TRUE(altered.ok()) << altered.error().message;
  }

  std::int64_t Count(const std::string& table) {
    auto statement = harness_.base().Prepare("SELECT count(*) FROM " + table);
    TIDEMARK_CHECK(statement.ok() && *statement->Step());
    return statement->Int64(0);
  }

  /// A tab that opens with the server away is shown these rows of q1, and base does not vouch for
  /// them; the server is then asked for the difference, and nothing else is wrong.
  void ExpectShownAndAskedFor(const std::vector<protocol::SegmentChange>& rows) {
    ASSERT_TRUE(harness_.OpenTab(7, harness_.HelloOf("z", {"q1", "q2"})).ok());
    EXPECT_EQ(harness_.TakeFor<Poke>(7).at(0).resolved,
              (std::vector<ResolvedQuery>{{QueryKey("q1"), kPipeline, false},
                                          {QueryKey("q2"), PipelineID("p2"), true}}));
    const auto segments = harness_.TakeFor<Segment>(7);
    ASSERT_EQ(segments.size(), 2u);
    EXPECT_EQ(segments[0].changes, rows);
    harness_.Connect(At(6));
    const auto hello = harness_.TakeForServer<protocol::Hello>();
    EXPECT_EQ(hello.at(0).queries.at(0).have->fingerprint.low, FingerprintOf(rows).low);
    EXPECT_EQ(hello.at(0).queries.at(1).have->fingerprint, FingerprintOf({kC}));
    ASSERT_TRUE(harness_.FromServer(Compare{1, kPipeline, kBuckets}).ok());
    EXPECT_EQ(harness_.TakeForServer<Sums>(), (std::vector<Sums>{{1, SumsOf(rows)}}));
  }

  /// The server's answer to that: the rows that lack, and then all is as it should be.
  void ExpectRepairedBy(const std::vector<protocol::SegmentChange>& missing) {
    ASSERT_TRUE(Send(At(5), At(6),
                     {{QueryKey("q1"), kPipeline}, {QueryKey("q2"), PipelineID("p2")}},
                     {MakeSegment("p1", At(6), false, missing, {kA, kB})})
                    .ok());
    EXPECT_TRUE(harness_.TakeFor<Poke>(7).at(0).resolved.at(0).complete);
    ASSERT_TRUE(harness_.Flush().ok());
    EXPECT_TRUE(harness_.TakeForServer<ChangeQueries>().empty());
    Reopen();
    ASSERT_TRUE(harness_.OpenTab(8, harness_.HelloOf("y", {"q1"})).ok());
    EXPECT_TRUE(harness_.TakeFor<Poke>(8).at(0).resolved.at(0).complete);
    const auto segments = harness_.TakeFor<Segment>(8);
    EXPECT_EQ(segments.at(0).changes.size(), 2u);
    EXPECT_EQ(segments.at(0).fingerprint, FingerprintOf({kA, kB}));
  }

  FaultyDisk disk_;
  RelayHarness harness_;
};

TEST_F(RelayComparisonTest, SaysWhatBaseHolds) {
  Reopen();
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("a", {"q1"})).ok());
  harness_.Connect(At(6));
  harness_.ForgetMessages();
  ASSERT_TRUE(harness_.FromServer(Compare{1, kPipeline, kBuckets}).ok());
  EXPECT_EQ(harness_.TakeForServer<Sums>(), (std::vector<Sums>{{1, SumsOf({kA, kB})}}));
  const std::uint32_t bucket = protocol::BucketOf(KeyHash(kB), kBuckets);
  ASSERT_NE(bucket, protocol::BucketOf(KeyHash(kA), kBuckets));
  ASSERT_TRUE(harness_.FromServer(Want{1, kPipeline, kBuckets, {bucket}}).ok());
  EXPECT_EQ(harness_.TakeForServer<Members>(),
            (std::vector<Members>{{1, {KeyHash(kB), RowHash(kB)}}}));
  EXPECT_TRUE(harness_.TakeAllFor(1).empty()) << "none of it concerns a tab";

  // b is not the server's, c is new.
  Segment difference = MakeSegment("p1", At(6), false, {kC}, {kA, kC});
  difference.left = {KeyHash(kB)};
  ASSERT_TRUE(Send(At(5), At(6), {{QueryKey("q1"), kPipeline}}, {difference}).ok());
  EXPECT_EQ(harness_.TakeFor<Segment>(1), (std::vector<Segment>{difference}));
  ASSERT_TRUE(harness_.Flush().ok());
  EXPECT_TRUE(harness_.TakeForServer<ChangeQueries>().empty());
  EXPECT_EQ(Count("rows"), 2);
  ASSERT_TRUE(harness_.OpenTab(2, harness_.HelloOf("b", {"q1"})).ok());
  EXPECT_EQ(harness_.TakeFor<Segment>(2).at(0).changes.size(), 2u);
}

TEST_F(RelayComparisonTest, SaysThatBaseHoldsNothing) {
  ASSERT_TRUE(harness_.FromServer(Compare{3, PipelineID("other"), kBuckets}).ok());
  ASSERT_TRUE(harness_.FromServer(Want{4, PipelineID("other"), kBuckets, {1}}).ok());
  EXPECT_EQ(harness_.TakeForServer<Sums>(), (std::vector<Sums>{{3, {}}, {4, {}}}));
  EXPECT_FALSE(harness_.FromServer(Compare{5, kPipeline, 0}).ok());
  EXPECT_FALSE(harness_.FromServer(Want{5, kPipeline, protocol::kBucketsMax + 1, {}}).ok());
}

TEST_F(RelayComparisonTest, ARowAlteredOnTheWayIsAskedForWithThatQueryAlone) {
  const auto send_altered = [&](std::uint64_t position, std::vector<ResolvedQuery> resolved) {
    const Segment altered =
        MakeSegment("p1", At(position), false, {PutRow("a", R"(["a","altered",true])")}, {kA, kB});
    ASSERT_TRUE(Send(At(position - 1), At(position), std::move(resolved), {altered}).ok());
    ASSERT_TRUE(harness_.Flush().ok());
  };
  send_altered(6, {});
  auto asked = harness_.TakeForServer<ChangeQueries>();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].remove, (std::vector<QueryKey>{QueryKey("q1")}));
  ASSERT_EQ(asked[0].put.size(), 1u);
  EXPECT_TRUE(asked[0].put[0].have.has_value());
  // That did not help: all of it, and if that does not either, it is left alone.
  send_altered(7, {{QueryKey("q1"), kPipeline, true, asked[0].put[0].ask}});
  asked = harness_.TakeForServer<ChangeQueries>();
  ASSERT_EQ(asked.size(), 1u);
  ASSERT_EQ(asked[0].put.size(), 1u);
  EXPECT_EQ(asked[0].put[0].key, QueryKey("q1"));
  EXPECT_FALSE(asked[0].put[0].have.has_value());
  ASSERT_TRUE(Send(At(7), At(8), {{QueryKey("q1"), kPipeline, true, asked[0].put[0].ask}},
                   {MakeSegment("p1", At(8), true, {kA}, {kA, kB})})
                  .ok());
  ASSERT_TRUE(harness_.Flush().ok());
  EXPECT_TRUE(harness_.TakeForServer<ChangeQueries>().empty());
}

TEST_F(RelayComparisonTest, ARowThatTheDiskAlteredIsNotShownAndAskedForAlone) {
  Reopen();
  Alter(R"(UPDATE rows SET json = '["a","altered",true]' WHERE key = '["a"]')");
  ExpectShownAndAskedFor({kB});
  ExpectRepairedBy({kA});
}

TEST_F(RelayComparisonTest, ARowThatTheDiskLostIsAskedForAlone) {
  Reopen();
  Alter(R"(DELETE FROM rows WHERE key = '["a"]')");
  ExpectShownAndAskedFor({kB});
  ExpectRepairedBy({kA});
}

TEST_F(RelayComparisonTest, AHashThatTheDiskAlteredIsFoundInTheComparison) {
  Reopen();
  Alter(R"(UPDATE member SET hash = hash + 1 WHERE row =
           (SELECT id FROM rows WHERE key = '["a"]'))");
  ASSERT_TRUE(harness_.OpenTab(7, harness_.HelloOf("z", {"q1"})).ok());
  EXPECT_FALSE(harness_.TakeFor<Poke>(7).at(0).resolved.at(0).complete);
  EXPECT_EQ(harness_.TakeFor<Segment>(7).at(0).changes.size(), 2u);
  harness_.Connect(At(6));
  EXPECT_NE(harness_.TakeForServer<protocol::Hello>().at(0).queries.at(0).have->fingerprint.low,
            FingerprintOf({kA, kB}).low);
  ExpectRepairedBy({kA});
}

TEST_F(RelayComparisonTest, FindsTheDiskAtFaultWhileTheServerIsThere) {
  Alter(R"(UPDATE rows SET json = '["a","altered",true]' WHERE key = '["a"]')");
  ASSERT_TRUE(harness_.OpenTab(7, harness_.HelloOf("z", {"q1"})).ok());
  EXPECT_EQ(harness_.TakeFor<Segment>(7).at(0).changes, (std::vector{kB}));
  const auto asked = harness_.TakeForServer<ChangeQueries>();
  ASSERT_EQ(asked.size(), 1u);
  ASSERT_EQ(asked[0].put.size(), 1u);
  EXPECT_EQ(asked[0].put[0].key, QueryKey("q1"));
  EXPECT_TRUE(asked[0].put[0].have.has_value());
  EXPECT_TRUE(harness_.TakeAllFor(1).empty()) << "whoever has the rows is not bothered";
}

TEST_F(RelayComparisonTest, ATabWhoseRowsDidNotComeOutGetsThoseOfBase) {
  ASSERT_TRUE(harness_.FromTab(1, ChangeQueries{{Query("q1", 9)}, {}}).ok());
  EXPECT_EQ(harness_.TakeFor<Poke>(1).at(0).resolved,
            (std::vector<ResolvedQuery>{{QueryKey("q1"), kPipeline, true, 9}}));
  EXPECT_EQ(harness_.TakeFor<Segment>(1).at(0), MakeSegment("p1", At(5), true, {kA, kB}));
  EXPECT_TRUE(harness_.TakeForServer<ChangeQueries>().empty());
}

}  // namespace
}  // namespace tidemark::relay
