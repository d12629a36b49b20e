// Empties a database in place, whatever state its content is in.
#ifndef TIDEMARK_CORE_STORE_RESET_DATABASE_H_
#define TIDEMARK_CORE_STORE_RESET_DATABASE_H_

#include "core/base/result.h"
#include "core/store/sqlite.h"

namespace tidemark::store {

/// Afterwards the database has no tables, as if it were new, even if it was damaged. No transaction
/// is open and no statement busy. Never to be used on what cannot be fetched again.
Status ResetDatabase(Database& database);

}  // namespace tidemark::store

#endif  // TIDEMARK_CORE_STORE_RESET_DATABASE_H_
