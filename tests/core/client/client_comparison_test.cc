// What the page holds that is not what the upstream says, and what it says about it.

#include <algorithm>
#include <string>
#include <vector>

#include "core/protocol/member_hash.h"
#include "tests/core/client/test_page.h"

namespace tidemark::client {
namespace {

using protocol::Compare;
using protocol::Members;
using protocol::Segment;
using protocol::Sums;
using protocol::Want;

const PipelineID& kPipeline = ScriptedUpstream::kPipeline;

std::uint32_t KeyHash(const std::string& id) {
  return protocol::HashKey("todo", RowKey("[\"" + id + "\"]"));
}

std::uint32_t RowHash(const TestPage& page, const ScriptedUpstream::Change& change) {
  return protocol::ShortRowHash(
      HashRow("todo", RowFromJsonText(page.schema().table(0), change.row_json).value()).low);
}

TEST(ClientComparisonTest, SaysWhatItHolds) {
  TestPage page;
  page.Watch();
  page.Connect();
  const std::vector<ScriptedUpstream::Change> rows = {PutTodo("a", "Milk"), PutTodo("b", "Bread")};
  page.ServeAllTodos(rows);
  page.Mutate("add", R"(["c","not confirmed"])");
  page.TakeSent();
  page.Receive(Compare{5, kPipeline, 64});
  std::vector<std::uint32_t> expected(64, 0);
  for (const auto& row : rows) {
    expected[protocol::BucketOf(KeyHash(row.id), 64)] += RowHash(page, row);
  }
  EXPECT_EQ(page.TakeSentOf<Sums>(), (std::vector<Sums>{{5, expected}}));
  const std::uint32_t bucket = protocol::BucketOf(KeyHash("b"), 64);
  ASSERT_NE(bucket, protocol::BucketOf(KeyHash("a"), 64));
  page.Receive(Want{5, kPipeline, 64, {bucket}});
  EXPECT_EQ(page.TakeSentOf<Members>(),
            (std::vector<Members>{{5, {KeyHash("b"), RowHash(page, rows[1])}}}));
}

TEST(ClientComparisonTest, SaysThatItHoldsNothing) {
  TestPage page;
  page.Watch();
  page.Connect();
  page.Receive(Compare{5, PipelineID("unknown"), 64});
  page.Receive(Want{6, PipelineID("unknown"), 64, {1}});
  EXPECT_EQ(page.TakeSentOf<Sums>(), (std::vector<Sums>{{5, {}}, {6, {}}}));
}

TEST(ClientComparisonTest, AsksForAllOfItWhereTheAnswerWouldBeTooLarge) {
  protocol::Limits limits;
  limits.message_bytes_max = 144;
  TestPage page("group", limits);
  page.Watch();
  page.Connect();
  page.ServeAllTodos({PutTodo("a", "Milk"), PutTodo("b", "Bread")});
  page.TakeSent();
  std::vector<std::uint32_t> all(16, 0);
  for (std::uint32_t bucket = 0; bucket < all.size(); ++bucket) all[bucket] = bucket;
  page.Receive(Want{5, kPipeline, 16, all});
  EXPECT_EQ(page.TakeSentOf<Sums>(), (std::vector<Sums>{{5, {}}}));
}

TEST(ClientComparisonTest, RefusesAComparisonThatMakesNoSense) {
  TestPage page;
  page.Connect();
  for (const std::uint32_t buckets : {0u, protocol::kBucketsMax + 1}) {
    EXPECT_EQ(page.ReceiveFails(Compare{5, kPipeline, buckets}).code, ErrorCode::kInvalidArgs);
    EXPECT_EQ(page.ReceiveFails(Want{5, kPipeline, buckets, {}}).code, ErrorCode::kInvalidArgs);
  }
}

/// A page with two queries on different pipelines, all todos and the first of them.
class ClientRepairTest : public ::testing::Test {
 protected:
  ClientRepairTest() {
    page_.Watch();
    page_.Watch(R"({"table":"todo","orderBy":[["rank","asc"]],"limit":1})", "first");
    page_.Connect();
    const std::vector<protocol::Hello> hello = page_.TakeSentOf<protocol::Hello>();
    for (const protocol::DesiredQuery& query : hello.back().queries) {
      (query.name == "all" ? all_ : first_) = query.key;
    }
    std::vector<protocol::Message> poke =
        page_.upstream().Poke({{PutTodo("a", "Milk")},
                               {},
                               {},
                               {{all_, kPipeline, true}, {first_, PipelineID("first"), true}},
                               /*reset=*/true});
    std::get<protocol::Poke>(poke[0]).segments = 2;
    Segment first = std::get<Segment>(poke[1]);
    first.pipeline = PipelineID("first");
    poke.emplace_back(first);
    for (const protocol::Message& message : poke) page_.Receive(message);
    page_.TakeSent();
  }

