#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/json.h"
#include "core/model/json_path.h"
#include "core/model/limits.h"
#include "core/model/schema.h"
#include "core/model/text.h"

namespace tidemark::model {
namespace {

namespace json = boost::json;

std::string_view View(const json::string& text) { return {text.data(), text.size()}; }

/// A few words about a value for an error message.
std::string Quote(const json::value& value) {
  constexpr std::size_t kQuoted = 60;
  std::string text = CanonicalJson(value);
  if (text.size() <= kQuoted) return text;
  std::size_t cut = kQuoted;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0u) == 0x80u) --cut;
  return text.substr(0, cut) + "…";
}

Error Invalid(const Table& table, const Column& column, const std::string& what) {
  return Error{ErrorCode::kInvalidArgs, table.name + "." + column.name + ": " + what};
}

Error Expected(const Table& table, const Column& column, std::string_view expected,
               const json::value& value) {
  return Invalid(table, column, "expected " + std::string(expected) + ", got " + Quote(value));
}

bool IsDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int ToInt(std::string_view digits) {
  int value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

/// A day of the proleptic Gregorian calendar, years 0001 to 9999.
bool IsDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const std::string_view parts[] = {text.substr(0, 4), text.substr(5, 2), text.substr(8, 2)};
  if (!IsDigits(parts[0]) || !IsDigits(parts[1]) || !IsDigits(parts[2])) return false;
  const int year = ToInt(parts[0]);
  const int month = ToInt(parts[1]);
  const int day = ToInt(parts[2]);
  if (year < 1 || month < 1 || month > 12) return false;
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day >= 1 && day <= kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

Result<Value> TextValue(const Table& table, const Column& column, const json::value& value,
                        std::string_view expected) {
  const json::string* text = value.if_string();
  if (text == nullptr) return Expected(table, column, expected, value);
  const TextFault fault = CheckText(View(*text));
  if (fault != TextFault::kNone) {
    return Invalid(table, column, "text with " + std::string(TextFaultName(fault)));
  }
  return Value(View(*text));
}

Result<double> NumberOf(const Table& table, const Column& column, const json::value& value,
                        std::string_view expected) {
  if (!value.is_number()) return Expected(table, column, expected, value);
  if (value.is_int64()) return static_cast<double>(value.get_int64());
  if (value.is_uint64()) return static_cast<double>(value.get_uint64());
  const double number = value.get_double();
  if (!std::isfinite(number)) {
    return Invalid(table, column, "expected a finite number");
  }
  return number;
}

Result<Value> TimestampValue(const Table& table, const Column& column, const json::value& value) {
  constexpr std::string_view kExpected = "a timestamp (whole milliseconds since the epoch)";
  TIDEMARK_ASSIGN_OR_RETURN(const double ms, NumberOf(table, column, value, kExpected));
  if (std::trunc(ms) != ms) return Expected(table, column, kExpected, value);
  if (ms < kTimestampMin || ms > kTimestampMax) {
    return Invalid(table, column, "the timestamp " + Quote(value) + " is out of range");
  }
  return Value(ms);
}

Result<Value> BigintValue(const Table& table, const Column& column, const json::value& value) {
  constexpr std::string_view kExpected = "a bigint of 64 bits as a decimal string";
  const json::string* text = value.if_string();
  if (text == nullptr) return Expected(table, column, kExpected, value);
  std::int64_t integer = 0;
  const char* end = text->data() + text->size();
  const auto parsed = std::from_chars(text->data(), end, integer);
  if (parsed.ec != std::errc() || parsed.ptr != end) {
    return Expected(table, column, kExpected, value);
  }
  return Value(integer);
}

Result<Value> DateValue(const Table& table, const Column& column, const json::value& value) {
  const json::string* text = value.if_string();
  if (text == nullptr || !IsDate(View(*text))) {
    return Expected(table, column, "a date (YYYY-MM-DD)", value);
  }
  return Value(View(*text));
}

Result<Value> EnumerationValue(const Table& table, const Column& column, const json::value& value) {
  const json::string* text = value.if_string();
  if (text != nullptr) {
    for (const std::string& member : column.enumeration) {
      if (member == View(*text)) return Value(member);
    }
  }
  std::string expected = "one of";
  for (const std::string& member : column.enumeration) expected.append(" '" + member + "'");
  return Expected(table, column, expected, value);
}

Result<Value> DocumentValue(const Table& table, const Column& column, const json::value& value) {
  Result<std::string> text = CanonicalDocument(value);
  if (text.ok()) return Value(JsonText{std::move(text).value()});
  Error error = std::move(text).error();
  error.message = table.name + "." + column.name + ": " + error.message;
  return error;
}

}  // namespace

