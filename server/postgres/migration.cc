#include "server/postgres/migration.h"

#include <string>
#include <utility>
#include <vector>

#include "core/base/hash.h"
#include "core/query/sql_writer.h"
#include "server/embedded/sqlite_state.h"
#include "server/postgres/catalog.h"
#include "server/postgres/types.h"

namespace tidemark::server {
namespace {

using query::Dialect;
using query::QuotedName;

// Two servers that start at once take turns. The number is a name, nothing more.
constexpr const char kLock[] = "SELECT pg_advisory_xact_lock(7236837)";
constexpr std::size_t kNameBytesMax = 63;

// Updates of the counters stay on their page and out of the index.
constexpr const char kStateTables[] = R"(
CREATE SCHEMA IF NOT EXISTS tidemark;
CREATE TABLE IF NOT EXISTS tidemark.client (
  client text COLLATE "C" PRIMARY KEY, client_group text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL, lmid bigint NOT NULL,
  created_ms bigint NOT NULL, seen_ms bigint NOT NULL) WITH (fillfactor = 50);
CREATE INDEX IF NOT EXISTS client_by_group ON tidemark.client (client_group);
CREATE TABLE IF NOT EXISTS tidemark.result (
  client text COLLATE "C" NOT NULL, id bigint NOT NULL,
  result text NOT NULL, error text NOT NULL, PRIMARY KEY (client, id));
CREATE TABLE IF NOT EXISTS tidemark.state (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  layout integer NOT NULL, database uuid NOT NULL DEFAULT gen_random_uuid());
INSERT INTO tidemark.state (layout) VALUES (1) ON CONFLICT DO NOTHING;
)";

std::string Literal(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted.push_back('\'');
    quoted.push_back(c);
  }
  return quoted + "'";
}

std::string ColumnDefinition(const model::Column& column) {
  std::string text = QuotedName(column.db_name) + " " + std::string(TypeToCreate(column.type));
  if (!column.optional) text += " NOT NULL";
  if (!column.default_value.has_value() || column.default_value->is_null()) return text;
  const std::string literal = Literal(query::ParameterText(*column.default_value));
  if (column.type == model::ColumnType::kTimestamp) {
    return text + " DEFAULT (timestamptz 'epoch' + " + literal +
           "::int8 * interval '1 millisecond')";
  }
  return text + " DEFAULT " + literal;
}

std::string ColumnNames(const model::Table& table, const std::vector<model::ColumnIndex>& columns) {
  std::string list;
  for (const model::ColumnIndex column : columns) {
    if (!list.empty()) list += ", ";
    list += QuotedName(table.columns[column].db_name);
  }
  return list;
}

std::string CreateTable(const model::Table& table) {
  std::string text =
      "CREATE TABLE IF NOT EXISTS " + query::QuotedTable(Dialect::kPostgres, table) + " (";
  for (const model::Column& column : table.columns) text += ColumnDefinition(column) + ", ";
  return text + "PRIMARY KEY (" + ColumnNames(table, table.primary_key) + "))";
}

std::string CreateIndex(const model::Table& table, const std::vector<model::ColumnIndex>& columns,
                        bool unique) {
  std::string name = table.db_name;
  for (const model::ColumnIndex column : columns) name += "_" + table.columns[column].db_name;
  name += unique ? "_key" : "_idx";
  if (name.size() > kNameBytesMax) {
    name = table.db_name.substr(0, 20) + "_" + ToHex(HashBytes(name)).substr(0, 16) +
           (unique ? "_key" : "_idx");
  }
  return std::string("CREATE ") + (unique ? "UNIQUE " : "") + "INDEX IF NOT EXISTS " +
         QuotedName(name) + " ON " + query::QuotedTable(Dialect::kPostgres, table) + " (" +
         ColumnNames(table, columns) + ")";
}

std::vector<std::string> StatementsFor(const model::Table& table) {
  std::vector<std::string> statements;
  if (!table.db_schema.empty()) {
    statements.push_back("CREATE SCHEMA IF NOT EXISTS " + QuotedName(table.db_schema));
  }
  statements.push_back(CreateTable(table));
  for (const model::Column& column : table.columns) {
    statements.push_back("ALTER TABLE " + query::QuotedTable(Dialect::kPostgres, table) +
                         " ADD COLUMN IF NOT EXISTS " + ColumnDefinition(column));
  }
  for (const auto& columns : table.indexes) {
    statements.push_back(CreateIndex(table, columns, false));
  }
  for (const auto& columns : table.uniques) statements.push_back(CreateIndex(table, columns, true));
  return statements;
}

