#include "core/ivm/level.h"

#include <gtest/gtest.h>

#include "tests/core/ivm/board_world.h"
#include "tests/core/ivm/mirror.h"

namespace tidemark::ivm {
namespace {

class LevelTest : public testing::Test {
 protected:
  LevelTest() {
    world_.Board("b1");
    world_.Board("b2");
    world_.Todo("t1", "b1", 1);
    world_.Todo("t2", "b1", 2);
    (void)world_.Take();
  }

  View Watch(const char* query) {
    View view(world_.store(), world_.Parse(query));
    EXPECT_TRUE(view.Hydrate().ok());
    EXPECT_EQ(mirror_.Apply(view.Edits()), "");
    return view;
  }
  std::string Advance(View& view) {
    const auto edits = view.Advance(world_.Take());
    EXPECT_TRUE(edits.ok());
    EXPECT_EQ(mirror_.Apply(*edits), "");
    EXPECT_EQ(mirror_.ToJson(), view.ToJson());
    return Describe(*edits);
  }

  BoardWorld world_;
  Mirror mirror_;
};

constexpr char kBoardsWithTodos[] =
    R"({"table":"board","related":[{"relationship":"todos","query":{"table":"todo",
        "orderBy":[["rank","asc"]]}}]})";

TEST_F(LevelTest, GivesEachParentItsRows) {
  View view = Watch(kBoardsWithTodos);
  EXPECT_EQ(view.ToJson(),
            R"([["b1","me",[["t1","b1",1,false],["t2","b1",2,false]]],["b2","me",[]]])");
}

TEST_F(LevelTest, TellsAChildsChangeBeforeItTouchesTheParent) {
  View view = Watch(kBoardsWithTodos);
  world_.Todo("t3", "b2", 1);
  EXPECT_EQ(Advance(view), "2+0:t3 0!1");
  world_.Todo("t1", "b1", 3);
  EXPECT_EQ(Advance(view), "1-0 1+1:t1 0!0");
  world_.Remove(kTodo, "t2");
  EXPECT_EQ(Advance(view), "1-0 0!0");
}

TEST_F(LevelTest, MovesARowFromOneParentToAnother) {
  View view = Watch(kBoardsWithTodos);
  world_.Todo("t1", "b2", 1);
  EXPECT_EQ(Advance(view), "1-0 2+0:t1 0!0 0!1");
}

TEST_F(LevelTest, OpensAListBeforeARowNamesItAndClosesItLast) {
  View view = Watch(kBoardsWithTodos);
  world_.Board("b0");
  world_.Todo("t0", "b0", 1);
  EXPECT_EQ(Advance(view), "3(1 3+0:t0 0+0:b0/3");
  world_.Remove(kBoard, "b0");
  EXPECT_EQ(Advance(view), "0-0 3)");
}

TEST_F(LevelTest, SaysNothingOfAListThatCameAndWentInOneBatch) {
  View view = Watch(kBoardsWithTodos);
  world_.Board("b0");
  world_.Remove(kBoard, "b0");
  EXPECT_EQ(Advance(view), "");
}

TEST_F(LevelTest, SharesAListBetweenParentsWithTheSameValue) {
  View view =
      Watch(R"({"table":"todo","related":[{"relationship":"board","query":{"table":"board"}}]})");
  world_.Board("b1", "you");
  EXPECT_EQ(Advance(view), "1=0:b1 0!0 0!1");
  world_.Todo("t2", "b2", 2);
  EXPECT_EQ(Advance(view), "2(1 2+0:b2 0=1:t2/2");
  world_.Todo("t1", "", 1);  // null leads nowhere
  EXPECT_EQ(Advance(view), "3(1 0=0:t1/3 1)");
  EXPECT_EQ(view.ToJson(), R"([["t1",null,1,false,[]],["t2","b2",2,false,[["b2","me"]]]])");
}

TEST_F(LevelTest, CutsEachListAtItsLimitAndRefillsIt) {
  world_.Todo("t3", "b1", 3);
  View view = Watch(
      R"({"table":"board","related":[{"relationship":"todos","query":{"table":"todo",
          "orderBy":[["rank","asc"]],"limit":2}}]})");
  (void)world_.Take();
  world_.Todo("t4", "b1", 4);
  EXPECT_EQ(Advance(view), "");
  world_.Remove(kTodo, "t1");
  EXPECT_EQ(Advance(view), "1-0 1+1:t3 0!0");
}

TEST_F(LevelTest, TouchesEveryLevelAboveAChange) {
  world_.Tag("red");
  View view = Watch(
      R"({"table":"board","related":[{"relationship":"todos","query":{"table":"todo",
          "related":[{"relationship":"tags","query":{"table":"tag"}}]}}]})");
  (void)world_.Take();
  world_.Tie("t2", "red");
  EXPECT_EQ(Advance(view), "4+0:red 1!1 0!0");
}

TEST_F(LevelTest, GivesATargetOnceHoweverManyJunctionRowsLeadThere) {
  world_.Tag("red");
  world_.Tag("blue");
  world_.Tie("t1", "red");
  View view = Watch(
      R"({"table":"todo","related":[{"relationship":"tags","query":{"table":"tag","limit":1}}]})");
  (void)world_.Take();
  world_.Tie("t1", "blue");
  EXPECT_EQ(Advance(view), "1-0 1+0:blue 0!0");
  world_.Untie("t1", "blue");
  world_.Remove(kTag, "blue");
  EXPECT_EQ(Advance(view), "1-0 1+0:red 0!0");
}

TEST_F(LevelTest, CountsTheRowsThatItHolds) {
  View view = Watch(kBoardsWithTodos);
  EXPECT_EQ(view.row_count(), 4u);
  world_.Remove(kBoard, "b1");
  Advance(view);
  EXPECT_EQ(view.row_count(), 1u);
}

TEST_F(LevelTest, MaintainsGroupsInEachRow) {
  View view = Watch(
      R"({"table":"board","related":[{"relationship":"todos","query":{"table":"todo",
          "aggregates":[{"function":"count","as":"count"},
                        {"function":"max","column":"rank","as":"max_rank"}]}}]})");
  EXPECT_EQ(view.ToJson(), R"([["b1","me",[[2,2]]],["b2","me",[[0,null]]]])");
  world_.Remove(kTodo, "t2");
  world_.Todo("t3", "b2", 7);
  const auto edits = view.Advance(world_.Take());
  ASSERT_TRUE(edits.ok());
  EXPECT_EQ(mirror_.Apply(*edits), "");
  EXPECT_EQ(mirror_.ToJson(), R"([["b1","me",[[1,1]]],["b2","me",[[1,7]]]])");
}

}  // namespace
}  // namespace tidemark::ivm
