#include "server/postgres/catalog.h"

#include <charconv>
#include <unordered_map>
#include <utility>

#include "core/base/check.h"
#include "core/query/sql_writer.h"

namespace tidemark::server {
namespace {

constexpr std::string_view kStateSchema = R"({"tables":[
  {"name":"client","columns":[
    {"name":"client","type":"string"},{"name":"client_group","type":"string"},
    {"name":"subject","type":"string"},{"name":"lmid","type":"bigint"},
    {"name":"created_ms","type":"bigint"},{"name":"seen_ms","type":"bigint"}],
   "primaryKey":["client"]},
  {"name":"result","columns":[
    {"name":"client","type":"string"},{"name":"id","type":"bigint"},
    {"name":"result","type":"string"},{"name":"error","type":"string"}],
   "primaryKey":["client","id"]}]})";

constexpr const char kColumns[] = R"(
SELECT c.oid, n.nspname, c.relname, c.relkind, c.relreplident, a.attname,
       CASE WHEN bt.typtype = 'e' THEN 'enum' ELSE bt.typname END,
       CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END,
       coalesce(a.attnum = ANY (i.indkey), false), coalesce(i.indnkeyatts, 0),
       a.attgenerated <> ''
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  JOIN pg_type bt ON bt.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
  LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
 WHERE c.oid = to_regclass($1))";

struct Found {
  std::string type;
  int modifier = 0;
  bool in_key = false;
  bool generated = false;
};

Error Unfit(const std::string& what, const std::string& remedy) {
  return Error{ErrorCode::kInvalidArgs, "Postgres: " + what + "; " + remedy};
}

Status CheckTable(const PgResult& rows, const std::string& name) {
  if (rows.rows() == 0) {
    return Unfit("the schema names the table " + name + ", which does not exist",
                 "create it, or pass --migrate");
  }
  const std::string_view kind = rows.Text(0, 3);
  if (kind != "r" && kind != "p") return Unfit(name + " is not a table", "name a table");
  const std::string_view identity = rows.Text(0, 4);
  if (identity != "d" && identity != "f") {
    return Unfit("the replica identity of " + name + " is not its primary key",
                 "run ALTER TABLE " + name + " REPLICA IDENTITY DEFAULT");
  }
  return Ok{};
}

Status CheckColumn(const model::Table& table, const model::Column& column, model::ColumnIndex index,
                   const std::string& where, const Found& found) {
  if (!IsUsable(column.type, found.type, found.modifier)) {
    return Unfit(where + " has type " + found.type + ", the schema says " +
                     std::string(model::ColumnTypeName(column.type)),
                 "that needs " + std::string(UsableTypes(column.type)));
  }
  if (found.generated) {
    return Unfit(where + " is a generated column, which is not replicated",
                 "leave it out of the schema");
  }
  if (found.in_key != table.IsKeyColumn(index)) {
    return Unfit(where + (found.in_key ? " is part of the primary key in Postgres, but not in the "
                                         "schema"
                                       : " is part of the schema's primary key, but not of the "
                                         "primary key in Postgres"),
                 "let the two agree");
  }
  return Ok{};
}

Result<ReplicatedTable> ReadTable(PgConnection& connection, const model::Table& table) {
  const std::string quoted = query::QuotedTable(query::Dialect::kPostgres, table);
  const std::string name =
      table.db_schema.empty() ? table.db_name : table.db_schema + "." + table.db_name;
  const PgResult rows = connection.Query(kColumns, {quoted});
  TIDEMARK_TRY(StatusOf(rows));
  TIDEMARK_TRY(CheckTable(rows, name));
  std::unordered_map<std::string, Found> columns;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    Found found{std::string(rows.Text(i, 6)), -1, rows.Bool(i, 8), rows.Bool(i, 10)};
    const std::string_view modifier = rows.Text(i, 7);
    std::from_chars(modifier.data(), modifier.data() + modifier.size(), found.modifier);
    columns.emplace(rows.Text(i, 5), std::move(found));
  }
  ReplicatedTable replicated{&table,
                             static_cast<std::uint32_t>(rows.Unsigned(0, 0)),
                             std::string(rows.Text(0, 1)),
                             std::string(rows.Text(0, 2)),
                             {}};
  for (model::ColumnIndex i = 0; i < table.columns.size(); ++i) {
    const model::Column& column = table.columns[i];
    const std::string where = name + "." + column.db_name;
    const auto found = columns.find(column.db_name);
    if (found == columns.end()) {
      return Unfit("the schema names the column " + where + ", which does not exist",
                   "add it, or pass --migrate");
    }
    TIDEMARK_TRY(CheckColumn(table, column, i, where, found->second));
    replicated.forms.push_back(found->second.type == "float4" ? TextForm::kFloat4
                                                              : TextForm::kOutput);
  }
  if (rows.Unsigned(0, 9) != table.primary_key.size()) {
    return Unfit("the primary key of " + name + " has columns that the schema does not name",
                 "let the two agree");
  }
  return replicated;
}

}  // namespace

const std::vector<model::Table>& StateTables() {
  static const std::vector<model::Table> kTables = [] {
    const Result<model::Schema> parsed = model::Schema::Parse(kStateSchema);
    TIDEMARK_CHECK(parsed.ok());
    std::vector<model::Table> own = parsed->tables();
    for (model::Table& table : own) table.db_schema = "tidemark";
    return own;
  }();
  return kTables;
}

Result<Catalog> ReadCatalog(PgConnection& connection, const model::Schema& schema) {
  Catalog catalog;
  catalog.app_tables = schema.tables().size();
  for (const std::vector<model::Table>* part : {&schema.tables(), &StateTables()}) {
    for (const model::Table& table : *part) {
      TIDEMARK_ASSIGN_OR_RETURN(ReplicatedTable found, ReadTable(connection, table));
      catalog.tables.push_back(std::move(found));
    }
  }
  return catalog;
}

}  // namespace tidemark::server
