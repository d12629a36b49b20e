#include "core/model/schema_document.h"

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <initializer_list>
#include <set>
#include <string_view>
#include <utility>

#include "core/model/limits.h"
#include "core/model/text.h"
#include "core/model/value.h"

namespace tidemark::model {
namespace {

namespace json = boost::json;

/// Where in the document something is wrong: "schema: todo.boardID".
using Place = const std::string&;

Error Invalid(Place place, const std::string& what) {
  return Error{ErrorCode::kInvalidArgs, place + ": " + what};
}

std::string_view View(json::string_view text) { return {text.data(), text.size()}; }

Status CheckKeys(Place place, const json::object& object,
                 std::initializer_list<std::string_view> known) {
  for (const json::key_value_pair& member : object) {
    if (std::find(known.begin(), known.end(), View(member.key())) == known.end()) {
      return Invalid(place, "unknown key '" + std::string(View(member.key())) + "'");
    }
  }
  return Ok{};
}

Result<const json::object*> ObjectOf(Place place, const json::value& value) {
  if (!value.is_object()) return Invalid(place, "expected an object");
  return &value.get_object();
}

/// The array under `key`; an empty one if there is none.
Result<const json::array*> ArrayAt(Place place, const json::object& object, std::string_view key) {
  static const json::array kEmpty;
  const json::value* value = object.if_contains({key.data(), key.size()});
  if (value == nullptr) return &kEmpty;
  if (!value->is_array()) return Invalid(place, "'" + std::string(key) + "' must be an array");
  return &value->get_array();
}

Result<std::string> StringOf(Place place, const json::value& value) {
  if (!value.is_string()) return Invalid(place, "expected a string");
  const std::string_view text = View(value.get_string());
  const TextFault fault = CheckText(text);
  if (fault != TextFault::kNone) {
    return Invalid(place, "text with " + std::string(TextFaultName(fault)));
  }
  return std::string(text);
}

Result<std::string> StringAt(Place place, const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains({key.data(), key.size()});
  if (value == nullptr) return Invalid(place, "'" + std::string(key) + "' is missing");
  return StringOf(place + "." + std::string(key), *value);
}

Result<std::string> NameAt(Place place, const json::object& object, std::string_view key) {
  TIDEMARK_ASSIGN_OR_RETURN(std::string name, StringAt(place, object, key));
  if (name.empty()) return Invalid(place, "'" + std::string(key) + "' is empty");
  if (name.size() > kNameBytesMax) {
    return Invalid(place, "the name '" + name + "' is longer than " +
                              std::to_string(kNameBytesMax) + " bytes");
  }
  return name;
}

std::optional<ColumnType> TypeFromName(std::string_view name) {
  static constexpr std::array<ColumnType, 8> kTypes = {
      ColumnType::kString,    ColumnType::kNumber, ColumnType::kBoolean, ColumnType::kBigint,
      ColumnType::kTimestamp, ColumnType::kDate,   ColumnType::kJson,    ColumnType::kEnumeration};
  for (const ColumnType type : kTypes) {
    if (ColumnTypeName(type) == name) return type;
  }
  return std::nullopt;
}

std::string FoldAscii(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

Status ReadEnumeration(Place place, const json::object& object, Column& column) {
  TIDEMARK_ASSIGN_OR_RETURN(const json::array* values, ArrayAt(place, object, "values"));
  if ((column.type == ColumnType::kEnumeration) == values->empty()) {
    return Invalid(place, values->empty() ? "an enumeration needs 'values'"
                                          : "only an enumeration has 'values'");
  }
  for (const json::value& value : *values) {
    TIDEMARK_ASSIGN_OR_RETURN(std::string member, StringOf(place + ".values", value));
    std::vector<std::string>& members = column.enumeration;
    if (std::find(members.begin(), members.end(), member) != members.end()) {
      return Invalid(place, "the value '" + member + "' occurs twice");
    }
    members.push_back(std::move(member));
  }
  return Ok{};
}

Result<Column> ReadColumn(const Table& table, const json::value& value) {
  const std::string in_table = "schema: " + table.name;
  TIDEMARK_ASSIGN_OR_RETURN(const json::object* object, ObjectOf(in_table + ".columns", value));
  Column column;
  TIDEMARK_ASSIGN_OR_RETURN(column.name, NameAt(in_table + ".columns", *object, "name"));
  const std::string place = in_table + "." + column.name;
  TIDEMARK_TRY(
      CheckKeys(place, *object, {"name", "from", "type", "optional", "default", "values"}));
  column.db_name = column.name;
  if (object->contains("from")) {
    TIDEMARK_ASSIGN_OR_RETURN(column.db_name, NameAt(place, *object, "from"));
  }
  TIDEMARK_ASSIGN_OR_RETURN(const std::string type, StringAt(place, *object, "type"));
  const std::optional<ColumnType> known = TypeFromName(type);
  if (!known) return Invalid(place, "unknown type '" + type + "'");
  column.type = *known;
  if (const json::value* optional = object->if_contains("optional")) {
    if (!optional->is_bool()) return Invalid(place, "'optional' must be true or false");
    column.optional = optional->get_bool();
  }
  TIDEMARK_TRY(ReadEnumeration(place, *object, column));
  if (const json::value* literal = object->if_contains("default")) {
    Result<Value> parsed = ValueFromJson(table, column, *literal);
    if (!parsed.ok()) return Invalid(place, "default: " + parsed.error().message);
    // A default of null is what an optional column has anyway.
    if (!parsed->is_null()) column.default_value = std::move(parsed).value();
  }
  return column;
}

Result<ColumnIndex> ColumnOf(Place place, const Table& table, const json::value& value) {
  TIDEMARK_ASSIGN_OR_RETURN(const std::string name, StringOf(place, value));
  const std::optional<ColumnIndex> column = table.FindColumn(name);
  if (!column) return Invalid(place, "no column '" + name + "' in " + table.name);
  return *column;
}

/// A list of distinct columns that values can be compared in.
Result<std::vector<ColumnIndex>> ReadColumnList(Place place, const Table& table,
                                                const json::value& value) {
  if (!value.is_array() || value.get_array().empty()) {
    return Invalid(place, "expected a list of columns");
  }
  std::vector<ColumnIndex> columns;
  for (const json::value& item : value.get_array()) {
    TIDEMARK_ASSIGN_OR_RETURN(const ColumnIndex column, ColumnOf(place, table, item));
    if (std::find(columns.begin(), columns.end(), column) != columns.end()) {
      return Invalid(place, "'" + table.columns[column].name + "' occurs twice");
    }
    if (table.columns[column].type == ColumnType::kJson) {
      return Invalid(place, "the json column '" + table.columns[column].name + "' cannot be here");
    }
    columns.push_back(column);
  }
  return columns;
}

Result<std::vector<std::vector<ColumnIndex>>> ReadColumnLists(Place in_table, const Table& table,
                                                              const json::object& object,
                                                              std::string_view key) {
  TIDEMARK_ASSIGN_OR_RETURN(const json::array* lists, ArrayAt(in_table, object, key));
  std::vector<std::vector<ColumnIndex>> result;
  for (const json::value& list : *lists) {
    TIDEMARK_ASSIGN_OR_RETURN(std::vector<ColumnIndex> columns,
                              ReadColumnList(in_table + "." + std::string(key), table, list));
    result.push_back(std::move(columns));
  }
  return result;
}

Status ReadColumns(Place place, const json::object& object, Table& table) {
  TIDEMARK_ASSIGN_OR_RETURN(const json::array* columns, ArrayAt(place, object, "columns"));
  if (columns->empty()) return Invalid(place, "a table needs columns");
  std::set<std::string> db_names;
  for (const json::value& value : *columns) {
    TIDEMARK_ASSIGN_OR_RETURN(Column column, ReadColumn(table, value));
    if (table.FindColumn(column.name)) {
      return Invalid(place, "the column '" + column.name + "' occurs twice");
    }
    // SQLite does not tell upper from lower case in names.
    if (!db_names.insert(FoldAscii(column.db_name)).second) {
      return Invalid(place, "two columns are called '" + column.db_name +
                                "' in the database (upper and lower case count as equal)");
    }
    table.columns.push_back(std::move(column));
  }
  return Ok{};
}

Status ReadPrimaryKey(Place place, const json::object& object, Table& table) {
  const json::value* key = object.if_contains("primaryKey");
  if (key == nullptr) return Invalid(place, "'primaryKey' is missing");
  TIDEMARK_ASSIGN_OR_RETURN(table.primary_key, ReadColumnList(place + ".primaryKey", table, *key));
  for (const ColumnIndex column : table.primary_key) {
    if (table.columns[column].optional) {
      return Invalid(place + ".primaryKey",
                     "the optional column '" + table.columns[column].name + "' cannot be here");
    }
  }
  return Ok{};
}

Status ReadDatabaseName(Place place, const json::object& object, Table& table) {
  table.db_name = table.name;
  if (!object.contains("from")) return Ok{};
  TIDEMARK_ASSIGN_OR_RETURN(const std::string from, StringAt(place, object, "from"));
  const std::size_t dot = from.find('.');
  if (dot != std::string::npos) table.db_schema = from.substr(0, dot);
  table.db_name = dot == std::string::npos ? from : from.substr(dot + 1);
  const bool named = !table.db_name.empty() && table.db_name.find('.') == std::string::npos &&
                     (dot == std::string::npos || dot > 0);
  if (!named || table.db_name.size() > kNameBytesMax || table.db_schema.size() > kNameBytesMax) {
    return Invalid(place, "'from' must be 'table' or 'schema.table', not '" + from + "'");
  }
  return Ok{};
}

Result<Table> ReadTable(const json::value& value) {
  TIDEMARK_ASSIGN_OR_RETURN(const json::object* object, ObjectOf("schema: tables", value));
  Table table;
  TIDEMARK_ASSIGN_OR_RETURN(table.name, NameAt("schema: tables", *object, "name"));
  const std::string place = "schema: " + table.name;
  if (IsSyntheticTable(table.name)) return Invalid(place, "a table's name cannot begin with '#'");
  TIDEMARK_TRY(
      CheckKeys(place, *object,
                {"name", "from", "columns", "primaryKey", "indexes", "uniques", "relationships"}));
  TIDEMARK_TRY(ReadDatabaseName(place, *object, table));
  TIDEMARK_TRY(ReadColumns(place, *object, table));
  TIDEMARK_TRY(ReadPrimaryKey(place, *object, table));
  TIDEMARK_ASSIGN_OR_RETURN(table.indexes, ReadColumnLists(place, table, *object, "indexes"));
  TIDEMARK_ASSIGN_OR_RETURN(table.uniques, ReadColumnLists(place, table, *object, "uniques"));
  return table;
}

/// String, date and enumeration compare with one another, and number with timestamp.
ValueKind KindOf(ColumnType type) {
  switch (type) {
    case ColumnType::kString:
    case ColumnType::kDate:
    case ColumnType::kEnumeration:
      return ValueKind::kString;
    case ColumnType::kNumber:
    case ColumnType::kTimestamp:
      return ValueKind::kNumber;
    case ColumnType::kBoolean:
      return ValueKind::kBoolean;
    case ColumnType::kBigint:
      return ValueKind::kBigint;
    case ColumnType::kJson:
      return ValueKind::kJson;
  }
  return ValueKind::kNull;
}

/// The columns of `table` that hold the same value as columns of `other`, by name.
Result<Relationship::Match> ReadMatch(Place place, const Table& table, const Table& other,
                                      const json::object& object) {
  const json::value* match = object.if_contains("match");
  if (match == nullptr || !match->is_object() || match->get_object().empty()) {
    return Invalid(place, "'match' must name columns");
  }
  Relationship::Match result;
  for (const json::key_value_pair& pair : match->get_object()) {
    const std::optional<ColumnIndex> left = table.FindColumn(View(pair.key()));
    if (!left) {
      return Invalid(place, "no column '" + std::string(View(pair.key())) + "' in " + table.name);
    }
    TIDEMARK_ASSIGN_OR_RETURN(const ColumnIndex right, ColumnOf(place, other, pair.value()));
    const ColumnType type = table.columns[*left].type;
    if (type == ColumnType::kJson || KindOf(type) != KindOf(other.columns[right].type)) {
      return Invalid(place, table.name + "." + table.columns[*left].name + " cannot match " +
                                other.name + "." + other.columns[right].name + ": " +
                                std::string(ColumnTypeName(type)) + " and " +
                                std::string(ColumnTypeName(other.columns[right].type)));
    }
    result.emplace_back(*left, right);
  }
  std::sort(result.begin(), result.end(), [&](const auto& a, const auto& b) {
    return table.columns[a.first].name < table.columns[b.first].name;
  });
  return result;
}

Result<TableIndex> TableAt(Place place, const std::vector<Table>& tables,
                           const json::object& object) {
  TIDEMARK_ASSIGN_OR_RETURN(const std::string name, StringAt(place, object, "table"));
  const auto found = std::find_if(tables.begin(), tables.end(),
                                  [&](const Table& table) { return table.name == name; });
  if (found == tables.end()) return Invalid(place, "no table '" + name + "'");
  return static_cast<TableIndex>(found - tables.begin());
}

Result<Relationship> ReadRelationship(const std::vector<Table>& tables, const Table& table,
                                      const json::value& value) {
  const std::string in_table = "schema: " + table.name + ".relationships";
  TIDEMARK_ASSIGN_OR_RETURN(const json::object* object, ObjectOf(in_table, value));
  Relationship relationship;
  TIDEMARK_ASSIGN_OR_RETURN(relationship.name, NameAt(in_table, *object, "name"));
  const std::string place = in_table + "." + relationship.name;
  TIDEMARK_TRY(CheckKeys(place, *object, {"name", "kind", "table", "match", "through"}));
  TIDEMARK_ASSIGN_OR_RETURN(const std::string kind, StringAt(place, *object, "kind"));
  if (kind != "many" && kind != "one") {
    return Invalid(place, "'kind' must be 'many' or 'one', not '" + kind + "'");
  }
  relationship.many = kind == "many";
  TIDEMARK_ASSIGN_OR_RETURN(relationship.target, TableAt(place, tables, *object));
  const Table* matched = &tables[relationship.target];
  if (const json::value* junction = object->if_contains("through")) {
    const std::string in_through = place + ".through";
    TIDEMARK_ASSIGN_OR_RETURN(const json::object* through, ObjectOf(in_through, *junction));
    TIDEMARK_TRY(CheckKeys(in_through, *through, {"table", "match"}));
    relationship.through = Relationship::Through{};
    TIDEMARK_ASSIGN_OR_RETURN(relationship.through->table, TableAt(in_through, tables, *through));
    TIDEMARK_ASSIGN_OR_RETURN(
        relationship.through->match,
        ReadMatch(in_through, tables[relationship.through->table], *matched, *through));
    matched = &tables[relationship.through->table];
  }
  TIDEMARK_ASSIGN_OR_RETURN(relationship.match, ReadMatch(place, table, *matched, *object));
  return relationship;
}

Status ReadRelationships(const std::vector<Table>& tables, const json::object& object,
                         Table& table) {
  const std::string place = "schema: " + table.name;
  TIDEMARK_ASSIGN_OR_RETURN(const json::array* values, ArrayAt(place, object, "relationships"));
  for (const json::value& value : *values) {
    TIDEMARK_ASSIGN_OR_RETURN(Relationship relationship, ReadRelationship(tables, table, value));
    for (const Relationship& other : table.relationships) {
      if (other.name == relationship.name) {
        return Invalid(place, "the relationship '" + other.name + "' occurs twice");
      }
    }
    table.relationships.push_back(std::move(relationship));
  }
  return Ok{};
}

/// Names must be distinct in the document and in both databases, and not be the databases' own.
Status CheckTableNames(const std::vector<Table>& tables) {
  std::set<std::string> names;
  std::set<std::string> sqlite_names;
  for (const Table& table : tables) {
    const std::string place = "schema: " + table.name;
    if (!names.insert(table.name).second) return Invalid(place, "the table occurs twice");
    const std::string sqlite_name =
        FoldAscii(table.db_schema.empty() ? table.db_name : table.db_schema + "_" + table.db_name);
    if (!sqlite_names.insert(sqlite_name).second) {
      return Invalid(place, "two tables are called '" + sqlite_name + "' in the database");
    }
    for (const std::string_view reserved : {"sqlite_", "tidemark_"}) {
      if (sqlite_name.compare(0, reserved.size(), reserved) == 0) {
        return Invalid(place, "names that begin with '" + std::string(reserved) + "' are reserved");
      }
    }
  }
  return Ok{};
}

}  // namespace

Result<std::vector<Table>> TablesFromJson(const json::value& document) {
  TIDEMARK_ASSIGN_OR_RETURN(const json::object* object, ObjectOf("schema", document));
  TIDEMARK_TRY(CheckKeys("schema", *object, {"tables"}));
  TIDEMARK_ASSIGN_OR_RETURN(const json::array* values, ArrayAt("schema", *object, "tables"));
  std::vector<Table> tables;
  for (const json::value& value : *values) {
    TIDEMARK_ASSIGN_OR_RETURN(Table table, ReadTable(value));
    tables.push_back(std::move(table));
  }
  TIDEMARK_TRY(CheckTableNames(tables));
  for (std::size_t i = 0; i < tables.size(); ++i) {
    TIDEMARK_TRY(ReadRelationships(tables, (*values)[i].get_object(), tables[i]));
  }
  return tables;
}

}  // namespace tidemark::model
