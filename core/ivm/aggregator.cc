#include "core/ivm/aggregator.h"

#include <utility>

namespace tidemark::ivm {

using model::Row;
using model::RowChange;
using model::Value;
using model::ValueKind;
using query::AggregateFunction;

Aggregator::Aggregator(const query::Aggregation& aggregation, const model::Table& table)
    : aggregation_(aggregation), table_(table) {}

Aggregator::Groups::value_type& Aggregator::Find(const Row& row) {
  const RowPart part{row, aggregation_.group_by};
  const auto found = groups_.find(part);
  if (found != groups_.end()) return *found;
  const auto [place, is_new] = groups_.try_emplace(ValuesOf(part));
  place->second.tallies.resize(aggregation_.aggregates.size());
  return *place;
}

void Aggregator::Count(Group& group, const Row& row, int sign) {
  group.rows += sign;
  for (std::size_t i = 0; i < aggregation_.aggregates.size(); ++i) {
    const query::Aggregate& aggregate = aggregation_.aggregates[i];
    if (!aggregate.column) continue;
    const Value& value = row[*aggregate.column];
    if (value.is_null()) continue;
    Tally& tally = group.tallies[i];
    tally.values += sign;
    switch (aggregate.function) {
      case AggregateFunction::kCount:
        break;
      case AggregateFunction::kSum:
      case AggregateFunction::kAverage:
        if (value.kind() == ValueKind::kBigint) {
          tally.integers += sign * static_cast<model::IntegerSum>(value.bigint());
        } else {
          tally.numbers.Add(sign * value.number());
        }
        break;
      case AggregateFunction::kMin:
      case AggregateFunction::kMax:
        if (sign > 0) {
          ++tally.all[value];
        } else {
          const auto found = tally.all.find(value);
          if (found != tally.all.end() && --found->second == 0) tally.all.erase(found);
        }
        break;
    }
  }
}

Error Aggregator::TooLarge(const query::Aggregate& aggregate) const {
  return Error{ErrorCode::kLimit, aggregate.alias + ": the sum of " + table_.name + "." +
                                      table_.columns[*aggregate.column].name +
                                      " is larger than its type can hold"};
}

Result<Value> Aggregator::ValueOf(const query::Aggregate& aggregate, const Group& group,
                                  const Tally& tally) const {
  if (aggregate.function == AggregateFunction::kCount) {
    return Value(static_cast<double>(aggregate.column ? tally.values : group.rows));
  }
  if (tally.values == 0) return Value();
  if (aggregate.function == AggregateFunction::kMin) return tally.all.begin()->first;
  if (aggregate.function == AggregateFunction::kMax) return tally.all.rbegin()->first;
  const bool integers = table_.columns[*aggregate.column].type == model::ColumnType::kBigint;
  if (aggregate.function == AggregateFunction::kAverage) {
    if (integers) {
      return Value(static_cast<double>(tally.integers) / static_cast<double>(tally.values));
    }
    const std::optional<double> sum = tally.numbers.Round();
    if (!sum) return TooLarge(aggregate);
    return Value(*sum / static_cast<double>(tally.values));
  }
  if (integers) {
    if (tally.integers < INT64_MIN || tally.integers > INT64_MAX) return TooLarge(aggregate);
    return Value(static_cast<std::int64_t>(tally.integers));
  }
  const std::optional<double> sum = tally.numbers.Round();
  if (!sum) return TooLarge(aggregate);
  return Value(*sum);
}

Result<Row> Aggregator::RowOf(const Values& values, const Group& group) const {
  Values row = values;
  for (std::size_t i = 0; i < aggregation_.aggregates.size(); ++i) {
    TIDEMARK_ASSIGN_OR_RETURN(Value value,
                              ValueOf(aggregation_.aggregates[i], group, group.tallies[i]));
    row.push_back(std::move(value));
  }
  return Row::Make(std::move(row));
}

Status Aggregator::Begin(std::vector<Row>& groups) {
  groups_.clear();
  if (!aggregation_.group_by.empty()) return Ok{};
  auto& [values, group] = *groups_.try_emplace(Values()).first;
  group.tallies.resize(aggregation_.aggregates.size());
  TIDEMARK_ASSIGN_OR_RETURN(group.row, RowOf(values, group));
  groups.push_back(group.row);
  return Ok{};
}

Status Aggregator::Apply(std::span<const RowChange> changes, std::vector<RowChange>& out) {
  std::vector<Groups::value_type*> touched;
  const auto count = [&](const Row& row, int sign) {
    auto& entry = Find(row);
    Count(entry.second, row, sign);
    if (!std::exchange(entry.second.touched, true)) touched.push_back(&entry);
  };
  for (const RowChange& change : changes) {
    if (change.before) count(change.before, -1);
    if (change.after) count(change.after, 1);
  }
  for (Groups::value_type* entry : touched) {
    const Values& values = entry->first;
    Group& group = entry->second;
    group.touched = false;
    Row after;
    if (group.rows > 0 || values.empty()) {
      TIDEMARK_ASSIGN_OR_RETURN(after, RowOf(values, group));
    }
    Row before = std::exchange(group.row, after);
    if (!(before == after)) {
      out.push_back(RowChange{0, model::KeyFromValues(values), std::move(before), after});
    }
    // By iterator: the key goes with its group.
    if (!after) groups_.erase(groups_.find(values));
  }
  return Ok{};
}

}  // namespace tidemark::ivm
