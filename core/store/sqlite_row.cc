#include "core/store/sqlite_row.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::store {

using model::ColumnType;
using model::Value;
using model::ValueKind;

std::string_view SqliteTypeName(ColumnType type) {
  switch (type) {
    case ColumnType::kString:
    case ColumnType::kDate:
    case ColumnType::kEnumeration:
    case ColumnType::kJson:
      return "TEXT";
    case ColumnType::kNumber:
      return "REAL";
    case ColumnType::kBoolean:
    case ColumnType::kBigint:
    case ColumnType::kTimestamp:
      return "INTEGER";
  }
  TIDEMARK_CHECK(false);
}

void BindValue(Statement& statement, int parameter, ColumnType type, const Value& value) {
  switch (value.kind()) {
    case ValueKind::kNull:
      statement.BindNull(parameter);
      return;
    case ValueKind::kBoolean:
      statement.Bind(parameter, static_cast<std::int64_t>(value.boolean()));
      return;
    case ValueKind::kBigint:
      statement.Bind(parameter, value.bigint());
      return;
    case ValueKind::kNumber: {
      // A query may compare a timestamp with a number that no int64 holds; SQLite compares both
      // kinds exactly.
      constexpr double kInt64Bound = 9223372036854775808.0;  // 2^63
      const double number = value.number();
      if (type == ColumnType::kTimestamp && number >= -kInt64Bound && number < kInt64Bound &&
          static_cast<double>(static_cast<std::int64_t>(number)) == number) {
        statement.Bind(parameter, static_cast<std::int64_t>(number));
      } else {
        statement.Bind(parameter, number);
      }
      return;
    }
    case ValueKind::kString:
      statement.Bind(parameter, std::string_view(value.string()));
      return;
    case ValueKind::kJson:
      statement.Bind(parameter, std::string_view(value.json()));
      return;
  }
}

Value ReadValue(const Statement& statement, int column, ColumnType type) {
  if (statement.IsNull(column)) return Value();
  switch (type) {
    case ColumnType::kString:
    case ColumnType::kDate:
    case ColumnType::kEnumeration:
      return Value(statement.Text(column));
    case ColumnType::kJson:
      return Value(model::JsonText{std::string(statement.Text(column))});
    case ColumnType::kNumber:
      return Value(statement.Double(column));
    case ColumnType::kBoolean:
      return Value(statement.Int64(column) != 0);
    case ColumnType::kBigint:
      return Value(statement.Int64(column));
    case ColumnType::kTimestamp:
      return Value(static_cast<double>(statement.Int64(column)));
  }
  TIDEMARK_CHECK(false);
}

model::Row ReadRow(const Statement& statement, const model::Table& table) {
  std::vector<Value> values;
  values.reserve(table.columns.size());
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    values.push_back(ReadValue(statement, static_cast<int>(i), table.columns[i].type));
  }
  return model::Row::Make(std::move(values));
}

}  // namespace tidemark::store
