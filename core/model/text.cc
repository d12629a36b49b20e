#include "core/model/text.h"

#include <cstring>

namespace tidemark::model {
namespace {

/// True if all eight bytes are in 0x01..0x7f.
bool AllPlain(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  constexpr std::uint64_t kOnes = 0x0101010101010101u;
  constexpr std::uint64_t kHigh = 0x8080808080808080u;
  return ((word | (word - kOnes)) & kHigh) == 0;
}

bool IsContinuation(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0u) == 0x80u;
}

/// Bytes of the well-formed sequence at `at` (Unicode, table 3-7), 0 if there is none.
std::size_t SequenceSize(std::string_view text, std::size_t at) {
  const unsigned lead = static_cast<unsigned char>(text[at]);
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const std::size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  for (std::size_t i = 1; i < size; ++i) {
    if (!IsContinuation(text, at + i)) return 0;
  }
  const unsigned second = static_cast<unsigned char>(text[at + 1]);
  if (lead == 0xe0 && second < 0xa0) return 0;  // overlong
  if (lead == 0xed && second > 0x9f) return 0;  // surrogate
  if (lead == 0xf0 && second < 0x90) return 0;  // overlong
  if (lead == 0xf4 && second > 0x8f) return 0;  // above U+10FFFF
  return size;
}

}  // namespace

TextFault CheckText(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    if (text.size() - i >= 8 && AllPlain(text.data() + i)) {
      i += 8;
      continue;
    }
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c == 0) return TextFault::kNul;
    const std::size_t size = c < 0x80 ? 1 : SequenceSize(text, i);
    if (size == 0) return TextFault::kInvalidUtf8;
    i += size;
  }
  return TextFault::kNone;
}

std::string_view TextFaultName(TextFault fault) {
  switch (fault) {
    case TextFault::kNone:
      return "valid text";
    case TextFault::kInvalidUtf8:
      return "invalid UTF-8 (in JavaScript: a lone surrogate)";
    case TextFault::kNul:
      return "the character U+0000, which databases cannot store";
  }
  return "invalid text";
}

}  // namespace tidemark::model
