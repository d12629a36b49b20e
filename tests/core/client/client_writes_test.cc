// What the app sees when it writes.

#include "tests/core/client/test_page.h"

namespace tidemark::client {
namespace {

TEST(ClientWritesTest, ShowsTheNewValueInTheSameCall) {
  TestPage page;
  page.Watch();
  page.Mutate("add", R"(["a","Milk"])");
  EXPECT_EQ(page.Titles(), "Milk");
  page.Mutate("rename", R"(["a","Bread"])");
  EXPECT_EQ(page.Titles(), "Bread");
  page.Mutate("remove", R"(["a"])");
  EXPECT_EQ(page.Titles(), "");
  EXPECT_EQ(page.pending(), 3u);
}

TEST(ClientWritesTest, NumbersMutationsFromOneWithoutGaps) {
  TestPage page;
  page.Watch();
  EXPECT_EQ(page.Mutate("add", R"(["a","Milk"])"), 1u);
  page.MutateFails("add", R"(["a","Milk"])");
  EXPECT_EQ(page.Mutate("add", R"(["b","Bread"])"), 2u);
}

TEST(ClientWritesTest, AMutatorThatThrowsLeavesNothingBehind) {
  TestPage page;
  page.Watch();
  page.Mutate("add", R"(["a","Milk"])");
  const Error error = page.MutateFails("throwAfterWrite", R"(["a","Bread"])");
  EXPECT_EQ(error.app_code, "regret");
  EXPECT_EQ(page.Titles(), "Milk");
  EXPECT_EQ(page.pending(), 1u);
  EXPECT_EQ(page.flushes(), 2) << "the first one and the insert";
}

TEST(ClientWritesTest, GivesWhatTheMutatorReturned) {
  TestPage page;
  page.Mutate("add", R"(["a","Milk"])");
  const Result<Client::Called> called = page.client().Mutate("count", R"(["x"])", 1, "00");
  ASSERT_TRUE(called.ok());
  EXPECT_EQ(called->result_json, R"([["a","Milk",false,0,null]])");
}

TEST(ClientWritesTest, KnowsThatARowIsAbsentOnlyWhereACompleteQueryCoversIt) {
  TestPage page;
  page.Connect();
  page.Watch();
  page.Mutate("rename", R"(["x","Milk"])");  // unknown: predicts nothing, and is sent
  EXPECT_EQ(page.Titles(), "");
  page.Mutate("remove", R"(["x"])");
  page.ServeAllTodos({PutTodo("a", "Milk")});
  // The server's tree has another hash than the one here: it may have left rows out.
  page.Mutate("rename", R"(["y","Milk"])");
}

TEST(ClientWritesTest, ADeletedRowIsKnownToBeAbsent) {
  TestPage page;
  page.Watch();
  page.Mutate("add", R"(["a","Milk"])");
  page.Mutate("remove", R"(["a"])");
  EXPECT_EQ(page.MutateFails("rename", R"(["a","Bread"])").code, ErrorCode::kNotFound);
}

TEST(ClientWritesTest, CompleteQueriesMakeAbsenceKnown) {
  TestPage page;
  page.Connect();
  page.Watch(R"({"table":"note"})", "notes");
  const std::vector<protocol::ChangeQueries> asked = page.TakeSentOf<protocol::ChangeQueries>();
  ASSERT_EQ(asked.size(), 1u);
  const query::Query notes{1, std::nullopt, {{0}}, std::nullopt, false};
  const PipelineID pipeline = query::HashQuery(page.schema(), notes);
  protocol::Poke poke;
  poke.to = Version{"db", 1};
  poke.resolved = {{asked[0].put[0].key, pipeline, true}};
  poke.segments = 1;
  page.Receive(poke);
  page.Receive(protocol::Segment{pipeline, poke.to, true, Hash128{}, {}});
  page.mutators().registry().Register(
      "renote",
      [](mutation::Transaction& tx, std::string_view args,
         const mutation::MutatorContext&) -> Result<std::string> {
        TIDEMARK_TRY(tx.Write(mutation::WriteOp::kUpdate, "note", args));
        return std::string();
      });
  EXPECT_EQ(page.MutateFails("renote", R"({"id":"n","text":"x"})").code, ErrorCode::kNotFound);
}

TEST(ClientWritesTest, SaysThatWithoutARelayNothingIsDurable) {
  TestPage page;
  page.Mutate("add", R"(["a","Milk"])");
  const std::vector<MutationEvent> events = page.TakeEvents();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, MutationEvent::Kind::kNotDurable);
  EXPECT_EQ(events[0].id, 1u);
}

}  // namespace
}  // namespace tidemark::client
