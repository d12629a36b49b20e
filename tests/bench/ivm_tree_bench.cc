// What a change costs a query with related rows, exists and groups, over tables of three sizes:
// none of it should grow with the table (Google Benchmark prints the fitted complexity).

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/ivm/pipeline.h"
#include "core/ivm/view.h"
#include "core/store/sqlite_source.h"
#include "tests/bench/tracker.h"

namespace tidemark::bench {
namespace {

// 500 issues with their authors and 1,000 comments.
void HydrateTree(benchmark::State& state) {
  Tracker tracker(state.range(0));
  ivm::View view = Hydrated(tracker, kProjectWithAll);
  for (auto _ : state) {
    TIDEMARK_CHECK(view.Hydrate().ok());
    TIDEMARK_CHECK(view.rows().size() == kProjectSize && view.row_count() == 1550);
  }
  state.SetComplexityN(state.range(0));
}

// The same over SQLite: what the server pays for a query that nobody asked before.
void HydrateTreeSqlite(benchmark::State& state) {
  Tracker tracker(state.range(0));
  const model::Schema& schema = tracker.store().schema();
  store::Database database = store::Database::Open(":memory:").value();
  TIDEMARK_CHECK(store::MigrateSqlite(schema, database).ok());
  store::SqliteStore sqlite(schema, database);
  TIDEMARK_CHECK(database.Execute("BEGIN").ok());
  tracker.ForEach([&](model::TableIndex table, const Row& row) {
    TIDEMARK_CHECK(sqlite.Put(table, row).ok());
  });
  TIDEMARK_CHECK(database.Execute("COMMIT").ok());
  ivm::Pipeline pipeline(sqlite, tracker.Parse(kProjectWithAll));
  for (auto _ : state) {
    std::size_t members = 0;
    TIDEMARK_CHECK(pipeline.Hydrate([&](model::TableIndex, const Row&) { ++members; }).ok());
    TIDEMARK_CHECK(members == 1550);
  }
  state.SetComplexityN(state.range(0));
}

// Tells a reader all of it.
void TellTree(benchmark::State& state) {
  Tracker tracker(1000);
  ivm::View view = Hydrated(tracker, kProjectWithAll);
  for (auto _ : state) benchmark::DoNotOptimize(view.Edits());
}

void PushInsideWindow(benchmark::State& state) {
  Tracker tracker(state.range(0));
  ivm::View view = Hydrated(tracker, kFirstWithAll);
  std::vector<Value> values = view.rows()[25].values();
  values[3] = Value("one");
  const Row versions[] = {Row::Make(values), view.rows()[25]};
  std::size_t turn = 0;
  for (auto _ : state) {
    const auto edits = view.Advance({tracker.Put(kIssue, versions[turn++ % 2])});
    TIDEMARK_CHECK(edits.ok() && edits->size() == 1);
  }
  state.SetComplexityN(state.range(0));
}

void PushOutsideWindow(benchmark::State& state) {
  Tracker tracker(state.range(0));
  ivm::View view = Hydrated(tracker, kFirstWithAll);
  // The last in order.
  std::int64_t last = 0;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    if (Issue(i)[4].number() > Issue(last)[4].number()) last = i;
  }
  const Row versions[] = {Issue(last, "one"), Issue(last, "two")};
  std::size_t turn = 0;
  for (auto _ : state) {
    const auto edits = view.Advance({tracker.Put(kIssue, versions[turn++ % 2])});
    TIDEMARK_CHECK(edits.ok() && edits->empty());
  }
  state.SetComplexityN(state.range(0));
}

// A comment comes and goes under an issue of the window.
void AddChild(benchmark::State& state) {
  Tracker tracker(state.range(0));
  ivm::View view = Hydrated(tracker, kFirstWithAll);
  const Row comment = Row::Make({Value("new"), view.rows()[25][0], Value("text")});
  bool is_there = false;
  for (auto _ : state) {
    is_there = !is_there;
    const auto edits = view.Advance(
        {is_there ? tracker.Put(kComment, comment) : tracker.Remove(kComment, comment)});
    TIDEMARK_CHECK(edits.ok() && edits->size() == 2);  // and the issue is touched
  }
  state.SetComplexityN(state.range(0));
}

// The only comment of an issue comes and goes, so the issue does, with it as a witness.
void FlipExists(benchmark::State& state) {
  Tracker tracker(state.range(0));
  ivm::Pipeline pipeline(tracker.store(),
                         tracker.Parse(
                             R"({"table":"issue","where":{"op":"exists","relationship":"comments",
          "query":{"table":"comment","where":{"op":"=","column":"text","value":"seen"}}}})"));
  TIDEMARK_CHECK(pipeline.Hydrate([](model::TableIndex, const Row&) {}).ok());
  const Row comment = Row::Make({Value("new"), Value(Id("issue", 7)), Value("seen")});
  bool is_there = false;
  for (auto _ : state) {
    is_there = !is_there;
    const auto delta = pipeline.Advance(
        {is_there ? tracker.Put(kComment, comment) : tracker.Remove(kComment, comment)});
    TIDEMARK_CHECK(delta.ok() && delta->size() == 2);
  }
  state.SetComplexityN(state.range(0));
}

