#include <cstddef>

#include "core/query/sql_builder.h"

namespace tidemark::query {

using model::Value;

/// A comparison of row values says the same as the expansion, and an index serves it: all keys in
/// one direction, no null in the start, and no nulls behind the start (descending they are last).
bool SqlBuilder::IsRowComparison(const Ordering& ordering, const SqlStart& start) const {
  for (const OrderKey& key : ordering) {
    if (key.direction != ordering.front().direction || Ranged(key.column)) return false;
    if (start.row[key.column].is_null()) return false;
    if (key.direction == Direction::kDescending && column(key.column).optional) return false;
  }
  return true;
}

void SqlBuilder::AppendRowComparison(const Ordering& ordering, const SqlStart& start) {
  Append("(");
  for (std::size_t i = 0; i < ordering.size(); ++i) {
    if (i > 0) Append(", ");
    Append(Operand(ordering[i].column));
  }
  Append(ordering.front().direction == Direction::kAscending ? ") >" : ") <");
  Append(start.inclusive ? "= (" : " (");
  for (std::size_t i = 0; i < ordering.size(); ++i) {
    if (i > 0) Append(", ");
    AppendParameter(ordering[i].column, start.row[ordering[i].column]);
  }
  Append(")");
}

/// Strictly behind in one key, nulls being first ascending and last descending.
void SqlBuilder::AppendBehind(const OrderKey& key, const Value& value) {
  const std::string name = QuotedName(column(key.column).db_name);
  const bool ascending = key.direction == Direction::kAscending;
  if (value.is_null()) {
    Append(ascending ? name + " IS NOT NULL" : "FALSE");
    return;
  }
  if (ascending) return AppendCompare(key.column, Op::kGreater, value);
  if (!column(key.column).optional) return AppendCompare(key.column, Op::kLess, value);
  Append("(");
  AppendCompare(key.column, Op::kLess, value);
  Append(" OR " + name + " IS NULL)");
}

/// `behind(k1) OR (same(k1) AND (behind(k2) OR (same(k2) AND …)))`
void SqlBuilder::AppendStartFrom(const Ordering& ordering, std::size_t position,
                                 const SqlStart& start) {
  if (position == ordering.size()) return Append(start.inclusive ? "TRUE" : "FALSE");
  const OrderKey& key = ordering[position];
  const Value& value = start.row[key.column];
  Append("(");
  AppendBehind(key, value);
  Append(" OR (");
  if (value.is_null()) {
    Append(QuotedName(column(key.column).db_name) + " IS NULL");
  } else {
    AppendCompare(key.column, Op::kEqual, value);
  }
  Append(" AND ");
  AppendStartFrom(ordering, position + 1, start);
  Append("))");
}

void SqlBuilder::AppendStart(const Ordering& ordering, const SqlStart& start) {
  if (IsRowComparison(ordering, start)) return AppendRowComparison(ordering, start);
  const OrderKey& first = ordering.front();
  const Value& value = start.row[first.column];
  if (first.direction == Direction::kAscending && !value.is_null()) {
    // Implied by the rest; here because an index on the first key can use it.
    AppendCompare(first.column, Op::kGreaterOrEqual, value);
    Append(" AND ");
  }
  AppendStartFrom(ordering, 0, start);
}

}  // namespace tidemark::query
