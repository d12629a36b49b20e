// The same query tree as one SQL statement, in the SQLite or the Postgres dialect, with the
// semantics of predicate.h: text by code point, NULLs first ascending, ILIKE folding ASCII only.
// Values are always bound, never spelled.
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

/// SELECT of all columns in schema order.
SqlStatement WriteSelect(Dialect dialect, const model::Schema& schema, const Query& query,
                         const std::optional<SqlStart>& start = std::nullopt);

/// `"schema"."table"` or `"table"`, quotes doubled. SQLite has no schemas: `schema_table` for
/// tables from elsewhere.
std::string QuotedTable(Dialect dialect, const model::Table& table);
std::string QuotedName(std::string_view name);

}  // namespace tidemark::query

#endif  // TIDEMARK_CORE_QUERY_SQL_WRITER_H_
