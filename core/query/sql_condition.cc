#include <algorithm>
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

std::string SqlBuilder::Name(const SqlScope& scope, ColumnIndex column) const {
  const std::string name = QuotedName(scope.table->columns[column].db_name);
  return scope.alias.empty() ? name : scope.alias + "." + name;
}

SqlBuilder::Operand SqlBuilder::OperandOf(const SqlScope& scope, ColumnIndex column) const {
  const ColumnType type = scope.table->columns[column].type;
  Operand operand{Name(scope, column), Name(scope, column), type};
  if (postgres() && IsText(type)) operand.order.append("::text COLLATE \"C\"");
  return operand;
}

/// What lies at the path if it is of that kind of JSON, else NULL.
std::string SqlBuilder::AtPath(const SqlScope& scope, const Comparison& comparison,
                               std::string_view kind) {
  const std::string document = Name(scope, comparison.column);
  if (!postgres()) {
    std::string path = "[";
    for (const model::PathStep& step : comparison.path) {
      if (path.size() > 1) path.push_back(',');
      if (const std::string* key = std::get_if<std::string>(&step)) {
        model::AppendJsonString(path, *key);
      } else {
        path.append(std::to_string(*std::get_if<std::uint32_t>(&step)));
      }
    }
    path.push_back(']');
    return std::string(kJsonFunction) + "(" + document + ", " +
           Placeholder(ColumnType::kString, Value(std::move(path))) + ", '" + std::string(kind) +
           "')";
  }
  // `->` with text finds keys only; `#>` finds what digits are: a key or an index.
  std::string found = document + "::jsonb";
  for (const model::PathStep& step : comparison.path) {
    const std::string* key = std::get_if<std::string>(&step);
    std::string text = key != nullptr ? *key : std::to_string(*std::get_if<std::uint32_t>(&step));
    const std::string parameter = Placeholder(ColumnType::kString, Value(std::move(text)));
    found = key != nullptr ? "(" + found + " -> " + parameter + "::text)"
                           : "(" + found + " #> ARRAY[" + parameter + "::text])";
  }
  std::string value;
  if (kind == "any") {
    value = "CASE WHEN jsonb_typeof(v) <> 'null' THEN TRUE END";
  } else if (kind == "string") {
    value = "CASE WHEN jsonb_typeof(v) = 'string' THEN v #>> '{}' END";
  } else if (kind == "boolean") {
    value = "CASE WHEN jsonb_typeof(v) = 'boolean' THEN v::boolean END";
  } else {
    // Beyond a double's range a cast fails.
    value =
        "CASE WHEN jsonb_typeof(v) = 'number' THEN CASE WHEN abs(v::numeric) < 1e-330 THEN 0 "
        "WHEN abs(v::numeric) < 1.7976931348623158e308 THEN v::float8 END END";
  }
  return "(SELECT " + value + " FROM (SELECT " + found + ") AS p(v))";
}

SqlBuilder::Operand SqlBuilder::OperandOf(const SqlScope& scope, const Comparison& comparison) {
  if (comparison.path.empty()) return OperandOf(scope, comparison.column);
  ValueKind kind = ValueKind::kNull;
  for (const Value& value : comparison.values) {
    if (!value.is_null()) kind = value.kind();
  }
  Operand operand;
  switch (kind) {
    case ValueKind::kString:
      operand.type = ColumnType::kString;
      operand.equal = AtPath(scope, comparison, "string");
      operand.order = operand.equal + (postgres() ? " COLLATE \"C\"" : "");
      return operand;
    case ValueKind::kBoolean:
      operand.type = ColumnType::kBoolean;
      operand.equal = AtPath(scope, comparison, "boolean");
      break;
    case ValueKind::kNumber:
      operand.type = ColumnType::kNumber;
      operand.equal = AtPath(scope, comparison, "number");
      break;
    default:
      operand.type = ColumnType::kBoolean;
      operand.equal = AtPath(scope, comparison, "any");
      break;
  }
  operand.order = operand.equal;
  return operand;
}

std::string SqlBuilder::Placeholder(ColumnType type, Value value) {
  statement_.parameters.push_back(Parameter{type, std::move(value)});
  return (postgres() ? "$" : "?") + std::to_string(statement_.parameters.size());
}

// An integer compares with every numeric type of Postgres without a cast of the column, so that its
// index can be used; a fraction cannot be an int8.
void SqlBuilder::AppendParameter(ColumnType type, const Value& value) {
  if (Ranged(type)) {
    Append("(timestamptz 'epoch' + " + Placeholder(type, value) +
           "::int8 * interval '1 millisecond')");
    return;
  }
  Append(Placeholder(type, value));
  if (!postgres()) return;
  if (value.kind() == ValueKind::kBoolean) Append("::boolean");
  if (value.kind() == ValueKind::kBigint) Append("::int8");
  if (value.kind() == ValueKind::kNumber) {
    Append(IsExactInteger(value.number()) ? "::int8" : "::float8");
  }
}

