#include "core/ivm/pipeline.h"

#include <gtest/gtest.h>

#include <map>

#include "core/store/memory_source.h"
#include "tests/core/store/todo_schema.h"

namespace tidemark::ivm {
namespace {

using model::ChangeSet;
using model::Row;
using model::RowChange;
using store::Todo;
using store::TodoChange;

// `-a +b ~c`: left, entered, edited; by id.
std::string Describe(const ChangeSet& changes) {
  std::map<std::string, char> kinds;
  for (const RowChange& change : changes) {
    const Row& row = change.after ? change.after : change.before;
    kinds[row[store::kId].string()] = !change.before ? '+' : !change.after ? '-' : '~';
  }
  EXPECT_EQ(kinds.size(), changes.size()) << "a key twice";
  std::string text;
  for (const auto& [id, kind] : kinds) text += (text.empty() ? "" : " ") + (kind + id);
  return text;
}

class PipelineTest : public testing::Test {
 protected:
  void Put(const Row& row) {
    changes_.Add(TodoChange(store_.Apply(store::kTodo, Key(row), row), row));
  }
  void Remove(const Row& row) {
    changes_.Add(TodoChange(store_.Apply(store::kTodo, Key(row), Row()), Row()));
  }
  static RowKey Key(const Row& row) { return store::TodoKey(row[store::kId].string()); }

  // The four rows a b c d, of ranks 1 to 4, and a pipeline on the first two.
  Pipeline FirstTwo() {
    for (int i = 0; i < 4; ++i) Put(Todo(std::string(1, static_cast<char>('a' + i)), "l", i + 1));
    return Hydrated(store::TodosByRank({}, 2));
  }
  Pipeline Hydrated(query::Query query) {
    (void)changes_.Take();
    Pipeline pipeline(store_, std::move(query));
    EXPECT_TRUE(pipeline.Hydrate([](model::TableIndex, const Row&) {}).ok());
    return pipeline;
  }
  // What all changes since the last call did.
  std::string Advance(Pipeline& pipeline) {
    const auto delta = pipeline.Advance(changes_.Take());
    EXPECT_TRUE(delta.ok());
    return Describe(*delta);
  }

