#include <cstddef>

#include "core/query/sql_builder.h"

namespace tidemark::query {

using model::Value;

/// A comparison of row values says the same as the expansion, and an index serves it: all keys in
/// one direction, no null in the start, and no nulls behind the start (descending they are last).
bool SqlBuilder::IsRowComparison(const SqlScope& scope, const Ordering& ordering,
                                 const Start& start) const {
  for (const OrderKey& key : ordering) {
    const model::Column& column = scope.table->columns[key.column];
    if (key.direction != ordering.front().direction || Ranged(column.type)) return false;
    if (start.row[key.column].is_null()) return false;
    if (key.direction == Direction::kDescending && column.optional) return false;
  }
  return true;
}

void SqlBuilder::AppendRowComparison(const SqlScope& scope, const Ordering& ordering,
                                     const Start& start) {
  Append("(");
  for (std::size_t i = 0; i < ordering.size(); ++i) {
    if (i > 0) Append(", ");
    Append(OperandOf(scope, ordering[i].column).order);
  }
  Append(ordering.front().direction == Direction::kAscending ? ") >" : ") <");
  Append(start.inclusive ? "= (" : " (");
  for (std::size_t i = 0; i < ordering.size(); ++i) {
    if (i > 0) Append(", ");
    AppendParameter(scope.table->columns[ordering[i].column].type, start.row[ordering[i].column]);
  }
  Append(")");
}

/// Strictly behind in one key, nulls being first ascending and last descending.
void SqlBuilder::AppendBehind(const SqlScope& scope, const OrderKey& key, const Value& value) {
  const Operand operand = OperandOf(scope, key.column);
  const bool ascending = key.direction == Direction::kAscending;
  if (value.is_null()) {
    Append(ascending ? operand.equal + " IS NOT NULL" : "FALSE");
    return;
  }
  if (ascending) return AppendCompare(operand, Op::kGreater, value);
  if (!scope.table->columns[key.column].optional) {
    return AppendCompare(operand, Op::kLess, value);
  }
  Append("(");
  AppendCompare(operand, Op::kLess, value);
  Append(" OR " + operand.equal + " IS NULL)");
}

/// `behind(k1) OR (same(k1) AND (behind(k2) OR (same(k2) AND …)))`
void SqlBuilder::AppendStartFrom(const SqlScope& scope, const Ordering& ordering,
                                 std::size_t position, const Start& start) {
  if (position == ordering.size()) return Append(start.inclusive ? "TRUE" : "FALSE");
  const OrderKey& key = ordering[position];
  const Value& value = start.row[key.column];
  Append("(");
  AppendBehind(scope, key, value);
  Append(" OR (");
  if (value.is_null()) {
    Append(Name(scope, key.column) + " IS NULL");
  } else {
    AppendCompare(OperandOf(scope, key.column), Op::kEqual, value);
  }
  Append(" AND ");
  AppendStartFrom(scope, ordering, position + 1, start);
  Append("))");
}

void SqlBuilder::AppendStart(const SqlScope& scope, const Ordering& ordering, const Start& start) {
  if (IsRowComparison(scope, ordering, start)) return AppendRowComparison(scope, ordering, start);
  const OrderKey& first = ordering.front();
  const Value& value = start.row[first.column];
  if (first.direction == Direction::kAscending && !value.is_null()) {
    // Implied by the rest; here because an index on the first key can use it.
    AppendCompare(OperandOf(scope, first.column), Op::kGreaterOrEqual, value);
    Append(" AND ");
  }
  AppendStartFrom(scope, ordering, 0, start);
}

}  // namespace tidemark::query