Result<Value> ValueFromJson(const Table& table, const Column& column, const json::value& value) {
  if (value.is_null()) {
    if (column.optional) return Value();
    return Invalid(table, column, "null in a required column");
  }
  switch (column.type) {
    case ColumnType::kString:
      return TextValue(table, column, value, "a string");
    case ColumnType::kNumber: {
      TIDEMARK_ASSIGN_OR_RETURN(const double number, NumberOf(table, column, value, "a number"));
      return Value(number);
    }
    case ColumnType::kBoolean:
      if (!value.is_bool()) return Expected(table, column, "a boolean", value);
      return Value(value.get_bool());
    case ColumnType::kBigint:
      return BigintValue(table, column, value);
    case ColumnType::kTimestamp:
      return TimestampValue(table, column, value);
    case ColumnType::kDate:
      return DateValue(table, column, value);
    case ColumnType::kJson:
      return DocumentValue(table, column, value);
    case ColumnType::kEnumeration:
      return EnumerationValue(table, column, value);
  }
  return Invalid(table, column, "unknown column type");
}

Result<Row> RowFromJson(const Table& table, const json::value& value) {
  const json::array* items = value.if_array();
  if (items == nullptr || items->size() != table.columns.size()) {
    return Error{ErrorCode::kInvalidArgs, table.name + ": a row is an array of " +
                                              std::to_string(table.columns.size()) +
                                              " values, not " + Quote(value)};
  }
  std::vector<Value> values;
  values.reserve(items->size());
  for (std::size_t i = 0; i < items->size(); ++i) {
    TIDEMARK_ASSIGN_OR_RETURN(Value parsed, ValueFromJson(table, table.columns[i], (*items)[i]));
    values.push_back(std::move(parsed));
  }
  return Row::Make(std::move(values));
}

Result<Row> RowFromJsonText(const Table& table, std::string_view text) {
  unsigned char buffer[4096];
  json::monotonic_resource memory(buffer);
  TIDEMARK_ASSIGN_OR_RETURN(const json::value value, ParseJson(text, &memory));
  return RowFromJson(table, value);
}

Result<std::vector<Value>> ValuesOfKey(const Table& table, const RowKey& key) {
  unsigned char buffer[1024];
  json::monotonic_resource memory(buffer);
  TIDEMARK_ASSIGN_OR_RETURN(const json::value value, ParseJson(key.value, &memory));
  const json::array* items = value.if_array();
  if (items == nullptr || items->size() != table.primary_key.size()) {
    return Error{ErrorCode::kInvalidArgs, table.name + ": a key is an array of " +
                                              std::to_string(table.primary_key.size()) +
                                              " values, not " + Quote(value)};
  }
  std::vector<Value> values;
  values.reserve(items->size());
  for (std::size_t i = 0; i < items->size(); ++i) {
    const Column& column = table.columns[table.primary_key[i]];
    TIDEMARK_ASSIGN_OR_RETURN(Value parsed, ValueFromJson(table, column, (*items)[i]));
    values.push_back(std::move(parsed));
  }
  return values;
}

}  // namespace tidemark::model
