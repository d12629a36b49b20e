// What a page pays when 5,000 pending mutations are confirmed in pokes of 50, or one by one, while
// somebody else edits a row that they touch before each poke: runs of mutators, beside those that
// running all that is pending at each poke would cost (12 million one by one).

#include <benchmark/benchmark.h>

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/check.h"
#include "core/client/optimistic_state.h"
#include "core/mutation/mutator.h"

namespace tidemark {
namespace {

using model::Row;
using model::Value;

constexpr model::TableIndex kTodo = 0;
constexpr model::ColumnIndex kTitle = 1;
constexpr model::ColumnIndex kDone = 2;
constexpr model::ColumnIndex kRank = 3;
constexpr std::int64_t kRows = 500;
constexpr std::int64_t kMutations = 5000;

constexpr char kSchema[] = R"({"tables":[{"name":"todo","columns":[
    {"name":"id","type":"string"},{"name":"title","type":"string"},
    {"name":"done","type":"boolean"},{"name":"rank","type":"number"}],
  "primaryKey":["id"],"indexes":[],"uniques":[],"relationships":[]}]})";

std::string Id(std::int64_t row) { return "t" + std::to_string(row); }

Row With(const Row& row, model::ColumnIndex column, Value value) {
  std::vector<Value> values = row.values();
  values[column] = std::move(value);
  return Row::Make(std::move(values));
}

class NothingCovered final : public client::Coverage {
 public:
  bool Covers(model::TableIndex, const RowKey&) const override { return false; }
};

/// Every third one raises a rank (and so reads it), the others set a title; each row has ten.
struct Edit {
  explicit Edit(std::int64_t number)
      : row(number * 7919 % kRows), raises(number % 3 == 0), title(std::to_string(number)) {}

  mutation::Mutation ToMutation(const ClientID& client, MutationID id) const {
    const std::string args = raises
                                 ? R"({"key":{"id":")" + Id(row) + R"("},"path":["rank"],"by":1})"
                                 : R"({"id":")" + Id(row) + R"(","title":")" + title + R"("})";
    return {client, id, raises ? "raise" : "rename", args, 5, std::string(32, '0')};
  }
  Row ApplyTo(const Row& before) const {
    return raises ? With(before, kRank, Value(before[kRank].number() + 1))
                  : With(before, kTitle, Value(title));
  }

  std::int64_t row;
  bool raises;
  std::string title;
};

/// A page with all mutations pending, and the server's rows.
class World {
 public:
  World() {
    Register("rename", mutation::WriteOp::kUpdate);
    Register("raise", mutation::WriteOp::kIncrement);
    std::vector<client::BaseChange> changes;
    for (std::int64_t i = 0; i < kRows; ++i) {
      rows_.push_back(Row::Make(
          {Value(Id(i)), Value("Water the plants"), Value(false), Value(static_cast<double>(i))}));
      changes.push_back({AddressOf(i), rows_.back()});
    }
    state_.Advance(changes, {});
    for (std::int64_t i = 0; i < kMutations; ++i) {
      TIDEMARK_CHECK(state_.Append(Edit(i).ToMutation(client_, IdOf(i))).ok());
    }
    runs_ = 0;
  }

  /// Somebody else's edit, and the next `count` mutations as the server ran them, in one poke.
  void Confirm(std::int64_t count) {
    std::set<std::int64_t> changed;
    const std::int64_t foreign = confirmed_ * 104729 % kRows;
    Set(foreign, With(rows_[foreign], kDone, Value(!rows_[foreign][kDone].boolean())), changed);
    for (const std::int64_t end = confirmed_ + count; confirmed_ < end; ++confirmed_) {
      const Edit edit(confirmed_);
      Set(edit.row, edit.ApplyTo(rows_[edit.row]), changed);
    }
    std::vector<client::BaseChange> changes;
    for (const std::int64_t row : changed) changes.push_back({AddressOf(row), rows_[row]});
    state_.Advance(changes, {{client_, IdOf(confirmed_ - 1)}});
    benchmark::DoNotOptimize(state_.TakeChanges());
  }

  void CheckDone() const {
    TIDEMARK_CHECK(state_.pending().empty());
    for (std::int64_t i = 0; i < kRows; ++i) {
      TIDEMARK_CHECK(state_.store().Get(kTodo, AddressOf(i).key) == rows_[i]);
    }
  }
  std::int64_t runs() const { return runs_; }

 private:
  static MutationID IdOf(std::int64_t number) { return static_cast<MutationID>(number + 1); }
  client::TableKey AddressOf(std::int64_t row) const {
    return {kTodo, model::KeyFromValues({Value(Id(row))})};
  }
  void Set(std::int64_t row, Row after, std::set<std::int64_t>& changed) {
    rows_[row] = std::move(after);
    changed.insert(row);
  }
  void Register(std::string name, mutation::WriteOp op) {
    mutators_.Register(std::move(name),
                       [this, op](mutation::Transaction& tx, std::string_view args_json,
                                  const mutation::MutatorContext&) {
                         ++runs_;
                         const Status written = tx.Write(op, "todo", args_json);
                         return written.ok() ? Result<std::string>(std::string()) : written.error();
                       });
  }

  const model::Schema schema_ = model::Schema::Parse(kSchema).value();
  const ClientID client_{"page"};
  const NothingCovered coverage_;
  mutation::MutatorRegistry mutators_;
  client::OptimisticState state_{schema_, mutators_, coverage_};
  std::vector<Row> rows_;
  std::int64_t confirmed_ = 0;
  std::int64_t runs_ = 0;
};

void ConfirmAll(benchmark::State& state) {
  const std::int64_t each = state.range(0);
  std::int64_t runs = 0;
  std::int64_t naive = 0;
  for (auto _ : state) {
    state.PauseTiming();
    World world;
    naive = 0;
    state.ResumeTiming();
    for (std::int64_t left = kMutations; left > 0; left -= each) {
      world.Confirm(each);
      naive += left - each;
    }
    state.PauseTiming();
    world.CheckDone();
    runs = world.runs();
    state.ResumeTiming();
  }
  state.counters["runs"] = static_cast<double>(runs);
  state.counters["naive_runs"] = static_cast<double>(naive);
}

BENCHMARK(ConfirmAll)->Arg(50)->Arg(1)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tidemark

BENCHMARK_MAIN();
