#include "core/model/row.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "core/model/row_change.h"

namespace tidemark::model {
namespace {

Row MakeRow(const char* id, double rank) { return Row::Make({Value(id), Value(rank)}); }

RowChange Change(const char* id, Row before, Row after, TableIndex table = 0) {
  return RowChange{table, RowKey(id), std::move(before), std::move(after)};
}

TEST(RowTest, SharesContentBetweenCopies) {
  Row row = MakeRow("a", 1);
  const Row copy = row;
  EXPECT_EQ(&row[0], &copy[0]);
  row = MakeRow("b", 2);
  EXPECT_EQ(copy[0].string(), "a");
  const Row& same = row;
  row = same;
  EXPECT_EQ(row[0].string(), "b");
}

TEST(RowTest, ComparesByContent) {
  EXPECT_EQ(MakeRow("a", 1), MakeRow("a", 1));
  EXPECT_FALSE(MakeRow("a", 1) == MakeRow("a", 2));
  EXPECT_EQ(Row(), Row());
  EXPECT_FALSE(Row() == Row::Make({}));
  EXPECT_FALSE(Row());
  EXPECT_TRUE(Row::Make({}));
}

TEST(RowTest, WritesAnArrayInColumnOrder) {
  EXPECT_EQ(RowJson(Row::Make({Value("a"), Value(), Value(JsonText{"[1]"})})), R"(["a",null,[1]])");
  EXPECT_EQ(RowJson(Row::Make({})), "[]");
}

TEST(RowTest, HashesTableAndContent) {
  EXPECT_EQ(HashRow("todo", MakeRow("a", 1)), HashRow("todo", MakeRow("a", 1)));
  EXPECT_FALSE(HashRow("todo", MakeRow("a", 1)) == HashRow("todo", MakeRow("a", 2)));
  EXPECT_FALSE(HashRow("todo", MakeRow("a", 1)) == HashRow("list", MakeRow("a", 1)));
}

TEST(NetChangesTest, FoldsChangesOfOneKey) {
  NetChanges net;
  net.Add(Change("a", Row(), MakeRow("a", 1)));
  net.Add(Change("b", MakeRow("b", 1), MakeRow("b", 2)));
  net.Add(Change("a", MakeRow("a", 1), MakeRow("a", 2)));
  const ChangeSet changes = net.Take();
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_FALSE(changes[0].before);
  EXPECT_EQ(changes[0].after, MakeRow("a", 2));
  EXPECT_EQ(changes[1].before, MakeRow("b", 1));
  EXPECT_TRUE(net.empty());
}

TEST(NetChangesTest, DropsWhatCancelsOut) {
  NetChanges net;
  net.Add(Change("a", Row(), MakeRow("a", 1)));
  net.Add(Change("b", MakeRow("b", 1), Row()));
  net.Add(Change("c", MakeRow("c", 1), MakeRow("c", 2)));
  net.Add(Change("a", MakeRow("a", 1), Row()));
  net.Add(Change("b", Row(), MakeRow("b", 1)));
  const ChangeSet changes = net.Take();
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].key, RowKey("c"));
}

TEST(NetChangesTest, KeepsEqualKeysOfDifferentTablesApart) {
  NetChanges net;
  net.Add(Change("a", Row(), MakeRow("a", 1), 0));
  net.Add(Change("a", Row(), MakeRow("a", 1), 1));
  net.Add(Change("a", MakeRow("a", 1), Row(), 0));
  const ChangeSet changes = net.Take();
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].table, 1u);
}

TEST(NetChangesTest, StartsAfreshAfterTake) {
  NetChanges net;
  net.Add(Change("a", Row(), MakeRow("a", 1)));
  EXPECT_EQ(net.Take().size(), 1u);
  net.Add(Change("a", MakeRow("a", 1), MakeRow("a", 2)));
  const ChangeSet changes = net.Take();
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].before, MakeRow("a", 1));
}

TEST(RowChangeTest, InverseUndoes) {
  const RowChange inverse = Inverse(Change("a", Row(), MakeRow("a", 1), 3));
  EXPECT_EQ(inverse.table, 3u);
  EXPECT_EQ(inverse.before, MakeRow("a", 1));
  EXPECT_FALSE(inverse.after);
}

}  // namespace
}  // namespace tidemark::model