  model::Schema schema_ = store::TodoSchema();
  store::MemoryStore store_{schema_};
  model::NetChanges changes_;
};

TEST_F(PipelineTest, RefillsTheWindowWhenARowLeaves) {
  Pipeline pipeline = FirstTwo();
  Remove(Todo("a", "l", 1));
  EXPECT_EQ(Advance(pipeline), "-a +c");
}

TEST_F(PipelineTest, PushesTheLastRowOutWhenOneEnters) {
  Pipeline pipeline = FirstTwo();
  Put(Todo("e", "l", 0));
  EXPECT_EQ(Advance(pipeline), "-b +e");
}

TEST_F(PipelineTest, IgnoresWhatHappensBehindTheBound) {
  Pipeline pipeline = FirstTwo();
  Put(Todo("e", "l", 9));
  Put(Todo("c", "l", 8));
  Remove(Todo("d", "l", 4));
  EXPECT_EQ(Advance(pipeline), "");
}

TEST_F(PipelineTest, LetsARowLeaveThatMovesBehindTheBound) {
  Pipeline pipeline = FirstTwo();
  Put(Todo("a", "l", 3.5));
  EXPECT_EQ(Advance(pipeline), "-a +c");
}

TEST_F(PipelineTest, KeepsARowThatMovesBehindTheBoundAndComesBackWithTheRefill) {
  Pipeline pipeline = FirstTwo();
  Put(Todo("b", "l", 2.5));
  EXPECT_EQ(Advance(pipeline), "~b");
}

TEST_F(PipelineTest, EditsInPlace) {
  Pipeline pipeline = FirstTwo();
  Put(Todo("b", "l", 2, "title"));
  EXPECT_EQ(Advance(pipeline), "~b");
}

TEST_F(PipelineTest, FoldsManyChangesIntoOneStep) {
  Pipeline pipeline = FirstTwo();
  Remove(Todo("a", "l", 1));
  Remove(Todo("b", "l", 2));
  Remove(Todo("c", "l", 3));
  Put(Todo("e", "l", 10));
  Put(Todo("f", "l", 0));
  EXPECT_EQ(Advance(pipeline), "-a -b +d +f");
}

TEST_F(PipelineTest, FillsUpAWindowThatIsNotFull) {
  Put(Todo("a", "l", 1));
  Pipeline pipeline = Hydrated(store::TodosByRank({}, 2));
  Put(Todo("b", "l", 2));
  EXPECT_EQ(Advance(pipeline), "+b");
  Remove(Todo("a", "l", 1));
  Remove(Todo("b", "l", 2));
  EXPECT_EQ(Advance(pipeline), "-a -b");
  Put(Todo("c", "l", 3));
  Put(Todo("d", "l", 4));
  Put(Todo("e", "l", 5));
  EXPECT_EQ(Advance(pipeline), "+c +d");
}

TEST_F(PipelineTest, CutsTheWindowBackWithinALargeBatchAndRefillsBehindTheCut) {
  Put(Todo("a", "l", 0));
  Pipeline pipeline = Hydrated(store::TodosByRank({}, 2));
  for (int i = 1; i <= 500; ++i) Put(Todo("t" + std::to_string(i), "l", i));
  Remove(Todo("a", "l", 0));
  EXPECT_EQ(Advance(pipeline), "-a +t1 +t2");
  // The removal comes last in the batch too when the row was changed before.
  Put(Todo("t1", "l", 1, "title"));
  for (int i = 1; i <= 500; ++i) Put(Todo("s" + std::to_string(i), "l", 0.5 + i / 1000.0));
  for (int i = 1; i <= 499; ++i) Remove(Todo("s" + std::to_string(i), "l", 0));
  EXPECT_EQ(Advance(pipeline), "+s500 ~t1 -t2");
}

TEST_F(PipelineTest, HasNothingWithALimitOfNone) {
  Put(Todo("a", "l", 1));
  Pipeline pipeline = Hydrated(store::TodosByRank({}, 0));
  Put(Todo("b", "l", 0));
  EXPECT_EQ(Advance(pipeline), "");
}

TEST_F(PipelineTest, RefillsWithRowsThatPassTheCondition) {
  for (int i = 0; i < 6; ++i) {
    Put(Todo("t" + std::to_string(i), i % 2 == 0 ? "mine" : "other", i));
  }
  Pipeline pipeline =
      Hydrated(store::TodosByRank(store::Equals(store::kList, model::Value("mine")), 2));
  Put(Todo("t0", "other", 0));
  Put(Todo("t5", "mine", 5));
  EXPECT_EQ(Advance(pipeline), "-t0 +t4");
}

TEST_F(PipelineTest, IsNotMovedByRepeatedChanges) {
  Pipeline pipeline = FirstTwo();
  Put(Todo("e", "l", 0));
  ChangeSet changes = changes_.Take();
  changes.push_back(changes.front());
  const auto delta = pipeline.Advance(changes);
  ASSERT_TRUE(delta.ok());
  EXPECT_EQ(Describe(*delta), "-b +e");
}

TEST_F(PipelineTest, RefusesToAdvanceUnlessHydrated) {
  Pipeline pipeline(store_, store::TodosByRank());
  EXPECT_FALSE(pipeline.Advance({}).ok());
}

// A store whose fetches fail on demand.
class FailingStore final : public store::Store, public store::Source {
 public:
  explicit FailingStore(const store::MemoryStore& store) : store_(store) {}
  bool failing = false;

  const model::Schema& schema() const override { return store_.schema(); }
  const store::Source& source(model::TableIndex) const override { return *this; }
  Result<Row> Get(const RowKey& key) const override { return store_.Get(store::kTodo, key); }
  Status Fetch(const store::FetchRequest& request,
               FunctionRef<bool(const Row&)> visit) const override {
    if (failing) return Error{ErrorCode::kUnavailable, "the disk is away"};
    return store_.source(store::kTodo).Fetch(request, visit);
  }

 private:
  const store::MemoryStore& store_;
};

TEST_F(PipelineTest, ComesBackAfterAStorageErrorWithAHydrate) {
  (void)FirstTwo();
  FailingStore failing(store_);
  Pipeline pipeline(failing, store::TodosByRank({}, 2));
  ASSERT_TRUE(pipeline.Hydrate([](model::TableIndex, const Row&) {}).ok());
  Remove(Todo("a", "l", 1));
  failing.failing = true;
  const auto delta = pipeline.Advance(changes_.Take());
  ASSERT_FALSE(delta.ok());
  EXPECT_EQ(delta.error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(pipeline.Advance({}).ok());
  failing.failing = false;
  std::vector<Row> rows;
  ASSERT_TRUE(
      pipeline.Hydrate([&](model::TableIndex, const Row& row) { rows.push_back(row); }).ok());
  EXPECT_EQ(store::Ids(rows), "b c");
  EXPECT_TRUE(pipeline.Advance({}).ok());
}

}  // namespace
}  // namespace tidemark::ivm
