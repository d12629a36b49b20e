#include "core/store/reset_database.h"

#include <sqlite3.h>

namespace tidemark::store {

// The recipe of https://www.sqlite.org/c3ref/c_dbconfig_defensive.html,
// SQLITE_DBCONFIG_RESET_DATABASE.
Status ResetDatabase(Database& database) {
  sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_RESET_DATABASE, 1, nullptr);
  Status emptied = database.Execute("VACUUM");
  sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_RESET_DATABASE, 0, nullptr);
  return emptied;
}

}  // namespace tidemark::store
