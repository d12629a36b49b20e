// What SQLite lacks for our queries, as functions of a connection: the same code as in memory.
#ifndef TIDEMARK_CORE_STORE_SQLITE_FUNCTIONS_H_
#define TIDEMARK_CORE_STORE_SQLITE_FUNCTIONS_H_

#include "core/base/result.h"

struct sqlite3;

namespace tidemark::store {

/// query::kJsonFunction (core/query/sql_writer.h).
Status AddSqlFunctions(sqlite3* database);

}  // namespace tidemark::store

#endif  // TIDEMARK_CORE_STORE_SQLITE_FUNCTIONS_H_
