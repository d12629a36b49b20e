#include "core/ivm/exists_filter.h"

#include <gtest/gtest.h>

#include "core/store/memory_source.h"
#include "tests/core/ivm/board_world.h"

namespace tidemark::ivm {
namespace {

class ExistsFilterTest : public testing::Test {
 protected:
  ExistsFilterTest() {
    world_.Board("b1");
    world_.Board("b2");
    world_.Todo("t1", "b1", 1);
    world_.Todo("t2", "b2", 2, true);
    (void)world_.Take();
  }

  void Watch(const char* query) {
    pipeline_.emplace(world_.store(), world_.Parse(query));
    model::ChangeSet members;
    ASSERT_TRUE(pipeline_
                    ->Hydrate([&](model::TableIndex table, const model::Row& row) {
                      members.push_back({table, RowKey(), model::Row(), row});
                    })
                    .ok());
    members_ = Describe(world_.store().schema(), *pipeline_, members);
  }
  std::string Advance() {
    const auto delta = pipeline_->Advance(world_.Take());
    EXPECT_TRUE(delta.ok());
    return Describe(world_.store().schema(), *pipeline_, *delta);
  }

  BoardWorld world_;
  std::optional<Pipeline> pipeline_;
  std::string members_;
};

constexpr char kWithOpenTodos[] =
    R"({"table":"board","where":{"op":"exists","relationship":"todos","query":{"table":"todo",
        "where":{"op":"=","column":"done","value":false}}}})";
constexpr char kWithoutOpenTodos[] =
    R"({"table":"board","where":{"op":"not","arg":{"op":"exists","relationship":"todos",
        "query":{"table":"todo","where":{"op":"=","column":"done","value":false}}}}})";

TEST_F(ExistsFilterTest, HoldsParentsAndWhatWitnessesThem) {
  Watch(kWithOpenTodos);
  EXPECT_EQ(members_, "+board:b1 +todo:t1");
}

TEST_F(ExistsFilterTest, LetsParentsInWithTheirFirstRowAndOutWithTheLast) {
  Watch(kWithOpenTodos);
  world_.Todo("t2", "b2", 2, false);
  EXPECT_EQ(Advance(), "+board:b2 +todo:t2");
  world_.Todo("t3", "b2", 3);
  EXPECT_EQ(Advance(), "+todo:t3");
  world_.Todo("t2", "b1", 2);
  EXPECT_EQ(Advance(), "~todo:t2");
  world_.Remove(kTodo, "t3");
  EXPECT_EQ(Advance(), "-board:b2 -todo:t3");
}

TEST_F(ExistsFilterTest, KeepsAParentWhoseOnlyRowIsReplacedInOneBatch) {
  Watch(kWithOpenTodos);
  world_.Remove(kTodo, "t1");
  world_.Todo("t9", "b1", 1);
  EXPECT_EQ(Advance(), "+todo:t9 -todo:t1");
}

TEST_F(ExistsFilterTest, HoldsNothingThatWitnessesAnAbsence) {
  Watch(kWithoutOpenTodos);
  EXPECT_EQ(members_, "+board:b2");
  world_.Todo("t2", "b2", 2, false);
  world_.Remove(kTodo, "t1");
  EXPECT_EQ(Advance(), "+board:b1 -board:b2");
}

TEST_F(ExistsFilterTest, HoldsAFewWitnessesOfMany) {
  for (int i = 0; i < 9; ++i) world_.Todo("u" + std::to_string(i), "b2", i);
  Watch(kWithOpenTodos);
  EXPECT_EQ(members_, "+board:b1 +board:b2 +todo:t1 +todo:u0 +todo:u1 +todo:u2");
  (void)world_.Take();
  world_.Remove(kTodo, "u1");
  EXPECT_EQ(Advance(), "+todo:u3 -todo:u1");
}

TEST_F(ExistsFilterTest, FollowsAJunction) {
  Watch(
      R"({"table":"todo","where":{"op":"exists","relationship":"tags","query":{"table":"tag"}}})");
  EXPECT_EQ(members_, "");
  world_.Tie("t1", "red");
  EXPECT_EQ(Advance(), "");  // there is no such tag
  world_.Tag("red");
  EXPECT_EQ(Advance(), "+tag:red +todo:t1 +todoTag:t1/red");
  world_.Untie("t1", "red");
  EXPECT_EQ(Advance(), "-tag:red -todo:t1 -todoTag:t1/red");
}

TEST_F(ExistsFilterTest, DecidesAMovedParentByWhatWasThereAndWhatIs) {
  Watch(R"({"table":"todo","where":{"op":"exists","relationship":"board","query":{"table":"board",
            "where":{"op":"=","column":"owner","value":"me"}}}})");
  EXPECT_EQ(members_, "+board:b1 +board:b2 +todo:t1 +todo:t2");
  world_.Board("b2", "you");
  world_.Todo("t1", "b2", 1);
  EXPECT_EQ(Advance(), "-board:b1 -board:b2 -todo:t1 -todo:t2");
  world_.Board("b2", "me");
  EXPECT_EQ(Advance(), "+board:b2 +todo:t1 +todo:t2");
}

TEST_F(ExistsFilterTest, CountsARowOnceThatSeveralNodesHold) {
  Watch(R"({"table":"todo","related":[{"relationship":"board","query":{"table":"board",
            "related":[{"relationship":"todos","query":{"table":"todo"}}]}}]})");
  EXPECT_EQ(members_,
            "+@0:t1 +@0:t2 +@0:told +@2:t1 +@2:t2 +@2:told +board:b1 +board:b2 +todo:t1 +todo:t2");
  world_.Todo("t1", "b2", 1);
  EXPECT_EQ(Advance(), "-board:b1 ~todo:t1");
}

TEST_F(ExistsFilterTest, TellsAtWhichNodesARowIs) {
  Watch(R"({"table":"todo","where":{"op":"and","args":[{"op":"=","column":"done","value":false},
            {"op":"exists","relationship":"board","query":{"table":"board",
             "where":{"op":"exists","relationship":"todos","query":{"table":"todo",
              "where":{"op":"<","column":"rank","value":3}}}}}]}})");
  // Of b2 nothing: its only todo is done.
  EXPECT_EQ(members_, "+@0:t1 +@0:told +@2:t1 +@2:told +board:b1 +todo:t1");
  world_.Todo("t3", "b2", 3);
  EXPECT_EQ(Advance(), "+@0:t3 +@2:t2 +board:b2 +todo:t2 +todo:t3");
  world_.Todo("t1", "b1", 1, true);
  EXPECT_EQ(Advance(), "-@0:t1 -@2:t1 -board:b1 -todo:t1");
  world_.Todo("t2", "b2", 2, false);
  EXPECT_EQ(Advance(), "+@0:t2 ~todo:t2");
}

}  // namespace
}  // namespace tidemark::ivm
