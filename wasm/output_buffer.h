// One value out of a crossing: a sequence of sections in one block of memory that JavaScript reads
// before its next call.
//   section = u32 kind, u32 tag, u32 length, bytes (padded with zeros to a multiple of 4); all
//   little-endian
#ifndef TIDEMARK_WASM_OUTPUT_BUFFER_H_
#define TIDEMARK_WASM_OUTPUT_BUFFER_H_

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace tidemark::wasm {

/// What a section holds; js/src/wasm-sections.ts has the same list.
enum class SectionKind : std::uint32_t {
  kMessage = 1,      // protocol bytes upstream (page) or to the server (worker)
  kFlush = 2,        // JSON of one view's flush; tag: view
  kMutation = 3,     // JSON of one mutation event
  kPending = 4,      // tag: number of unconfirmed mutations
  kLink = 5,         // JSON {connection, reason, auth}
  kRejections = 6,   // JSON array
  kRefused = 7,      // JSON error
  kTabMessage = 8,   // protocol bytes; tag: tab
  kCloseTab = 9,     // tag: tab
  kResult = 10,      // what the call itself returns: JSON text
  kError = 11,       // what the call itself failed with: JSON error
  kNeedsFlush = 12,  // something waits for flush() to become durable; tag 1: it may wait
  kReopenLink = 13,  // the connection to the server is to be closed and opened anew
};

class OutputBuffer {
 public:
  void Clear() { bytes_.clear(); }
  void Add(SectionKind kind, std::uint32_t tag, std::string_view payload) {
    AddNumber(static_cast<std::uint32_t>(kind));
    AddNumber(tag);
    AddNumber(static_cast<std::uint32_t>(payload.size()));
    bytes_.append(payload);
    bytes_.append((4 - payload.size() % 4) % 4, '\0');
  }
  const char* data() const { return bytes_.data(); }
  std::size_t size() const { return bytes_.size(); }

 private:
  void AddNumber(std::uint32_t number) {
    char raw[4];
    std::memcpy(raw, &number, 4);  // wasm is little-endian
    bytes_.append(raw, 4);
  }
  std::string bytes_;
};

}  // namespace tidemark::wasm

#endif  // TIDEMARK_WASM_OUTPUT_BUFFER_H_
