// Sessions that hold an older result than the hub remembers: they are asked what they hold, and get
// what they lack.

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/protocol/codec.h"
#include "tests/core/hub/hub_world.h"

namespace tidemark::hub {
namespace {

const char kAll[] = R"({"table":"todo"})";
const char kOpen[] = R"({"table":"todo","where":{"op":"=","column":"done","value":false}})";
const QueryKey kAllKey{kAll};

std::vector<model::Row> Todos(int from, int count, const std::string& title = "title") {
  std::vector<model::Row> rows;
  for (int i = from; i < from + count; ++i) {
    rows.push_back(Todo("t" + std::to_string(i), title + " " + std::to_string(i), false, i));
  }
  return rows;
}

/// A world whose hub has been started anew since `earlier` had the result of kAll, of 200 todos.
class HubComparisonTest : public ::testing::Test {
 protected:
  HubComparisonTest() {
    world_.Commit(Todos(0, 200));
    const SessionID session = world_.Open({.queries = {Desired(kAll)}});
    world_.ResolveAll();
    earlier_.emplace(world_.receiver(session));
    world_.Close(session);
    world_.Restart();
  }

  SessionID ComeBack(std::vector<protocol::DesiredQuery> others = {}) {
    HubWorld::OpenOptions options;
    options.base = earlier_->version;
    options.queries = {Desired(kAll, earlier_->have(kAllKey))};
    options.queries.insert(options.queries.end(), others.begin(), others.end());
    const SessionID session = world_.Open(std::move(options));
    world_.receiver(session).TakeUp(*earlier_);
    return session;
  }

  void ExpectAll(SessionID session) {
    EXPECT_EQ(world_.receiver(session).rows(kAllKey), world_.Expected(kAll, world_.schema()));
  }

