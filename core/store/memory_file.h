// A SyncFile in memory: for tests, simulation, and sessions that keep nothing.
#ifndef TIDEMARK_CORE_STORE_MEMORY_FILE_H_
#define TIDEMARK_CORE_STORE_MEMORY_FILE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/result.h"
#include "core/store/sync_file.h"

namespace tidemark::store {

class MemoryFile final : public SyncFile {
 public:
  MemoryFile() = default;
  explicit MemoryFile(std::string content) : content_(std::move(content)) {}

  const std::string& content() const { return content_; }

  Result<std::uint64_t> Size() override;
  Result<std::size_t> Read(std::uint64_t offset, std::span<char> into) override;
  Status Write(std::uint64_t offset, std::string_view bytes) override;
  Status Truncate(std::uint64_t size) override;
  Status Flush() override;

 private:
  std::string content_;
};

}  // namespace tidemark::store

#endif  // TIDEMARK_CORE_STORE_MEMORY_FILE_H_
