// The browser's storage under the VFS of core/store/handle_vfs.h. JavaScript opens the files before
// anything here runs and puts them into `Module.tidemarkFiles`, an array of objects shaped like a
// FileSystemSyncAccessHandle:
//   read(view, {at}) -> bytes, write(view, {at}) -> bytes, getSize(), truncate(size), flush()
// In Node the same module runs with objects of the same shape. A file is named by its index; three
// indexes in a row are one database: main file, journal, WAL. JavaScript closes the handles, after
// the connections are closed and RemoveDatabase was called.
#ifndef TIDEMARK_WASM_OPFS_VFS_H_
#define TIDEMARK_WASM_OPFS_VFS_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "core/base/result.h"
#include "core/store/handle_vfs.h"
#include "core/store/sync_file.h"

namespace tidemark::wasm {

/// One entry of Module.tidemarkFiles: each call here is one call there.
class HandleFile final : public store::SyncFile {
 public:
  explicit HandleFile(std::uint32_t index) : index_(index) {}

  Result<std::uint64_t> Size() override;
  Result<std::size_t> Read(std::uint64_t offset, std::span<char> into) override;
  Status Write(std::uint64_t offset, std::string_view bytes) override;
  Status Truncate(std::uint64_t size) override;
  Status Flush() override;

 private:
  std::uint32_t index_;
};

/// Chance and time from the browser.
class BrowserEnvironment final : public store::VfsEnvironment {
 public:
  void FillRandom(std::span<char> out) override;
  std::int64_t NowMs() override;
};

/// SQLite's default VFS in this module; ":memory:" databases need it too. Make it before the first
/// database is opened, drop it after the last is closed.
class OpfsVfs {
 public:
  static Result<std::unique_ptr<OpfsVfs>> Create();
  ~OpfsVfs();

  /// Afterwards store::Database::Open(path) opens it. Errors as HandleVfs::AddDatabase: kCorrupt
  /// and kOutdated leave the files as they are, for quarantine.
  Status AddDatabase(const std::string& path, const std::string& label, std::uint32_t first_file);
  void RemoveDatabase(const std::string& path);

 private:
  using Files = std::array<HandleFile, 3>;

  OpfsVfs() = default;

  BrowserEnvironment environment_;
  std::map<std::string, std::unique_ptr<Files>> databases_;
  std::unique_ptr<store::HandleVfs> vfs_;  // last: it refers to the others
};

}  // namespace tidemark::wasm

#endif  // TIDEMARK_WASM_OPFS_VFS_H_
