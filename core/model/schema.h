// The schema: tables, typed columns, primary keys, relationships; one document shared by page and
// server, identified by its hash. Immutable after parsing; tables and columns are referred to by
// index everywhere behind the parser.
#ifndef TIDEMARK_CORE_MODEL_SCHEMA_H_
#define TIDEMARK_CORE_MODEL_SCHEMA_H_

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/model/row.h"
#include "core/model/value.h"

namespace tidemark::model {

enum class ColumnType : std::uint8_t {
  kString,
  kNumber,
  kBoolean,
  kBigint,
  kTimestamp,
  kDate,
  kJson,
  kEnumeration,
};
std::string_view ColumnTypeName(ColumnType type);  // "string", "number", …

/// Tables that are no part of a schema have such names: the groups of aggregations travel as their
/// rows. A schema's table is never called so.
inline bool IsSyntheticTable(std::string_view name) { return !name.empty() && name.front() == '#'; }

using TableIndex = std::uint32_t;
using ColumnIndex = std::uint32_t;

struct Column {
  std::string name;
  std::string db_name;  // `.from('db_name')`, else the name
  ColumnType type = ColumnType::kString;
  bool optional = false;
  std::optional<Value> default_value;
  std::vector<std::string> enumeration;  // only with kEnumeration
};

/// Through a junction, `match` is of own columns with the junction's, and `through->match` of the
/// junction's with the target's.
struct Relationship {
  using Match = std::vector<std::pair<ColumnIndex, ColumnIndex>>;
  struct Through {
    TableIndex table = 0;
    Match match;  // junction's column, target's column
  };
  std::string name;
  bool many = false;
  TableIndex target = 0;
  Match match;  // own column, target's (or the junction's) column
  std::optional<Through> through = std::nullopt;
};

struct Table {
  std::string name;
  std::string db_schema;  // empty: the database's default; SQLite's table is then `schema_table`
  std::string db_name;
  std::vector<Column> columns;
  std::vector<ColumnIndex> primary_key;
  std::vector<std::vector<ColumnIndex>> indexes;
  std::vector<std::vector<ColumnIndex>> uniques;
  std::vector<Relationship> relationships;

  std::optional<ColumnIndex> FindColumn(std::string_view column) const;
  const Relationship* FindRelationship(std::string_view relationship) const;  // null: none
  bool IsKeyColumn(ColumnIndex column) const;
};

class Schema {
 public:
  /// Parses and validates a schema document (docs/protocol.md). Errors name the table and column.
  static Result<Schema> Parse(std::string_view json);

  const std::vector<Table>& tables() const { return tables_; }
  const Table& table(TableIndex index) const { return tables_[index]; }
  std::optional<TableIndex> FindTable(std::string_view name) const;
  /// 32 hex digits over the canonical document; equal documents have equal hashes whatever their
  /// layout.
  const std::string& hash() const { return hash_; }
  /// The canonical document.
  const std::string& json() const { return json_; }
  /// The same with copies of tables behind it, which nothing names: FindTable gives the originals.
  Schema WithCopies(const std::vector<TableIndex>& of) const;

 private:
  std::vector<Table> tables_;
  std::unordered_map<std::string, TableIndex> by_name_;
  std::string hash_;
  std::string json_;
};

/// A JSON value in canonical form for `column`: the only way in for values from the wire, apps and
/// databases' JSON. Type mismatch, null in a required column, NaN, a timestamp that is not whole, a
/// date that does not exist, text with U+0000 or invalid UTF-8, an unknown enumeration value:
/// kInvalidArgs naming table and column. JSON null is always SQL's NULL, in JSON columns too.
Result<Value> ValueFromJson(const Table& table, const Column& column,
                            const boost::json::value& json);
/// A whole row from a JSON array in column order.
Result<Row> RowFromJson(const Table& table, const boost::json::value& json);
/// Same, from text.
Result<Row> RowFromJsonText(const Table& table, std::string_view text);

/// The canonical key of a row: JSON array text of the primary key's values.
RowKey KeyOf(const Table& table, const Row& row);
/// Same, from the values in primary key order.
RowKey KeyFromValues(const std::vector<Value>& values);
/// The primary key's values, in primary key order.
Result<std::vector<Value>> ValuesOfKey(const Table& table, const RowKey& key);

}  // namespace tidemark::model

#endif  // TIDEMARK_CORE_MODEL_SCHEMA_H_
