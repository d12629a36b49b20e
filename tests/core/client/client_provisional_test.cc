// Create, then navigate: what a confirmed mutation wrote stays until the query that will hold it
// has been answered.

#include <string>
#include <utility>
#include <vector>

#include "core/query/ast_json.h"
#include "tests/core/client/test_page.h"

namespace tidemark::client {
namespace {

constexpr std::string_view kDone =
    R"({"table":"todo","where":{"op":"=","column":"done","value":true}})";
constexpr std::string_view kOpen =
    R"({"table":"todo","where":{"op":"=","column":"done","value":false}})";
constexpr std::string_view kRanked = R"({"table":"todo","orderBy":[["rank","desc"]]})";

/// A page with a query that has been answered (by default the done todos: there are none), which
/// has just added a todo and gone to the query that will show it, its second view.
class ClientProvisionalTest : public ::testing::Test {
 protected:
  void Begin(std::string_view first = kDone, std::vector<ScriptedUpstream::Change> rows = {}) {
    page_.Watch(first, "first");
    page_.Connect();
    first_ = {page_.TakeSentOf<protocol::Hello>().back().queries[0].key, PipelineOf(first)};
    Answer(first_, rows);
    ASSERT_EQ(page_.Last(1).status, ViewStatus::kComplete);
    added_ = page_.Mutate("add", R"(["a","Milk"])");
    page_.TakeSent();
    page_.Watch(kAllTodos, "all");
    all_ = {page_.TakeSentOf<protocol::ChangeQueries>().back().put[0].key, PipelineOf(kAllTodos)};
  }

  struct Served {
    QueryKey key;
    PipelineID pipeline;
  };

  PipelineID PipelineOf(std::string_view ast) const {
    return query::HashQuery(page_.schema(), query::ParseQuery(page_.schema(), ast).value());
  }
  protocol::Poke NextPoke() {
    protocol::Poke poke;
    poke.from = version_;
    version_ = Version{"db", version_.position + 1};
    poke.to = version_;
    return poke;
  }
  /// `age`: so many versions before the poke's the rows were read.
  void Answer(const Served& query, const std::vector<ScriptedUpstream::Change>& rows,
              std::uint64_t age = 0) {
    protocol::Poke poke = NextPoke();
    poke.resolved = {{query.key, query.pipeline, true}};
    poke.segments = 1;
    protocol::Segment segment{query.pipeline, poke.to, true, {}, {}};
    segment.to.position -= age;
    for (const ScriptedUpstream::Change& row : rows) {
      segment.changes.push_back({protocol::SegmentChange::Kind::kPut, "todo",
                                 RowKey("[\"" + row.id + "\"]"), row.row_json});
      segment.fingerprint =
          segment.fingerprint +
          HashRow("todo", RowFromJsonText(page_.schema().table(0), row.row_json).value());
    }
    page_.Receive(poke);
    page_.Receive(segment);
  }
  void Confirm(MutationID id, std::vector<protocol::MutationResult> results = {}) {
    protocol::Poke poke = NextPoke();
    poke.lmids = {page_.Lmid(id)};
    poke.results = std::move(results);
    page_.Receive(poke);
  }