  /// A poke whose rows are altered on the way.
  void ReceiveAltered(const ScriptedUpstream::Change& change, const std::string& altered) {
    std::vector<protocol::Message> poke = page_.upstream().Poke({{change}});
    std::get<Segment>(poke[1]).changes[0].row_json = altered;
    for (const protocol::Message& message : poke) page_.Receive(message);
  }

  TestPage page_;
  QueryKey all_;
  QueryKey first_;
};

TEST_F(ClientRepairTest, AsksForTheDifferenceOfThatQueryAlone) {
  ReceiveAltered(PutTodo("b", "Bread", 1), Todo("b", "Brexd", 1));
  EXPECT_EQ(page_.Titles(1), "Milk, Brexd");
  EXPECT_EQ(page_.Last(1).status, ViewStatus::kPartial);
  EXPECT_EQ(page_.Last(2).status, ViewStatus::kComplete);
  const auto asked = page_.TakeSentOf<protocol::ChangeQueries>();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_TRUE(asked[0].remove.empty());
  ASSERT_EQ(asked[0].put.size(), 1u);
  EXPECT_EQ(asked[0].put[0].key, all_);
  ASSERT_TRUE(asked[0].put[0].have.has_value());

  // The upstream compares; what it sends is the row that differs, and a key that it does not know.
  page_.Receive(Compare{1, kPipeline, 16});
  ASSERT_EQ(page_.TakeSentOf<Sums>().size(), 1u);
  std::vector<protocol::Message> poke = page_.upstream().Poke(
      {{PutTodo("b", "Bread", 1)}, {}, {}, {{all_, kPipeline, true, asked[0].put[0].ask}}});
  std::get<Segment>(poke[1]).left = {KeyHash("unknown")};
  for (const protocol::Message& message : poke) page_.Receive(message);
  EXPECT_EQ(page_.Titles(1), "Milk, Bread");
  EXPECT_EQ(page_.Last(1).status, ViewStatus::kComplete);
  EXPECT_TRUE(page_.TakeSentOf<protocol::ChangeQueries>().empty());
  // The next difference is asked for as the first one was.
  ReceiveAltered(PutTodo("c", "Cheese", 2), Todo("c", "Chxxse", 2));
  EXPECT_TRUE(page_.TakeSentOf<protocol::ChangeQueries>().at(0).put.at(0).have.has_value());
}

TEST_F(ClientRepairTest, LeavesARowAsItIsThatAPatchIsNotOf) {
  page_.Receive(ScriptedUpstream::Step{{PutTodo("b", "Bread", 1)}});
  page_.TakeSent();
  std::vector<protocol::Message> poke = page_.upstream().Poke({{PutTodo("b", "Rye bread", 1)}});
  protocol::SegmentChange patch{protocol::SegmentChange::Kind::kPatch, "todo", RowKey(R"(["b"])")};
  patch.columns = {{1, R"("Rye bread")", false}};
  patch.hash_before = 1;
  patch.hash_after = 2;
  std::get<Segment>(poke[1]).changes = {patch};
  for (const protocol::Message& message : poke) page_.Receive(message);
  EXPECT_EQ(page_.Titles(1), "Milk, Bread");
  EXPECT_EQ(page_.Last(1).status, ViewStatus::kPartial);
  EXPECT_EQ(page_.Last(2).status, ViewStatus::kComplete);
  const auto asked = page_.TakeSentOf<protocol::ChangeQueries>();
  ASSERT_EQ(asked.size(), 1u);
  ASSERT_EQ(asked[0].put.size(), 1u);
  EXPECT_EQ(asked[0].put[0].key, all_);
}

TEST_F(ClientRepairTest, ForgetsRowsThatTheUpstreamKnowsByTheirHashOnly) {
  page_.Receive(ScriptedUpstream::Step{{PutTodo("b", "Bread", 1)}});
  std::vector<protocol::Message> poke = page_.upstream().Poke({{{"b", ""}}});
  Segment& segment = std::get<Segment>(poke[1]);
  segment.changes.clear();
  segment.left = {KeyHash("b")};
  for (const protocol::Message& message : poke) page_.Receive(message);
  EXPECT_EQ(page_.Titles(1), "Milk");
  EXPECT_TRUE(page_.TakeSentOf<protocol::ChangeQueries>().empty()) << "the fingerprint fits";
}

TEST_F(ClientRepairTest, AsksForAllOfItThenAndStops) {
  for (const bool with_have : {true, false}) {
    ReceiveAltered(PutTodo("b", "Bread", 1), Todo("b", "Brexd", 1));
    const auto asked = page_.TakeSentOf<protocol::ChangeQueries>();
    ASSERT_EQ(asked.size(), 1u);
    EXPECT_EQ(asked[0].put.at(0).have.has_value(), with_have);
    page_.Receive({{}, {}, {}, {{all_, kPipeline, true, asked[0].put[0].ask}}});
  }
  ReceiveAltered(PutTodo("b", "Bread", 1), Todo("b", "Brexd", 1));
  EXPECT_TRUE(page_.TakeSentOf<protocol::ChangeQueries>().empty());
}

}  // namespace
}  // namespace tidemark::client
