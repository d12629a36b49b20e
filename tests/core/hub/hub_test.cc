#include "core/hub/hub.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/core/hub/hub_world.h"

namespace tidemark::hub {
namespace {

const char kAll[] = R"({"table":"todo"})";
const char kOpen[] = R"({"table":"todo","where":{"op":"=","column":"done","value":false}})";
const char kFirstTwo[] = R"({"table":"todo","orderBy":[["rank","asc"]],"limit":2})";

TEST(HubTest, SendsTheWholeResultOnceAndThenItsChanges) {
  HubWorld world;
  world.Commit({Todo("a", "first", false, 1), Todo("b", "second", true, 2)});
  const SessionID session = world.Open();
  Receiver& receiver = world.receiver(session);
  ASSERT_TRUE(receiver.welcome.has_value());
  EXPECT_EQ(receiver.welcome->version, world.version());

  world.Put(session, kOpen);
  EXPECT_EQ(receiver.pokes, 0);
  world.ResolveAll();
  ASSERT_EQ(receiver.pokes, 1);
  EXPECT_TRUE(receiver.segments.back().reset);
  EXPECT_EQ(receiver.rows(QueryKey(kOpen)), world.Expected(kOpen, world.schema()));

  world.Commit({Todo("c", "third", false, 3), Todo("b", "second", false, 2)}, {"a"});
  ASSERT_EQ(receiver.pokes, 2);
  EXPECT_FALSE(receiver.segments.back().reset);
  EXPECT_EQ(receiver.segments.back().changes.size(), 3u);
  EXPECT_EQ(receiver.rows(QueryKey(kOpen)), world.Expected(kOpen, world.schema()));
}

TEST(HubTest, SaysNothingToASessionThatACommitDoesNotConcern) {
  HubWorld world;
  const SessionID session = world.Open({.queries = {Desired(kOpen)}});
  world.ResolveAll();
  const Version before = world.receiver(session).version;
  world.Commit({Todo("x", "done already", true, 1)});
  world.Commit({Todo("x", "still done", true, 1)});
  EXPECT_EQ(world.receiver(session).pokes, 1);
  EXPECT_EQ(world.receiver(session).version, before);
  world.Commit({Todo("y", "open", false, 1)});  // from the version of its last poke
  EXPECT_EQ(world.receiver(session).pokes, 2);
  EXPECT_EQ(world.receiver(session).version, world.version());
}

TEST(HubTest, WritesASegmentOnceForAllSubscribers) {
  HubWorld world;
  world.Commit({Todo("a", "first", false, 1)});
  const SessionID one = world.Open({.queries = {Desired(kAll)}});
  const SessionID two = world.Open({.queries = {Desired(kAll)}});
  world.ResolveAll();
  world.Commit({Todo("b", "second", false, 2)});
  const auto& frames_one = world.receiver(one).segment_frames;
  const auto& frames_two = world.receiver(two).segment_frames;
  ASSERT_EQ(frames_one.size(), 2u);
  ASSERT_EQ(frames_two.size(), 2u);
  EXPECT_EQ(frames_one[0].get(), frames_two[0].get());
  EXPECT_EQ(frames_one[1].get(), frames_two[1].get());
}

TEST(HubTest, WaitsWithTheFirstPokeForAllQueriesOfTheHello) {
  HubWorld world;
  world.Commit({Todo("a", "first", false, 1)});
  const SessionID session = world.Open({.queries = {Desired(kAll), Desired(kOpen)},
                                        .clients = {{ClientID("c"), 0}},
                                        .lmids = {{ClientID("c"), 4}}});
  Receiver& receiver = world.receiver(session);
  world.ResolveOne();
  EXPECT_EQ(receiver.pokes, 0);
  world.Commit({Todo("b", "second", false, 2)});
  EXPECT_EQ(receiver.pokes, 0);
  world.ResolveOne();
  ASSERT_EQ(receiver.pokes, 1);
  EXPECT_EQ(receiver.lmids[ClientID("c")], 4u);
  EXPECT_EQ(receiver.rows(QueryKey(kAll)), world.Expected(kAll, world.schema()));
  EXPECT_EQ(receiver.rows(QueryKey(kOpen)), world.Expected(kOpen, world.schema()));
}

TEST(HubTest, SendsNoRowsWhenTheClientHasThemAll) {
  HubWorld world;
  world.Commit({Todo("a", "first", false, 1)});
  const SessionID first = world.Open({.queries = {Desired(kAll)}});
  world.ResolveAll();
  const auto have = world.receiver(first).have(QueryKey(kAll));
  const Version base = world.receiver(first).version;
  world.Close(first);

  const SessionID again = world.Open({.base = base, .queries = {Desired(kAll, have)}});
  world.ResolveAll();
  EXPECT_EQ(world.receiver(again).pokes, 1);
  EXPECT_TRUE(world.receiver(again).segments.empty());
  world.Close(again);
}

TEST(HubTest, SendsWhatChangedToAClientThatComesBackSoon) {
  HubWorld world;
  world.Commit({Todo("a", "first", false, 1), Todo("b", "second", false, 2)});
  const SessionID first = world.Open({.queries = {Desired(kAll)}});
  world.ResolveAll();
  const auto have = world.receiver(first).have(QueryKey(kAll));
  const Receiver held = world.receiver(first);
  const Version base = held.version;
  world.Close(first);
  world.Commit({Todo("a", "changed", false, 1)});
  world.Commit({}, {"b"});

  const SessionID soon = world.Open({.base = base, .queries = {Desired(kAll, have)}});
  world.receiver(soon).TakeUp(held);
  world.ResolveAll();
  ASSERT_EQ(world.receiver(soon).segments.size(), 1u);
  EXPECT_FALSE(world.receiver(soon).segments.front().reset);
  EXPECT_EQ(world.receiver(soon).segments.front().changes.size(), 2u);
  world.Close(soon);

  // Nobody has kept the query for longer than that.
  world.hub().Tick(protocol::Limits().pipeline_ttl_ms);
  const SessionID late = world.Open({.base = base, .queries = {Desired(kAll, have)}});
  world.ResolveAll();
  ASSERT_EQ(world.receiver(late).segments.size(), 1u);
  EXPECT_TRUE(world.receiver(late).segments.front().reset);
}

TEST(HubTest, SendsEverythingToAClientThatHoldsSomethingElse) {
  HubWorld world;
  world.Commit({Todo("a", "first", false, 1)});
  const SessionID first = world.Open({.queries = {Desired(kAll)}});
  world.ResolveAll();
  auto have = world.receiver(first).have(QueryKey(kAll));
  have.fingerprint.low ^= 1;
  world.Commit({Todo("b", "second", false, 2)});
  const SessionID other =
      world.Open({.base = world.receiver(first).version, .queries = {Desired(kAll, have)}});
  world.ResolveAll();
  ASSERT_FALSE(world.receiver(other).segments.empty());
  EXPECT_TRUE(world.receiver(other).segments.front().reset);
  EXPECT_EQ(world.receiver(other).rows(QueryKey(kAll)), world.Expected(kAll, world.schema()));
}

TEST(HubTest, TellsACongestedSessionInOnePokeWhatItMissed) {
  HubWorld world;
  world.Commit({Todo("a", "first", false, 1)});
  const SessionID slow = world.Open({.queries = {Desired(kAll), Desired(kFirstTwo)}});
  const SessionID quick = world.Open({.queries = {Desired(kAll)}});
  world.ResolveAll();
  world.hub().SetCongested(slow, true);
  for (int n = 0; n < 5; ++n) world.Commit({Todo("a", "number " + std::to_string(n), false, 1)});
  world.Commit({Todo("b", "second", false, 0)});
  EXPECT_EQ(world.receiver(slow).pokes, 1);
  EXPECT_EQ(world.receiver(quick).pokes, 7);

  world.hub().SetCongested(slow, false);
  world.Pump();
  EXPECT_EQ(world.receiver(slow).pokes, 2);
  EXPECT_FALSE(world.receiver(slow).segments.back().reset);
  EXPECT_EQ(world.receiver(slow).segments.back().changes.size(), 2u);
  for (const char* query : {kAll, kFirstTwo}) {
    EXPECT_EQ(world.receiver(slow).rows(QueryKey(query)), world.Expected(query, world.schema()));
  }
  world.Commit({Todo("c", "third", false, 3)});
  EXPECT_EQ(world.receiver(slow).rows(QueryKey(kAll)), world.Expected(kAll, world.schema()));
}

TEST(HubTest, ForgetsNoPipelineInTheMiddleOfACommit) {
  protocol::Limits limits;
  limits.idle_pipelines_max = 1;
  limits.rows_per_query_max = 1;
  HubWorld world(limits);
  const SessionID session = world.Open({.queries = {Desired(kAll), Desired(kOpen)}});
  world.ResolveAll();
  world.Remove(session, kOpen);  // kept for a while, and read behind the other
  world.Commit({Todo("a", "first", false, 1), Todo("b", "second", true, 2)});
  EXPECT_EQ(world.receiver(session).failed.count(QueryKey(kAll)), 1u);
  world.Put(session, kOpen);
  world.ResolveAll();
  EXPECT_EQ(world.receiver(session).rows(QueryKey(kOpen)), world.Expected(kOpen, world.schema()));
}

TEST(HubTest, SendsTheWholeResultToASessionThatMissedTooMuch) {
  HubWorld world;
  world.Commit({Todo("a", "first", false, 1)});
  const SessionID slow = world.Open({.queries = {Desired(kAll)}});
  world.ResolveAll();
  world.hub().SetCongested(slow, true);
  for (std::size_t n = 0; n <= protocol::Limits{}.recent_row_changes_max; ++n) {
    world.Commit({Todo("a", "number " + std::to_string(n), false, 1)});
  }
  world.hub().SetCongested(slow, false);
  world.Pump();
  EXPECT_EQ(world.receiver(slow).pokes, 2);
  EXPECT_TRUE(world.receiver(slow).segments.back().reset);
  EXPECT_EQ(world.receiver(slow).rows(QueryKey(kAll)), world.Expected(kAll, world.schema()));
}

TEST(HubTest, SendsAResultAgainWhenItIsPutAgain) {
  HubWorld world;
  world.Commit({Todo("a", "first", false, 1)});
  const SessionID session = world.Open({.queries = {Desired(kAll)}});
  world.ResolveAll();
  world.Put(session, kAll);
  world.ResolveAll();
  ASSERT_EQ(world.receiver(session).segments.size(), 2u);
  EXPECT_TRUE(world.receiver(session).segments.back().reset);
}

TEST(HubTest, PatchesALargeDocumentWhereItChanged) {
  HubWorld world;
  std::string doc = R"({"nodes":{)";
  for (int i = 0; i < 500; ++i) {
    if (i > 0) doc += ",";
    doc += "\"n" + std::to_string(1000 + i) + R"(":{"x":1,"y":2})";
  }
  doc += "}}";
  world.Commit({Todo("a", "canvas", false, 1, doc)});
  const SessionID session = world.Open({.queries = {Desired(kAll)}});
  world.ResolveAll();
  const std::string node = R"("n1123":{"x":1,)";
  doc.replace(doc.find(node), node.size(), R"("n1123":{"x":7,)");
  world.Commit({Todo("a", "canvas", false, 1, doc)});
  Receiver& receiver = world.receiver(session);
  const protocol::SegmentChange& change = receiver.segments.back().changes.front();
  EXPECT_EQ(change.kind, protocol::SegmentChange::Kind::kPatch);
  EXPECT_LT(receiver.segment_frames.back()->size(), 400u);
  EXPECT_EQ(receiver.rows(QueryKey(kAll)), world.Expected(kAll, world.schema()));
}

TEST(HubTest, TellsResultsAndIdsToTheClientsOfTheSessionOnly) {
  HubWorld world;
  const ClientID ours("ours");
  const ClientID theirs("theirs");
  const SessionID one = world.Open({.clients = {{ours, 2}}, .lmids = {{ours, 2}}});
  const SessionID two = world.Open({.clients = {{theirs, 0}}});
  EXPECT_EQ(world.receiver(one).pokes, 0);
  protocol::MutationResult result;
  result.client = ours;
  result.id = 3;
  result.error = Error{ErrorCode::kApp, "no"};
  world.Commit({}, {}, {{ours, 3}}, {result});
  EXPECT_EQ(world.receiver(one).lmids[ours], 3u);
  ASSERT_EQ(world.receiver(one).results.size(), 1u);
  EXPECT_EQ(world.receiver(one).results.front(), result);
  EXPECT_EQ(world.receiver(two).pokes, 0);

  world.hub().AddClient(one, {ClientID("late"), 7});
  world.Pump();
  EXPECT_EQ(world.receiver(one).lmids[ClientID("late")], 7u);
}

TEST(HubTest, ServesAnOlderSchemaInItsOwnColumns) {
  HubWorld world;
  world.Commit({Todo("a", "first", false, 1, R"({"x":1})")});
  const SessionID session =
      world.Open({.schema = &world.older_schema(), .queries = {Desired(kFirstTwo)}});
  world.ResolveAll();
  Receiver& receiver = world.receiver(session);
  EXPECT_EQ(receiver.rows(QueryKey(kFirstTwo)), world.Expected(kFirstTwo, world.older_schema()));
  const int pokes = receiver.pokes;
  world.Commit({Todo("a", "first", false, 1.5, R"({"x":1})")});  // a column that it does not have
  EXPECT_EQ(receiver.pokes, pokes);
}

TEST(HubTest, RefusesASchemaThatDoesNotFitNamingTheColumn) {
  HubWorld world;
  const auto newer = model::Schema::Parse(
      R"({"tables":[{"name":"todo","columns":[{"name":"id","type":"string"},
          {"name":"due","type":"date","optional":true}],"primaryKey":["id"]}]})");
  const SessionID session = world.Open({.schema = &*newer});
  ASSERT_TRUE(world.receiver(session).refused.has_value());
  EXPECT_EQ(world.receiver(session).refused->code, ErrorCode::kOutdated);
  EXPECT_NE(world.receiver(session).refused->message.find("todo.due"), std::string::npos);
  EXPECT_TRUE(world.closed(session));

  const auto other = model::Schema::Parse(
      R"({"tables":[{"name":"note","columns":[{"name":"id","type":"string"}],
          "primaryKey":["id"]}]})");
  EXPECT_NE(world.receiver(world.Open({.schema = &*other})).refused->message.find("note"),
            std::string::npos);
}

