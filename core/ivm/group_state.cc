#include "core/ivm/group_state.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <utility>

#include "core/model/json.h"

namespace tidemark::ivm {
namespace {

using model::IntegerSum;
using model::Row;
using model::Value;
using model::ValueKind;
using query::Aggregate;
using query::AggregateFunction;

bool IsExtreme(AggregateFunction function) {
  return function == AggregateFunction::kMin || function == AggregateFunction::kMax;
}

std::string Decimal(IntegerSum number) {
  const bool negative = number < 0;
  std::string digits;
  do {
    const int digit = static_cast<int>(number % 10);
    digits.push_back(static_cast<char>('0' + (negative ? -digit : digit)));
    number /= 10;
  } while (number != 0);
  if (negative) digits.push_back('-');
  std::reverse(digits.begin(), digits.end());
  return digits;
}

// Fewer digits than any 128 bits have: as many 64-bit integers as there can be rows.
constexpr std::size_t kDigitsMax = 37;

Result<IntegerSum> ParseDecimal(const std::string& text) {
  const bool negative = !text.empty() && text[0] == '-';
  const std::string digits = text.substr(negative ? 1 : 0);
  IntegerSum number = 0;
  bool fits = !digits.empty() && digits.size() <= kDigitsMax;
  for (const char digit : digits) {
    if (!fits || digit < '0' || digit > '9') {
      return Error{ErrorCode::kInvalidArgs, "a group has a sum that is no integer"};
    }
    number = number * 10 + (digit - '0');
  }
  if (!fits) return Error{ErrorCode::kInvalidArgs, "a group has a sum that is no integer"};
  return negative ? -number : number;
}

Result<std::int64_t> CountOf(const Value& value) {
  constexpr double kMax = 9007199254740992;  // 2^53
  const double number = value.number();
  if (!(number >= 0 && number <= kMax)) {
    return Error{ErrorCode::kInvalidArgs, "a group has a count that is none"};
  }
  return static_cast<std::int64_t>(number);
}

std::string PartsJson(const model::ExactSum& sum) {
  std::string text = "[";
  for (const double part : sum.Parts()) {
    if (text.size() > 1) text += ',';
    model::AppendJson(text, Value(part));
  }
  return text + ']';
}

Result<model::ExactSum> ParseParts(const std::string& text) {
  TIDEMARK_ASSIGN_OR_RETURN(const boost::json::value json, model::ParseJson(text));
  const Error invalid{ErrorCode::kInvalidArgs, "a group has a sum that is no list of numbers"};
  if (!json.is_array()) return invalid;
  model::ExactSum sum;
  for (const boost::json::value& part : json.get_array()) {
    if (!part.is_number()) return invalid;
    sum.Add(part.to_number<double>());
  }
  return sum;
}

model::Column MakeColumn(std::string name, model::ColumnType type) {
  model::Column column;
  column.name = std::move(name);
  column.type = type;
  return column;
}

}  // namespace

bool GroupArithmetic::IsInteger(const Aggregate& aggregate) const {
  return table_.columns[*aggregate.column].type == model::ColumnType::kBigint;
}

void GroupArithmetic::Count(const Aggregate& aggregate, Tally& tally, const Value& value, int sign,
                            bool extremes) const {
  tally.values += sign;
  switch (aggregate.function) {
    case AggregateFunction::kCount:
      return;
    case AggregateFunction::kSum:
    case AggregateFunction::kAverage:
      if (value.kind() == ValueKind::kBigint) {
        tally.integers += sign * static_cast<IntegerSum>(value.bigint());
      } else {
        tally.numbers.Add(sign * value.number());
      }
      return;
    case AggregateFunction::kMin:
    case AggregateFunction::kMax:
      if (!extremes) return;
      if (sign > 0) {
        ++tally.all[value];
      } else {
        const auto found = tally.all.find(value);
        if (found != tally.all.end() && --found->second == 0) tally.all.erase(found);
      }
      return;
  }
}

void GroupArithmetic::CountAll(GroupState& state, const Row& row, int sign, bool extremes) const {
  state.rows += sign;
  for (std::size_t i = 0; i < aggregation_.aggregates.size(); ++i) {
    const Aggregate& aggregate = aggregation_.aggregates[i];
    if (!aggregate.column) continue;
    const Value& value = row[*aggregate.column];
    if (!value.is_null()) Count(aggregate, state.tallies[i], value, sign, extremes);
  }
}

void GroupArithmetic::Count(GroupState& state, const Row& row, int sign) const {
  CountAll(state, row, sign, /*extremes=*/true);
}

void GroupArithmetic::Discount(GroupState& state, const Row& row) const {
  CountAll(state, row, -1, /*extremes=*/false);
}

Error GroupArithmetic::TooLarge(const Aggregate& aggregate) const {
  return Error{ErrorCode::kLimit, aggregate.alias + ": the sum of " + table_.name + "." +
                                      table_.columns[*aggregate.column].name +
                                      " is larger than its type can hold"};
}

Result<Value> GroupArithmetic::ValueOf(const Aggregate& aggregate, const GroupState& state,
                                       const Tally& tally) const {
  if (aggregate.function == AggregateFunction::kCount) {
    return Value(static_cast<double>(aggregate.column ? tally.values : state.rows));
  }
  if (tally.values == 0) return Value();
  if (aggregate.function == AggregateFunction::kMin) return tally.all.begin()->first;
  if (aggregate.function == AggregateFunction::kMax) return tally.all.rbegin()->first;
  const bool integers = IsInteger(aggregate);
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

Status GroupArithmetic::AppendValues(const GroupState& state, Values& values) const {
  for (std::size_t i = 0; i < aggregation_.aggregates.size(); ++i) {
    TIDEMARK_ASSIGN_OR_RETURN(Value value,
                              ValueOf(aggregation_.aggregates[i], state, state.tallies[i]));
    values.push_back(std::move(value));
  }
  return Ok{};
}

void GroupArithmetic::AppendColumns(std::vector<model::Column>& columns) const {
  columns.push_back(MakeColumn("rows", model::ColumnType::kNumber));
  for (const Aggregate& aggregate : aggregation_.aggregates) {
    if (!aggregate.column) continue;
    columns.push_back(MakeColumn("values", model::ColumnType::kNumber));
    if (aggregate.function == AggregateFunction::kCount) continue;
    if (IsExtreme(aggregate.function)) {
      columns.push_back(table_.columns[*aggregate.column]);
      columns.back().optional = true;
    } else {
      columns.push_back(MakeColumn(
          "sum", IsInteger(aggregate) ? model::ColumnType::kString : model::ColumnType::kJson));
    }
  }
}

void GroupArithmetic::AppendState(const GroupState& state, Values& values) const {
  values.emplace_back(static_cast<double>(state.rows));
  for (std::size_t i = 0; i < aggregation_.aggregates.size(); ++i) {
    const Aggregate& aggregate = aggregation_.aggregates[i];
    const Tally& tally = state.tallies[i];
    if (!aggregate.column) continue;
    values.emplace_back(static_cast<double>(tally.values));
    if (aggregate.function == AggregateFunction::kCount) continue;
    if (!IsExtreme(aggregate.function)) {
      if (IsInteger(aggregate)) {
        values.emplace_back(Decimal(tally.integers));
      } else {
        values.emplace_back(model::JsonText{PartsJson(tally.numbers)});
      }
    } else if (tally.all.empty()) {
      values.emplace_back();
    } else {
      const bool least = aggregate.function == AggregateFunction::kMin;
      values.push_back(least ? tally.all.begin()->first : tally.all.rbegin()->first);
    }
  }
}

Result<GroupState> GroupArithmetic::ReadState(const Row& row, std::size_t column) const {
  GroupState state = Nothing();
  TIDEMARK_ASSIGN_OR_RETURN(state.rows, CountOf(row[column++]));
  for (std::size_t i = 0; i < aggregation_.aggregates.size(); ++i) {
    const Aggregate& aggregate = aggregation_.aggregates[i];
    Tally& tally = state.tallies[i];
    if (!aggregate.column) continue;
    TIDEMARK_ASSIGN_OR_RETURN(tally.values, CountOf(row[column++]));
    if (aggregate.function == AggregateFunction::kCount) continue;
    const Value& value = row[column++];
    if (IsExtreme(aggregate.function)) {
      if (!value.is_null()) tally.all[value] = 1;
    } else if (IsInteger(aggregate)) {
      TIDEMARK_ASSIGN_OR_RETURN(tally.integers, ParseDecimal(value.string()));
    } else {
      TIDEMARK_ASSIGN_OR_RETURN(tally.numbers, ParseParts(value.json()));
    }
    if (IsExtreme(aggregate.function) && value.is_null() != (tally.values == 0)) {
      return Error{ErrorCode::kInvalidArgs, "a group has values and no extreme of them"};
    }
  }
  return state;
}

}  // namespace tidemark::ivm
