#include "core/model/schema.h"

#include <algorithm>
#include <boost/json/value.hpp>

#include "core/base/check.h"
#include "core/model/json.h"
#include "core/model/schema_document.h"

namespace tidemark::model {

std::string_view ColumnTypeName(ColumnType type) {
  switch (type) {
    case ColumnType::kString:
      return "string";
    case ColumnType::kNumber:
      return "number";
    case ColumnType::kBoolean:
      return "boolean";
    case ColumnType::kBigint:
      return "bigint";
    case ColumnType::kTimestamp:
      return "timestamp";
    case ColumnType::kDate:
      return "date";
    case ColumnType::kJson:
      return "json";
    case ColumnType::kEnumeration:
      return "enumeration";
  }
  return "unknown";
}

std::optional<ColumnIndex> Table::FindColumn(std::string_view column) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == column) return static_cast<ColumnIndex>(i);
  }
  return std::nullopt;
}

const Relationship* Table::FindRelationship(std::string_view relationship) const {
  for (const Relationship& known : relationships) {
    if (known.name == relationship) return &known;
  }
  return nullptr;
}

bool Table::IsKeyColumn(ColumnIndex column) const {
  return std::find(primary_key.begin(), primary_key.end(), column) != primary_key.end();
}

Result<Schema> Schema::Parse(std::string_view json) {
  TIDEMARK_ASSIGN_OR_RETURN(const boost::json::value document, ParseJson(json));
  Schema schema;
  TIDEMARK_ASSIGN_OR_RETURN(schema.tables_, TablesFromJson(document));
  for (std::size_t i = 0; i < schema.tables_.size(); ++i) {
    schema.by_name_.emplace(schema.tables_[i].name, static_cast<TableIndex>(i));
  }
  schema.json_ = TablesToJson(schema.tables_);
  schema.hash_ = ToHex(HashBytes(schema.json_));
  return schema;
}

std::optional<TableIndex> Schema::FindTable(std::string_view name) const {
  const auto found = by_name_.find(std::string(name));
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

Schema Schema::WithCopies(const std::vector<TableIndex>& of) const {
  Schema schema = *this;
  for (const TableIndex index : of) schema.tables_.push_back(tables_[index]);
  return schema;
}

RowKey KeyOf(const Table& table, const Row& row) {
  TIDEMARK_CHECK(row.size() == table.columns.size());
  std::string key = "[";
  for (const ColumnIndex column : table.primary_key) {
    if (key.size() > 1) key.push_back(',');
    AppendJson(key, row[column]);
  }
  key.push_back(']');
  return RowKey(std::move(key));
}

RowKey KeyFromValues(const std::vector<Value>& values) {
  std::string key = "[";
  for (const Value& value : values) {
    if (key.size() > 1) key.push_back(',');
    AppendJson(key, value);
  }
  key.push_back(']');
  return RowKey(std::move(key));
}

}  // namespace tidemark::model