TEST(HubTest, FailsAQueryAloneAndNamesWhy) {
  protocol::Limits limits;
  limits.rows_per_query_max = 2;
  limits.queries_per_client_max = 2;
  HubWorld world(limits);
  world.Commit({Todo("a", "1", false, 1), Todo("b", "2", true, 2)});
  const SessionID session = world.Open();
  Receiver& receiver = world.receiver(session);
  world.Put(session, R"({"table":"nowhere"})");
  world.ResolveAll();
  EXPECT_EQ(receiver.failed.at(QueryKey(R"({"table":"nowhere"})")).code, ErrorCode::kInvalidArgs);
  world.Put(session, kOpen);
  world.FailNext(Error{ErrorCode::kUnknownQuery, "no such query"});
  EXPECT_EQ(receiver.failed.at(QueryKey(kOpen)).code, ErrorCode::kUnknownQuery);

  world.Put(session, kAll);
  world.Put(session, kOpen);
  world.ResolveAll();
  world.Put(session, kFirstTwo);
  EXPECT_NE(receiver.failed.at(QueryKey(kFirstTwo)).message.find("queries_per_client_max"),
            std::string::npos);
  world.Commit({Todo("c", "3", true, 3)});  // kAll outgrows its bound, kOpen stays
  EXPECT_NE(receiver.failed.at(QueryKey(kAll)).message.find("rows_per_query_max"),
            std::string::npos);
  world.Commit({Todo("d", "4", false, 4)});
  EXPECT_EQ(receiver.rows(QueryKey(kOpen)), world.Expected(kOpen, world.schema()));
}

