// The exclusive lock of an embedded database: a second server process on the same file is refused,
// because it would not see the writes of the first. Held until destroyed or the process ends,
// however it ends.
#ifndef TIDEMARK_SERVER_EMBEDDED_DATABASE_LOCK_H_
#define TIDEMARK_SERVER_EMBEDDED_DATABASE_LOCK_H_

#include <memory>
#include <string>

#include "core/base/result.h"

namespace tidemark::server {

class DatabaseLock {
 public:
  /// Makes the folder of `database_path` if it is missing; the lock is a file beside the database.
  static Result<std::unique_ptr<DatabaseLock>> Take(const std::string& database_path);
  ~DatabaseLock();
  DatabaseLock(const DatabaseLock&) = delete;
  DatabaseLock& operator=(const DatabaseLock&) = delete;

 private:
  explicit DatabaseLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_EMBEDDED_DATABASE_LOCK_H_
