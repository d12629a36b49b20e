// A file that is open and stays open, read and written synchronously at offsets: what an OPFS
// access handle is, and all that the VFS (handle_vfs.h) asks of storage. Nothing is durable before
// Flush has returned. Errors: kLimit when there is no space left, kUnavailable for everything else.
#ifndef TIDEMARK_CORE_STORE_SYNC_FILE_H_
#define TIDEMARK_CORE_STORE_SYNC_FILE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/result.h"

namespace tidemark::store {

class SyncFile {
 public:
  virtual ~SyncFile() = default;

  virtual Result<std::uint64_t> Size() = 0;
  /// Gives how many bytes were read: fewer than asked for at the end of the file only.
  virtual Result<std::size_t> Read(std::uint64_t offset, std::span<char> into) = 0;
  /// Everything or an error; a gap before `offset` reads as zeros.
  virtual Status Write(std::uint64_t offset, std::string_view bytes) = 0;
  virtual Status Truncate(std::uint64_t size) = 0;
  virtual Status Flush() = 0;
};

}  // namespace tidemark::store

#endif  // TIDEMARK_CORE_STORE_SYNC_FILE_H_
