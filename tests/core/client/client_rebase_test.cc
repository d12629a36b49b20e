// optimistic = base + replay(pending), while base moves.

#include "tests/core/client/test_page.h"

namespace tidemark::client {
namespace {

class ClientRebaseTest : public ::testing::Test {
 protected:
  ClientRebaseTest() {
    page_.Watch();
    page_.Connect();
    page_.ServeAllTodos({PutTodo("a", "Milk"), PutTodo("b", "Bread", 1)});
  }
  TestPage page_;
};

TEST_F(ClientRebaseTest, RebasesOntoAForeignEdit) {
  page_.Mutate("rank", R"(["a",2])");
  EXPECT_EQ(page_.Titles(), "Bread, Milk");
  page_.Receive({{PutTodo("a", "Oat milk")}});
  EXPECT_EQ(page_.Titles(), "Bread, Oat milk") << "both edits survive";
}

TEST_F(ClientRebaseTest, FlushesOnceAPoke) {
  page_.Mutate("rename", R"(["a","Beer"])");
  const int before = page_.flushes();
  page_.Receive({{PutTodo("a", "Oat milk"), PutTodo("b", "Rye bread", 1)}});
  EXPECT_EQ(page_.Titles(), "Beer, Rye bread");
  EXPECT_EQ(page_.flushes(), before + 1);
}

TEST_F(ClientRebaseTest, ShowsNothingWhenThePredictionWasRight) {
  page_.Mutate("rename", R"(["a","Beer"])");
  const int before = page_.flushes();
  page_.Receive({{PutTodo("a", "Beer")}, {page_.Lmid(1)}});
  EXPECT_EQ(page_.Titles(), "Beer, Bread");
  EXPECT_EQ(page_.flushes(), before);
  EXPECT_EQ(page_.pending(), 0u);
}

TEST_F(ClientRebaseTest, ShowsTheServersResultWhenThePredictionWasWrong) {
  page_.Mutate("rename", R"(["a","Beer"])");
  page_.Receive({{PutTodo("a", "Root beer")}, {page_.Lmid(1)}});
  EXPECT_EQ(page_.Titles(), "Root beer, Bread");
}

TEST_F(ClientRebaseTest, UndoesWhatTheServerDidNotDo) {
  page_.Mutate("rename", R"(["a","Beer"])");
  page_.Mutate("add", R"(["c","Eggs"])");
  page_.Receive({{}, {page_.Lmid(2)}});
  EXPECT_EQ(page_.Titles(), "Milk, Bread");
}

TEST_F(ClientRebaseTest, RunsAgainWhatReadTheForeignEdit) {
  page_.Mutate("raise", R"(["a",10])");
  page_.Mutate("raise", R"(["a",10])");
  page_.Receive({{PutTodo("a", "Milk", 100), PutTodo("c", "Eggs", 110)}});
  EXPECT_EQ(page_.Titles(), "Bread, Eggs, Milk") << "120 is behind 110";
}

TEST_F(ClientRebaseTest, RetiresAPredictionThatThrows) {
  page_.Mutate("addUnique", R"(["c","Eggs"])");
  EXPECT_EQ(page_.Titles(), "Milk, Eggs, Bread");
  page_.Receive({{PutTodo("d", "Eggs", 5)}});
  EXPECT_EQ(page_.Titles(), "Milk, Bread, Eggs");
  EXPECT_EQ(page_.pending(), 1u) << "it stays in the log";
  page_.Receive({{{"d", ""}}});
  EXPECT_EQ(page_.Titles(), "Milk, Eggs, Bread") << "and is tried again";
}

TEST_F(ClientRebaseTest, PredictsWhatItCouldNotOnceTheRowIsThere) {
  page_.Mutate("rename", R"(["x","Known at last"])");
  EXPECT_EQ(page_.Titles(), "Milk, Bread");
  page_.Receive({{PutTodo("x", "Unknown", 9)}});
  EXPECT_EQ(page_.Titles(), "Milk, Bread, Known at last");
}

TEST_F(ClientRebaseTest, AForeignDeleteRetiresTheEditOfIt) {
  page_.Mutate("rename", R"(["a","Beer"])");
  page_.Receive({{{"a", ""}}});
  EXPECT_EQ(page_.Titles(), "Bread");
  page_.Receive({{}, {page_.Lmid(1)}});
  EXPECT_EQ(page_.Titles(), "Bread");
}

TEST_F(ClientRebaseTest, ConfirmsTheFirstOfSeveralEditsOfOneRow) {
  page_.Mutate("rename", R"(["a","Beer"])");
  page_.Mutate("rename", R"(["a","Wine"])");
  const int runs = page_.mutators().runs();
  page_.Receive({{PutTodo("a", "Beer")}, {page_.Lmid(1)}});
  EXPECT_EQ(page_.Titles(), "Wine, Bread");
  EXPECT_EQ(page_.mutators().runs(), runs);
  page_.Receive({{}, {page_.Lmid(2)}});
  EXPECT_EQ(page_.Titles(), "Beer, Bread") << "the server did not rename it twice";
}

TEST_F(ClientRebaseTest, DoesNotRunWhatThePokeDoesNotMeet) {
  for (int i = 0; i < 100; ++i) {
    page_.Mutate("add", "[\"n" + std::to_string(i) + "\",\"x\"]");
  }
  page_.Mutate("rename", R"(["a","Beer"])");
  const int runs = page_.mutators().runs();
  page_.Receive({{PutTodo("b", "Rye bread", 1)}});
  EXPECT_EQ(page_.mutators().runs(), runs);
  page_.Receive({{PutTodo("a", "Oat milk")}});
  EXPECT_EQ(page_.mutators().runs(), runs + 1);
}

TEST_F(ClientRebaseTest, ConfirmingALongQueueOneByOneRunsNothing) {
  constexpr int kMutations = 2000;
  for (int i = 0; i < kMutations; ++i) {
    page_.Mutate("rename", "[\"a\",\"" + std::to_string(i) + "\"]");
  }
  const int runs = page_.mutators().runs();
  for (int i = 0; i < kMutations; ++i) {
    page_.Receive(
        {{PutTodo("a", std::to_string(i))}, {page_.Lmid(static_cast<MutationID>(i) + 1)}});
  }
  EXPECT_EQ(page_.mutators().runs(), runs);
  EXPECT_EQ(page_.pending(), 0u);
  EXPECT_EQ(page_.Titles(), "1999, Bread");
}

TEST_F(ClientRebaseTest, AMutatorThatQueriesRunsAgainWhenItsTableChanges) {
  page_.Mutate("addUnique", R"(["c","Eggs"])");
  const int runs = page_.mutators().runs();
  page_.Receive({{PutTodo("z", "Salt", 50)}});
  EXPECT_EQ(page_.mutators().runs(), runs + 1);
}

}  // namespace
}  // namespace tidemark::client
