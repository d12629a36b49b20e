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

/// A parameter, with the type of column that it is bound as.
struct Parameter {
  model::ColumnType type;
  model::Value value;
};

struct SqlStatement {
  std::string text;                   // `?1 …` or `$1 …`
  std::vector<Parameter> parameters;  // in the order of their numbers
};

using SqlStart = Start;

/// SQLite has it where core/store registers it: `(document, path as JSON, kind)` is what lies there
/// if it is a 'string' (TEXT), 'number' (REAL) or 'boolean' (0, 1), or 1 if it is 'any' but null;
/// else NULL.
inline constexpr std::string_view kJsonFunction = "tidemark_json";

/// The text that a parameter is bound as in Postgres; not for null.
std::string ParameterText(const model::Value& value);

/// `"a", "b"`: all columns of a table in schema order, each in the form that the header describes.
std::string SelectList(Dialect dialect, const model::Table& table);

/// SELECT of all columns of the query's own rows, in schema order; `start` besides the query's own.
SqlStatement WriteSelect(Dialect dialect, const model::Schema& schema, const Query& query,
                         const std::optional<SqlStart>& start = std::nullopt);

/// The whole tree in one SELECT: for each row of the result, in order, one column with JSON text
/// for a ResultReader (result_reader.h).
SqlStatement WriteResult(Dialect dialect, const model::Schema& schema, const Query& query);

/// `"schema"."table"` or `"table"`, quotes doubled. SQLite has no schemas: `schema_table` for
/// tables from elsewhere.
std::string QuotedTable(Dialect dialect, const model::Table& table);
std::string QuotedName(std::string_view name);

}  // namespace tidemark::query

#endif  // TIDEMARK_CORE_QUERY_SQL_WRITER_H_
