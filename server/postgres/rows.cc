#include "server/postgres/rows.h"

#include <utility>

#include "core/base/check.h"
#include "core/query/result_reader.h"
#include "core/query/sql_writer.h"
#include "server/postgres/types.h"

namespace tidemark::server {
namespace {

using mutation::Lookup;
using mutation::Presence;
using mutation::RowWrite;
using query::Dialect;
using query::QuotedName;

// Statements in one step: their answers must fit into the socket while we are still writing.
constexpr std::size_t kWritesPerStep = 200;

std::optional<std::string> Parameter(const model::Value& value) {
  if (value.is_null()) return std::nullopt;
  return query::ParameterText(value);
}

/// `"a" = $1 AND "b" = $2`, counting from `first`.
std::string KeyCondition(const model::Table& table, std::size_t first) {
  std::string text;
  for (std::size_t i = 0; i < table.primary_key.size(); ++i) {
    const model::Column& column = table.columns[table.primary_key[i]];
    if (i > 0) text += " AND ";
    text += QuotedName(column.db_name) + " = " + ParameterExpression(column, first + i);
  }
  return text;
}

std::string InsertText(const model::Table& table, const std::string& name) {
  std::string columns;
  std::string values;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (i > 0) {
      columns += ", ";
      values += ", ";
    }
    columns += QuotedName(table.columns[i].db_name);
    values += ParameterExpression(table.columns[i], i + 1);
  }
  return "INSERT INTO " + name + " (" + columns + ") VALUES (" + values + ")";
}

void AddKey(const model::Table& table, const RowKey& key, PgParameters& parameters) {
  const Result<std::vector<model::Value>> values = model::ValuesOfKey(table, key);
  TIDEMARK_CHECK(values.ok());  // keys are made by core
  for (const model::Value& value : *values) parameters.push_back(Parameter(value));
}

model::Value CanonicalValueOf(const model::Column& column, std::optional<std::string_view> text) {
  if (!text) return NullFromPostgres(column);
  return ValueFromPostgres(column, TextForm::kCanonical, *text);
}

}  // namespace

PgRows::PgRows(const model::Schema& schema) : schema_(schema), known_(schema.tables().size()) {
  for (const model::Table& table : schema.tables()) {
    const std::string name = query::QuotedTable(Dialect::kPostgres, table);
    Texts texts;
    texts.select = "SELECT " + query::SelectList(Dialect::kPostgres, table) + " FROM " + name +
                   " WHERE " + KeyCondition(table, 1);
    texts.insert = InsertText(table, name);
    texts.erase = "DELETE FROM " + name + " WHERE " + KeyCondition(table, 1);
    texts_.push_back(std::move(texts));
  }
}

void PgRows::Begin(PgConnection& connection) {
  connection_ = &connection;
  for (Rows& rows : known_) rows.clear();
  writes_.clear();
  fault_.reset();
}

Error PgRows::Failed(const Fault& fault) {
  if (!fault_.has_value()) fault_ = fault;
  return fault_->error;
}

model::Row PgRows::ReadRow(const PgResult& rows, std::size_t row, const model::Table& table) const {
  std::vector<model::Value> values;
  values.reserve(table.columns.size());
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const int column = static_cast<int>(i);
    values.push_back(
        rows.IsNull(row, column)
            ? NullFromPostgres(table.columns[i])
            : ValueFromPostgres(table.columns[i], TextForm::kCanonical, rows.Text(row, column)));
  }
  return model::Row::Make(std::move(values));
}

Result<Lookup> PgRows::Get(model::TableIndex table, const RowKey& key) {
  if (fault_.has_value()) return fault_->error;
  const auto known = known_[table].find(key);
  if (known != known_[table].end()) return known->second;
  PgParameters parameters;
  AddKey(schema_.table(table), key, parameters);
  const PgResult rows = connection_->Query(texts_[table].select, parameters);
  if (!rows.ok()) return Failed(rows.fault());
  Lookup found;
  if (rows.rows() > 0) found = {Presence::kPresent, ReadRow(rows, 0, schema_.table(table))};
  known_[table][key] = found;
  return found;
}

Result<Lookup> PgRows::GetForInsert(model::TableIndex table, const RowKey& key) {
  const auto known = known_[table].find(key);
  if (known != known_[table].end()) return known->second;
  return Lookup{Presence::kUnknown, {}};  // the INSERT reports what is there
}

PgRows::Statement PgRows::StatementFor(const RowWrite& write) const {
  const model::Table& table = schema_.table(write.table);
  Statement statement;
  if (write.kind == RowWrite::Kind::kInsert) {
    statement.text = texts_[write.table].insert;
    for (const model::Value& value : write.after.values()) {
      statement.parameters.push_back(Parameter(value));
    }
    return statement;
  }
  if (write.kind == RowWrite::Kind::kDelete) {
    statement.text = texts_[write.table].erase;
    AddKey(table, write.key, statement.parameters);
    return statement;
  }
  std::string assignments;
  for (const model::ColumnIndex column : write.changed) {
    if (!assignments.empty()) assignments += ", ";
    statement.parameters.push_back(Parameter(write.after[column]));
    assignments += QuotedName(table.columns[column].db_name) + " = " +
                   ParameterExpression(table.columns[column], statement.parameters.size());
  }
  statement.text = "UPDATE " + query::QuotedTable(Dialect::kPostgres, table) + " SET " +
                   assignments + " WHERE " + KeyCondition(table, statement.parameters.size() + 1);
  AddKey(table, write.key, statement.parameters);
  return statement;
}

Status PgRows::Write(RowWrite write) {
  if (fault_.has_value()) return fault_->error;
  writes_.push_back(StatementFor(write));
  Lookup now;
  if (write.after) now = {Presence::kPresent, write.after};
  known_[write.table][write.key] = std::move(now);
  if (writes_.size() >= kWritesPerStep) return Flush();
  return Ok{};
}

std::size_t PgRows::QueueWrites() {
  for (const Statement& write : writes_) connection_->Queue(write.text, write.parameters);
  const std::size_t count = writes_.size();
  writes_.clear();
  return count;
}

Status PgRows::Flush() {
  if (writes_.empty()) return Ok{};
  QueueWrites();
  connection_->EndStep();
  for (const PgResult& result : connection_->ReadStep()) {
    if (!result.ok()) return Failed(result.fault());
  }
  return Ok{};
}

Result<std::string> PgRows::Run(const query::Query& query) {
  if (fault_.has_value()) return fault_->error;
  TIDEMARK_TRY(Flush());
  const query::SqlStatement statement = query::WriteResult(Dialect::kPostgres, schema_, query);
  PgParameters parameters;
  for (const query::Parameter& parameter : statement.parameters) {
    parameters.push_back(Parameter(parameter.value));
  }
  const PgResult found = connection_->Query(statement.text, parameters);
  if (!found.ok()) return Failed(found.fault());
  query::ResultReader reader(schema_, query, CanonicalValueOf);
  for (std::size_t i = 0; i < found.rows(); ++i) TIDEMARK_TRY(reader.Add(found.Text(i, 0)));
  return reader.Take();
}

}  // namespace tidemark::server