  TestPage page_;
  Version version_;
  Served first_;
  Served all_;
  MutationID added_ = 0;
};

TEST_F(ClientProvisionalTest, GivesWayToRowsThatWereReadBeforeItWasConfirmedHere) {
  Begin();
  Confirm(added_);
  EXPECT_EQ(page_.Titles(2), "Milk");
  // The page was told late: the rows are of the commit that wrote them, which was before.
  Answer(all_, {PutTodo("a", "Oat milk")}, /*age=*/2);
  EXPECT_EQ(page_.Titles(2), "Oat milk");
}

TEST_F(ClientProvisionalTest, StaysUntilTheQueryThatWasWaitingIsComplete) {
  Begin();
  ASSERT_EQ(page_.Titles(2), "Milk");
  Confirm(added_);
  EXPECT_EQ(page_.pending(), 0u);
  EXPECT_EQ(page_.Titles(2), "Milk") << "confirmed, and on its way with the query's answer";
  const int flushes = page_.flushes(2);
  Answer(all_, {PutTodo("a", "Milk")});
  EXPECT_EQ(page_.Titles(2), "Milk");
  EXPECT_EQ(page_.Last(2).status, ViewStatus::kComplete);
  EXPECT_TRUE(page_.Last(2).edits.empty()) << "nothing was taken away and brought again";
  EXPECT_EQ(page_.flushes(2), flushes + 1);
}

TEST_F(ClientProvisionalTest, LeavesWhenTheAnswerDoesNotHoldIt) {
  Begin();
  Confirm(added_);
  Answer(all_, {PutTodo("b", "Bread")});
  EXPECT_EQ(page_.Titles(2), "Bread") << "somebody else removed it";
}

TEST_F(ClientProvisionalTest, LeavesWhenTheQueryFails) {
  Begin();
  Confirm(added_);
  ASSERT_EQ(page_.client().Run(kAllTodos).value(), R"([["a","Milk",false,0,null]])");
  page_.Receive(protocol::QueryFailed{all_.key, Error{ErrorCode::kForbidden, "no"}});
  EXPECT_EQ(page_.client().Run(kAllTodos).value(), "[]");
}

TEST_F(ClientProvisionalTest, LeavesWhenTheQueryIsNotWantedAnyMore) {
  Begin();
  Confirm(added_);
  page_.Unwatch(2);
  EXPECT_EQ(page_.client().Run(kAllTodos).value(), "[]");
}

TEST_F(ClientProvisionalTest, IsNotKeptWhereNobodyWaits) {
  Begin();
  page_.Unwatch(2);
  Confirm(added_);
  EXPECT_EQ(page_.client().Run(kAllTodos).value(), "[]");
}

TEST_F(ClientProvisionalTest, IsNotKeptAgainstACompleteQueryThatWouldHoldIt) {
  Begin(kOpen);
  Confirm(added_);
  EXPECT_EQ(page_.Titles(1), "") << "the server removed it in the same step";
  EXPECT_EQ(page_.Titles(2), "");
}

TEST_F(ClientProvisionalTest, LeavesWhenAnotherQueryThatWouldHoldItIsComplete) {
  Begin();
  page_.Watch(kRanked, "ranked");
  const Served ranked{page_.TakeSentOf<protocol::ChangeQueries>().back().put[0].key,
                      PipelineOf(kRanked)};
  Confirm(added_);
  EXPECT_EQ(page_.Titles(3), "Milk");
  Answer(ranked, {});
  EXPECT_EQ(page_.Titles(3), "");
  EXPECT_EQ(page_.Titles(2), "") << "the server says that it is gone";
}

TEST_F(ClientProvisionalTest, IsNotKeptWhenTheMutationFailed) {
  Begin();
  Confirm(added_, {{page_.client().id(), added_, "", Error{ErrorCode::kApp, "no", "no"}}});
  EXPECT_EQ(page_.Titles(2), "");
}

TEST_F(ClientProvisionalTest, IsWhatTheLastConfirmedMutationWroteAndCarriesWhatIsPending) {
  Begin();
  const MutationID renamed = page_.Mutate("rename", R"(["a","Oat milk"])");
  page_.Mutate("raise", R"(["a",3])");
  Confirm(added_);
  EXPECT_EQ(page_.Titles(2), "Oat milk");
  Confirm(renamed);
  EXPECT_EQ(page_.Titles(2), "Oat milk");
  EXPECT_EQ(page_.pending(), 1u);
  Answer(all_, {PutTodo("a", "Oat milk")});
  EXPECT_EQ(page_.client().Run(kAllTodos).value(), R"([["a","Oat milk",false,3,null]])");
}

TEST_F(ClientProvisionalTest, GoesWithAConfirmedRemoval) {
  Begin();
  Confirm(added_);
  const MutationID removed = page_.Mutate("remove", R"(["a"])");
  Confirm(removed);
  EXPECT_EQ(page_.Titles(2), "");
}

TEST_F(ClientProvisionalTest, IsNotShownByACompleteQueryThatItDoesNotBelongTo) {
  Begin(R"({"table":"todo","orderBy":[["rank","asc"]],"limit":2})");
  Confirm(added_);
  EXPECT_EQ(page_.Titles(1), "") << "the window is the server's";
  EXPECT_EQ(page_.Titles(2), "Milk");
}

TEST_F(ClientProvisionalTest, StaysWhenItLeavesTheQueryThatHeldItForOneThatWaits) {
  constexpr std::string_view kBread =
      R"({"table":"todo","where":{"op":"=","column":"title","value":"Bread"}})";
  Begin(kBread, {PutTodo("b", "Bread")});
  const MutationID renamed = page_.Mutate("rename", R"(["b","Rye bread"])");
  protocol::Poke poke = NextPoke();
  poke.lmids = {page_.Lmid(renamed)};
  poke.segments = 1;
  const protocol::SegmentChange leaves{protocol::SegmentChange::Kind::kRemove, "todo",
                                       RowKey(R"(["b"])")};
  page_.Receive(poke);
  page_.Receive(protocol::Segment{first_.pipeline, poke.to, false, {}, {leaves}});
  EXPECT_EQ(page_.Titles(1), "");
  EXPECT_EQ(page_.Titles(2), "Milk, Rye bread");
}

TEST(ClientCoverageTest, ACompleteQueryWithACursorDoesNotSayWhatIsAbsentBeforeIt) {
  TestPage page;
  constexpr std::string_view kFromFive =
      R"({"table":"todo","orderBy":[["rank","asc"]],"start":{"row":{"rank":5,"id":"a"}}})";
  page.Watch(kFromFive, "later");
  page.Connect();
  page.ServeAllTodos({});
  page.Mutate("rename", R"(["z","Before five"])");
  EXPECT_EQ(page.pending(), 1u) << "nothing is known of z: nothing is predicted, and no error";
}

}  // namespace
}  // namespace tidemark::client
