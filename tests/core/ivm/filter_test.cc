#include "core/ivm/filter.h"

#include <gtest/gtest.h>

#include "core/ivm/source_operator.h"
#include "core/store/memory_source.h"
#include "tests/core/store/todo_schema.h"

namespace tidemark::ivm {
namespace {

using model::Row;
using model::RowChange;
using store::Todo;
using store::TodoChange;

class FilterTest : public testing::Test {
 protected:
  FilterTest() {
    const auto where = store::Equals(store::kList, model::Value("mine"));
    filter_ = std::make_unique<Filter>(
        std::make_unique<SourceOperator>(store_, store::TodosByRank(where)),
        query::Predicate(where));
  }

  model::ChangeSet Advance(const RowChange& change) {
    model::ChangeSet emitted;
    EXPECT_TRUE(
        filter_->Advance({change}, [&](const RowChange& out) { emitted.push_back(out); }).ok());
    return emitted;
  }

  model::Schema schema_ = store::TodoSchema();
  store::MemoryStore store_{schema_};
  std::unique_ptr<Filter> filter_;
};

TEST_F(FilterTest, TurnsAnEditIntoAnEntryOrADeparture) {
  const Row mine = Todo("a", "mine", 1);
  const Row other = Todo("a", "other", 1);
  const auto entry = Advance(TodoChange(other, mine));
  ASSERT_EQ(entry.size(), 1u);
  EXPECT_FALSE(entry[0].before);
  EXPECT_EQ(entry[0].after, mine);
  const auto departure = Advance(TodoChange(mine, other));
  ASSERT_EQ(departure.size(), 1u);
  EXPECT_EQ(departure[0].before, mine);
  EXPECT_FALSE(departure[0].after);
}

TEST_F(FilterTest, PassesOnWhatPassesOnBothSides) {
  const auto edit = Advance(TodoChange(Todo("a", "mine", 1), Todo("a", "mine", 2)));
  ASSERT_EQ(edit.size(), 1u);
  EXPECT_TRUE(edit[0].before && edit[0].after);
  EXPECT_EQ(Advance(TodoChange(Row(), Todo("a", "mine", 1))).size(), 1u);
  EXPECT_EQ(Advance(TodoChange(Todo("a", "mine", 1), Row())).size(), 1u);
}

TEST_F(FilterTest, DropsWhatPassesOnNeither) {
  EXPECT_TRUE(Advance(TodoChange(Todo("a", "x", 1), Todo("a", "y", 1))).empty());
  EXPECT_TRUE(Advance(TodoChange(Row(), Todo("a", "x", 1))).empty());
}

TEST_F(FilterTest, IgnoresOtherTables) {
  RowChange change = TodoChange(Row(), Todo("a", "mine", 1));
  change.table = 1;
  EXPECT_TRUE(Advance(change).empty());
}

}  // namespace
}  // namespace tidemark::ivm
