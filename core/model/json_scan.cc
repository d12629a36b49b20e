#include "core/model/json_scan.h"

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <cstdint>
#include <cstring>

#include "core/model/json.h"

namespace tidemark::model {
namespace {

/// What a byte means outside of strings.
enum class Meaning : std::uint8_t { kPlain, kQuote, kOpen, kClose };

constexpr std::array<Meaning, 256> MeaningTable() {
  std::array<Meaning, 256> table{};
  table['"'] = Meaning::kQuote;
  table['{'] = table['['] = Meaning::kOpen;
  table['}'] = table[']'] = Meaning::kClose;
  return table;
}
constexpr std::array<Meaning, 256> kMeanings = MeaningTable();

Meaning MeaningOf(char c) { return kMeanings[static_cast<unsigned char>(c)]; }

/// Not zero if one of the eight bytes is zero (Hacker's Delight, 6-1; may err behind the first).
std::uint64_t ZeroBytes(std::uint64_t word) {
  return (word - 0x0101010101010101u) & ~word & 0x8080808080808080u;
}

/// True if none of the eight bytes is a quote or a backslash.
bool AllInString(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return (ZeroBytes(word ^ 0x2222222222222222u) | ZeroBytes(word ^ 0x5c5c5c5c5c5c5c5cu)) == 0;
}

bool EndsScalar(char c) { return c == ',' || c == ']' || c == '}' || c == ':'; }

}  // namespace

bool IsObjectText(std::string_view value) { return value.starts_with('{'); }
bool IsArrayText(std::string_view value) { return value.starts_with('['); }

std::size_t EndOfString(std::string_view text, std::size_t at) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* next = begin + at + 1;
  while (next < end) {
    if (end - next >= 8 && AllInString(next)) {
      next += 8;
    } else if (*next == '"') {
      return static_cast<std::size_t>(next + 1 - begin);
    } else {
      next += *next == '\\' ? 2 : 1;
    }
  }
  return text.size();
}

std::size_t EndOfValue(std::string_view text, std::size_t at) {
  if (at >= text.size()) return text.size();
  if (text[at] == '"') return EndOfString(text, at);
  if (text[at] != '{' && text[at] != '[') {
    std::size_t end = at;
    while (end < text.size() && !EndsScalar(text[end])) ++end;
    return end;
  }
  std::size_t depth = 0;
  for (std::size_t i = at; i < text.size();) {
    switch (MeaningOf(text[i])) {
      case Meaning::kPlain:
        ++i;
        break;
      case Meaning::kQuote:
        i = EndOfString(text, i);
        break;
      case Meaning::kOpen:
        ++depth;
        ++i;
        break;
      case Meaning::kClose:
        ++i;
        if (--depth == 0) return i;
        break;
    }
  }
  return text.size();
}

std::optional<std::size_t> FindMember(std::string_view text, std::size_t at, std::string_view key) {
  std::size_t next = at + 1;
  while (next < text.size() && text[next] == '"') {
    const std::size_t end = EndOfString(text, next);
    if (text.substr(next, end - next) == key) return end + 1;
    next = EndOfValue(text, end + 1);
    if (next < text.size() && text[next] == ',') ++next;
  }
  return std::nullopt;
}

std::optional<std::size_t> FindElement(std::string_view text, std::size_t at, std::uint32_t index) {
  std::size_t next = at + 1;
  for (std::uint32_t i = 0; next < text.size() && text[next] != ']'; ++i) {
    if (i == index) return next;
    const std::size_t end = EndOfValue(text, next);
    if (end >= text.size() || text[end] != ',') break;
    next = end + 1;
  }
  return std::nullopt;
}

std::size_t NestingDepth(std::string_view value) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c == '"') {
      i = EndOfString(value, i) - 1;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

std::string DecodeStringLiteral(std::string_view literal) {
  if (literal.size() < 2) return {};
  const std::string_view inner = literal.substr(1, literal.size() - 2);
  if (inner.find('\\') == std::string_view::npos) return std::string(inner);
  Result<boost::json::value> parsed = ParseJson(literal);
  if (!parsed.ok() || !parsed->is_string()) return std::string(inner);
  const boost::json::string& decoded = parsed->get_string();
  return std::string(decoded.data(), decoded.size());
}

int CompareKeyLiterals(std::string_view a, std::string_view b) {
  if (a == b) return 0;
  const bool plain =
      a.find('\\') == std::string_view::npos && b.find('\\') == std::string_view::npos;
  if (!plain) return DecodeStringLiteral(a).compare(DecodeStringLiteral(b));
  // Without the closing quotes, which would sort a prefix after a key that goes on with U+0021.
  return a.substr(0, a.size() - 1).compare(b.substr(0, b.size() - 1));
}

JsonItems::JsonItems(std::string_view container) : text_(container) {
  object_ = IsObjectText(container);
  at_ = object_ || IsArrayText(container) ? 1 : container.size();
}

bool JsonItems::AtItem() const {
  return at_ < text_.size() && text_[at_] != '}' && text_[at_] != ']';
}

void JsonItems::SkipComma() {
  if (at_ < text_.size() && text_[at_] == ',') ++at_;
}

std::optional<JsonItem> JsonItems::Next() {
  if (!AtItem()) return std::nullopt;
  JsonItem item;
  if (object_) {
    const std::size_t end = EndOfString(text_, at_);
    item.key = text_.substr(at_, end - at_);
    at_ = std::min(end + 1, text_.size());  // the colon
  }
  const std::size_t end = EndOfValue(text_, at_);
  item.value = text_.substr(at_, end - at_);
  // Text that is no JSON must not stop the walk on the spot.
  at_ = end == at_ && item.key.empty() ? text_.size() : end;
  SkipComma();
  return item;
}

std::string_view JsonItems::From(const JsonItem& item) const {
  const char* begin = object_ ? item.key.data() : item.value.data();
  const std::size_t at = static_cast<std::size_t>(begin - text_.data());
  return text_.substr(at, text_.size() - at - 1);
}

bool JsonItems::TakeSame(const JsonItem& item) {
  const std::size_t key_size = object_ ? item.key.size() + 1 : 0;
  const std::size_t end = at_ + key_size + item.value.size();
  if (!AtItem() || end >= text_.size() || !EndsScalar(text_[end])) return false;
  if (text_.substr(at_ + key_size, item.value.size()) != item.value) return false;
  if (object_ && (text_.substr(at_, item.key.size()) != item.key || text_[end] == ':' ||
                  text_[at_ + item.key.size()] != ':')) {
    return false;
  }
  at_ = end;
  SkipComma();
  return true;
}

}  // namespace tidemark::model
