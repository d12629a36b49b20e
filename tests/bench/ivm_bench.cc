// What a change costs a pipeline: one row edited inside a window of 50 rows, over tables of three
// sizes; hydrating 500 rows; 20,000 rows at once; a change of the table that the query does not
// select; and what the memory store's own indexes cost per change.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/ivm/pipeline.h"
#include "core/ivm/view.h"
#include "core/store/memory_source.h"
#include "core/store/sqlite_source.h"

namespace tidemark {
namespace {

using model::Row;
using model::Value;

constexpr model::TableIndex kTodo = 0;
constexpr model::ColumnIndex kId = 0;
constexpr model::ColumnIndex kList = 1;
constexpr model::ColumnIndex kTitle = 2;
constexpr model::ColumnIndex kDone = 3;
constexpr model::ColumnIndex kRank = 4;
constexpr std::int64_t kListSize = 500;

model::Schema TodoSchema() {
  return model::Schema::Parse(R"({"tables":[{"name":"todo","columns":[
    {"name":"id","type":"string"},{"name":"list","type":"string"},{"name":"title","type":"string"},
    {"name":"done","type":"boolean"},{"name":"rank","type":"number"},
    {"name":"at","type":"timestamp"}],"primaryKey":["id"],"indexes":[["list","rank"]]}]})")
      .value();
}

std::string Id(std::int64_t i) { return "0192f0c1-0000-7000-8000-" + std::to_string(100000 + i); }

// Ranks are a permutation, so that rows that are neighbours in order are not in memory.
Row Todo(std::int64_t i) {
  const double rank = static_cast<double>(i * 7919 % 1000003);
  return Row::Make({Value(Id(i)), Value("list" + std::to_string(i / kListSize)),
                    Value("Water the plants " + std::to_string(i)), Value(i % 3 == 0), Value(rank),
                    Value(1.7e12 + static_cast<double>(i))});
}

Row With(const Row& row, model::ColumnIndex column, Value value) {
  std::vector<Value> values = row.values();
  values[column] = std::move(value);
  return Row::Make(std::move(values));
}

query::Query ByRank(std::optional<std::uint32_t> limit) {
  query::Query query;
  query.table = kTodo;
  query.order_by = {{kRank}, {kId}};
  query.limit = limit;
  return query;
}

query::Query OneList() {
  query::Query query = ByRank(std::nullopt);
  query.where = query::Condition{query::Comparison{kList, query::Op::kEqual, {Value("list1")}}};
  return query;
}

// Both stores behind what the benchmarks need.
class Memory {
 public:
  explicit Memory(std::int64_t rows) {
    for (std::int64_t i = 0; i < rows; ++i) Put(Todo(i));
  }
  const store::Store& store() const { return store_; }
  model::RowChange Put(const Row& row) {
    RowKey key = model::KeyOf(schema_.table(kTodo), row);
    Row before = store_.Apply(kTodo, key, row);
    return {kTodo, std::move(key), std::move(before), row};
  }

 private:
  model::Schema schema_ = TodoSchema();
  store::MemoryStore store_{schema_};
};

class Sqlite {
 public:
  explicit Sqlite(std::int64_t rows) {
    TIDEMARK_CHECK(store::MigrateSqlite(schema_, database_).ok());
    TIDEMARK_CHECK(database_.Execute("CREATE INDEX by_rank ON todo (rank, id); BEGIN").ok());
    for (std::int64_t i = 0; i < rows; ++i) TIDEMARK_CHECK(store_.Put(kTodo, Todo(i)).ok());
    TIDEMARK_CHECK(database_.Execute("COMMIT").ok());
  }
  const store::Store& store() const { return store_; }
  model::RowChange Put(const Row& row) {
    RowKey key = model::KeyOf(schema_.table(kTodo), row);
    Row before = store_.Get(kTodo, key).value();
    TIDEMARK_CHECK(store_.Put(kTodo, row).ok());
    return {kTodo, std::move(key), std::move(before), row};
  }

 private:
  model::Schema schema_ = TodoSchema();
  store::Database database_ = store::Database::Open(":memory:").value();
  store::SqliteStore store_{schema_, database_};
};

// Store and view: what a mutation of one field costs until the view has it.
template <typename AnyStore>
void EditInWindow(benchmark::State& state) {
  AnyStore rows(state.range(0));
  ivm::View view(rows.store(), ByRank(50));
  TIDEMARK_CHECK(view.Hydrate().ok());
  const Row row = view.rows()[25];
  const Row versions[] = {With(row, kTitle, Value("one")), With(row, kTitle, Value("two"))};
  std::size_t turn = 0;
  for (auto _ : state) {
    const auto edits = view.Advance({rows.Put(versions[turn++ % 2])});
    TIDEMARK_CHECK(edits.ok() && edits->size() == 1);
  }
  state.SetComplexityN(state.range(0));
}