Status Migrate(PgConnection& connection, const model::Schema& schema) {
  TIDEMARK_TRY(StatusOf(connection.Execute("BEGIN")));
  TIDEMARK_TRY(StatusOf(connection.Execute(kLock)));
  for (const model::Table& table : schema.tables()) {
    for (const std::string& statement : StatementsFor(table)) {
      const PgResult result = connection.Execute(statement);
      if (result.ok()) continue;
      Error error = result.fault().error;
      error.message = "--migrate: " + table.name + ": " + error.message + " (" + statement + ")";
      return error;
    }
  }
  return StatusOf(connection.Execute("COMMIT"));
}

Error Refused(const std::string& what, const std::string& remedy, const Error& error) {
  return Error{error.code, "Postgres: " + what + ": " + error.message + "; " + remedy};
}

}  // namespace

Status MigratePostgres(PgConnection& connection, const model::Schema& schema) {
  Status migrated = Migrate(connection, schema);
  if (!migrated.ok() && connection.alive()) (void)connection.Execute("ROLLBACK");
  return migrated;
}

Status PrepareState(PgConnection& connection, std::int64_t now_ms) {
  const PgResult there = connection.Query(
      "SELECT to_regclass('tidemark.client') IS NOT NULL AND to_regclass('tidemark.result') IS NOT "
      "NULL AND to_regclass('tidemark.state') IS NOT NULL");
  TIDEMARK_TRY(StatusOf(there));
  if (!there.Bool(0, 0)) {
    const PgResult made =
        connection.Execute(std::string("BEGIN;") + kLock + ";" + kStateTables + "COMMIT");
    if (!made.ok()) {
      (void)connection.Execute("ROLLBACK");
      return Refused("cannot create the schema tidemark",
                     "let the role of --db create schemas (GRANT CREATE ON DATABASE), or run the "
                     "server once with a role that may",
                     made.fault().error);
    }
  }
  const std::string horizon = std::to_string(now_ms - kClientHorizonMs);
  const PgResult forgotten = connection.Query(
      "WITH gone AS (DELETE FROM tidemark.client WHERE seen_ms < $1::int8 RETURNING client) "
      "DELETE FROM tidemark.result r USING gone WHERE r.client = gone.client",
      {horizon});
  if (forgotten.ok()) return Ok{};
  return Refused("cannot write the schema tidemark",
                 "grant the role of --db all rights on its tables", forgotten.fault().error);
}

Result<bool> PreparePublication(PgConnection& connection, const Catalog& catalog) {
  const PgResult exists =
      connection.Query("SELECT 1 FROM pg_publication WHERE pubname = 'tidemark'");
  TIDEMARK_TRY(StatusOf(exists));
  const PgResult published = connection.Query(
      "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename), schemaname, tablename FROM "
      "pg_publication_tables WHERE pubname = 'tidemark'");
  TIDEMARK_TRY(StatusOf(published));
  std::string missing;
  for (const ReplicatedTable& table : catalog.tables) {
    bool found = false;
    for (std::size_t i = 0; i < published.rows(); ++i) {
      found = found ||
              (published.Text(i, 1) == table.pg_schema && published.Text(i, 2) == table.pg_name);
    }
    if (found) continue;
    if (!missing.empty()) missing += ", ";
    missing += QuotedName(table.pg_schema) + "." + QuotedName(table.pg_name);
  }
  if (missing.empty()) return false;
  const std::string statement = exists.rows() > 0
                                    ? "ALTER PUBLICATION tidemark ADD TABLE " + missing
                                    : "CREATE PUBLICATION tidemark FOR TABLE " + missing +
                                          " WITH (publish_via_partition_root = true)";
  const PgResult made = connection.Execute(statement);
  // Another server that starts at the same moment may have been first.
  const bool raced =
      !made.ok() && (made.fault().sqlstate == "42710" || made.fault().sqlstate == "23505");
  if (!made.ok() && !raced) {
    return Refused("cannot publish the tables", "as the owner of the tables, run: " + statement,
                   made.fault().error);
  }
  return true;
}

}  // namespace tidemark::server
