#include "core/store/memory_file.h"

#include <algorithm>

namespace tidemark::store {

Result<std::uint64_t> MemoryFile::Size() { return std::uint64_t{content_.size()}; }

Result<std::size_t> MemoryFile::Read(std::uint64_t offset, std::span<char> into) {
  if (offset >= content_.size()) return std::size_t{0};
  const std::size_t begin = static_cast<std::size_t>(offset);
  const std::size_t count = std::min(into.size(), content_.size() - begin);
  std::copy_n(content_.data() + begin, count, into.data());
  return count;
}

Status MemoryFile::Write(std::uint64_t offset, std::string_view bytes) {
  const std::size_t begin = static_cast<std::size_t>(offset);
  if (content_.size() < begin + bytes.size()) content_.resize(begin + bytes.size());
  std::copy(bytes.begin(), bytes.end(), content_.begin() + static_cast<std::ptrdiff_t>(begin));
  return Ok{};
}

Status MemoryFile::Truncate(std::uint64_t size) {
  content_.resize(static_cast<std::size_t>(size));
  return Ok{};
}

Status MemoryFile::Flush() { return Ok{}; }

}  // namespace tidemark::store