// An issue goes from one author to another: two groups of 50 change.
void CountGroups(benchmark::State& state) {
  Tracker tracker(state.range(0));
  ivm::View view =
      Hydrated(tracker, R"({"table":"issue","aggregates":[{"function":"count","as":"count"}],
                   "groupBy":["author"]})");
  std::vector<Value> values = Issue(7).values();
  values[2] = Value(Id("user", 1));
  const Row versions[] = {Row::Make(values), Issue(7)};
  std::size_t turn = 0;
  for (auto _ : state) {
    const auto edits = view.Advance({tracker.Put(kIssue, versions[turn++ % 2])});
    TIDEMARK_CHECK(edits.ok() && edits->size() == 2);
  }
  state.SetComplexityN(state.range(0));
}

// 1,000 rows of a list without a limit, edited in one transaction; the second half moves them.
void EditManyAtOnce(benchmark::State& state) {
  Tracker tracker(10000);
  ivm::View view = Hydrated(tracker, R"({"table":"issue","orderBy":[["rank","asc"]]})");
  const bool moves = state.range(0) == 1;
  std::vector<Row> versions;
  for (std::int64_t turn = 0; turn < 2; ++turn) {
    for (std::int64_t i = 0; i < 1000; ++i) {
      std::vector<Value> values = Issue(i * 10).values();
      values[3] = Value("turn " + std::to_string(turn));
      if (moves) values[4] = Value(static_cast<double>((i * 104729 + turn * 500) % 1000003));
      versions.push_back(Row::Make(std::move(values)));
    }
  }
  std::size_t turn = 0;
  for (auto _ : state) {
    model::ChangeSet changes;
    for (std::size_t i = 0; i < 1000; ++i) {
      changes.push_back(tracker.Put(kIssue, versions[turn * 1000 + i]));
    }
    turn = 1 - turn;
    const auto edits = view.Advance(changes);
    TIDEMARK_CHECK(edits.ok() && edits->size() >= 1000);
  }
  state.SetLabel(moves ? "moved" : "in place");
}

BENCHMARK(HydrateTree)->Arg(1000)->Arg(10000)->Arg(100000)->Complexity();
BENCHMARK(HydrateTreeSqlite)->Arg(1000)->Arg(10000)->Arg(100000)->Complexity();
BENCHMARK(TellTree);
BENCHMARK(PushInsideWindow)->Arg(1000)->Arg(10000)->Arg(100000)->Complexity();
BENCHMARK(PushOutsideWindow)->Arg(1000)->Arg(10000)->Arg(100000)->Complexity();
BENCHMARK(AddChild)->Arg(1000)->Arg(10000)->Arg(100000)->Complexity();
BENCHMARK(FlipExists)->Arg(1000)->Arg(10000)->Arg(100000)->Complexity();
BENCHMARK(CountGroups)->Arg(1000)->Arg(10000)->Arg(100000)->Complexity();
BENCHMARK(EditManyAtOnce)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tidemark::bench