  HubWorld world_;
  std::optional<Receiver> earlier_;
};

TEST_F(HubComparisonTest, SendsOnlyWhatDiffers) {
  world_.Commit(Todos(198, 4, "other"), {"t0", "t1"});
  const SessionID session = ComeBack();
  world_.ResolveAll();
  Receiver& receiver = world_.receiver(session);
  EXPECT_EQ(receiver.pokes, 0) << "until it is known what it holds";
  world_.AnswerAll(session);
  EXPECT_EQ(receiver.pokes, 1);
  ASSERT_EQ(receiver.segments.size(), 1u);
  EXPECT_FALSE(receiver.segments[0].reset);
  EXPECT_EQ(receiver.segments[0].changes.size(), 4u);
  EXPECT_EQ(receiver.segments[0].left.size(), 2u);
  ExpectAll(session);
  world_.Commit(Todos(7, 1, "live"));
  ExpectAll(session);
}

TEST_F(HubComparisonTest, SendsNothingWhenNothingDiffers) {
  const SessionID session = ComeBack();
  world_.ResolveAll();
  EXPECT_TRUE(world_.receiver(session).asked.empty());
  EXPECT_EQ(world_.receiver(session).pokes, 1);
  EXPECT_TRUE(world_.receiver(session).segments.empty());
}

TEST_F(HubComparisonTest, CountsWhatChangesBetweenTheSteps) {
  world_.Commit(Todos(0, 3, "before"));
  const SessionID session = ComeBack();
  world_.ResolveAll();
  world_.Commit(Todos(2, 2, "before the sums"), {"t9"});
  EXPECT_TRUE(world_.AnswerOne(session));
  world_.Commit(Todos(3, 30, "after the sums"), {"t10", "t11"});
  world_.AnswerAll(session);
  EXPECT_EQ(world_.receiver(session).pokes, 1);
  EXPECT_FALSE(world_.receiver(session).segments[0].reset);
  ExpectAll(session);
}

TEST_F(HubComparisonTest, TellsOtherQueriesOnWhenTheComparedOneWasNotOfTheHello) {
  world_.Commit(Todos(0, 3, "other"));
  const SessionID session = world_.Open({.base = earlier_->version, .queries = {Desired(kOpen)}});
  Receiver& receiver = world_.receiver(session);
  receiver.TakeUp(*earlier_);
  world_.ResolveAll();
  world_.Put(session, kAll, earlier_->have(kAllKey));
  world_.ResolveAll();
  world_.Commit(Todos(5, 1, "meanwhile"));
  EXPECT_EQ(receiver.rows(QueryKey(kOpen)), world_.Expected(kOpen, world_.schema()));
  EXPECT_FALSE(receiver.has(kAllKey));
  world_.AnswerAll(session);
  ExpectAll(session);
  EXPECT_EQ(receiver.segments.back().changes.size(), 4u);
}

TEST_F(HubComparisonTest, ComparesOnceForAllQueriesOfOneResult) {
  world_.Commit(Todos(0, 3, "other"));
  protocol::DesiredQuery twin = Desired(kAll, earlier_->have(kAllKey));
  twin.key = QueryKey("twin");
  const SessionID session = ComeBack({twin});
  world_.ResolveAll();
  Receiver& receiver = world_.receiver(session);
  EXPECT_EQ(receiver.asked.size(), 1u);
  world_.AnswerAll(session);
  EXPECT_EQ(receiver.segments.size(), 1u);
  EXPECT_TRUE(receiver.has(kAllKey));
  EXPECT_TRUE(receiver.has(QueryKey("twin")));
  ExpectAll(session);
}

TEST_F(HubComparisonTest, ReadsOnceForACrowdThatComesBack) {
  world_.Commit(Todos(0, 3, "other"));
  world_.HoldJobs();
  std::vector<SessionID> sessions;
  for (int i = 0; i < 40; ++i) sessions.push_back(ComeBack());
  world_.ResolveAll();
  world_.FinishJobs();  // which make the result known
  for (const SessionID session : sessions) world_.AnswerAll(session);
  EXPECT_EQ(world_.jobs(), 1u) << "of the first to answer";
  world_.Close(sessions[5]);
  int readings = 0;
  for (; world_.jobs() > 0; ++readings) {
    world_.RunJob();
    world_.Commit(Todos(50 + readings, 1, "while they wait"));
    world_.GiveBack();
  }
  EXPECT_EQ(readings, 3) << "the first one's, a full one, and the rest";
  for (const SessionID session : sessions) {
    if (session == sessions[5]) continue;
    EXPECT_FALSE(world_.receiver(session).segments.at(0).reset);
    ExpectAll(session);
  }
}

TEST_F(HubComparisonTest, RemembersWhatChangesWhileItIsRead) {
  world_.Commit(Todos(0, 3, "other"));
  world_.HoldJobs();
  const SessionID session = ComeBack();
  world_.ResolveAll();
  world_.FinishJobs();
  world_.AnswerAll(session);
  world_.RunJob();
  const protocol::Limits limits;
  for (std::size_t changed = 0; changed <= limits.recent_row_changes_max; changed += 200) {
    world_.Commit(Todos(0, 200, "after " + std::to_string(changed)));
  }
  world_.GiveBack();
  EXPECT_FALSE(world_.receiver(session).segments.at(0).reset);
  ExpectAll(session);
}

TEST_F(HubComparisonTest, SendsTheWholeResultWhereItCannotBeRead) {
  world_.Commit(Todos(0, 3, "other"));
  world_.HoldJobs();
  const SessionID session = ComeBack();
  world_.ResolveAll();
  world_.FinishJobs();
  world_.AnswerAll(session);
  world_.FailJob(Error{ErrorCode::kUnavailable, "no snapshot"});
  world_.GiveBack();
  world_.FinishJobs();
  EXPECT_TRUE(world_.receiver(session).segments.at(0).reset);
  ExpectAll(session);
}

TEST_F(HubComparisonTest, SendsTheWholeResultToWhoeverDoesNotHoldIt) {
  world_.Commit(Todos(0, 3, "other"));
  const SessionID session = ComeBack();
  world_.ResolveAll();
  const auto compare = std::get<protocol::Compare>(world_.receiver(session).asked.front());
  world_.hub().OnSums(session, protocol::Sums{compare.comparison, {}});
  world_.Pump();
  EXPECT_TRUE(world_.receiver(session).segments.at(0).reset);
  ExpectAll(session);
}

TEST_F(HubComparisonTest, SendsTheWholeResultWhenMostOfItDiffers) {
  world_.Commit(Todos(0, 190, "other"));
  const SessionID session = ComeBack();
  world_.ResolveAll();
  world_.AnswerAll(session);
  EXPECT_TRUE(world_.receiver(session).segments.at(0).reset);
  ExpectAll(session);
}

TEST_F(HubComparisonTest, TakesAnswersOfAnotherComparisonForNothing) {
  world_.Commit(Todos(0, 3, "other"));
  const SessionID session = ComeBack();
  world_.ResolveAll();
  const auto compare = std::get<protocol::Compare>(world_.receiver(session).asked.front());
  world_.hub().OnSums(session, protocol::Sums{compare.comparison + 1, {}});
  world_.hub().OnMembers(session, protocol::Members{compare.comparison + 1, {1}});
  world_.hub().OnSums(session + 1, protocol::Sums{compare.comparison, {}});
  world_.Pump();
  EXPECT_EQ(world_.receiver(session).pokes, 0);
  world_.AnswerAll(session);
  EXPECT_FALSE(world_.receiver(session).segments.at(0).reset);
  ExpectAll(session);
}

TEST_F(HubComparisonTest, ForgetsTheComparisonWithTheLastQueryThatWaitsForIt) {
  world_.Commit(Todos(0, 3, "other"));
  const SessionID session = ComeBack({Desired(kOpen)});
  world_.ResolveAll();
  world_.Remove(session, kAll);
  EXPECT_EQ(world_.receiver(session).pokes, 1) << "nothing is waited for any more";
  world_.Put(session, kAll);
  world_.ResolveAll();
  world_.AnswerAll(session);  // too late
  EXPECT_EQ(world_.receiver(session).pokes, 2);
  ExpectAll(session);
}

TEST_F(HubComparisonTest, ComparesAgainWithNewClaims) {
  world_.Commit(Todos(0, 3, "other"));
  const SessionID session = ComeBack();
  world_.ResolveAll();
  world_.hub().SetAuth(session, R"({"sub":"u"})");
  world_.Pump();
  world_.ResolveAll();
  world_.AnswerAll(session);
  EXPECT_EQ(world_.receiver(session).pokes, 1);
  EXPECT_EQ(world_.receiver(session).auth_json, R"({"sub":"u"})");
  EXPECT_FALSE(world_.receiver(session).segments.at(0).reset);
  ExpectAll(session);
}

TEST_F(HubComparisonTest, SendsSmallResultsWhole) {
  protocol::Limits limits;
  limits.compared_rows_min = 11;
  HubWorld world(limits);
  world.Commit(Todos(0, 10));
  const SessionID session = world.Open(
      {.queries = {Desired(kAll, protocol::DesiredQuery::Have{PipelineID("p"), Hash128{}})}});
  world.ResolveAll();
  const protocol::DesiredQuery::Have have{world.receiver(session).have(kAllKey).pipeline,
                                          Hash128{}};
  const SessionID again = world.Open({.queries = {Desired(kAll, have)}});
  world.ResolveAll();
  EXPECT_TRUE(world.receiver(again).asked.empty());
  world.Commit(Todos(10, 1));
  world.Open({.queries = {Desired(kAll, have)}});
  world.ResolveAll();
  EXPECT_EQ(world.receiver(again + 1).asked.size(), 1u);
}

/// The requirement: at most 5% of the bytes of a full download, up and down together, when 1% of a
/// result of 20,000 rows has changed.
TEST(HubComparisonBytesTest, ADayAwayCostsWhatChanged) {
  HubWorld world;
  std::vector<model::Row> rows;
  const std::string title = "Something of the usual length to be done, number ";
  const auto todo = [&](int i, const std::string& more) {
    return Todo("0kz3m1abc-" + std::to_string(1000000 + i), title + std::to_string(i) + more, false,
                i);
  };
  for (int i = 0; i < 20000; ++i) rows.push_back(todo(i, ""));
  world.Commit(std::move(rows));
  const SessionID session = world.Open({.queries = {Desired(kAll)}});
  world.ResolveAll();
  const Receiver earlier = world.receiver(session);
  const std::size_t whole = earlier.segment_frames.at(0)->size();
  world.Close(session);
  std::vector<model::Row> changed;
  std::vector<std::string> removed;
  for (int i = 0; i < 160; ++i) changed.push_back(todo(i * 120, ", edited"));
  for (int i = 0; i < 20; ++i) changed.push_back(todo(20000 + i, ""));
  for (int i = 0; i < 20; ++i) removed.push_back("0kz3m1abc-" + std::to_string(1000001 + i * 900));
  world.Commit(std::move(changed), std::move(removed));
  world.Restart();

  const SessionID again =
      world.Open({.base = earlier.version, .queries = {Desired(kAll, earlier.have(kAllKey))}});
  Receiver& receiver = world.receiver(again);
  receiver.TakeUp(earlier);
  world.ResolveAll();
  std::size_t bytes = 0;
  while (!receiver.asked.empty()) {
    const protocol::Message question = receiver.asked.front();
    bytes += protocol::Encode(question).size();
    const auto* compare = std::get_if<protocol::Compare>(&question);
    bytes += compare != nullptr
                 ? protocol::Encode(receiver.Answer(*compare)).size()
                 : protocol::Encode(receiver.Answer(std::get<protocol::Want>(question))).size();
    world.AnswerOne(again);
  }
  ASSERT_EQ(receiver.segment_frames.size(), 1u);
  bytes += receiver.segment_frames[0]->size();
  EXPECT_EQ(receiver.rows(kAllKey), world.Expected(kAll, world.schema()));
  EXPECT_LT(bytes, whole / 20) << "of " << whole;
  RecordProperty("bytes", std::to_string(bytes));
  RecordProperty("bytes_of_a_full_download", std::to_string(whole));
}

}  // namespace
}  // namespace tidemark::hub