constexpr char kCount[] =
    R"({"table":"todo","groupBy":["done"],"aggregates":[{"function":"count"},
        {"function":"sum","column":"rank"},{"function":"min","column":"title"}]})";

TEST(HubTest, CountsMoreRowsThanAPageCouldHold) {
  protocol::Limits limits;
  limits.rows_per_query_max = 2;
  HubWorld world(limits);
  std::vector<model::Row> rows;
  for (int i = 0; i < 50; ++i) {
    rows.push_back(Todo("t" + std::to_string(i), "title", i % 2 == 0, i));
  }
  world.Commit(std::move(rows));
  const SessionID session = world.Open({.queries = {Desired(kCount)}});
  world.ResolveAll();
  Receiver& receiver = world.receiver(session);
  EXPECT_EQ(receiver.rows(QueryKey(kCount)),
            (Receiver::Rows{
                {RowKey("[false]"), GroupRow(R"([false,25,25,[625],25,"title"])")},
                {RowKey("[true]"), GroupRow(R"([true,25,25,[600],25,"title"])")},
            }));
  world.Commit({Todo("t0", "other", false, 0.5)});
  EXPECT_EQ(receiver.segments.back().changes.size(), 2u) << "a row that goes to another group";
  EXPECT_EQ(receiver.rows(QueryKey(kCount)), world.Expected(kCount, world.schema()));
  const std::size_t segments = receiver.segments.size();
  world.Commit({Todo("t0", "other", false, 0.5, R"({"a":1})")});
  EXPECT_EQ(receiver.segments.size(), segments) << "nothing that is counted";
}