void SqlBuilder::AppendUnknown() { Append(postgres() ? "NULL::boolean" : "NULL"); }

void SqlBuilder::AppendCompare(const Operand& operand, Op op, const Value& value) {
  if (Ranged(operand.type)) return AppendRange(operand, op, value);
  Append(IsEquality(op) ? operand.equal : operand.order);
  Append(" ");
  Append(SqlOp(op));
  Append(" ");
  AppendParameter(operand.type, value);
}

/// With `value` a whole millisecond and the column rounded down to one: `column = value` is
/// `value <= column < value + 1 ms`, and so on.
void SqlBuilder::AppendRange(const Operand& operand, Op op, const Value& value) {
  const Value next(value.number() + 1);
  const auto bound = [&](std::string_view sign, const Value& limit) {
    Append(operand.equal);
    Append(sign);
    AppendParameter(operand.type, limit);
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
void SqlBuilder::AppendNullSafe(const Operand& operand, bool negated, const Value& value) {
  Append(postgres() && !value.is_null() ? "(" : "");
  Append(operand.equal);
  if (value.is_null()) {
    Append(negated ? " IS NOT NULL" : " IS NULL");
  } else if (postgres()) {
    Append(negated ? " IS NULL OR " : " IS NOT NULL AND ");
    AppendCompare(operand, negated ? Op::kNotEqual : Op::kEqual, value);
    Append(")");
  } else {
    Append(negated ? " IS NOT " : " IS ");
    AppendParameter(operand.type, value);
  }
}

/// A null in the list makes unknown what would be false (in) or true (not in).
void SqlBuilder::AppendList(const Operand& operand, bool negated,
                            const std::vector<Value>& values) {
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
    if (Ranged(operand.type)) {
      if (!first) Append(connective);
      AppendRange(operand, op, value);
    } else {
      Append(!first ? ", " : operand.equal + (negated ? " NOT IN (" : " IN ("));
      AppendParameter(operand.type, value);
    }
    first = false;
  }
  if (!first && !Ranged(operand.type)) Append(")");
  if (null) {
    if (!first) Append(connective);
    AppendUnknown();
  }
  Append(")");
}

void SqlBuilder::AppendLike(const Operand& operand, Op op, const Value& value) {
  const bool negated = op == Op::kNotLike || op == Op::kNotIlike;
  const bool fold = op == Op::kIlike || op == Op::kNotIlike;
  if (postgres()) {
    Append("(" + operand.order + ")");
    Append(negated ? " NOT " : " ");
    Append(fold ? "ILIKE " : "LIKE ");
    Append(Placeholder(operand.type, value));
    Append(" ESCAPE ''");
    return;
  }
  Append(fold ? "lower(" + operand.order + ")" : operand.order);
  Append(negated ? " NOT GLOB " : " GLOB ");
  const std::string pattern = fold ? FoldAscii(value.string()) : value.string();
  Append(Placeholder(operand.type, Value(GlobPattern(pattern))));
}

void SqlBuilder::AppendComparison(const SqlScope& scope, const Comparison& comparison) {
  const Op op = comparison.op;
  const bool list = op == Op::kIn || op == Op::kNotIn;
  const bool null_safe = op == Op::kIs || op == Op::kIsNot;
  // Before the operand is made: its parameters must occur in the statement.
  if (list && comparison.values.empty()) return Append(op == Op::kNotIn ? "TRUE" : "FALSE");
  const bool null = std::all_of(comparison.values.begin(), comparison.values.end(),
                                [](const Value& value) { return value.is_null(); });
  if (null && !null_safe) return AppendUnknown();
  const Operand operand = OperandOf(scope, comparison);
  if (list) return AppendList(operand, op == Op::kNotIn, comparison.values);
  const Value& value = comparison.values[0];
  if (null_safe) return AppendNullSafe(operand, op == Op::kIsNot, value);
  const bool like = op >= Op::kLike && op <= Op::kNotIlike;
  return like ? AppendLike(operand, op, value) : AppendCompare(operand, op, value);
}

void SqlBuilder::AppendCondition(const SqlScope& scope, const Condition& condition) {
  if (const Comparison* comparison = std::get_if<Comparison>(&condition.node)) {
    return AppendComparison(scope, *comparison);
  }
  if (const Exists* exists = std::get_if<Exists>(&condition.node)) {
    return AppendExists(scope, *exists);
  }
  const Junction& junction = *std::get_if<Junction>(&condition.node);
  if (junction.connective == Connective::kNot) {
    Append("NOT (");
    AppendCondition(scope, junction.args[0]);
    return Append(")");
  }
  const bool conjunction = junction.connective == Connective::kAnd;
  if (junction.args.empty()) return Append(conjunction ? "TRUE" : "FALSE");
  Append("(");
  for (std::size_t i = 0; i < junction.args.size(); ++i) {
    if (i > 0) Append(conjunction ? " AND " : " OR ");
    AppendCondition(scope, junction.args[i]);
  }
  Append(")");
}

}  // namespace tidemark::query
