#include "core/hub/set_comparison.h"

#include <gtest/gtest.h>

namespace tidemark::hub {
namespace {

using Difference = SetComparison::Difference;
using State = SetComparison::State;

constexpr std::uint64_t kPosition = 7;

/// Compared as far as the members, of which these are the receiver's, in the first of four buckets.
SetComparison WithMembers(std::vector<std::uint32_t> theirs) {
  SetComparison comparison(1, 4);
  comparison.TakeSums({1, 2, 3, 4}, {0, 2, 3, 4}, kPosition);
  comparison.TakeMembers(std::move(theirs));
  return comparison;
}

TEST(SetComparisonTest, WantsTheBucketsWhoseSumsDiffer) {
  SetComparison comparison(1, 4);
  comparison.TakeSums({1, 2, 3, 4}, {0, 2, 3, 5}, kPosition);
  EXPECT_EQ(comparison.state(), State::kMembers);
  EXPECT_EQ(comparison.wanted(), (std::vector<std::uint32_t>{0, 3}));
  EXPECT_EQ(comparison.position(), kPosition);
}

TEST(SetComparisonTest, AsksNothingMoreWhenNothingDiffers) {
  SetComparison comparison(1, 2);
  comparison.TakeSums({1, 2}, {1, 2}, kPosition);
  EXPECT_EQ(comparison.state(), State::kKnown);
  EXPECT_TRUE(comparison.Compare({}).puts.empty());
}

TEST(SetComparisonTest, GivesUpWhenMostDiffersOrTheAnswerMakesNoSense) {
  SetComparison most(1, 4);
  most.TakeSums({9, 9, 9, 4}, {1, 2, 3, 4}, kPosition);
  EXPECT_EQ(most.state(), State::kWhole);
  SetComparison none(1, 4);
  none.TakeSums({}, {1, 2, 3, 4}, kPosition);
  EXPECT_EQ(none.state(), State::kWhole);
  EXPECT_EQ(WithMembers({1, 2, 3}).state(), State::kWhole);
}

TEST(SetComparisonTest, FindsWhatWasAddedEditedAndRemoved) {
  const SetComparison comparison = WithMembers({10, 100, 20, 200, 30, 300});
  const Difference difference = comparison.Compare({{20, 222, 2}, {30, 300, 1}, {40, 400, 0}});
  EXPECT_EQ(difference.puts, (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(difference.left, (std::vector<std::uint32_t>{10}));
}

TEST(SetComparisonTest, BeginsAnewWhereKeysShareAHash) {
  const SetComparison same = WithMembers({10, 2, 10, 1});
  EXPECT_TRUE(same.Compare({{10, 1, 0}, {10, 2, 1}}).puts.empty());
  const SetComparison edited = WithMembers({10, 2, 10, 1});
  const Difference both = edited.Compare({{10, 1, 0}, {10, 3, 1}});
  EXPECT_EQ(both.puts, (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(both.left, (std::vector<std::uint32_t>{10}));
  const Difference one = edited.Compare({{10, 1, 0}});
  EXPECT_EQ(one.puts, (std::vector<std::size_t>{0}));
  EXPECT_EQ(one.left, (std::vector<std::uint32_t>{10}));
}

TEST(SetComparisonTest, LeavesOtherBucketsAlone) {
  std::vector<SetComparison::Member> ours = {{0xC0000000, 5, 0}, {10, 100, 1}, {0x40000000, 5, 2}};
  SetComparison::Sort(ours);
  const Difference difference = WithMembers({10, 100}).Compare(ours);
  EXPECT_TRUE(difference.puts.empty());
  EXPECT_TRUE(difference.left.empty());
}

TEST(SetComparisonTest, TakesWhateverItIsTold) {
  const Difference difference = WithMembers({5, 5, 5, 5, 5, 5}).Compare({});
  EXPECT_EQ(difference.left, (std::vector<std::uint32_t>{5}));
  EXPECT_TRUE(difference.puts.empty());
}

}  // namespace
}  // namespace tidemark::hub