// The same, but the row leaves the window and comes back: every other change refills.
template <typename AnyStore>
void MoveAcrossBound(benchmark::State& state) {
  AnyStore rows(state.range(0));
  ivm::View view(rows.store(), ByRank(50));
  TIDEMARK_CHECK(view.Hydrate().ok());
  const Row row = view.rows()[25];
  const Row versions[] = {With(row, kRank, Value(1e9)), row};
  std::size_t turn = 0;
  for (auto _ : state) {
    const auto edits = view.Advance({rows.Put(versions[turn++ % 2])});
    TIDEMARK_CHECK(edits.ok() && edits->size() == 2);
  }
  state.SetComplexityN(state.range(0));
}

template <typename AnyStore>
void HydrateList(benchmark::State& state) {
  AnyStore rows(state.range(0));
  ivm::View view(rows.store(), OneList());
  TIDEMARK_CHECK(view.Hydrate().ok());  // a store in memory makes its index once
  for (auto _ : state) {
    TIDEMARK_CHECK(view.Hydrate().ok());
    TIDEMARK_CHECK(view.rows().size() == kListSize);
  }
  state.SetComplexityN(state.range(0));
}

// The first poke of a page: 20,000 rows into a store and a view that are empty.
void FirstRows(benchmark::State& state) {
  constexpr std::int64_t kRows = 20000;
  std::vector<Row> rows;
  for (std::int64_t i = 0; i < kRows; ++i) rows.push_back(Todo(i));
  for (auto _ : state) {
    Memory memory(0);
    std::optional<std::uint32_t> limit;
    if (state.range(0) > 0) limit = static_cast<std::uint32_t>(state.range(0));
    ivm::View view(memory.store(), ByRank(limit));
    TIDEMARK_CHECK(view.Hydrate().ok());
    model::ChangeSet changes;
    for (const Row& row : rows) changes.push_back(memory.Put(row));
    TIDEMARK_CHECK(view.Advance(changes).ok());
  }
  state.SetLabel(state.range(0) > 0 ? "limit 100" : "no limit");
}

// What a commit costs a pipeline of the same table that it does not touch.
void AdvanceUntouched(benchmark::State& state) {
  Memory rows(1000);
  ivm::Pipeline pipeline(rows.store(), OneList());
  TIDEMARK_CHECK(pipeline.Hydrate([](model::TableIndex, const Row&) {}).ok());
  const model::ChangeSet changes = {rows.Put(With(Todo(0), kTitle, Value("new")))};
  for (auto _ : state) {
    const auto delta = pipeline.Advance(changes);
    TIDEMARK_CHECK(delta.ok() && delta->empty());
  }
}

// A field of one of 20,000 rows, with three orderings kept.
void UpdateRow(benchmark::State& state) {
  constexpr std::int64_t kRows = 20000;
  Memory rows(kRows);
  for (const model::ColumnIndex column : {kRank, kTitle, kList}) {
    query::Query query = ByRank(1);
    query.order_by = {{column}, {kId}};
    TIDEMARK_CHECK(
        rows.store().source(kTodo).Fetch({query}, [](const Row&) { return false; }).ok());
  }
  const bool move = state.range(0) == 1;
  std::vector<Row> versions;
  for (std::int64_t i = 0; i < 2 * kRows; ++i) {  // each row twice, to another place each time
    const Row row = Todo(i * 7919 % kRows);
    const double rank = static_cast<double>(i * 104729 % 1000003);
    versions.push_back(move ? With(row, kRank, Value(rank)) : With(row, kDone, Value(i < kRows)));
  }
  std::size_t turn = 0;
  for (auto _ : state) rows.Put(versions[turn++ % versions.size()]);
  state.SetLabel(move ? "moves in one ordering" : "no ordering touched");
}

BENCHMARK(EditInWindow<Memory>)->Arg(1000)->Arg(10000)->Arg(100000)->Complexity();
BENCHMARK(EditInWindow<Sqlite>)->Arg(1000)->Arg(10000)->Arg(100000)->Complexity();
BENCHMARK(MoveAcrossBound<Memory>)->Arg(1000)->Arg(10000)->Arg(100000)->Complexity();
BENCHMARK(MoveAcrossBound<Sqlite>)->Arg(1000)->Arg(10000)->Arg(100000)->Complexity();
BENCHMARK(HydrateList<Memory>)->Arg(1000)->Arg(10000)->Arg(100000)->Complexity();
BENCHMARK(HydrateList<Sqlite>)->Arg(1000)->Arg(10000)->Arg(100000)->Complexity();
BENCHMARK(FirstRows)->Arg(0)->Arg(100)->Unit(benchmark::kMillisecond);
BENCHMARK(AdvanceUntouched);
BENCHMARK(UpdateRow)->Arg(0)->Arg(1);

}  // namespace
}  // namespace tidemark

BENCHMARK_MAIN();
