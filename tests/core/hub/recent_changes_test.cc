#include "core/hub/recent_changes.h"

#include <gtest/gtest.h>

#include <string>

namespace tidemark::hub {
namespace {

using model::ChangeSet;
using model::Row;
using model::RowChange;
using model::Value;

Row Number(double number) { return Row::Make({Value(number)}); }
RowChange Change(const std::string& key, Row before, Row after) {
  return RowChange{0, RowKey(key), std::move(before), std::move(after)};
}

TEST(RecentChangesTest, GivesNetChangesSinceAPosition) {
  RecentChanges recent(10, 100);
  recent.Add(11, {Change("a", Row(), Number(1))});
  recent.Add(14, {Change("a", Number(1), Number(2)), Change("b", Number(7), Row())});
  const std::optional<ChangeSet> all = recent.Since(10);
  ASSERT_TRUE(all.has_value());
  ASSERT_EQ(all->size(), 2u);
  EXPECT_FALSE((*all)[0].before);
  EXPECT_EQ((*all)[0].after, Number(2));
  const std::optional<ChangeSet> last = recent.Since(12);
  ASSERT_TRUE(last.has_value());
  ASSERT_EQ(last->size(), 2u);
  EXPECT_EQ((*last)[0].before, Number(1));
  EXPECT_TRUE(recent.Since(14)->empty());
}

TEST(RecentChangesTest, KnowsNothingFromBeforeItsBeginning) {
  RecentChanges recent(10, 100);
  EXPECT_FALSE(recent.Since(9).has_value());
  EXPECT_TRUE(recent.Since(10)->empty());
}

TEST(RecentChangesTest, DoesNotSplitWhatWasFolded) {
  RecentChanges recent(10, 100);
  recent.AddFolded(10, 14, {Change("a", Row(), Number(1))});
  recent.Add(15, {Change("b", Row(), Number(1))});
  EXPECT_EQ(recent.Since(10)->size(), 2u);
  EXPECT_FALSE(recent.Since(12).has_value());
  EXPECT_EQ(recent.Since(14)->size(), 1u);
}

TEST(RecentChangesTest, ForgetsTheOldestWhenItHoldsTooMuch) {
  RecentChanges recent(0, 100);
  const std::size_t each = 50;
  for (std::uint64_t position = 1; position <= 3; ++position) {
    ChangeSet changes;
    for (std::size_t row = 0; row < each; ++row) {
      changes.push_back(Change(std::to_string(row), Number(double(position)), Row()));
    }
    recent.Add(position, changes);
  }
  EXPECT_FALSE(recent.Since(0).has_value());
  ASSERT_TRUE(recent.Since(1).has_value());
  EXPECT_EQ(recent.Since(2)->size(), each);
}

}  // namespace
}  // namespace tidemark::hub
