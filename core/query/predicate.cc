#include "core/query/predicate.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/check.h"
#include "core/model/json_path.h"
#include "core/model/json_scan.h"
#include "core/model/number_text.h"
#include "core/query/like.h"

namespace tidemark::query {
namespace {

using model::Row;
using model::Value;
using model::ValueKind;

/// SQL's truth values in Kleene's order: AND is the minimum, OR the maximum, NOT the reflection.
enum class Truth : std::uint8_t { kFalse, kUnknown, kTrue };

Truth FromBool(bool value) { return value ? Truth::kTrue : Truth::kFalse; }
Truth Not(Truth truth) { return static_cast<Truth>(2 - static_cast<int>(truth)); }

Truth TestIn(const Value& value, const std::vector<Value>& list) {
  if (list.empty()) return Truth::kFalse;  // even for null, as in SQL
  if (value.is_null()) return Truth::kUnknown;
  Truth truth = Truth::kFalse;
  for (const Value& member : list) {
    if (member == value) return Truth::kTrue;
    if (member.is_null()) truth = Truth::kUnknown;
  }
  return truth;
}

bool TestOrder(Op op, std::strong_ordering order) {
  switch (op) {
    case Op::kEqual:
      return order == 0;
    case Op::kNotEqual:
      return order != 0;
    case Op::kLess:
      return order < 0;
    case Op::kLessOrEqual:
      return order <= 0;
    case Op::kGreater:
      return order > 0;
    default:
      return order >= 0;
  }
}

Truth TestComparison(const Comparison& comparison, const Value& value) {
  const std::vector<Value>& values = comparison.values;
  switch (comparison.op) {
    case Op::kIn:
      return TestIn(value, values);
    case Op::kNotIn:
      return Not(TestIn(value, values));
    case Op::kIs:
      return FromBool(value == values[0]);
    case Op::kIsNot:
      return FromBool(!(value == values[0]));
    default:
      break;
  }
  if (value.is_null() || values[0].is_null()) return Truth::kUnknown;
  switch (comparison.op) {
    case Op::kEqual:
      return FromBool(value == values[0]);
    case Op::kNotEqual:
      return FromBool(!(value == values[0]));
    case Op::kLike:
      return FromBool(LikeMatches(value.string(), values[0].string(), Case::kSensitive));
    case Op::kNotLike:
      return FromBool(!LikeMatches(value.string(), values[0].string(), Case::kSensitive));
    case Op::kIlike:
      return FromBool(LikeMatches(value.string(), values[0].string(), Case::kFoldAscii));
    case Op::kNotIlike:
      return FromBool(!LikeMatches(value.string(), values[0].string(), Case::kFoldAscii));
    default:
      return FromBool(TestOrder(comparison.op, CompareValues(value, values[0])));
  }
}

/// The kind of the literals; they have one.
ValueKind KindOf(const std::vector<Value>& literals) {
  for (const Value& literal : literals) {
    if (!literal.is_null()) return literal.kind();
  }
  return ValueKind::kNull;
}

/// What lies at a path: null if it is not comparable with a literal of kind `kind`. Where no
/// literal has a kind, what it is does not matter, only that it is.
Value AtPath(const Value& document, const model::JsonPath& path, ValueKind kind) {
  if (document.is_null()) return Value();
  const std::optional<std::string_view> found = model::JsonFind(document.json(), path);
  if (!found || *found == "null") return Value();
  const char first = found->front();
  switch (kind) {
    case ValueKind::kNull:
      return Value(true);
    case ValueKind::kBoolean:
      return first == 't' || first == 'f' ? Value(first == 't') : Value();
    case ValueKind::kNumber:
      return first == '-' || (first >= '0' && first <= '9') ? Value(model::ParseNumber(*found))
                                                            : Value();
    case ValueKind::kString:
      return first == '"' ? Value(model::DecodeStringLiteral(*found)) : Value();
    case ValueKind::kBigint:
    case ValueKind::kJson:
      break;
  }
  return Value();
}

Truth TestLeaf(const Comparison& comparison, const Row& row) {
  const Value& value = row[comparison.column];
  if (comparison.path.empty()) return TestComparison(comparison, value);
  return TestComparison(comparison, AtPath(value, comparison.path, KindOf(comparison.values)));
}

Truth Test(const Condition& condition, const Row& row, Leads leads) {
  if (const Comparison* comparison = std::get_if<Comparison>(&condition.node)) {
    return TestLeaf(*comparison, row);
  }
  if (const Exists* exists = std::get_if<Exists>(&condition.node)) {
    return FromBool(leads(*exists, row) != exists->negated);
  }
  const Junction& junction = *std::get_if<Junction>(&condition.node);
  if (junction.connective == Connective::kNot) return Not(Test(junction.args[0], row, leads));
  const bool conjunction = junction.connective == Connective::kAnd;
  const Truth decided = FromBool(!conjunction);
  Truth truth = FromBool(conjunction);
  for (const Condition& arg : junction.args) {
    const Truth next = Test(arg, row, leads);
    if (next == decided) return decided;
    truth = conjunction ? std::min(truth, next) : std::max(truth, next);
  }
  return truth;
}

/// Every truth value that the condition may have lies between the two.
struct Bounds {
  Truth low;
  Truth high;
};

Bounds TestBounds(const Condition& condition, const Row& row, const std::vector<bool>& known) {
  if (const Comparison* comparison = std::get_if<Comparison>(&condition.node)) {
    if (!known[comparison->column]) return {Truth::kFalse, Truth::kTrue};
    const Truth truth = TestLeaf(*comparison, row);
    return {truth, truth};
  }
  if (std::holds_alternative<Exists>(condition.node)) return {Truth::kFalse, Truth::kTrue};
  const Junction& junction = *std::get_if<Junction>(&condition.node);
  if (junction.connective == Connective::kNot) {
    const Bounds inner = TestBounds(junction.args[0], row, known);
    return {Not(inner.high), Not(inner.low)};
  }
  const bool conjunction = junction.connective == Connective::kAnd;
  Bounds bounds{FromBool(conjunction), FromBool(conjunction)};
  for (const Condition& arg : junction.args) {
    const Bounds next = TestBounds(arg, row, known);
    bounds.low = conjunction ? std::min(bounds.low, next.low) : std::max(bounds.low, next.low);
    bounds.high = conjunction ? std::min(bounds.high, next.high) : std::max(bounds.high, next.high);
  }
  return bounds;
}

std::optional<Value> Required(const Condition& condition, model::ColumnIndex column) {
  if (const Comparison* comparison = std::get_if<Comparison>(&condition.node)) {
    const bool equality = comparison->op == Op::kEqual || comparison->op == Op::kIs ||
                          (comparison->op == Op::kIn && comparison->values.size() == 1);
    if (!equality || comparison->column != column || !comparison->path.empty() ||
        comparison->values[0].is_null()) {
      return std::nullopt;
    }
    return comparison->values[0];
  }
  if (std::holds_alternative<Exists>(condition.node)) return std::nullopt;
  const Junction& junction = *std::get_if<Junction>(&condition.node);
  if (junction.connective != Connective::kAnd) return std::nullopt;
  for (const Condition& arg : junction.args) {
    std::optional<Value> required = Required(arg, column);
    if (required) return required;
  }
  return std::nullopt;
}

bool ContainsExists(const Condition& condition) {
  if (std::holds_alternative<Exists>(condition.node)) return true;
  const Junction* junction = std::get_if<Junction>(&condition.node);
  return junction != nullptr &&
         std::any_of(junction->args.begin(), junction->args.end(), ContainsExists);
}

}  // namespace

bool HasExists(const std::optional<Condition>& condition) {
  return condition && ContainsExists(*condition);
}

bool Predicate::Test(const model::Row& row) const {
  return Test(row, [](const Exists&, const model::Row&) -> bool {
    TIDEMARK_CHECK(false);  // needs other rows
    return false;
  });
}

bool Passes(const std::optional<Condition>& condition, const model::Row& row, Leads leads) {
  return !condition || Test(*condition, row, leads) == Truth::kTrue;
}

std::optional<model::Value> RequiredValue(const std::optional<Condition>& condition,
                                          model::ColumnIndex column) {
  if (!condition) return std::nullopt;
  return Required(*condition, column);
}

std::optional<bool> TestKnownColumns(const std::optional<Condition>& condition,
                                     const model::Row& row, const std::vector<bool>& known) {
  if (!condition) return true;
  const Bounds bounds = TestBounds(*condition, row, known);
  if (bounds.low == Truth::kTrue) return true;
  if (bounds.high != Truth::kTrue) return false;
  return std::nullopt;
}

}  // namespace tidemark::query
