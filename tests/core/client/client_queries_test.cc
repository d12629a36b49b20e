// Queries and what they hold.

#include <map>
#include <string>
#include <vector>

#include "tests/core/client/test_page.h"

namespace tidemark::client {
namespace {

constexpr std::string_view kFirst = R"({"table":"todo","orderBy":[["rank","asc"]],"limit":1})";

TEST(ClientQueriesTest, BecomesCompleteWhenTheServerSaysSo) {
  TestPage page;
  page.Watch();
  EXPECT_EQ(page.Last().status, ViewStatus::kPartial);
  EXPECT_TRUE(page.Last().reset);
  page.Connect();
  EXPECT_EQ(page.Last().status, ViewStatus::kPartial);
  page.ServeAllTodos({PutTodo("a", "Milk")});
  EXPECT_EQ(page.Last().status, ViewStatus::kComplete);
  EXPECT_EQ(page.Titles(), "Milk");
}

TEST(ClientQueriesTest, TheSameQueryIsSubscribedOnce) {
  TestPage page;
  page.Connect();
  page.Watch();
  page.Watch();
  EXPECT_EQ(page.TakeSentOf<protocol::ChangeQueries>().size(), 1u);
  page.Unwatch(1);
  EXPECT_TRUE(page.TakeSentOf<protocol::ChangeQueries>().empty());
  page.Unwatch(2);
  const std::vector<protocol::ChangeQueries> changes = page.TakeSentOf<protocol::ChangeQueries>();
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].remove.size(), 1u);
}

TEST(ClientQueriesTest, KeysQueriesByNameAndCanonicalArguments) {
  TestPage page;
  page.Connect();
  ASSERT_TRUE(page.client().Watch("q", R"({"a":1,"b":2})", kAllTodos).ok());
  ASSERT_TRUE(page.client().Watch("q", R"({ "b": 2, "a": 1.0 })", kAllTodos).ok());
  ASSERT_TRUE(page.client().Watch("q", R"({"a":1,"b":3})", kAllTodos).ok());
  page.Drain();
  const std::vector<protocol::ChangeQueries> changes = page.TakeSentOf<protocol::ChangeQueries>();
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].put.size(), 2u);
  EXPECT_FALSE(page.client().Watch("q", "{", kAllTodos).ok());
  EXPECT_FALSE(page.client().Watch("q", "{}", R"({"table":"nothing"})").ok());
}

TEST(ClientQueriesTest, RowsThatNoQueryHoldsLeave) {
  TestPage page;
  page.Watch();
  page.Connect();
  page.ServeAllTodos({PutTodo("a", "Milk")});
  page.Unwatch(1);
  EXPECT_EQ(page.client().Run(kAllTodos).value(), "[]");
}

TEST(ClientQueriesTest, RowsStayAsLongAsOneQueryHoldsThem) {
  TestPage page;
  page.Watch();
  page.Watch(kFirst, "first");
  page.Connect();
  const std::vector<protocol::Hello> hello = page.TakeSentOf<protocol::Hello>();
  QueryKey all;
  QueryKey first;
  for (const protocol::DesiredQuery& query : hello.back().queries) {
    (query.name == "all" ? all : first) = query.key;
  }
  using Change = protocol::SegmentChange;
  const Hash128 milk =
      HashRow("todo", RowFromJsonText(page.schema().table(0), Todo("a", "Milk")).value());
  const Hash128 bread =
      HashRow("todo", RowFromJsonText(page.schema().table(0), Todo("b", "Bread", 1)).value());
  const Change put_milk{Change::Kind::kPut, "todo", RowKey(R"(["a"])"), Todo("a", "Milk")};
  const Change put_bread{Change::Kind::kPut, "todo", RowKey(R"(["b"])"), Todo("b", "Bread", 1)};
  protocol::Poke poke;
  poke.to = Version{"db", 1};
  poke.resolved = {{all, PipelineID("p-all"), true}, {first, PipelineID("p-first"), true}};
  poke.segments = 2;
  page.Receive(poke);
  page.Receive(
      protocol::Segment{PipelineID("p-all"), poke.to, true, milk + bread, {put_milk, put_bread}});
  page.Receive(protocol::Segment{PipelineID("p-first"), poke.to, true, milk, {put_milk}});
  EXPECT_EQ(page.Titles(1), "Milk, Bread");
  page.Unwatch(1);
  EXPECT_EQ(page.client().Run(kAllTodos).value(), R"([["a","Milk",false,0,null]])");
  EXPECT_TRUE(page.TakeSentOf<protocol::ChangeQueries>().size() == 1u);
}

