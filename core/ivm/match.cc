#include "core/ivm/match.h"

#include <cstdint>
#include <functional>
#include <string_view>

#include "core/base/check.h"

namespace tidemark::ivm {
namespace {

using model::Value;
using model::ValueKind;

std::size_t HashOf(const Value& value) {
  switch (value.kind()) {
    case ValueKind::kNull:
      return 0x9e3779b9u;
    case ValueKind::kBoolean:
      return value.boolean() ? 2 : 1;
    case ValueKind::kBigint:
      return std::hash<std::int64_t>()(value.bigint());
    case ValueKind::kNumber:
      return std::hash<double>()(value.number());
    case ValueKind::kString:
      return std::hash<std::string_view>()(value.string());
    case ValueKind::kJson:
      return std::hash<std::string_view>()(value.json());
  }
  TIDEMARK_CHECK(false);
}

void Mix(std::size_t& hash, const Value& value) { hash = hash * 31 + HashOf(value); }

}  // namespace

Values ValuesOf(const RowPart& part) {
  Values values;
  values.reserve(part.columns.size());
  for (const model::ColumnIndex column : part.columns) values.push_back(part.row[column]);
  return values;
}

bool HasNull(const RowPart& part) {
  for (const model::ColumnIndex column : part.columns) {
    if (part.row[column].is_null()) return true;
  }
  return false;
}

bool HasNull(const Values& values) {
  for (const Value& value : values) {
    if (value.is_null()) return true;
  }
  return false;
}

std::size_t ValuesHash::operator()(const Values& values) const {
  std::size_t hash = 0;
  for (const Value& value : values) Mix(hash, value);
  return hash;
}

std::size_t ValuesHash::operator()(const RowPart& part) const {
  std::size_t hash = 0;
  for (const model::ColumnIndex column : part.columns) Mix(hash, part.row[column]);
  return hash;
}

bool ValuesEqual::operator()(const RowPart& a, const Values& b) const {
  if (a.columns.size() != b.size()) return false;
  for (std::size_t i = 0; i < b.size(); ++i) {
    if (!(a.row[a.columns[i]] == b[i])) return false;
  }
  return true;
}

bool ValuesEqual::operator()(const RowPart& a, const RowPart& b) const {
  if (a.columns.size() != b.columns.size()) return false;
  for (std::size_t i = 0; i < a.columns.size(); ++i) {
    if (!(a.row[a.columns[i]] == b.row[b.columns[i]])) return false;
  }
  return true;
}

Columns OwnColumns(const query::Match& match) {
  Columns columns;
  for (const auto& pair : match) columns.push_back(pair.first);
  return columns;
}

Columns OtherColumns(const query::Match& match) {
  Columns columns;
  for (const auto& pair : match) columns.push_back(pair.second);
  return columns;
}

}  // namespace tidemark::ivm
