// UTF-8 text at the door: what every engine can store and compare alike.
#ifndef TIDEMARK_CORE_MODEL_TEXT_H_
#define TIDEMARK_CORE_MODEL_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tidemark::model {

enum class TextFault : std::uint8_t {
  kNone,
  kInvalidUtf8,  // including encoded surrogates: a lone surrogate in JavaScript
  kNul,          // U+0000, which Postgres cannot store
};

TextFault CheckText(std::string_view text);
/// In words, for error messages: "invalid UTF-8 …".
std::string_view TextFaultName(TextFault fault);

/// Bytes of the code point that begins at `text[at]`; `text` is valid UTF-8.
inline std::size_t CodePointSize(std::string_view text, std::size_t at) {
  const unsigned char lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

}  // namespace tidemark::model

#endif  // TIDEMARK_CORE_MODEL_TEXT_H_