TEST(ClientQueriesTest, AQueryOfWhichTheServerSendsLessShowsItsMembersAndWhatIsPending) {
  TestPage page;
  page.Watch();
  page.Watch(kAllTodos, "mine");
  page.Connect();
  std::map<std::string, QueryKey> keys;
  const std::vector<protocol::Hello> hello = page.TakeSentOf<protocol::Hello>();
  for (const protocol::DesiredQuery& query : hello.back().queries) keys[query.name] = query.key;
  using Change = protocol::SegmentChange;
  const Change milk{Change::Kind::kPut, "todo", RowKey(R"(["a"])"), Todo("a", "Milk")};
  const Change bread{Change::Kind::kPut, "todo", RowKey(R"(["b"])"), Todo("b", "Bread", 1)};
  const auto hash = [&](const Change& change) {
    return HashRow("todo", RowFromJsonText(page.schema().table(0), change.row_json).value());
  };
  protocol::Poke poke;
  poke.to = Version{"db", 1};
  poke.resolved = {{keys["all"], PipelineID("p-all"), true},
                   {keys["mine"], PipelineID("p-mine"), true}};
  poke.segments = 2;
  page.Receive(poke);
  page.Receive(protocol::Segment{
      PipelineID("p-all"), poke.to, true, hash(milk) + hash(bread), {milk, bread}});
  page.Receive(protocol::Segment{PipelineID("p-mine"), poke.to, true, hash(milk), {milk}});
  EXPECT_EQ(page.Titles(1), "Milk, Bread");
  EXPECT_EQ(page.Titles(2), "Milk");

  page.Mutate("add", R"(["c","Cheese"])");
  EXPECT_EQ(page.Titles(2).size(), std::string("Milk, Cheese").size());
  EXPECT_EQ(page.Titles(1).size(), std::string("Milk, Bread, Cheese").size());
}

TEST(ClientQueriesTest, ShowsTheErrorOfAQueryThatFailed) {
  TestPage page;
  page.Watch();
  page.Connect();
  const QueryKey key = page.TakeSentOf<protocol::Hello>().back().queries[0].key;
  page.Receive(protocol::QueryFailed{key, Error{ErrorCode::kUnknownQuery, "no such query"}});
  EXPECT_EQ(page.Last().status, ViewStatus::kError);
  ASSERT_TRUE(page.Last().error.has_value());
  EXPECT_EQ(page.Last().error->code, ErrorCode::kUnknownQuery);
}

TEST(ClientQueriesTest, AppliesPatchesOfRows) {
  TestPage page;
  page.Watch();
  page.Connect();
  page.ServeAllTodos({{"a", R"(["a","Milk",false,0,{"n":{"x":1,"y":2}}])"}});
  const model::Table& table = page.schema().table(0);
  const auto row = [&table](const char* json) { return RowFromJsonText(table, json).value(); };
  const model::Row before = row(R"(["a","Milk",false,0,{"n":{"x":1,"y":2}}])");
  const model::Row after = row(R"(["a","Oat milk",false,0,{"n":{"x":5}}])");
  protocol::SegmentChange patch{protocol::SegmentChange::Kind::kPatch, "todo", RowKey(R"(["a"])")};
  patch.columns = {{1, R"("Oat milk")", false}, {4, R"([[["n","x"],5],[["n","y"]]])", true}};
  patch.hash_before = HashRow("todo", before).low;
  patch.hash_after = HashRow("todo", after).low;
  protocol::Poke poke;
  poke.from = Version{"db", 1};
  poke.to = Version{"db", 2};
  poke.segments = 1;
  protocol::Segment segment{
      ScriptedUpstream::kPipeline, poke.to, false, HashRow("todo", after), {patch}};
  page.Receive(poke);
  page.Receive(segment);
  EXPECT_EQ(page.client().Run(kAllTodos).value(), "[" + RowJson(after) + "]");
}

