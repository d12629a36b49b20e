#include <string>
#include <string_view>
#include <vector>

#include "core/model/schema_document.h"
#include "core/model/value.h"

namespace tidemark::model {
namespace {

// Members are written in the order of their keys, so that the text is canonical JSON.

void AppendKey(std::string& out, std::string_view key) {
  if (out.back() != '{') out.push_back(',');
  AppendJsonString(out, key);
  out.push_back(':');
}

void AppendComma(std::string& out) {
  if (out.back() != '[') out.push_back(',');
}

void AppendColumnList(std::string& out, const Table& table,
                      const std::vector<ColumnIndex>& columns) {
  out.push_back('[');
  for (const ColumnIndex column : columns) {
    AppendComma(out);
    AppendJsonString(out, table.columns[column].name);
  }
  out.push_back(']');
}

void AppendColumnLists(std::string& out, std::string_view key, const Table& table,
                       const std::vector<std::vector<ColumnIndex>>& lists) {
  if (lists.empty()) return;
  AppendKey(out, key);
  out.push_back('[');
  for (const std::vector<ColumnIndex>& list : lists) {
    AppendComma(out);
    AppendColumnList(out, table, list);
  }
  out.push_back(']');
}

void AppendColumn(std::string& out, const Column& column) {
  out.push_back('{');
  if (column.default_value) {
    AppendKey(out, "default");
    AppendJson(out, *column.default_value);
  }
  if (column.db_name != column.name) {
    AppendKey(out, "from");
    AppendJsonString(out, column.db_name);
  }
  AppendKey(out, "name");
  AppendJsonString(out, column.name);
  if (column.optional) {
    AppendKey(out, "optional");
    out.append("true");
  }
  AppendKey(out, "type");
  AppendJsonString(out, ColumnTypeName(column.type));
  if (!column.enumeration.empty()) {
    AppendKey(out, "values");
    out.push_back('[');
    for (const std::string& member : column.enumeration) {
      AppendComma(out);
      AppendJsonString(out, member);
    }
    out.push_back(']');
  }
  out.push_back('}');
}

void AppendMatch(std::string& out, const Table& table, const Table& other,
                 const Relationship::Match& match) {
  AppendKey(out, "match");
  out.push_back('{');
  for (const auto& [left, right] : match) {
    AppendKey(out, table.columns[left].name);
    AppendJsonString(out, other.columns[right].name);
  }
  out.push_back('}');
}

void AppendRelationship(std::string& out, const std::vector<Table>& tables, const Table& table,
                        const Relationship& relationship) {
  const Table& target = tables[relationship.target];
  const auto& through = relationship.through;
  out.push_back('{');
  AppendKey(out, "kind");
  out.append(relationship.many ? "\"many\"" : "\"one\"");
  AppendMatch(out, table, through ? tables[through->table] : target, relationship.match);
  AppendKey(out, "name");
  AppendJsonString(out, relationship.name);
  AppendKey(out, "table");
  AppendJsonString(out, target.name);
  if (through) {
    AppendKey(out, "through");
    out.push_back('{');
    AppendMatch(out, tables[through->table], target, through->match);
    AppendKey(out, "table");
    AppendJsonString(out, tables[through->table].name);
    out.push_back('}');
  }
  out.push_back('}');
}

void AppendTable(std::string& out, const std::vector<Table>& tables, const Table& table) {
  out.push_back('{');
  AppendKey(out, "columns");
  out.push_back('[');
  for (const Column& column : table.columns) {
    AppendComma(out);
    AppendColumn(out, column);
  }
  out.push_back(']');
  if (!table.db_schema.empty() || table.db_name != table.name) {
    AppendKey(out, "from");
    AppendJsonString(
        out, table.db_schema.empty() ? table.db_name : table.db_schema + "." + table.db_name);
  }
  AppendColumnLists(out, "indexes", table, table.indexes);
  AppendKey(out, "name");
  AppendJsonString(out, table.name);
  AppendKey(out, "primaryKey");
  AppendColumnList(out, table, table.primary_key);
  if (!table.relationships.empty()) {
    AppendKey(out, "relationships");
    out.push_back('[');
    for (const Relationship& relationship : table.relationships) {
      AppendComma(out);
      AppendRelationship(out, tables, table, relationship);
    }
    out.push_back(']');
  }
  AppendColumnLists(out, "uniques", table, table.uniques);
  out.push_back('}');
}

}  // namespace

std::string TablesToJson(const std::vector<Table>& tables) {
  std::string out = "{\"tables\":[";
  for (const Table& table : tables) {
    AppendComma(out);
    AppendTable(out, tables, table);
  }
  out.append("]}");
  return out;
}

}  // namespace tidemark::model
