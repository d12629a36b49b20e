// Aggregations in a page: what the server counted, and what pending mutations change of it.

#include <map>
#include <string>
#include <vector>

#include "core/ivm/group_table.h"
#include "core/query/ast_json.h"
#include "tests/core/client/test_page.h"

namespace tidemark::client {
namespace {

using protocol::SegmentChange;

constexpr std::string_view kCount =
    R"({"table":"todo","aggregates":[{"function":"count"},{"function":"max","column":"rank"}]})";
constexpr std::string_view kByTitle =
    R"({"table":"todo","where":{"op":"<","column":"rank","value":10},"groupBy":["title"],
        "aggregates":[{"function":"count"},{"function":"sum","column":"rank"}]})";

/// A page that watches an aggregation, and perhaps all todos, and a server that counts.
class GroupsTest : public testing::Test {
 protected:
  /// `rows`: the page knows these (of all that there are).
  void Watch(std::string_view ast, const std::vector<ScriptedUpstream::Change>& groups,
             const std::vector<ScriptedUpstream::Change>& rows = {}) {
    query_ = query::ParseQuery(page_.schema(), ast).value();
    name_ = ivm::GroupTablesOf(page_.schema(), query_)[0].description.name;
    page_.Watch(ast, "counts");
    page_.Watch(kAllTodos, "rows");
    page_.Connect();
    protocol::Poke poke;
    const std::vector<protocol::Hello> hello = page_.TakeSentOf<protocol::Hello>();
    for (const protocol::DesiredQuery& query : hello.back().queries) {
      poke.resolved.push_back({query.key, PipelineID(query.name), true});
    }
    Send(std::move(poke), groups, rows, /*reset=*/true);
  }

  /// The server's word: groups that are new (no text: gone), rows that are, and what is confirmed.
  void Send(protocol::Poke poke, const std::vector<ScriptedUpstream::Change>& groups,
            const std::vector<ScriptedUpstream::Change>& rows, bool reset = false) {
    poke.from = version_;
    version_ = Version{"db", version_.position + 1};
    poke.to = version_;
    poke.segments = 2;
    page_.Receive(poke);
    page_.Receive(SegmentOf("counts", name_, groups, reset));
    page_.Receive(SegmentOf("rows", "todo", rows, reset));
  }

  protocol::Segment SegmentOf(const std::string& pipeline, const std::string& table,
                              const std::vector<ScriptedUpstream::Change>& changes, bool reset) {
    protocol::Segment segment{PipelineID(pipeline), version_, reset, {}, {}};
    for (const ScriptedUpstream::Change& change : changes) {
      const RowKey key(change.id[0] == '[' ? change.id : "[\"" + change.id + "\"]");
      std::string& held = held_[pipeline][key];
      const auto hash = [&table](const std::string& json) {
        return HashBytes(json, HashBytes(table).low);
      };
      if (!held.empty()) sums_[pipeline] = sums_[pipeline] - hash(held);
      held = change.row_json;
      if (held.empty()) {
        segment.changes.push_back({SegmentChange::Kind::kRemove, table, key});
        continue;
      }
      if (table == "todo") {  // as the page writes it
        held = RowJson(RowFromJsonText(page_.schema().table(0), held).value());
      }
      sums_[pipeline] = sums_[pipeline] + hash(held);
      segment.changes.push_back({SegmentChange::Kind::kPut, table, key, held});
    }
    segment.fingerprint = sums_[pipeline];
    return segment;
  }

  std::string Shown() { return page_.Rows(1); }

  TestPage page_;
  query::Query query_;
  std::string name_;
  Version version_;
  std::map<std::string, std::map<RowKey, std::string>> held_;
  std::map<std::string, Hash128> sums_;
};

TEST_F(GroupsTest, ShowsWhatTheServerCountedOfRowsThatAreNotHere) {
  Watch(kCount, {{"[]", "[1000,1000,99]"}});
  EXPECT_EQ(Shown(), "[1000,99]");
  EXPECT_EQ(page_.Last(1).status, ViewStatus::kComplete);
  EXPECT_EQ(page_.client().Run(kAllTodos).value(), "[]");
  Send({}, {{"[]", "[1001,1001,99]"}}, {});
  EXPECT_EQ(Shown(), "[1001,99]");
  EXPECT_TRUE(page_.TakeSent().empty()) << "the fingerprint is that of the groups";
}

TEST_F(GroupsTest, ShowsZeroOfNothingWithoutGroups) {
  Watch(kCount, {});
  EXPECT_EQ(Shown(), "[0,null]");
}

TEST_F(GroupsTest, AddsAndTakesOutWhatPendingMutationsDid) {
  Watch(kByTitle, {{R"(["Milk"])", R"(["Milk",5,5,[12]])"}}, {PutTodo("a", "Milk", 3)});
  EXPECT_EQ(Shown(), R"(["Milk",5,12])");
  page_.Mutate("add", R"(["b","Bread"])");
  EXPECT_EQ(Shown(), R"(["Bread",1,0] ["Milk",5,12])");
  page_.Mutate("rename", R"(["a","Bread"])");
  EXPECT_EQ(Shown(), R"(["Bread",2,3] ["Milk",4,9])");
  page_.Mutate("raise", R"(["a",4])");
  EXPECT_EQ(Shown(), R"(["Bread",2,7] ["Milk",4,9])");
  page_.Mutate("raise", R"(["a",4])");
  EXPECT_EQ(Shown(), R"(["Bread",1,0] ["Milk",4,9])") << "it does not pass any more";
  page_.Mutate("remove", R"(["b",""])");
  EXPECT_EQ(Shown(), R"(["Milk",4,9])");
}

