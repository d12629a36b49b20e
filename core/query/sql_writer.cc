#include "core/query/sql_writer.h"

#include <cstddef>
#include <utility>

#include "core/base/check.h"
#include "core/model/number_text.h"
#include "core/query/predicate.h"
#include "core/query/sql_builder.h"

namespace tidemark::query {

using model::Column;
using model::ValueKind;

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

namespace {

std::string SelectedValue(const Column& column) {
  const std::string name = QuotedName(column.db_name);
  return CanonicalValue(column, name) +
         (column.type == model::ColumnType::kBoolean ? "::text" : "");
}

}  // namespace

std::string SelectList(Dialect dialect, const model::Table& table) {
  std::string list;
  for (const Column& column : table.columns) {
    if (!list.empty()) list.append(", ");
    list.append(dialect == Dialect::kSqlite ? QuotedName(column.db_name) : SelectedValue(column));
  }
  return list;
}

SqlStatement WriteSelect(Dialect dialect, const model::Schema& schema, const Query& query,
                         const std::optional<SqlStart>& start) {
  const model::Table& table = schema.table(query.table);
  SqlBuilder sql(dialect, schema);
  const bool postgres = dialect == Dialect::kPostgres;
  // Names stand alone where nothing else is in scope.
  const SqlScope scope{&table, HasExists(query.where) ? "t" : ""};
  sql.Append("SELECT " + SelectList(dialect, table) + " FROM " + QuotedTable(dialect, table));
  if (postgres || !scope.alias.empty()) sql.Append(" AS t");
  std::string_view connective = " WHERE ";
  if (query.where) {
    sql.Append(connective);
    sql.AppendCondition(scope, *query.where);
    connective = " AND ";
  }
  for (const std::optional<Start>* from : {&query.start, &start}) {
    if (!*from) continue;
    sql.Append(connective);
    sql.AppendStart(scope, query.order_by, **from);
    connective = " AND ";
  }
  // In Postgres a bare name here would be the result's column, which is a cast that no index has.
  sql.AppendOrdering(postgres ? SqlScope{&table, "t"} : scope, query.order_by);
  if (query.limit) sql.Append(" LIMIT " + std::to_string(*query.limit));
  return sql.Take();
}

SqlStatement WriteResult(Dialect dialect, const model::Schema& schema, const Query& query) {
  SqlBuilder sql(dialect, schema);
  sql.AppendRows(query, nullptr, SqlScope());
  return sql.Take();
}

}  // namespace tidemark::query
