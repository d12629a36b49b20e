#include "core/query/result_reader.h"

#include <boost/json/value.hpp>
#include <charconv>
#include <cstdint>
#include <utility>

#include "core/base/check.h"
#include "core/model/exact_sum.h"
#include "core/model/json.h"
#include "core/model/number_text.h"

namespace tidemark::query {

namespace json = boost::json;
using model::Column;
using model::ColumnType;
using model::IntegerSum;
using model::Value;

namespace {

Error Unreadable() { return Error{ErrorCode::kInternal, "a database gave a row of another query"}; }

std::optional<std::string_view> TextOf(const json::value& value) {
  const json::string* text = value.if_string();
  if (text == nullptr) return std::nullopt;
  return std::string_view(text->data(), text->size());
}

std::int64_t IntegerFromText(std::string_view text) {
  std::int64_t integer = 0;
  std::from_chars(text.data(), text.data() + text.size(), integer);
  return integer;
}

/// A whole number of any length that a sum can have.
IntegerSum SumFromText(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  IntegerSum sum = 0;
  for (const char digit : text.substr(negative ? 1 : 0)) sum = sum * 10 + (digit - '0');
  return negative ? -sum : sum;
}

/// Adds a sum of numbers that are whole, in parts that doubles hold exactly.
void AddWhole(model::ExactSum& numbers, IntegerSum sum) {
  constexpr IntegerSum kPart = IntegerSum{1} << 52;
  for (double scale = 1; sum != 0; sum /= kPart, scale *= static_cast<double>(kPart)) {
    numbers.Add(static_cast<double>(static_cast<std::int64_t>(sum % kPart)) * scale);
  }
}

}  // namespace

Value ValueFromText(const Column& column, std::optional<std::string_view> text) {
  if (!text) return Value();
  switch (column.type) {
    case ColumnType::kString:
    case ColumnType::kDate:
    case ColumnType::kEnumeration:
      return Value(*text);
    case ColumnType::kNumber:
    case ColumnType::kTimestamp:
      return Value(model::ParseNumber(*text));
    case ColumnType::kBoolean:
      return Value(*text == "true");
    case ColumnType::kBigint:
      return Value(IntegerFromText(*text));
    case ColumnType::kJson:
      return Value(model::JsonText{std::string(*text)});
  }
  return Value();
}

Status ResultReader::Add(std::string_view row) {
  TIDEMARK_ASSIGN_OR_RETURN(const json::value value, model::ParseJson(row));
  if (out_.size() > 1) out_.push_back(',');
  return query_.aggregation ? AppendGroup(query_, value) : AppendRow(query_, value);
}

std::string ResultReader::Take() {
  out_.push_back(']');
  std::string result = std::move(out_);
  out_.assign(1, '[');
  return result;
}

Value ResultReader::ReadText(const Column& column, const Json& text) const {
  return decode_(column, TextOf(text));
}

Status ResultReader::AppendList(const Query& query, const Json& list) {
  const json::array* rows = list.if_array();
  if (rows == nullptr) return Unreadable();
  out_.push_back('[');
  for (std::size_t i = 0; i < rows->size(); ++i) {
    if (i > 0) out_.push_back(',');
    TIDEMARK_TRY(query.aggregation ? AppendGroup(query, (*rows)[i]) : AppendRow(query, (*rows)[i]));
  }
  out_.push_back(']');
  return Ok{};
}

Status ResultReader::AppendRow(const Query& query, const Json& row) {
  const json::array* parts = row.if_array();
  if (parts == nullptr || parts->size() < query.related.size()) return Unreadable();
  const std::vector<Column>& columns = schema_.table(query.table).columns;
  const std::size_t arrays = parts->size() - query.related.size();
  std::size_t column = 0;
  out_.push_back('[');
  for (std::size_t i = 0; i < arrays; ++i) {
    const json::array* texts = (*parts)[i].if_array();
    if (texts == nullptr) return Unreadable();
    for (const json::value& text : *texts) {
      if (column == columns.size()) return Unreadable();
      if (column > 0) out_.push_back(',');
      AppendJson(out_, ReadText(columns[column], text));
      ++column;
    }
  }
  if (column != columns.size()) return Unreadable();
  for (std::size_t i = 0; i < query.related.size(); ++i) {
    out_.push_back(',');
    TIDEMARK_TRY(AppendList(*query.related[i].edge.query, (*parts)[arrays + i]));
  }
  out_.push_back(']');
  return Ok{};
}

Status ResultReader::AppendGroup(const Query& query, const Json& group) {
  const Aggregation& aggregation = *query.aggregation;
  const model::Table& table = schema_.table(query.table);
  const json::array* parts = group.if_array();
  if (parts == nullptr || parts->size() != aggregation.aggregates.size() + 1) return Unreadable();
  const json::array* texts = (*parts)[0].if_array();
  if (texts == nullptr || texts->size() != aggregation.group_by.size()) return Unreadable();
  out_.push_back('[');
  for (std::size_t i = 0; i < texts->size(); ++i) {
    if (i > 0) out_.push_back(',');
    AppendJson(out_, ReadText(table.columns[aggregation.group_by[i]], (*texts)[i]));
  }
  for (std::size_t i = 0; i < aggregation.aggregates.size(); ++i) {
    TIDEMARK_ASSIGN_OR_RETURN(const Value value,
                              ReadAggregate(query, aggregation.aggregates[i], (*parts)[i + 1]));
    if (out_.back() != '[') out_.push_back(',');
    AppendJson(out_, value);
  }
  out_.push_back(']');
  return Ok{};
}

Result<Value> ResultReader::ReadAggregate(const Query& query, const Aggregate& aggregate,
                                          const Json& value) const {
  const model::Table& table = schema_.table(query.table);
  switch (aggregate.function) {
    case AggregateFunction::kCount:
      if (!value.is_int64()) return Unreadable();
      return Value(static_cast<double>(value.get_int64()));
    case AggregateFunction::kMin:
    case AggregateFunction::kMax: {
      // Of a required column too there may be no value.
      if (value.is_null()) return Value();
      return ReadText(table.columns[*aggregate.column], value);
    }
    case AggregateFunction::kSum:
    case AggregateFunction::kAverage:
      return ReadSum(table, aggregate, value);
  }
  return Unreadable();
}

Result<Value> ResultReader::ReadSum(const model::Table& table, const Aggregate& aggregate,
                                    const Json& parts) const {
  const Column& column = table.columns[*aggregate.column];
  const json::array* three = parts.if_array();
  if (three == nullptr || three->size() != 3 || !(*three)[0].is_int64() ||
      !(*three)[1].is_array() || !(*three)[2].is_array()) {
    return Unreadable();
  }
  std::int64_t count = (*three)[0].get_int64();
  IntegerSum whole = 0;
  for (const json::value& text : (*three)[1].get_array()) {
    if (text.is_string()) whole += SumFromText(*TextOf(text));
  }
  model::ExactSum numbers;
  for (const json::value& text : (*three)[2].get_array()) {
    const Value value = ReadText(column, text);
    if (value.is_null()) {
      --count;  // what no number is: NaN and the infinities
    } else {
      numbers.Add(value.number());
    }
  }
  if (count == 0) return Value();
  const Error too_large{ErrorCode::kLimit, aggregate.alias + ": the sum of " + table.name + "." +
                                               column.name + " is larger than its type can hold"};
  const bool average = aggregate.function == AggregateFunction::kAverage;
  if (column.type == ColumnType::kBigint) {
    if (average) return Value(static_cast<double>(whole) / static_cast<double>(count));
    if (whole < INT64_MIN || whole > INT64_MAX) return too_large;
    return Value(static_cast<std::int64_t>(whole));
  }
  AddWhole(numbers, whole);
  const std::optional<double> sum = numbers.Round();
  if (!sum) return too_large;
  return Value(average ? *sum / static_cast<double>(count) : *sum);
}

}  // namespace tidemark::query
