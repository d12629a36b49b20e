// A disk that forgets: files in memory, of which only what was flushed surely survives a crash.
// What was written since may survive whole, in part, or not at all, decided by a seed. Operations
// that change something (write, truncate, flush) are counted over all files, so that a test can
// fail each of them in turn.
#ifndef TIDEMARK_TESTS_SUPPORT_FAULTY_DISK_H_
#define TIDEMARK_TESTS_SUPPORT_FAULTY_DISK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/base/random.h"
#include "core/store/sync_file.h"

namespace tidemark::testing {

enum class DiskFault : std::uint8_t {
  kCrash,    // this operation is cut short, and every later one fails until Restart
  kNoSpace,  // this one operation fails with kLimit
  kIoError,  // this one operation fails with kUnavailable
};

class FaultyDisk {
 public:
  explicit FaultyDisk(std::uint64_t seed);
  ~FaultyDisk();

  /// The file of that name, made empty at first use; it lives as long as the disk.
  store::SyncFile& File(const std::string& name);

  /// Operations so far.
  std::uint64_t operations() const { return operations_; }
  /// The operation number `operation` (counted from 0, over the disk's life) meets `fault`.
  void FailAt(std::uint64_t operation, DiskFault fault);
  /// From now on all files together hold at most this.
  void SetCapacity(std::uint64_t bytes) { capacity_ = bytes; }
  bool crashed() const { return crashed_; }
  /// Pulls the plug now.
  void Crash() { crashed_ = true; }
  /// Power is back: each file holds what was flushed and some of what was not.
  void Restart();

  std::uint64_t used_bytes() const;
  /// For damage on purpose.
  std::string Content(const std::string& name) const;
  void SetContent(const std::string& name, std::string content);

 private:
  class DiskFile;
  // The fault that the next operation meets.
  std::optional<DiskFault> NextOperation();

  Random random_;
  std::map<std::string, std::unique_ptr<DiskFile>> files_;
  std::map<std::uint64_t, DiskFault> faults_;
  std::uint64_t operations_ = 0;
  std::optional<std::uint64_t> capacity_;
  bool crashed_ = false;
};

}  // namespace tidemark::testing

#endif  // TIDEMARK_TESTS_SUPPORT_FAULTY_DISK_H_
