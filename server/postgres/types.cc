#include "server/postgres/types.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "core/model/json_path.h"
#include "core/model/number_text.h"
#include "core/model/text.h"

namespace tidemark::server {
namespace {

using model::ColumnType;
using model::Value;

constexpr int kHeaderOfModifier = 4;  // VARHDRSZ: what atttypmod adds
constexpr int kBigintDigitsMax = 18;

std::optional<std::int64_t> Integer(std::string_view text) {
  std::int64_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Days from 1970-01-01 (https://howardhinnant.github.io/date_algorithms.html).
std::int64_t DaysFromCivil(std::int64_t year, std::int64_t month, std::int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

/// `2026-01-01 00:00:00[.ffffff][+00][ BC]` as milliseconds, rounded down.
std::optional<double> Milliseconds(std::string_view text) {
  bool before_christ = false;
  if (text.size() > 3 && text.substr(text.size() - 3) == " BC") {
    before_christ = true;
    text.remove_suffix(3);
  }
  if (text.size() > 3 && text.substr(text.size() - 3) == "+00") text.remove_suffix(3);
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos || text.size() < dash + 15) return std::nullopt;
  const auto part = [&text](std::size_t at, std::size_t size) {
    return Integer(text.substr(at, size));
  };
  const auto year = part(0, dash);
  const auto month = part(dash + 1, 2);
  const auto day = part(dash + 4, 2);
  const auto hour = part(dash + 7, 2);
  const auto minute = part(dash + 10, 2);
  const auto second = part(dash + 13, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  std::int64_t micros = 0;
  const std::string_view rest = text.substr(dash + 15);
  if (!rest.empty()) {
    std::string digits(rest.substr(1));
    digits.resize(6, '0');
    const auto fraction = Integer(digits);
    if (rest[0] != '.' || !fraction) return std::nullopt;
    micros = *fraction;
  }
  const std::int64_t days = DaysFromCivil(before_christ ? 1 - *year : *year, *month, *day);
  const std::int64_t seconds = days * 86400 + *hour * 3600 + *minute * 60 + *second;
  const std::int64_t milliseconds = seconds * 1000 + micros / 1000;
  return static_cast<double>(milliseconds);
}

std::optional<double> Number(TextForm form, std::string_view text) {
  if (text.empty() || text.find_first_not_of("+-.0123456789eE") != std::string_view::npos) {
    return std::nullopt;  // NaN, Infinity
  }
  const double number = form == TextForm::kFloat4
                            ? static_cast<double>(std::strtof(std::string(text).c_str(), nullptr))
                            : model::ParseNumber(text);
  if (!std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<Value> Converted(ColumnType type, TextForm form, std::string_view text) {
  switch (type) {
    case ColumnType::kString:
    case ColumnType::kEnumeration:
      if (model::CheckText(text) != model::TextFault::kNone) return std::nullopt;
      return Value(text);
    case ColumnType::kDate:
      if (text.size() != 10) return std::nullopt;
      return Value(text);
    case ColumnType::kNumber: {
      const std::optional<double> number = Number(form, text);
      return number ? std::optional<Value>(Value(*number)) : std::nullopt;
    }
    case ColumnType::kBoolean:
      return Value(text == "t" || text == "true");
    case ColumnType::kBigint: {
      const std::optional<std::int64_t> number = Integer(text);
      return number ? std::optional<Value>(Value(*number)) : std::nullopt;
    }
    case ColumnType::kTimestamp: {
      if (form != TextForm::kCanonical) {
        const std::optional<double> ms = Milliseconds(text);
        return ms ? std::optional<Value>(Value(*ms)) : std::nullopt;
      }
      const std::optional<std::int64_t> ms = Integer(text);
      return ms ? std::optional<Value>(Value(static_cast<double>(*ms))) : std::nullopt;
    }
    case ColumnType::kJson: {
      Result<std::string> json = model::CanonicalJsonText(text);
      if (!json.ok() || *json == "null") return std::nullopt;
      return Value(model::JsonText{std::move(*json)});
    }
  }
  return std::nullopt;
}

template <std::size_t N>
bool IsOneOf(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Value NullFromPostgres(const model::Column& column) {
  if (column.optional) return Value();
  switch (column.type) {
    case ColumnType::kString:
      return Value("");
    case ColumnType::kDate:
      return Value("0001-01-01");
    case ColumnType::kEnumeration:
      return Value(column.enumeration.empty() ? std::string() : column.enumeration.front());
    case ColumnType::kNumber:
    case ColumnType::kTimestamp:
      return Value(0.0);
    case ColumnType::kBoolean:
      return Value(false);
    case ColumnType::kBigint:
      return Value(std::int64_t{0});
    case ColumnType::kJson:
      return Value(model::JsonText{"{}"});
  }
  return Value();
}

Value ValueFromPostgres(const model::Column& column, TextForm form, std::string_view text) {
  std::optional<Value> value = Converted(column.type, form, text);
  return value.has_value() ? std::move(*value) : NullFromPostgres(column);
}

bool IsUsable(ColumnType type, std::string_view pg_type, int type_modifier) {
  switch (type) {
    case ColumnType::kString:
    case ColumnType::kEnumeration:
      return IsOneOf<4>(pg_type, {"text", "varchar", "uuid", "enum"});
    case ColumnType::kNumber:
      return IsOneOf<6>(pg_type, {"int2", "int4", "int8", "float4", "float8", "numeric"});
    case ColumnType::kBoolean:
      return pg_type == "bool";
    case ColumnType::kBigint: {
      if (IsOneOf<3>(pg_type, {"int2", "int4", "int8"})) return true;
      const int digits = (type_modifier - kHeaderOfModifier) >> 16;
      const int scale = (type_modifier - kHeaderOfModifier) & 0x7ff;
      return pg_type == "numeric" && type_modifier >= kHeaderOfModifier && scale == 0 &&
             digits <= kBigintDigitsMax;
    }
    case ColumnType::kTimestamp:
      return pg_type == "timestamptz" || pg_type == "timestamp";
    case ColumnType::kDate:
      return pg_type == "date";
    case ColumnType::kJson:
      return pg_type == "json" || pg_type == "jsonb";
  }
  return false;
}

std::string_view UsableTypes(ColumnType type) {
  switch (type) {
    case ColumnType::kString:
    case ColumnType::kEnumeration:
      return "text, varchar, uuid or an enum";
    case ColumnType::kNumber:
      return "smallint, integer, bigint, real, double precision or numeric";
    case ColumnType::kBoolean:
      return "boolean";
    case ColumnType::kBigint:
      return "smallint, integer, bigint or numeric(18,0)";
    case ColumnType::kTimestamp:
      return "timestamptz or timestamp";
    case ColumnType::kDate:
      return "date";
    case ColumnType::kJson:
      return "jsonb or json";
  }
  return "";
}

std::string_view TypeToCreate(ColumnType type) {
  switch (type) {
    case ColumnType::kString:
    case ColumnType::kEnumeration:
      return "text COLLATE \"C\"";
    case ColumnType::kNumber:
      return "double precision";
    case ColumnType::kBoolean:
      return "boolean";
    case ColumnType::kBigint:
      return "bigint";
    case ColumnType::kTimestamp:
      return "timestamptz";
    case ColumnType::kDate:
      return "date";
    case ColumnType::kJson:
      return "jsonb";
  }
  return "";
}

std::string ParameterExpression(const model::Column& column, std::size_t number) {
  const std::string parameter = "$" + std::to_string(number);
  if (column.type != ColumnType::kTimestamp) return parameter;
  return "(timestamptz 'epoch' + " + parameter + "::int8 * interval '1 millisecond')";
}

}  // namespace tidemark::server
