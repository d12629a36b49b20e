#include "server/embedded/database_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace tidemark::server {

Result<std::unique_ptr<DatabaseLock>> DatabaseLock::Take(const std::string& database_path) {
  const std::filesystem::path folder = std::filesystem::path(database_path).parent_path();
  if (!folder.empty()) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) {
      return Error{ErrorCode::kUnavailable, "cannot make the folder " + folder.string() + ": " +
                                                failed.message() +
                                                "; pass --db with a path that can be written"};
    }
  }
  const std::string lock_path = database_path + ".lock";
  const int descriptor = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return Error{ErrorCode::kUnavailable, "cannot open " + lock_path + ": " + std::strerror(errno) +
                                              "; pass --db with a path that can be written"};
  }
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    close(descriptor);
    return Error{ErrorCode::kConflict,
                 "the database " + database_path +
                     " is in use by another tidemark-server: stop it, or pass another --db"};
  }
  return std::unique_ptr<DatabaseLock>(new DatabaseLock(descriptor));
}

DatabaseLock::~DatabaseLock() { close(descriptor_); }

}  // namespace tidemark::server
