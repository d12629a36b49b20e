// The law of the pipelines: for any schema, rows, query and changes, what is maintained over memory
// and over SQLite is what SQL answers afresh, order included, after every batch.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/ivm/view.h"
#include "core/query/ast_json.h"
#include "core/store/sqlite_source.h"
#include "tests/core/store/random_data.h"

namespace tidemark::ivm {
namespace {

using model::Row;

// What a reader of the edits has.
void ApplyEdits(const std::vector<ViewEdit>& edits, std::vector<Row>& mirror) {
  for (const ViewEdit& edit : edits) {
    const auto at = mirror.begin() + static_cast<std::ptrdiff_t>(edit.index);
    switch (edit.kind) {
      case ViewEdit::Kind::kInsert:
        ASSERT_LE(edit.index, mirror.size());
        mirror.insert(at, edit.row);
        break;
      case ViewEdit::Kind::kRemove:
        ASSERT_LT(edit.index, mirror.size());
        mirror.erase(at);
        break;
      case ViewEdit::Kind::kReplace:
        ASSERT_LT(edit.index, mirror.size());
        *at = edit.row;
        break;
      case ViewEdit::Kind::kOpen:
      case ViewEdit::Kind::kTouch:
      case ViewEdit::Kind::kClose:
        FAIL() << "the rows of these queries have no lists";
    }
  }
}

// One query on both stores.
struct Watched {
  Watched(const store::Store& memory, const store::Store& sqlite, const query::Query& query)
      : over_memory(memory, query), over_sqlite(sqlite, query) {}

  void Hydrate() {
    ASSERT_TRUE(over_memory.Hydrate().ok());
    ASSERT_TRUE(over_sqlite.Hydrate().ok());
    mirror = over_memory.rows();
  }
  void Advance(const model::ChangeSet& changes) {
    const auto edits = over_memory.Advance(changes);
    ASSERT_TRUE(edits.ok()) << edits.error().message;
    ApplyEdits(*edits, mirror);
    const auto others = over_sqlite.Advance(changes);
    ASSERT_TRUE(others.ok()) << others.error().message;
    ASSERT_EQ(edits->size(), others->size());
  }

  View over_memory;
  View over_sqlite;
  std::vector<Row> mirror;
};

class World {
 public:
  World(Random& random, const model::Schema& schema)
      : random_(random),
        memory_(schema),
        database_(store::Database::Open(":memory:").value()),
        sqlite_(schema, database_) {
    TIDEMARK_CHECK(store::MigrateSqlite(schema, database_).ok());
    (void)Change(60);
    for (int i = 0; i < 12; ++i) {
      watched_.push_back(
          std::make_unique<Watched>(memory_, sqlite_, store::RandomQuery(random, schema, 5)));
      watched_.back()->Hydrate();
    }
  }

  void Step() {
    // Most batches are small; some fold several commits into one.
    const model::ChangeSet changes = Change(1 + random_.Below(random_.OneIn(3) ? 20 : 3));
    for (auto& watched : watched_) {
      if (random_.OneIn(50)) {
        watched->Hydrate();  // a repair
      } else {
        watched->Advance(changes);
      }
      Compare(*watched);
      if (testing::Test::HasFatalFailure()) return;
    }
  }

 private:
  model::ChangeSet Change(std::size_t count) {
    model::ChangeSet changes = store::ChangeAtRandom(random_, memory_, count);
    for (const model::RowChange& change : changes) {
      const Status status = change.after ? sqlite_.Put(change.table, change.after)
                                         : sqlite_.Delete(change.table, change.key);
      TIDEMARK_CHECK(status.ok());
    }
    return changes;
  }

  void Compare(const Watched& watched) {
    const query::Query& query = watched.over_memory.query();
    const auto fresh = sqlite_.Run(query);
    ASSERT_TRUE(fresh.ok()) << fresh.error().message;
    const std::string what =
        memory_.schema().json() + "\n" + query::QueryToJson(memory_.schema(), query);
    const std::vector<std::string> expected = store::Texts(*fresh);
    ASSERT_EQ(store::Texts(watched.over_memory.rows()), expected) << what;
    ASSERT_EQ(store::Texts(watched.over_sqlite.rows()), expected) << what;
    ASSERT_EQ(store::Texts(watched.mirror), expected) << what;
    ASSERT_EQ(store::Texts(store::FetchAll(memory_, query)), expected) << what;
  }

  Random& random_;
  store::MemoryStore memory_;
  store::Database database_;
  store::SqliteStore sqlite_;
  std::vector<std::unique_ptr<Watched>> watched_;
};

TEST(MaintainedTest, EqualsFreshSqlAfterEveryBatch) {
  Random random(store::SeedFromEnvironment(7));
  for (int i = 0; i < 40; ++i) {
    const auto schema = model::Schema::Parse(store::RandomSchemaJson(random, 1 + random.Below(2)));
    ASSERT_TRUE(schema.ok()) << schema.error().message;
    World world(random, *schema);
    for (int step = 0; step < 40; ++step) {
      world.Step();
      if (HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace tidemark::ivm
