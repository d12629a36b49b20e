// A whole query on a SQLite database in one statement.
#ifndef TIDEMARK_CORE_STORE_SQLITE_RESULT_H_
#define TIDEMARK_CORE_STORE_SQLITE_RESULT_H_

#include <string>

#include "core/base/result.h"
#include "core/query/ast.h"
#include "core/store/sqlite.h"

namespace tidemark::store {

/// The result's JSON (docs/protocol.md) at the connection's state. Statements are kept in `pool`,
/// which is of this connection.
Result<std::string> RunToJson(const model::Schema& schema, const query::Query& query,
                              Database& database, StatementPool& pool);

}  // namespace tidemark::store

#endif  // TIDEMARK_CORE_STORE_SQLITE_RESULT_H_
