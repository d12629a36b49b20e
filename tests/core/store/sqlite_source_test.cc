#include "core/store/sqlite_source.h"

#include <gtest/gtest.h>

#include "tests/core/store/random_data.h"
#include "tests/core/store/todo_schema.h"

namespace tidemark::store {
namespace {

using model::Row;
using model::Value;

class SqliteStoreTest : public testing::Test {
 protected:
  SqliteStoreTest() { EXPECT_TRUE(MigrateSqlite(schema_, database_).ok()); }

  model::Schema schema_ = TodoSchema();
  Database database_ = Database::Open(":memory:").value();
  SqliteStore store_{schema_, database_};
};

TEST_F(SqliteStoreTest, InsertsOnceAndPutsAgain) {
  ASSERT_TRUE(store_.Insert(kTodo, Todo("a", "l", 1)).ok());
  const Status again = store_.Insert(kTodo, Todo("a", "l", 2));
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, ErrorCode::kAlreadyExists);
  ASSERT_TRUE(store_.Put(kTodo, Todo("a", "m", 3, "t")).ok());
  EXPECT_EQ(*store_.Get(kTodo, TodoKey("a")), Todo("a", "m", 3, "t"));
  ASSERT_TRUE(store_.Delete(kTodo, TodoKey("a")).ok());
  ASSERT_TRUE(store_.Delete(kTodo, TodoKey("a")).ok());
  EXPECT_FALSE(*store_.Get(kTodo, TodoKey("a")));
}

TEST_F(SqliteStoreTest, PutsARowOfNothingButItsKey) {
  constexpr model::TableIndex kLists = 1;
  const Row row = Row::Make({model::Value("l")});
  ASSERT_TRUE(store_.Put(kLists, row).ok());
  ASSERT_TRUE(store_.Put(kLists, row).ok());
  EXPECT_EQ(*store_.Get(kLists, TodoKey("l")), row);
}

TEST_F(SqliteStoreTest, FetchesWithinAFetch) {
  for (const char* id : {"a", "b", "c"}) ASSERT_TRUE(store_.Put(kTodo, Todo(id, "l", 1)).ok());
  const query::Query query = TodosByRank();
  std::string pairs;
  const Status status = store_.source(kTodo).Fetch({query}, [&](const Row& outer) {
    const Status inner = store_.source(kTodo).Fetch({query}, [&](const Row& row) {
      pairs += outer[kId].string() + row[kId].string() + " ";
      return row[kId].string() != "b";
    });
    EXPECT_TRUE(inner.ok());
    return true;
  });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(pairs, "aa ab ba bb ca cb ");
}

TEST_F(SqliteStoreTest, LeavesNoSnapshotBehindAFetchThatStopsEarly) {
  for (const char* id : {"a", "b", "c"}) ASSERT_TRUE(store_.Put(kTodo, Todo(id, "l", 1)).ok());
  ASSERT_TRUE(store_.source(kTodo).Fetch({TodosByRank()}, [](const Row&) { return false; }).ok());
  // A table that is being read cannot be dropped.
  EXPECT_TRUE(database_.Execute("DROP TABLE todo").ok());
}

TEST_F(SqliteStoreTest, ReportsAMissingTable) {
  ASSERT_TRUE(database_.Execute("DROP TABLE todo").ok());
  EXPECT_FALSE(store_.Get(kTodo, TodoKey("a")).ok());
  EXPECT_FALSE(store_.Run(TodosByRank()).ok());
}

TEST_F(SqliteStoreTest, ReadsOneListInOrderWithoutSorting) {
  auto plan = database_.Prepare(
      "EXPLAIN QUERY PLAN SELECT * FROM todo WHERE list_id = 'l' ORDER BY rank, id LIMIT 3");
  ASSERT_TRUE(plan.ok());
  ASSERT_TRUE(*plan->Step());
  EXPECT_NE(plan->Text(3).find("USING INDEX index todo(list_id,rank)"), std::string::npos)
      << plan->Text(3);
  EXPECT_FALSE(*plan->Step());
}

// The law of the interface: whatever is asked of whatever rows, both stores answer alike.
TEST(SourceTest, MemoryAndSqliteAnswerAlike) {
  Random random(SeedFromEnvironment(20261));
  for (int world = 0; world < 200; ++world) {
    const std::string document = RandomSchemaJson(random, 1);
    auto schema = model::Schema::Parse(document);
    ASSERT_TRUE(schema.ok()) << schema.error().message;
    MemoryStore memory(*schema);
    auto database = Database::Open(":memory:").value();
    const Status migrated = MigrateSqlite(*schema, database);
    ASSERT_TRUE(migrated.ok()) << migrated.error().message;
    SqliteStore sqlite(*schema, database);
    const model::Table& table = schema->table(0);
    for (const model::RowChange& change : ChangeAtRandom(random, memory, 80)) {
      ASSERT_TRUE(sqlite.Put(0, change.after).ok());
      ASSERT_EQ(*sqlite.Get(0, change.key), change.after);
    }
    for (int i = 0; i < 40; ++i) {
      const query::Query query = RandomQuery(random, *schema, 5);
      std::optional<Start> start;
      if (random.OneIn(2)) start = Start{RandomRow(random, table), random.OneIn(2)};
      // Values that some row has, mostly; nulls too.
      std::vector<model::ColumnIndex> columns;
      std::vector<Value> values;
      for (model::ColumnIndex column = 0; column < table.columns.size(); ++column) {
        const bool is_json = table.columns[column].type == model::ColumnType::kJson;
        if (is_json || columns.size() == 2 || !random.OneIn(5)) continue;
        columns.push_back(column);
        values.push_back(RandomValue(random, table.columns[column]));
      }
      const auto fetch = [&](const Store& store) {
        std::vector<Row> rows;
        const FetchRequest request{query, start, {columns, values}};
        const Status status = store.source(0).Fetch(request, [&](const Row& row) {
          rows.push_back(row);
          return true;
        });
        EXPECT_TRUE(status.ok()) << status.error().message;
        return Texts(rows);
      };
      ASSERT_EQ(fetch(memory), fetch(sqlite))
          << document << "\nquery " << i << " of world " << world
          << (start ? "\nstart " + model::RowJson(start->row) : "");
    }
  }
}

}  // namespace
}  // namespace tidemark::store
