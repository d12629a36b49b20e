// Between canonical values and SQLite's columns:
//   string, date, enumeration, json   TEXT (json: its canonical text)
//   number                            REAL
//   boolean, bigint, timestamp        INTEGER
// Invariant: a value that is bound and read back is equal.
#ifndef TIDEMARK_CORE_STORE_SQLITE_ROW_H_
#define TIDEMARK_CORE_STORE_SQLITE_ROW_H_

#include <string_view>

#include "core/model/schema.h"
#include "core/store/sqlite.h"

namespace tidemark::store {

/// TEXT, REAL or INTEGER.
std::string_view SqliteTypeName(model::ColumnType type);

void BindValue(Statement& statement, int parameter, model::ColumnType type,
               const model::Value& value);

model::Value ReadValue(const Statement& statement, int column, model::ColumnType type);

/// The row under the statement, whose columns from 0 on are the table's in schema order.
model::Row ReadRow(const Statement& statement, const model::Table& table);

}  // namespace tidemark::store

#endif  // TIDEMARK_CORE_STORE_SQLITE_ROW_H_
