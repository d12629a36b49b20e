// What a change costs a query with related rows, exists and groups, over tables of three sizes:
// none of it should grow with the table (Google Benchmark prints the fitted complexity). Issues of
// projects with authors and comments.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ivm/pipeline.h"
#include "core/ivm/view.h"
#include "core/query/ast_json.h"
#include "core/store/memory_source.h"
#include "core/store/sqlite_source.h"

namespace tidemark {
namespace {

using model::Row;
using model::Value;

constexpr model::TableIndex kUser = 0;
constexpr model::TableIndex kIssue = 1;
constexpr model::TableIndex kComment = 2;
constexpr std::int64_t kProjectSize = 500;
constexpr std::int64_t kUsers = 50;

constexpr char kSchema[] = R"({"tables":[
  {"name":"user","columns":[{"name":"id","type":"string"},{"name":"name","type":"string"}],
   "primaryKey":["id"],"indexes":[],"uniques":[],"relationships":[]},
  {"name":"issue","columns":[{"name":"id","type":"string"},{"name":"project","type":"string"},
     {"name":"author","type":"string"},{"name":"title","type":"string"},
     {"name":"rank","type":"number"}],
   "primaryKey":["id"],"indexes":[["project","rank"]],"uniques":[],"relationships":[
     {"name":"writer","kind":"one","table":"user","match":{"author":"id"}},
     {"name":"comments","kind":"many","table":"comment","match":{"id":"issue"}}]},
  {"name":"comment","columns":[{"name":"id","type":"string"},{"name":"issue","type":"string"},
     {"name":"text","type":"string"}],
   "primaryKey":["id"],"indexes":[],"uniques":[],"relationships":[]}]})";

std::string Id(std::string_view kind, std::int64_t i) {
  return "0192f0c1-" + std::string(kind) + "-7000-8000-" + std::to_string(100000 + i);
}

Row User(std::int64_t i) {
  return Row::Make({Value(Id("user", i)), Value("Name of " + Id("", i))});
}

Row Issue(std::int64_t i, std::string title = "Water the plants") {
  return Row::Make({Value(Id("issue", i)), Value("project" + std::to_string(i / kProjectSize)),
                    Value(Id("user", i * 31 % kUsers)), Value(std::move(title)),
                    Value(static_cast<double>(i * 7919 % 1000003))});
}

// Two an issue.
Row Comment(std::int64_t i, std::int64_t issue) {
  return Row::Make(
      {Value(Id("note", i)), Value(Id("issue", issue)), Value("They have been watered.")});
}

class Tracker {
 public:
  explicit Tracker(std::int64_t issues) {
    for (std::int64_t i = 0; i < kUsers; ++i) Put(kUser, User(i));
    for (std::int64_t i = 0; i < issues; ++i) {
      Put(kIssue, Issue(i));
      Put(kComment, Comment(2 * i, i));
      Put(kComment, Comment(2 * i + 1, i));
    }
  }

  const store::Store& store() const { return store_; }
  void ForEach(FunctionRef<void(model::TableIndex, const Row&)> visit) const {
    for (const model::TableIndex table : {kUser, kIssue, kComment}) {
      store_.ForEach(table, [&](const RowKey&, const Row& row) { visit(table, row); });
    }
  }
  query::Query Parse(std::string_view json) const {
    return query::ParseQuery(schema_, json).value();
  }
  model::RowChange Put(model::TableIndex table, const Row& row) {
    RowKey key = model::KeyOf(schema_.table(table), row);
    Row before = store_.Apply(table, key, row);
    return {table, std::move(key), std::move(before), row};
  }
  model::RowChange Remove(model::TableIndex table, const Row& row) {
    RowKey key = model::KeyOf(schema_.table(table), row);
    Row before = store_.Apply(table, key, Row());
    return {table, std::move(key), std::move(before), Row()};
  }

 private:
  model::Schema schema_ = model::Schema::Parse(kSchema).value();
  store::MemoryStore store_{schema_};
};

ivm::View Hydrated(const Tracker& tracker, std::string_view json) {
  ivm::View view(tracker.store(), tracker.Parse(json));
  TIDEMARK_CHECK(view.Hydrate().ok());
  return view;
}

constexpr char kProjectWithAll[] =
    R"({"table":"issue","where":{"op":"=","column":"project","value":"project1"},
        "orderBy":[["rank","asc"]],"related":[
          {"relationship":"writer","query":{"table":"user"}},
          {"relationship":"comments","query":{"table":"comment"}}]})";
constexpr char kFirstWithAll[] =
    R"({"table":"issue","orderBy":[["rank","asc"]],"limit":50,"related":[
          {"relationship":"writer","query":{"table":"user"}},
          {"relationship":"comments","query":{"table":"comment"}}]})";

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
}  // namespace tidemark
