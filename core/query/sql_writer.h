// The same query tree as one SQL statement, in the SQLite or the Postgres dialect, with the
// semantics of predicate.h: text by code point, NULLs first ascending, ILIKE folding ASCII only,
// no escape character in LIKE, timestamps in whole milliseconds (rounded down). Values are always
// bound, never spelled. Names are the database's (`Table::db_name`, `Column::db_name`) in both
// dialects.
//
// SQLite: STRICT tables. string, date, enumeration, json: TEXT · number: REAL · boolean, bigint,
// timestamp: INTEGER. A parameter is bound with its column's type.
// Postgres: every parameter is bound as text without a type (ParameterText); casts in the statement
// give it one that suits any of the types a column may have there: text, varchar, uuid or an enum
// for string and enumeration; int2/4/8, numeric, float4/8 for number and bigint; timestamptz; date;
// json and jsonb. Results are canonical text too: numbers as float8, bigints as int8, booleans true
// and false, timestamps as milliseconds since the epoch, dates as YYYY-MM-DD.
#ifndef TIDEMARK_CORE_QUERY_SQL_WRITER_H_
#define TIDEMARK_CORE_QUERY_SQL_WRITER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/schema.h"
#include "core/query/ast.h"

namespace tidemark::query {

enum class Dialect { kSqlite, kPostgres };

/// A parameter, with the column whose type decides how it is bound.
struct Parameter {
  model::ColumnIndex column;
  model::Value value;
};

struct SqlStatement {
  std::string text;                   // `?1 …` or `$1 …`
  std::vector<Parameter> parameters;  // in the order of their numbers
};

/// Where a fetch begins in the query's order; `row` need not exist.
struct SqlStart {
  model::Row row;
  bool inclusive = false;
};

/// The text that a parameter is bound as in Postgres; not for null.
std::string ParameterText(const model::Value& value);

/// `"a", "b"`: all columns of a table in schema order, each in the form that the header describes.
std::string SelectList(Dialect dialect, const model::Table& table);

/// SELECT of all columns in schema order.
SqlStatement WriteSelect(Dialect dialect, const model::Schema& schema, const Query& query,
                         const std::optional<SqlStart>& start = std::nullopt);

/// `"schema"."table"` or `"table"`, quotes doubled. SQLite has no schemas: `schema_table` for
/// tables from elsewhere.
std::string QuotedTable(Dialect dialect, const model::Table& table);
std::string QuotedName(std::string_view name);

}  // namespace tidemark::query

#endif  // TIDEMARK_CORE_QUERY_SQL_WRITER_H_
