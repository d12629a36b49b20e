#include "core/ivm/aggregator.h"

#include <utility>

namespace tidemark::ivm {

using model::Row;
using model::RowChange;

Aggregator::Aggregator(const query::Aggregation& aggregation, const model::Table& table,
                       GroupForm form)
    : aggregation_(aggregation), arithmetic_(aggregation, table), form_(form) {}

Aggregator::Groups::value_type& Aggregator::Find(const Row& row) {
  const RowPart part{row, aggregation_.group_by};
  const auto found = groups_.find(part);
  if (found != groups_.end()) return *found;
  const auto place = groups_.try_emplace(ValuesOf(part)).first;
  place->second.state = arithmetic_.Nothing();
  return *place;
}

bool Aggregator::IsThere(const Groups::value_type& entry) const {
  return entry.second.state.rows > 0 || (entry.first.empty() && form_ == GroupForm::kValues);
}

Result<Row> Aggregator::RowOf(const Values& values, const Group& group) const {
  Values row = values;
  if (form_ == GroupForm::kStates) {
    arithmetic_.AppendState(group.state, row);
  } else {
    TIDEMARK_TRY(arithmetic_.AppendValues(group.state, row));
  }
  return Row::Make(std::move(row));
}

Status Aggregator::Begin(std::vector<Row>& groups) {
  groups_.clear();
  if (!aggregation_.group_by.empty() || form_ == GroupForm::kStates) return Ok{};
  auto& [values, group] = *groups_.try_emplace(Values()).first;
  group.state = arithmetic_.Nothing();
  TIDEMARK_ASSIGN_OR_RETURN(group.row, RowOf(values, group));
  groups.push_back(group.row);
  return Ok{};
}

Status Aggregator::Apply(std::span<const RowChange> changes, std::vector<RowChange>& out) {
  std::vector<Groups::value_type*> touched;
  const auto count = [&](const Row& row, int sign) {
    auto& entry = Find(row);
    arithmetic_.Count(entry.second.state, row, sign);
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
    if (IsThere(*entry)) {
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
