// How long rows stay on the disk when nobody wants them: a query's ttl behind the last tab, also of
// tabs that went without a word; then they leave, and their space with them.

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/relay/base_store.h"
#include "tests/core/relay/relay_harness.h"

namespace tidemark::relay {
namespace {

using protocol::ChangeQueries;
using protocol::DesiredQuery;
using protocol::Poke;

constexpr std::uint64_t kStart = 1'700'000'000'000;
constexpr std::uint64_t kHourMs = 3'600'000;
constexpr std::uint32_t kHourS = 3600;

class RelayTtlTest : public ::testing::Test {
 protected:
  RelayTtlTest() : disk_(1), harness_(disk_) { Open(kStart); }

  void Open(std::uint64_t now_ms) {
    harness_.Close();
    harness_.ForgetMessages();
    TIDEMARK_CHECK(harness_.Open().ok());
    Tick(now_ms);
  }

  void Tick(std::uint64_t now_ms) {
    harness_.relay().Tick(now_ms);
    TIDEMARK_CHECK(harness_.Flush().ok());
  }

  static DesiredQuery Wish(const std::string& key, std::uint32_t ttl, std::uint32_t ask = 1) {
    DesiredQuery query = Query(key, ask);
    query.ttl = ttl;
    return query;
  }

  /// The tab wants q1, with `rows` rows.
  void Fill(std::uint32_t ttl, int rows = 2) {
    protocol::Hello hello = harness_.HelloOf("a");
    hello.queries = {Wish("q1", ttl)};
    ASSERT_TRUE(harness_.OpenTab(1, hello).ok());
    harness_.Connect(At(5));
    std::vector<protocol::SegmentChange> puts;
    for (int i = 0; i < rows; ++i) {
      puts.push_back(PutRow("r" + std::to_string(i), "[\"" + std::string(500, 'x') + "\"]"));
    }
    Poke poke;
    poke.to = At(5);
    poke.resolved = {{QueryKey("q1"), PipelineID("p1")}};
    ASSERT_TRUE(harness_.SendPoke(poke, {MakeSegment("p1", At(5), true, puts)}).ok());
    ASSERT_TRUE(harness_.Flush().ok());
  }

  std::int64_t RowsOnDisk() {
    auto statement = harness_.base().Prepare("SELECT count(*) FROM rows");
    TIDEMARK_CHECK(statement.ok() && *statement->Step());
    return statement->Int64(0);
  }

  testing::FaultyDisk disk_;
  RelayHarness harness_;
};

TEST_F(RelayTtlTest, KeepsRowsForTheTtlBehindATabThatWentWithoutAWord) {
  Fill(24 * kHourS);
  Open(kStart + 24 * kHourMs);
  EXPECT_EQ(RowsOnDisk(), 2);
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("b", {"q1"})).ok());
  EXPECT_EQ(harness_.TakeFor<protocol::Segment>(1).size(), 1u);
}

TEST_F(RelayTtlTest, DropsRowsBehindTheTtl) {
  Fill(24 * kHourS);
  Open(kStart + 24 * kHourMs + 2 * kTickMs);
  EXPECT_EQ(RowsOnDisk(), 0);
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("b", {"q1"})).ok());
  EXPECT_TRUE(harness_.TakeFor<protocol::Segment>(1).empty());
}

TEST_F(RelayTtlTest, ATtlBeginsWhenTheQueryIsWantedNoMore) {
  Fill(kHourS);
  Tick(kStart + 50 * kHourMs);
  EXPECT_EQ(RowsOnDisk(), 2);
  ASSERT_TRUE(harness_.FromTab(1, ChangeQueries{{}, {QueryKey("q1")}}).ok());
  Tick(kStart + 51 * kHourMs);
  EXPECT_EQ(RowsOnDisk(), 2);
  Tick(kStart + 51 * kHourMs + 2 * kTickMs);
  EXPECT_EQ(RowsOnDisk(), 0);
}

TEST_F(RelayTtlTest, NotesTheTimeOfWhatIsWantedWithoutAnythingElseToWrite) {
  Fill(kHourS);
  Tick(kStart + 50 * kHourMs);
  Open(kStart + 51 * kHourMs);
  EXPECT_EQ(RowsOnDisk(), 2);
}

TEST_F(RelayTtlTest, KeepsRowsForAMonthIfNothingIsSaid) {
  Fill(0);
  Open(kStart + 29 * 24 * kHourMs);
  EXPECT_EQ(RowsOnDisk(), 2);
  Open(kStart + 31 * 24 * kHourMs);
  EXPECT_EQ(RowsOnDisk(), 0);
}

TEST_F(RelayTtlTest, TheLongestWishCounts) {
  Fill(kHourS);
  // The same asking with another ttl is no new one: nothing is sent, up or down.
  harness_.ForgetMessages();
  ASSERT_TRUE(harness_.FromTab(1, ChangeQueries{{Wish("q1", 10 * kHourS)}, {}}).ok());
  EXPECT_TRUE(harness_.TakeForServer<ChangeQueries>().empty());
  EXPECT_TRUE(harness_.TakeFor<Poke>(1).empty());
  protocol::Hello second = harness_.HelloOf("b");
  second.queries = {Wish("q1", 2 * kHourS)};
  ASSERT_TRUE(harness_.OpenTab(2, second).ok());
  ASSERT_TRUE(harness_.Flush().ok());
  Open(kStart + 10 * kHourMs);
  EXPECT_EQ(RowsOnDisk(), 2);
  // Of an earlier session's wishes none counts.
  protocol::Hello later = harness_.HelloOf("c");
  later.queries = {Wish("q1", kHourS)};
  ASSERT_TRUE(harness_.OpenTab(1, later).ok());
  ASSERT_TRUE(harness_.Flush().ok());
  Tick(kStart + 10 * kHourMs + 1);
  Open(kStart + 11 * kHourMs + 3 * kTickMs);
  EXPECT_EQ(RowsOnDisk(), 0);
}

TEST_F(RelayTtlTest, TheServerHearsNothingOfIt) {
  protocol::Hello hello = harness_.HelloOf("a");
  hello.queries = {Wish("q1", kHourS)};
  ASSERT_TRUE(harness_.OpenTab(1, hello).ok());
  harness_.Connect(At(5));
  ASSERT_TRUE(harness_.FromTab(1, ChangeQueries{{Wish("q2", kHourS)}, {}}).ok());
  EXPECT_EQ(harness_.TakeForServer<protocol::Hello>().at(0).queries.at(0).ttl, 0u);
  EXPECT_EQ(harness_.TakeForServer<ChangeQueries>().at(0).put.at(0).ttl, 0u);
}

TEST_F(RelayTtlTest, GivesTheSpaceBack) {
  Fill(kHourS, 2000);
  const std::uint64_t full = disk_.used_bytes();
  Open(kStart + 2 * kHourMs);
  EXPECT_LT(disk_.used_bytes(), full / 4);
}

}  // namespace
}  // namespace tidemark::relay
