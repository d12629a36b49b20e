#include "core/store/sqlite_result.h"

#include "core/query/result_reader.h"
#include "core/query/sql_writer.h"
#include "core/store/sqlite_row.h"

namespace tidemark::store {
namespace {

Status ReadRows(Statement& statement, const query::SqlStatement& sql, query::ResultReader& reader) {
  int parameter = 0;
  for (const query::Parameter& bound : sql.parameters) {
    BindValue(statement, ++parameter, bound.type, bound.value);
  }
  while (true) {
    TIDEMARK_ASSIGN_OR_RETURN(const bool found, statement.Step());
    if (!found) return Ok{};
    TIDEMARK_TRY(reader.Add(statement.Text(0)));
  }
}

}  // namespace

Result<std::string> RunToJson(const model::Schema& schema, const query::Query& query,
                              Database& database, StatementPool& pool) {
  const query::SqlStatement sql = query::WriteResult(query::Dialect::kSqlite, schema, query);
  TIDEMARK_ASSIGN_OR_RETURN(Statement * statement, pool.Take(database.handle(), sql.text));
  query::ResultReader reader(schema, query, query::ValueFromText);
  const Status read = ReadRows(*statement, sql, reader);
  statement->Reset();
  TIDEMARK_TRY(read);
  return reader.Take();
}

}  // namespace tidemark::store
