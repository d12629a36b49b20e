#include "tests/core/query/sqlite_fixture.h"

#include <sqlite3.h>

#include <cstddef>
#include <utility>

#include "core/base/check.h"

namespace tidemark::testing {
namespace {

using model::ColumnType;
using model::Value;
using model::ValueKind;

const char* StorageType(ColumnType type) {
  switch (type) {
    case ColumnType::kNumber:
      return "REAL";
    case ColumnType::kBoolean:
    case ColumnType::kBigint:
    case ColumnType::kTimestamp:
      return "INTEGER";
    default:
      return "TEXT";
  }
}

class Prepared {
 public:
  Prepared(sqlite3* database, const std::string& sql) {
    const int code = sqlite3_prepare_v2(database, sql.c_str(), -1, &statement_, nullptr);
    if (code != SQLITE_OK) fprintf(stderr, "%s\n%s\n", sqlite3_errmsg(database), sql.c_str());
    TIDEMARK_CHECK(code == SQLITE_OK);
  }
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;
  ~Prepared() { sqlite3_finalize(statement_); }

  void Bind(int index, ColumnType type, const Value& value) {
    switch (value.kind()) {
      case ValueKind::kNull:
        sqlite3_bind_null(statement_, index);
        return;
      case ValueKind::kBoolean:
        sqlite3_bind_int64(statement_, index, value.boolean() ? 1 : 0);
        return;
      case ValueKind::kBigint:
        sqlite3_bind_int64(statement_, index, value.bigint());
        return;
      case ValueKind::kNumber:
        if (type == ColumnType::kTimestamp) {
          sqlite3_bind_int64(statement_, index, static_cast<std::int64_t>(value.number()));
        } else {
          sqlite3_bind_double(statement_, index, value.number());
        }
        return;
      case ValueKind::kString:
        BindText(index, value.string());
        return;
      case ValueKind::kJson:
        BindText(index, value.json());
        return;
    }
  }

  bool Step() {
    const int code = sqlite3_step(statement_);
    TIDEMARK_CHECK(code == SQLITE_ROW || code == SQLITE_DONE);
    return code == SQLITE_ROW;
  }

  std::string Text(int column) const {
    const unsigned char* text = sqlite3_column_text(statement_, column);
    return text == nullptr ? std::string() : reinterpret_cast<const char*>(text);
  }

  Value Read(int column, ColumnType type) const {
    if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return Value();
    switch (type) {
      case ColumnType::kBoolean:
        return Value(sqlite3_column_int64(statement_, column) != 0);
      case ColumnType::kBigint:
        return Value(std::int64_t{sqlite3_column_int64(statement_, column)});
      case ColumnType::kNumber:
      case ColumnType::kTimestamp:
        return Value(sqlite3_column_double(statement_, column));
      case ColumnType::kJson:
        return Value(model::JsonText{Text(column)});
      default:
        return Value(Text(column));
    }
  }

 private:
  void BindText(int index, const std::string& text) {
    sqlite3_bind_text(statement_, index, text.data(), static_cast<int>(text.size()),
                      SQLITE_TRANSIENT);
  }

  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace

SampleDatabase::SampleDatabase(const model::Schema& schema) : table_(schema.table(0)) {
  TIDEMARK_CHECK(sqlite3_open(":memory:", &database_) == SQLITE_OK);
  std::string sql = "CREATE TABLE " + QuotedTable(query::Dialect::kSqlite, table_) + " (";
  for (const model::Column& column : table_.columns) {
    sql += query::QuotedName(column.db_name) + " " + StorageType(column.type) +
           (column.optional ? ", " : " NOT NULL, ");
  }
  sql += "PRIMARY KEY (";
  for (std::size_t i = 0; i < table_.primary_key.size(); ++i) {
    if (i > 0) sql += ", ";
    sql += query::QuotedName(table_.columns[table_.primary_key[i]].db_name);
  }
  Execute(sql + ")) STRICT");
}

SampleDatabase::~SampleDatabase() { sqlite3_close(database_); }

void SampleDatabase::Execute(const std::string& sql) {
  TIDEMARK_CHECK(sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
}

void SampleDatabase::Insert(const model::Row& row) {
  std::string sql = "INSERT INTO " + QuotedTable(query::Dialect::kSqlite, table_) + " VALUES (?";
  for (std::size_t i = 1; i < table_.columns.size(); ++i) sql += ", ?";
  Prepared insert(database_, sql + ")");
  for (std::size_t i = 0; i < table_.columns.size(); ++i) {
    insert.Bind(static_cast<int>(i) + 1, table_.columns[i].type, row[i]);
  }
  TIDEMARK_CHECK(!insert.Step());
}

std::vector<model::Row> SampleDatabase::Run(const query::SqlStatement& statement) {
  Prepared select(database_, statement.text);
  int index = 0;
  for (const query::Parameter& parameter : statement.parameters) {
    select.Bind(++index, parameter.type, parameter.value);
  }
  std::vector<model::Row> rows;
  while (select.Step()) {
    std::vector<Value> values;
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      values.push_back(select.Read(static_cast<int>(i), table_.columns[i].type));
    }
    rows.push_back(model::Row::Make(std::move(values)));
  }
  return rows;
}

std::string SampleDatabase::Plan(const query::SqlStatement& statement) {
  Prepared explain(database_, "EXPLAIN QUERY PLAN " + statement.text);
  std::string plan;
  while (explain.Step()) plan += explain.Text(3) + "\n";
  return plan;
}

}  // namespace tidemark::testing