TEST_F(GroupsTest, PredictsNothingOfRowsThatItDoesNotKnow) {
  Watch(kByTitle, {{R"(["Milk"])", R"(["Milk",5,5,[12]])"}});
  page_.Unwatch(2);
  page_.Mutate("rename", R"(["a","Bread"])");
  page_.Mutate("remove", R"(["c",""])");
  EXPECT_EQ(Shown(), R"(["Milk",5,12])");
}

TEST_F(GroupsTest, LetsAGroupOfNoRowsVanish) {
  Watch(kByTitle, {{R"(["Milk"])", R"(["Milk",1,1,[3]])"}}, {PutTodo("a", "Milk", 3)});
  page_.Mutate("remove", R"(["a",""])");
  EXPECT_EQ(Shown(), "");
}

TEST_F(GroupsTest, KeepsTheGroupOfAllWhenItsLastRowLeaves) {
  Watch(kCount, {{"[]", "[1,1,3]"}}, {PutTodo("a", "Milk", 3)});
  page_.Mutate("remove", R"(["a",""])");
  EXPECT_EQ(Shown(), "[0,null]");
}

TEST_F(GroupsTest, WidensExtremesOnly) {
  Watch(kCount, {{"[]", "[3,3,8]"}}, {PutTodo("a", "Milk", 8)});
  page_.Mutate("raise", R"(["a",-5])");
  EXPECT_EQ(Shown(), "[3,8]") << "another row may have it";
  page_.Mutate("raise", R"(["a",7])");
  EXPECT_EQ(Shown(), "[3,10]");
}

TEST_F(GroupsTest, CountsAConfirmedMutationOnce) {
  Watch(kByTitle, {{R"(["Milk"])", R"(["Milk",5,5,[12]])"}}, {PutTodo("a", "Milk", 3)});
  const MutationID first = page_.Mutate("rename", R"(["a","Bread"])");
  const MutationID second = page_.Mutate("add", R"(["b","Bread"])");
  EXPECT_EQ(Shown(), R"(["Bread",2,3] ["Milk",4,9])");
  const int flushes = page_.flushes(1);
  protocol::Poke poke;
  poke.lmids = {page_.Lmid(first)};
  Send(poke, {{R"(["Milk"])", R"(["Milk",4,4,[9]])"}, {R"(["Bread"])", R"(["Bread",1,1,[3]])"}},
       {PutTodo("a", "Bread", 3)});
  EXPECT_EQ(Shown(), R"(["Bread",2,3] ["Milk",4,9])");
  poke.lmids = {page_.Lmid(second)};
  Send(poke, {{R"(["Bread"])", R"(["Bread",2,2,[3]])"}}, {PutTodo("b", "Bread")});
  EXPECT_EQ(Shown(), R"(["Bread",2,3] ["Milk",4,9])");
  EXPECT_EQ(page_.flushes(1), flushes) << "nothing that the eye can see changed";
  EXPECT_EQ(page_.pending(), 0u);
}

TEST_F(GroupsTest, CountsTheRowsThatAreHereWhileItIsPartial) {
  page_.Watch(kCount, "counts");
  page_.Mutate("add", R"(["a","Milk"])");
  EXPECT_EQ(Shown(), "[1,0]");
  EXPECT_EQ(page_.Last(1).status, ViewStatus::kPartial);
}

TEST_F(GroupsTest, FailsWhileASumLeavesItsType) {
  Watch(kByTitle, {{R"(["Milk"])", R"(["Milk",2,2,[1.7976931348623157e308,1e300]])"}});
  EXPECT_EQ(page_.Last(1).status, ViewStatus::kError);
  ASSERT_TRUE(page_.Last(1).error.has_value());
  EXPECT_EQ(page_.Last(1).error->code, ErrorCode::kLimit);
  Send({}, {{R"(["Milk"])", R"(["Milk",1,1,[2]])"}}, {});
  EXPECT_EQ(page_.Last(1).status, ViewStatus::kComplete);
  EXPECT_EQ(Shown(), R"(["Milk",1,2])");
}

TEST_F(GroupsTest, SaysSoWhenTheServerCountsSomethingElse) {
  Watch(kByTitle, {});
  protocol::Poke poke;
  poke.from = version_;
  poke.to = Version{"db", version_.position + 1};
  poke.segments = 1;
  page_.Receive(poke);
  const SegmentChange change{SegmentChange::Kind::kPut, "#other", RowKey("[]"), "[1]"};
  page_.Receive(protocol::Segment{
      PipelineID("counts"), poke.to, false, HashBytes("[1]", HashBytes("#other").low), {change}});
  EXPECT_EQ(page_.Last(1).status, ViewStatus::kError);
  EXPECT_EQ(page_.Last(1).error->code, ErrorCode::kOutdated);
}

TEST_F(GroupsTest, KnowsNoRowToBeAbsentBecauseItIsCounted) {
  Watch(kCount, {{"[]", "[1000,1000,99]"}});
  page_.Unwatch(2);
  page_.Mutate("rename", R"(["a","Bread"])");  // throws where it is known that there is none
  EXPECT_EQ(page_.pending(), 1u);
}

}  // namespace
}  // namespace tidemark::client