TEST(HubTest, BringsGroupsToAClientThatWasAway) {
  HubWorld world;
  world.Commit({Todo("a", "first", false, 1), Todo("b", "second", true, 2)});
  const SessionID before = world.Open({.queries = {Desired(kCount)}});
  world.ResolveAll();
  const protocol::DesiredQuery::Have have = world.receiver(before).have(QueryKey(kCount));
  const Receiver away = world.receiver(before);
  const Version version = away.version;
  const SessionID same = world.Open({.base = version, .queries = {Desired(kCount, have)}});
  world.receiver(same).TakeUp(away);
  world.ResolveAll();
  EXPECT_TRUE(world.receiver(same).segments.empty());
  world.Commit({}, {"b"});
  const SessionID later = world.Open({.base = version, .queries = {Desired(kCount, have)}});
  world.receiver(later).TakeUp(away);
  world.ResolveAll();
  ASSERT_EQ(world.receiver(later).segments.size(), 1u);
  EXPECT_FALSE(world.receiver(later).segments[0].reset);
  EXPECT_EQ(world.receiver(later).segments[0].changes.size(), 1u);
}

TEST(HubTest, SendsAClientAwayThatHasSeenMoreThanTheServer) {
  HubWorld world;
  const SessionID session = world.Open({.base = Version{"epoch", 99}});
  EXPECT_EQ(world.receiver(session).refused->code, ErrorCode::kUnavailable);
  EXPECT_TRUE(world.closed(session));
}

}  // namespace
}  // namespace tidemark::hub
