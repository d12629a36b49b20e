#include "core/ivm/view.h"

#include <gtest/gtest.h>

#include "core/store/memory_source.h"
#include "tests/core/store/todo_schema.h"

namespace tidemark::ivm {
namespace {

using model::Row;
using store::Todo;
using store::TodoChange;

// `r1 i0` and so on: kind and index.
std::string Describe(const std::vector<ViewEdit>& edits) {
  std::string text;
  for (const ViewEdit& edit : edits) {
    const char kind = edit.kind == ViewEdit::Kind::kInsert   ? 'i'
                      : edit.kind == ViewEdit::Kind::kRemove ? 'r'
                                                             : '=';
    text += (text.empty() ? "" : " ") + (kind + std::to_string(edit.index));
    EXPECT_EQ(static_cast<bool>(edit.row), edit.kind != ViewEdit::Kind::kRemove);
  }
  return text;
}

class ViewTest : public testing::Test {
 protected:
  ViewTest() {
    for (int i = 0; i < 4; ++i) {
      Put(Todo(std::string(1, static_cast<char>('a' + i)), "l", i + 1));
    }
    (void)changes_.Take();
    EXPECT_TRUE(view_.Hydrate().ok());
  }
  void Put(const Row& row) {
    const RowKey key = store::TodoKey(row[store::kId].string());
    changes_.Add(TodoChange(store_.Apply(store::kTodo, key, row), row));
  }
  void Remove(const char* id) {
    changes_.Add(TodoChange(store_.Apply(store::kTodo, store::TodoKey(id), Row()), Row()));
  }
  std::string Advance() {
    const auto edits = view_.Advance(changes_.Take());
    EXPECT_TRUE(edits.ok());
    return Describe(*edits);
  }

  model::Schema schema_ = store::TodoSchema();
  store::MemoryStore store_{schema_};
  model::NetChanges changes_;
  View view_{store_, store::TodosByRank()};
};

TEST_F(ViewTest, ReplacesARowThatKeepsItsPlace) {
  Put(Todo("c", "l", 3, "title"));
  EXPECT_EQ(Advance(), "=2");
  EXPECT_EQ(view_.rows()[2], Todo("c", "l", 3, "title"));
}

TEST_F(ViewTest, RemovesAndInsertsARowThatMoves) {
  Put(Todo("a", "l", 3.5));
  EXPECT_EQ(Advance(), "r0 i2");
  EXPECT_EQ(store::Ids(view_.rows()), "b c a d");
}

TEST_F(ViewTest, CountsIndexesOneEditAfterTheOther) {
  Remove("d");
  Remove("b");
  Put(Todo("x", "l", 0));
  Put(Todo("y", "l", 2));
  Put(Todo("z", "l", 9));
  EXPECT_EQ(Advance(), "r1 r2 i0 i2 i4");
  EXPECT_EQ(store::Ids(view_.rows()), "x a y c z");
}

TEST_F(ViewTest, SaysNothingWhenNothingChanged) {
  EXPECT_EQ(Advance(), "");
  Put(Todo("x", "l", 0));
  Remove("x");
  EXPECT_EQ(Advance(), "");
}

TEST_F(ViewTest, HoldsOneRowForOne) {
  query::Query query = store::TodosByRank(std::nullopt, 1);
  query.one = true;
  View one(store_, query);
  ASSERT_TRUE(one.Hydrate().ok());
  Remove("a");
  const auto edits = one.Advance(changes_.Take());
  ASSERT_TRUE(edits.ok());
  EXPECT_EQ(Describe(*edits), "r0 i0");
  EXPECT_EQ(store::Ids(one.rows()), "b");
}

}  // namespace
}  // namespace tidemark::ivm
