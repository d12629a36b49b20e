// A SQLite VFS over a fixed set of files that were opened beforehand: three for each database,
// named
// `<path>`, `<path>-journal` and `<path>-wal`. It is what SQLite runs on in the browser (OPFS
// access handles) and what storage faults are simulated with natively.
//
// The main file begins with a block of kFileHeaderBytes of ours (magic, format version, label,
// checksum); SQLite's bytes follow it. It is written once, flushed before SQLite writes anything,
// and never changed.
//
// Deleting a file is truncating it. Locks are no-ops: whoever holds the handles is alone, and a
// second connection to a database is refused. There is no shared memory, so WAL needs
// `PRAGMA locking_mode=EXCLUSIVE` before `PRAGMA journal_mode=WAL`. Never deletes or rewrites
// content that it does not recognise.
#ifndef TIDEMARK_CORE_STORE_HANDLE_VFS_H_
#define TIDEMARK_CORE_STORE_HANDLE_VFS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/base/result.h"
#include "core/store/sync_file.h"

namespace tidemark::store {

/// Four kilobytes, so that SQLite's pages stay aligned with the storage's.
inline constexpr std::size_t kFileHeaderBytes = 4096;

/// What a VFS needs besides files.
class VfsEnvironment {
 public:
  virtual ~VfsEnvironment() = default;
  virtual void FillRandom(std::span<char> out) = 0;
  virtual std::int64_t NowMs() = 0;  // since 1970, UTC
};

/// Outlive their registration.
struct DatabaseFiles {
  SyncFile& main;
  SyncFile& journal;
  SyncFile& wal;
};

enum class VfsRole : std::uint8_t { kDefault, kBesideDefault };

class HandleVfs {
 public:
  /// Registers under `name` and initialises SQLite. `environment` outlives the VFS.
  static Result<std::unique_ptr<HandleVfs>> Register(std::string name, VfsEnvironment& environment,
                                                     VfsRole role);
  /// Connections through it are closed by now.
  ~HandleVfs();

  /// Makes `path` a database that can be opened. `label` (at most 32 bytes) says what it is for; a
  /// file of another label is a mismatch. Empty files become a new database. kCorrupt when the
  /// files hold something that is not ours or is damaged, kOutdated when a newer format wrote them:
  /// then nothing was changed, and the caller moves the files to quarantine.
  Status AddDatabase(const std::string& path, const std::string& label, const DatabaseFiles& files);
  /// The connection is closed by now; the files may go.
  void RemoveDatabase(const std::string& path);

  const std::string& name() const;

 private:
  class Impl;
  explicit HandleVfs(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::store

#endif  // TIDEMARK_CORE_STORE_HANDLE_VFS_H_
