#include "core/store/memory_source.h"

#include <gtest/gtest.h>

#include "tests/core/store/random_data.h"
#include "tests/core/store/todo_schema.h"

namespace tidemark::store {
namespace {

using model::Row;
using model::Value;

class MemorySourceTest : public testing::Test {
 protected:
  void Put(const Row& row) { store_.Apply(kTodo, TodoKey(row[kId].string()), row); }
  std::string Fetch(const query::Query& query, std::optional<Start> start = std::nullopt) {
    std::vector<Row> rows;
    const Status status =
        store_.source(kTodo).Fetch({query, std::move(start)}, [&](const Row& row) {
          rows.push_back(row);
          return true;
        });
    EXPECT_TRUE(status.ok());
    return Ids(rows);
  }

  model::Schema schema_ = TodoSchema();
  MemoryStore store_{schema_};
};

TEST_F(MemorySourceTest, GivesBackTheRowThatWasThere) {
  EXPECT_FALSE(store_.Apply(kTodo, TodoKey("a"), Todo("a", "l", 1)));
  EXPECT_EQ(store_.Apply(kTodo, TodoKey("a"), Todo("a", "l", 2)), Todo("a", "l", 1));
  EXPECT_EQ(store_.Get(kTodo, TodoKey("a")), Todo("a", "l", 2));
  EXPECT_EQ(store_.Apply(kTodo, TodoKey("a"), Row()), Todo("a", "l", 2));
  EXPECT_FALSE(store_.Apply(kTodo, TodoKey("a"), Row()));
  EXPECT_EQ(store_.size(kTodo), 0u);
}

TEST_F(MemorySourceTest, KeepsAnIndexThatWasBuiltBeforeTheRowsCame) {
  EXPECT_EQ(Fetch(TodosByRank()), "");
  Put(Todo("c", "l", 1));
  Put(Todo("a", "l", 3));
  Put(Todo("b", "l", 2));
  EXPECT_EQ(Fetch(TodosByRank()), "c b a");
  Put(Todo("c", "l", 9));
  EXPECT_EQ(Fetch(TodosByRank()), "b a c");
}

TEST_F(MemorySourceTest, BeginsBehindARowThatIsNotThereAnyMore) {
  for (const char* id : {"a", "b", "c", "d"}) Put(Todo(id, "l", 1));
  EXPECT_EQ(Fetch(TodosByRank(), Start{Todo("bb", "l", 1), false}), "c d");
  EXPECT_EQ(Fetch(TodosByRank(), Start{Todo("b", "l", 1), false}), "c d");
  EXPECT_EQ(Fetch(TodosByRank(), Start{Todo("b", "l", 1), true}), "b c d");
  EXPECT_EQ(Fetch(TodosByRank({}, 1), Start{Todo("b", "l", 1), true}), "b");
}

TEST_F(MemorySourceTest, ReadsOneListThroughTheDeclaredIndex) {
  for (int i = 0; i < 40; ++i) {
    Put(Todo("t" + std::to_string(10 + i), i % 4 == 0 ? "mine" : "other", 40 - i));
  }
  const auto mine = Equals(kList, Value("mine"));
  EXPECT_EQ(Fetch(TodosByRank(mine, 3)), "t46 t42 t38");
  // The start's list is not part of the order, so it does not matter.
  EXPECT_EQ(Fetch(TodosByRank(mine, 2), Start{Todo("t38", "elsewhere", 12), false}), "t34 t30");
}

TEST_F(MemorySourceTest, StartsOutsideOfWhatIsFixed) {
  Put(Todo("a", "l", 5));
  Put(Todo("b", "l", 5));
  Put(Todo("c", "l", 6));
  const auto five = Equals(kRank, Value(5.0));
  EXPECT_EQ(Fetch(TodosByRank(five), Start{Todo("z", "l", 4), false}), "a b");
  EXPECT_EQ(Fetch(TodosByRank(five), Start{Todo("a", "l", 5), false}), "b");
  EXPECT_EQ(Fetch(TodosByRank(five), Start{Todo("a", "l", 6), false}), "");
}

TEST_F(MemorySourceTest, FindsTheOneRowOfAKey) {
  Put(Todo("a", "l", 1));
  Put(Todo("b", "l", 2));
  EXPECT_EQ(Fetch(TodosByRank(Equals(kId, Value("b")))), "b");
  EXPECT_EQ(Fetch(TodosByRank(Equals(kId, Value("x")))), "");
  EXPECT_EQ(Fetch(TodosByRank(Equals(kId, Value("b"))), Start{Todo("a", "l", 2), false}), "b");
  EXPECT_EQ(Fetch(TodosByRank(Equals(kId, Value("b"))), Start{Todo("b", "l", 2), false}), "");
}

TEST_F(MemorySourceTest, AnswersWithoutAnIndexWhenThereAreManyAlready) {
  for (int i = 0; i < 300; ++i) {
    Put(Todo("t" + std::to_string(i), "l" + std::to_string(i % 7), i % 5,
             "title" + std::to_string(i % 11)));
  }
  const std::vector<model::ColumnIndex> columns = {kList, kRank, kTitle};
  for (unsigned shape = 0; shape < 8 * 6; ++shape) {  // more than there may be indexes
    query::Query query = TodosByRank();
    query.order_by.clear();
    for (unsigned i = 0; i < 3; ++i) {
      query.order_by.push_back({columns[(shape + i * (1 + shape % 2)) % 3],
                                (shape >> (i + 3) & 1) != 0 ? query::Direction::kDescending
                                                            : query::Direction::kAscending});
    }
    query.order_by.push_back({kId, query::Direction::kAscending});
    std::vector<Row> rows = FetchAll(store_, query);
    ASSERT_EQ(rows.size(), 300u);
    for (std::size_t i = 1; i < rows.size(); ++i) {
      ASSERT_TRUE(query::CompareRows(query.order_by, rows[i - 1], rows[i]) < 0);
    }
  }
}

TEST_F(MemorySourceTest, KeepsItsOrderThroughManyChanges) {
  Random random(SeedFromEnvironment(11));
  const query::Query query = TodosByRank();
  EXPECT_EQ(Fetch(query), "");
  std::vector<Row> model(3000);
  for (int round = 0; round < 4; ++round) {
    // Grows in random order, then shrinks to a few, so that chunks split and join.
    for (std::size_t i = 0; i < 6000; ++i) {
      const std::size_t at = random.Below(model.size());
      const bool remove = round % 2 == 1 && !random.OneIn(20);
      model[at] =
          remove ? Row()
                 : Todo("t" + std::to_string(at), "l", static_cast<double>(random.Below(1000)));
      store_.Apply(kTodo, TodoKey("t" + std::to_string(at)), model[at]);
    }
    std::vector<Row> expected;
    for (const Row& row : model) {
      if (row) expected.push_back(row);
    }
    std::sort(expected.begin(), expected.end(), [&](const Row& a, const Row& b) {
      return query::CompareRows(query.order_by, a, b) < 0;
    });
    ASSERT_EQ(Ids(FetchAll(store_, query)), Ids(expected));
  }
}

TEST_F(MemorySourceTest, ReadsWhatAConstraintAsksForInOrder) {
  for (int i = 0; i < 6; ++i) {
    Put(Todo(std::string(1, static_cast<char>('a' + i)), i % 2 == 0 ? "even" : "odd", -i));
  }
  const query::Query query = TodosByRank();
  const std::vector<model::ColumnIndex> columns = {kList};
  const auto fetch = [&](Value list, std::optional<Start> start) {
    const std::vector<Value> values = {std::move(list)};
    std::vector<Row> rows;
    EXPECT_TRUE(store_.source(kTodo)
                    .Fetch({query, std::move(start), {columns, values}},
                           [&](const Row& row) {
                             rows.push_back(row);
                             return true;
                           })
                    .ok());
    return Ids(rows);
  };
  EXPECT_EQ(fetch(Value("even"), std::nullopt), "e c a");
  EXPECT_EQ(fetch(Value("even"), Start{Todo("c", "even", -2), false}), "a");
  EXPECT_EQ(fetch(Value("odd"), Start{Todo("c", "even", -2), true}), "b");
  EXPECT_EQ(fetch(Value(), std::nullopt), "");
  Put(Todo("a", "odd", 0));
  EXPECT_EQ(fetch(Value("even"), std::nullopt), "e c");
}

}  // namespace
}  // namespace tidemark::store
