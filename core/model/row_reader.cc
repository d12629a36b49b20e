#include "core/model/row_reader.h"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <utility>

#include "core/model/json.h"
#include "core/model/json_scan.h"
#include "core/model/text.h"

namespace tidemark::model {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// Digits as they are written canonically, at most `max` of them, perhaps behind a minus.
std::optional<std::int64_t> PlainInteger(std::string_view text, std::size_t max) {
  const bool negative = text.starts_with('-');
  const std::string_view digits = text.substr(negative ? 1 : 0);
  if (digits.empty() || digits.size() > max) return std::nullopt;
  if (digits[0] == '0' && (negative || digits.size() > 1)) return std::nullopt;
  std::int64_t number = 0;
  for (const char c : digits) {
    if (!IsDigit(c)) return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return negative ? -number : number;
}

/// What is between the quotes, if it stands for itself and is sound text.
std::optional<std::string_view> PlainString(std::string_view literal) {
  if (literal.size() < 2 || literal.front() != '"' || literal.back() != '"') return std::nullopt;
  const std::string_view inner = literal.substr(1, literal.size() - 2);
  unsigned char all = 0;
  for (const char c : inner) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == '"' || byte == '\\' || byte == 0x7f) return std::nullopt;
    all |= byte;
  }
  if (all >= 0x80 && CheckText(inner) != TextFault::kNone) return std::nullopt;
  return inner;
}

/// The value of a cell whose text is canonical and simple.
std::optional<Value> PlainValue(const Column& column, std::string_view cell) {
  // Numbers of so many digits are exact as a double and written without an exponent.
  constexpr std::size_t kDoubleDigits = 15;
  constexpr std::size_t kInt64Digits = 18;
  if (cell == "null") return column.optional ? std::optional<Value>(Value()) : std::nullopt;
  switch (column.type) {
    case ColumnType::kBoolean:
      if (cell == "true") return Value(true);
      if (cell == "false") return Value(false);
      return std::nullopt;
    case ColumnType::kNumber:
    case ColumnType::kTimestamp: {
      const std::optional<std::int64_t> number = PlainInteger(cell, kDoubleDigits);
      if (!number) return std::nullopt;
      return Value(static_cast<double>(*number));
    }
    case ColumnType::kString: {
      const std::optional<std::string_view> text = PlainString(cell);
      if (!text) return std::nullopt;
      return Value(*text);
    }
    case ColumnType::kBigint: {
      const std::optional<std::string_view> text = PlainString(cell);
      const std::optional<std::int64_t> number =
          text ? PlainInteger(*text, kInt64Digits) : std::nullopt;
      if (!number) return std::nullopt;
      return Value(*number);
    }
    case ColumnType::kDate:
    case ColumnType::kJson:
    case ColumnType::kEnumeration:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

RowReader::RowReader(const Table& table) : table_(table), seed_(HashBytes(table.name).low) {}

/// `[cell,cell,…]` with a cell for each column, and nothing around them.
bool RowReader::Split(std::string_view text) {
  cells_.clear();
  if (!text.starts_with('[') || !text.ends_with(']')) return false;
  std::size_t at = 1;
  for (std::size_t i = 0; i < table_.columns.size(); ++i) {
    const std::size_t end = EndOfValue(text, at);
    if (end == at || end >= text.size()) return false;
    cells_.push_back(text.substr(at, end - at));
    if (text[end] != (i + 1 < table_.columns.size() ? ',' : ']')) return false;
    at = end + 1;
  }
  return at == text.size();
}

bool RowReader::ReadCell(const Column& column, std::string_view cell, Value& value) {
  if (std::optional<Value> plain = PlainValue(column, cell)) {
    value = std::move(*plain);
    return true;
  }
  unsigned char buffer[1024];
  boost::json::monotonic_resource memory(buffer);
  Result<boost::json::value> json = boost::json::value(&memory);
  const std::optional<std::string_view> text = PlainString(cell);
  if (text) {
    *json = boost::json::string_view(text->data(), text->size());
  } else {
    json = ParseJson(cell, &memory);
    if (!json.ok()) return false;
  }
  Result<Value> parsed = ValueFromJson(table_, column, *json);
  if (!parsed.ok()) return false;
  value = std::move(*parsed);
  if (!is_canonical_) return true;
  if (value.kind() == ValueKind::kJson) {
    is_canonical_ = value.json() == cell;
  } else {
    std::string written;
    AppendJson(written, value);
    is_canonical_ = written == cell;
  }
  return true;
}

bool RowReader::ReadCells(std::vector<Value>& values) {
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    if (!ReadCell(table_.columns[i], cells_[i], values.emplace_back())) return false;
  }
  return true;
}

Result<Row> RowReader::Read(std::string_view text) {
  text_ = text;
  is_canonical_ = true;
  std::vector<Value> values;
  values.reserve(table_.columns.size());
  if (Split(text) && ReadCells(values)) {
    row_ = Row::Make(std::move(values));
    return row_;
  }
  // Whatever is wrong with it, if anything, is said there.
  is_canonical_ = false;
  TIDEMARK_ASSIGN_OR_RETURN(row_, RowFromJsonText(table_, text));
  return row_;
}

Hash128 RowReader::Hash() const {
  return is_canonical_ ? HashBytes(text_, seed_) : HashRow(table_.name, row_);
}

bool RowReader::HasKey(const RowKey& key) const {
  if (!is_canonical_) return KeyOf(table_, row_) == key;
  std::string_view rest = key.value;
  char before = '[';
  for (const ColumnIndex column : table_.primary_key) {
    const std::string_view cell = cells_[column];
    if (!rest.starts_with(before)) return false;
    rest.remove_prefix(1);
    if (!rest.starts_with(cell)) return false;
    rest.remove_prefix(cell.size());
    before = ',';
  }
  return rest == "]";
}

}  // namespace tidemark::model