TEST(ClientQueriesTest, TakesAWholeResultOfEarlierWithWhatChangedSince) {
  TestPage page;
  page.Connect();
  page.Watch();
  page.ServeAllTodos({PutTodo("a", "Milk"), PutTodo("x", "Gone by then")});
  page.TakeSent();
  std::vector<protocol::Message> now =
      page.upstream().Poke({{PutTodo("a", "Oat milk"), PutTodo("b", "Bread")}, {}, {}, {}, true});
  // As it was one version before: it may not be checked against what is there at the end.
  protocol::Segment whole = std::get<protocol::Segment>(now[1]);
  whole.to.position -= 1;
  whole.fingerprint = HashBytes("of then");
  whole.changes = {{protocol::SegmentChange::Kind::kPut, "todo", RowKey(R"(["a"])"),
                    PutTodo("a", "Milk").row_json},
                   {protocol::SegmentChange::Kind::kPut, "todo", RowKey(R"(["c"])"),
                    PutTodo("c", "Tea").row_json}};
  protocol::Segment& since = std::get<protocol::Segment>(now[1]);
  since.reset = false;
  since.changes.push_back({protocol::SegmentChange::Kind::kRemove, "todo", RowKey(R"(["c"])")});
  std::get<protocol::Poke>(now[0]).segments = 2;
  page.Receive(now[0]);
  page.Receive(whole);
  page.Receive(now[1]);
  EXPECT_EQ(page.Titles(), "Oat milk, Bread");
  EXPECT_EQ(page.Last().status, ViewStatus::kComplete);
  EXPECT_TRUE(page.TakeSentOf<protocol::ChangeQueries>().empty());
}

TEST(ClientQueriesTest, AsksAgainForAQueryWhoseFingerprintDiffers) {
  TestPage page;
  page.Watch();
  page.Connect();
  page.ServeAllTodos({PutTodo("a", "Milk")});
  page.TakeSent();
  std::vector<protocol::Message> poke = page.upstream().Poke({{PutTodo("b", "Bread")}});
  std::get<protocol::Segment>(poke[1]).fingerprint = HashBytes("something else");
  for (const protocol::Message& message : poke) page.Receive(message);
  const std::vector<protocol::ChangeQueries> asked = page.TakeSentOf<protocol::ChangeQueries>();
  ASSERT_EQ(asked.size(), 1u);
  ASSERT_EQ(asked[0].put.size(), 1u);
  ASSERT_TRUE(asked[0].put[0].have.has_value()) << "most of it may be right";
  EXPECT_EQ(asked[0].put[0].have->pipeline, ScriptedUpstream::kPipeline);
}

TEST(ClientQueriesTest, AsksForRowsThatTheOtherSideBelievesToBeHere) {
  TestPage page("");
  page.Watch();
  page.Connect();
  page.ServeAllTodos({PutTodo("a", "Milk")});
  page.Watch(kAllTodos, "again");
  const QueryKey again = page.TakeSentOf<protocol::ChangeQueries>().at(0).put.at(0).key;
  page.Unwatch(1);
  page.TakeSent();
  // Said before the other side heard that the first query is not wanted any more.
  page.Receive({{}, {}, {}, {{again, ScriptedUpstream::kPipeline, true}}});
  EXPECT_EQ(page.Last(2).status, ViewStatus::kPartial) << "its rows left with the first query";
  page.ServeAllTodos({PutTodo("a", "Milk")});
  EXPECT_EQ(page.Last(2).status, ViewStatus::kComplete);
  EXPECT_EQ(page.Titles(2), "Milk");
}

TEST(ClientQueriesTest, TakesNoAnswerToAnEarlierAskingForTheOneItWaitsFor) {
  TestPage page;
  page.Connect();
  page.Watch();
  const protocol::DesiredQuery first = page.TakeSentOf<protocol::ChangeQueries>()[0].put[0];
  page.Unwatch(1);
  page.Watch();
  const protocol::DesiredQuery second = page.TakeSentOf<protocol::ChangeQueries>()[1].put[0];
  EXPECT_EQ(first.key, second.key);
  EXPECT_NE(first.ask, second.ask);
  protocol::Poke poke;
  poke.to = Version{"db", 1};
  poke.resolved = {{first.key, ScriptedUpstream::kPipeline, true, first.ask}};
  page.Receive(poke);
  page.Receive(protocol::QueryFailed{first.key, Error{ErrorCode::kApp, "no"}, first.ask});
  EXPECT_EQ(page.Last(2).status, ViewStatus::kPartial);
  EXPECT_TRUE(page.TakeSent().empty()) << "its answer is on its way";
}

TEST(ClientQueriesTest, IgnoresSegmentsOfQueriesThatAreNotWantedAnyMore) {
  TestPage page;
  page.Watch();
  page.Connect();
  page.ServeAllTodos({PutTodo("a", "Milk")});
  page.Unwatch(1);
  page.Receive({{PutTodo("b", "Bread")}});
  EXPECT_EQ(page.client().Run(kAllTodos).value(), "[]");
  page.Watch();
  page.ServeAllTodos({PutTodo("b", "Bread")});
  EXPECT_EQ(page.Titles(2), "Bread");
}

}  // namespace
}  // namespace tidemark::client
