// Claims and what they give: told by the server, kept for the time without it, and what is revoked
// leaves the disk.

#include <gtest/gtest.h>

#include "tests/core/relay/relay_harness.h"

namespace tidemark::relay {
namespace {

using protocol::LinkState;
using protocol::Poke;
using protocol::QueryFailed;
using protocol::SetAuth;

class RelayAuthTest : public ::testing::Test {
 protected:
  RelayAuthTest() : harness_(disk_) {
    EXPECT_TRUE(harness_.Open().ok());
    EXPECT_TRUE(harness_.OpenTab(1, harness_.HelloOf("c1", {"q1"})).ok());
    harness_.Connect(At(5));
    Poke poke;
    poke.to = At(5);
    poke.resolved = {{QueryKey("q1"), PipelineID("p1")}};
    EXPECT_TRUE(harness_
                    .SendPoke(poke, {MakeSegment("p1", At(5), /*reset=*/true,
                                                 {PutRow("a", R"(["a","A"])")})})
                    .ok());
    EXPECT_TRUE(harness_.Flush().ok());
    harness_.ForgetMessages();
  }

  std::int64_t RowsOnDisk() {
    EXPECT_TRUE(harness_.Flush().ok());
    auto select = harness_.base().Cached("SELECT count(*) FROM rows");
    EXPECT_TRUE(select.ok() && (*select)->Step().ok());
    const std::int64_t count = (*select)->Int64(0);
    (*select)->Reset();
    return count;
  }

  testing::FaultyDisk disk_{1};
  RelayHarness harness_;
};

TEST_F(RelayAuthTest, SwapsTheTokenOnTheOpenLink) {
  harness_.relay().SetAuthToken("second");
  harness_.relay().SetAuthToken("second");
  harness_.Pump();
  EXPECT_EQ(harness_.TakeForServer<SetAuth>(), (std::vector<SetAuth>{{"second"}}));
}

TEST_F(RelayAuthTest, TellsNewClaimsToEveryTabAndKeepsThem) {
  ASSERT_TRUE(
      harness_.FromServer(LinkState{"connected", "", R"({"sub":"u1","role":"admin"})"}).ok());
  const auto told = harness_.TakeFor<LinkState>(1);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].auth_json, R"({"sub":"u1","role":"admin"})");
  ASSERT_TRUE(harness_.Flush().ok());
  harness_.Close();
  ASSERT_TRUE(harness_.Open().ok());
  ASSERT_TRUE(harness_.OpenTab(1, harness_.HelloOf("c1")).ok());
  EXPECT_EQ(harness_.TakeFor<protocol::Welcome>(1).at(0).auth_json,
            R"({"sub":"u1","role":"admin"})");
}

TEST_F(RelayAuthTest, ForgetsTheRowsOfAQueryThatIsGone) {
  EXPECT_EQ(RowsOnDisk(), 1);
  Poke poke;
  poke.from = poke.to = At(5);
  poke.gone = {QueryKey("q1")};
  ASSERT_TRUE(harness_.SendPoke(poke).ok());
  ASSERT_TRUE(harness_.FromServer(QueryFailed{QueryKey("q1"), Error{ErrorCode::kApp, "no"}}).ok());
  EXPECT_EQ(harness_.TakeFor<Poke>(1).at(0).gone, (std::vector<QueryKey>{QueryKey("q1")}));
  EXPECT_EQ(harness_.TakeFor<QueryFailed>(1).size(), 1u);
  EXPECT_EQ(RowsOnDisk(), 0);
}

TEST_F(RelayAuthTest, ForgetsTheRowsOfAQueryThatTheAppRefuses) {
  ASSERT_TRUE(harness_.FromServer(QueryFailed{QueryKey("q1"), Error{ErrorCode::kApp, "no"}}).ok());
  EXPECT_EQ(RowsOnDisk(), 0);
}

TEST_F(RelayAuthTest, ForgetsTheRowsThatAnotherTreeDoesNotGive) {
  Poke poke;
  poke.from = poke.to = At(5);
  poke.resolved = {{QueryKey("q1"), PipelineID("p2")}};
  ASSERT_TRUE(
      harness_
          .SendPoke(poke, {MakeSegment("p2", At(5), /*reset=*/true, {PutRow("b", R"(["b","B"])")})})
          .ok());
  EXPECT_EQ(harness_.TakeFor<Poke>(1).at(0).resolved.at(0).pipeline, PipelineID("p2"));
  EXPECT_EQ(RowsOnDisk(), 1);
  EXPECT_EQ(harness_.relay().TakeOutput().to_server.size(), 0u);
}

}  // namespace
}  // namespace tidemark::relay
