#include "core/query/sql_writer.h"

#include <cstddef>
#include <utility>

#include "core/base/check.h"
#include "core/model/number_text.h"
#include "core/query/sql_builder.h"

namespace tidemark::query {
namespace {

using model::Column;
using model::ColumnType;
using model::ValueKind;

/// What a column's canonical text is in Postgres, whichever of its types the column has.
std::string PostgresResult(const Column& column) {
  const std::string name = QuotedName(column.db_name);
  switch (column.type) {
    case ColumnType::kString:
    case ColumnType::kEnumeration:
    case ColumnType::kJson:
    case ColumnType::kBoolean:
      return name + "::text";
    case ColumnType::kNumber:
      return name + "::float8";
    case ColumnType::kBigint:
      return name + "::int8";
    case ColumnType::kTimestamp:
      return "floor(extract(epoch from " + name + ") * 1000)::int8";
    case ColumnType::kDate:
      return "to_char(" + name + ", 'YYYY-MM-DD')";
  }
  return name;
}

void AppendOrdering(SqlBuilder& sql, const model::Table& table, const Ordering& ordering) {
  sql.Append(" ORDER BY ");
  for (std::size_t i = 0; i < ordering.size(); ++i) {
    if (i > 0) sql.Append(", ");
    const Column& column = table.columns[ordering[i].column];
    const bool ascending = ordering[i].direction == Direction::kAscending;
    const bool postgres = sql.dialect() == Dialect::kPostgres;
    // In Postgres a bare name here would be the result's column, which is a cast that no index has.
    const std::string operand = (postgres ? "t." : "") + sql.Operand(ordering[i].column);
    if (postgres && column.type == ColumnType::kTimestamp) {
      // Two rows within a millisecond are ordered by the next key.
      sql.Append("date_trunc('milliseconds', " + operand + ")");
    } else {
      sql.Append(operand);
    }
    sql.Append(ascending ? " ASC" : " DESC");
    // What SQLite does anyway. Without nulls there is nothing to say, and an index fits.
    if (postgres && column.optional) sql.Append(ascending ? " NULLS FIRST" : " NULLS LAST");
  }
}

}  // namespace

std::string QuotedName(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  quoted.push_back('"');
  return quoted;
}

std::string QuotedTable(Dialect dialect, const model::Table& table) {
  if (table.db_schema.empty()) return QuotedName(table.db_name);
  if (dialect == Dialect::kSqlite) return QuotedName(table.db_schema + "_" + table.db_name);
  return QuotedName(table.db_schema) + "." + QuotedName(table.db_name);
}

std::string ParameterText(const model::Value& value) {
  std::string text;
  switch (value.kind()) {
    case ValueKind::kNull:
      TIDEMARK_CHECK(false);
    case ValueKind::kBoolean:
      return value.boolean() ? "true" : "false";
    case ValueKind::kBigint:
      model::AppendInteger(text, value.bigint());
      return text;
    case ValueKind::kNumber:
      model::AppendNumber(text, value.number());
      return text;
    case ValueKind::kString:
      return value.string();
    case ValueKind::kJson:
      return value.json();
  }
  return text;
}

std::string SelectList(Dialect dialect, const model::Table& table) {
  std::string list;
  for (const Column& column : table.columns) {
    if (!list.empty()) list.append(", ");
    list.append(dialect == Dialect::kSqlite ? QuotedName(column.db_name) : PostgresResult(column));
  }
  return list;
}

SqlStatement WriteSelect(Dialect dialect, const model::Schema& schema, const Query& query,
                         const std::optional<SqlStart>& start) {
  const model::Table& table = schema.table(query.table);
  SqlBuilder sql(dialect, table);
  sql.Append("SELECT " + SelectList(dialect, table) + " FROM " + QuotedTable(dialect, table));
  if (dialect == Dialect::kPostgres) sql.Append(" AS t");
  if (query.where || start) sql.Append(" WHERE ");
  if (query.where) sql.Append(*query.where);
  if (query.where && start) sql.Append(" AND ");
  if (start) sql.AppendStart(query.order_by, *start);
  AppendOrdering(sql, table, query.order_by);
  if (query.limit) sql.Append(" LIMIT " + std::to_string(*query.limit));
  return sql.Take();
}

}  // namespace tidemark::query
