// SQLite databases on a FaultyDisk, by way of the VFS that the browser uses.
#ifndef TIDEMARK_TESTS_SUPPORT_SQLITE_ON_DISK_H_
#define TIDEMARK_TESTS_SUPPORT_SQLITE_ON_DISK_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/base/check.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/store/handle_vfs.h"
#include "core/store/sqlite.h"
#include "tests/support/faulty_disk.h"

namespace tidemark::testing {

/// Time stands still, chance is seeded.
class TestVfsEnvironment final : public store::VfsEnvironment {
 public:
  explicit TestVfsEnvironment(std::uint64_t seed) : random_(seed) {}
  void FillRandom(std::span<char> out) override {
    for (char& byte : out) byte = static_cast<char>(random_.Next());
  }
  std::int64_t NowMs() override { return 1700000000000; }

 private:
  Random random_;
};

/// A VFS beside the system's, registered for as long as this lives. Connections end first.
class SqliteOnDisk {
 public:
  SqliteOnDisk(FaultyDisk& disk, std::string vfs_name, std::uint64_t seed = 1)
      : disk_(disk), environment_(seed) {
    auto vfs = store::HandleVfs::Register(std::move(vfs_name), environment_,
                                          store::VfsRole::kBesideDefault);
    TIDEMARK_CHECK(vfs.ok());
    vfs_ = std::move(*vfs);
  }

  store::HandleVfs& vfs() { return *vfs_; }

  Status Add(const std::string& path) {
    return vfs_->AddDatabase(path, path,
                             store::DatabaseFiles{disk_.File(path), disk_.File(path + "-journal"),
                                                  disk_.File(path + "-wal")});
  }
  /// The connection, without any pragma set.
  Result<store::Database> Open(const std::string& path) {
    return store::Database::Open(path, store::OpenOptions{vfs_->name()});
  }

 private:
  FaultyDisk& disk_;
  TestVfsEnvironment environment_;
  std::unique_ptr<store::HandleVfs> vfs_;
};

}  // namespace tidemark::testing

#endif  // TIDEMARK_TESTS_SUPPORT_SQLITE_ON_DISK_H_
