#include <cmath>
#include <cstddef>
#include <utility>

#include "core/model/limits.h"
#include "core/query/like.h"
#include "core/query/sql_builder.h"

namespace tidemark::query {

using model::ColumnIndex;
using model::ColumnType;
using model::Value;
using model::ValueKind;

namespace {

std::string_view SqlOp(Op op) { return op == Op::kNotEqual ? "<>" : OpName(op); }

bool IsEquality(Op op) { return op == Op::kEqual || op == Op::kNotEqual; }

bool IsText(ColumnType type) {
  return type == ColumnType::kString || type == ColumnType::kEnumeration;
}

bool IsExactInteger(double number) {
  return std::trunc(number) == number &&
         std::fabs(number) <= static_cast<double>(model::kExactIntegerMax);
}

}  // namespace

bool SqlBuilder::Ranged(ColumnIndex index) const {
  return postgres() && column(index).type == ColumnType::kTimestamp;
}

std::string SqlBuilder::Operand(ColumnIndex index) const {
  std::string name = QuotedName(column(index).db_name);
  if (postgres() && IsText(column(index).type)) name.append("::text COLLATE \"C\"");
  return name;
}

void SqlBuilder::AppendPlaceholder(ColumnIndex index, Value value) {
  statement_.parameters.push_back(Parameter{index, std::move(value)});
  Append(postgres() ? "$" : "?");
  Append(std::to_string(statement_.parameters.size()));
}

// An integer compares with every numeric type of Postgres without a cast of the column, so that its
// index can be used; a fraction cannot be an int8.
void SqlBuilder::AppendParameter(ColumnIndex index, const Value& value) {
  if (Ranged(index)) {
    Append("(timestamptz 'epoch' + ");
    AppendPlaceholder(index, value);
    Append("::int8 * interval '1 millisecond')");
    return;
  }
  AppendPlaceholder(index, value);
  if (!postgres()) return;
  if (value.kind() == ValueKind::kBoolean) Append("::boolean");
  if (value.kind() == ValueKind::kBigint) Append("::int8");
  if (value.kind() == ValueKind::kNumber) {
    Append(IsExactInteger(value.number()) ? "::int8" : "::float8");
  }
}

void SqlBuilder::AppendUnknown() { Append(postgres() ? "NULL::boolean" : "NULL"); }

void SqlBuilder::AppendCompare(ColumnIndex index, Op op, const Value& value) {
  if (Ranged(index)) return AppendRange(index, op, value);
  Append(IsEquality(op) ? QuotedName(column(index).db_name) : Operand(index));
  Append(" ");
  Append(SqlOp(op));
  Append(" ");
  AppendParameter(index, value);
}

/// With `value` a whole millisecond and the column rounded down to one: `column = value` is
/// `value <= column < value + 1 ms`, and so on.
void SqlBuilder::AppendRange(ColumnIndex index, Op op, const Value& value) {
  const std::string name = QuotedName(column(index).db_name);
  const Value next(value.number() + 1);
  const auto bound = [&](std::string_view sign, const Value& limit) {
    Append(name);
    Append(sign);
    AppendParameter(index, limit);
  };
  switch (op) {
    case Op::kLess:
      return bound(" < ", value);
    case Op::kLessOrEqual:
      return bound(" < ", next);
    case Op::kGreater:
      return bound(" >= ", next);
    case Op::kGreaterOrEqual:
      return bound(" >= ", value);
    default:
      break;
  }
  const bool equal = op == Op::kEqual;
  Append("(");
  bound(equal ? " >= " : " < ", value);
  Append(equal ? " AND " : " OR ");
  bound(equal ? " < " : " >= ", next);
  Append(")");
}

/// Postgres has no index for IS NOT DISTINCT FROM, but one for `=`.
void SqlBuilder::AppendNullSafe(ColumnIndex index, bool negated, const Value& value) {
  const std::string name = QuotedName(column(index).db_name);
  Append(postgres() && !value.is_null() ? "(" : "");
  Append(name);
  if (value.is_null()) {
    Append(negated ? " IS NOT NULL" : " IS NULL");
  } else if (postgres()) {
    Append(negated ? " IS NULL OR " : " IS NOT NULL AND ");
    AppendCompare(index, negated ? Op::kNotEqual : Op::kEqual, value);
    Append(")");
  } else {
    Append(negated ? " IS NOT " : " IS ");
    AppendParameter(index, value);
  }
}

/// A null in the list makes unknown what would be false (in) or true (not in).
void SqlBuilder::AppendList(ColumnIndex index, bool negated, const std::vector<Value>& values) {
  if (values.empty()) return Append(negated ? "TRUE" : "FALSE");
  const Op op = negated ? Op::kNotEqual : Op::kEqual;
  const std::string_view connective = negated ? " AND " : " OR ";
  bool null = false;
  bool first = true;
  Append("(");
  for (const Value& value : values) {
    if (value.is_null()) {
      null = true;
      continue;
    }
    if (Ranged(index)) {
      if (!first) Append(connective);
      AppendRange(index, op, value);
    } else {
      Append(!first ? ", " : QuotedName(column(index).db_name) + (negated ? " NOT IN (" : " IN ("));
      AppendParameter(index, value);
    }
    first = false;
  }
  if (!first && !Ranged(index)) Append(")");
  if (null) {
    if (!first) Append(connective);
    AppendUnknown();
  }
  Append(")");
}

void SqlBuilder::AppendLike(ColumnIndex index, Op op, const Value& value) {
  const bool negated = op == Op::kNotLike || op == Op::kNotIlike;
  const bool fold = op == Op::kIlike || op == Op::kNotIlike;
  if (postgres()) {
    Append("(" + Operand(index) + ")");
    Append(negated ? " NOT " : " ");
    Append(fold ? "ILIKE " : "LIKE ");
    AppendPlaceholder(index, value);
    Append(" ESCAPE ''");
    return;
  }
  const std::string name = QuotedName(column(index).db_name);
  Append(fold ? "lower(" + name + ")" : name);
  Append(negated ? " NOT GLOB " : " GLOB ");
  AppendPlaceholder(index, Value(GlobPattern(fold ? FoldAscii(value.string()) : value.string())));
}

void SqlBuilder::AppendComparison(const Comparison& comparison) {
  const ColumnIndex index = comparison.column;
  switch (comparison.op) {
    case Op::kIn:
    case Op::kNotIn:
      return AppendList(index, comparison.op == Op::kNotIn, comparison.values);
    case Op::kIs:
    case Op::kIsNot:
      return AppendNullSafe(index, comparison.op == Op::kIsNot, comparison.values[0]);
    default:
      break;
  }
  const Value& value = comparison.values[0];
  if (value.is_null()) return AppendUnknown();
  switch (comparison.op) {
    case Op::kLike:
    case Op::kNotLike:
    case Op::kIlike:
    case Op::kNotIlike:
      return AppendLike(index, comparison.op, value);
    default:
      return AppendCompare(index, comparison.op, value);
  }
}

void SqlBuilder::Append(const Condition& condition) {
  if (const Comparison* comparison = std::get_if<Comparison>(&condition.node)) {
    return AppendComparison(*comparison);
  }
  const Junction& junction = *std::get_if<Junction>(&condition.node);
  if (junction.connective == Connective::kNot) {
    Append("NOT (");
    Append(junction.args[0]);
    return Append(")");
  }
  const bool conjunction = junction.connective == Connective::kAnd;
  if (junction.args.empty()) return Append(conjunction ? "TRUE" : "FALSE");
  Append("(");
  for (std::size_t i = 0; i < junction.args.size(); ++i) {
    if (i > 0) Append(conjunction ? " AND " : " OR ");
    Append(junction.args[i]);
  }
  Append(")");
}

}  // namespace tidemark::query
