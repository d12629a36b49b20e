// Text from JavaScript without a copy through Embind's per-character loop: JavaScript writes UTF-8
// into memory that it reserved, and names it by address and length.
#ifndef TIDEMARK_WASM_INPUT_H_
#define TIDEMARK_WASM_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::wasm {

/// Grows on demand; its address changes only in Reserve.
class InputBuffer {
 public:
  /// The address of at least `bytes` bytes.
  std::uint32_t Reserve(std::uint32_t bytes) {
    if (buffer_.size() < bytes) buffer_.resize(bytes);
    return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(buffer_.data()));
  }
  std::string_view View(std::uint32_t bytes) const {
    return std::string_view(buffer_).substr(0, bytes);
  }

  /// Lets a large message's memory go.
  void Shrink() {
    if (buffer_.size() <= kKeptBytes) return;
    buffer_.resize(kKeptBytes);
    buffer_.shrink_to_fit();
  }

 private:
  static constexpr std::size_t kKeptBytes = 1 << 20;
  std::string buffer_;
};

}  // namespace tidemark::wasm

#endif  // TIDEMARK_WASM_INPUT_H_
