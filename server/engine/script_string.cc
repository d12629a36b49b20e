#include "server/engine/script_string.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tidemark::server {
namespace {

constexpr char32_t kReplacement = 0xfffd;

bool IsPlainAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<signed char>(c) > 0; });
}

// The next code point at `at`, which is advanced past it, or kReplacement for the longest
// ill-formed prefix (Unicode 15, section 3.9, "U+FFFD substitution of maximal subparts").
char32_t DecodeUtf8(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(at++);
  if (lead < 0x80) return lead;
  int more = 0;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xbf;
  char32_t point = 0;
  if (lead >= 0xc2 && lead <= 0xdf) {
    more = 1;
    point = lead & 0x1fu;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    more = 2;
    point = lead & 0x0fu;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    more = 3;
    point = lead & 0x07u;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
  } else {
    return kReplacement;
  }
  for (; more > 0; --more) {
    if (at == text.size() || byte(at) < low || byte(at) > high) return kReplacement;
    point = (point << 6) | (byte(at++) & 0x3fu);
    low = 0x80;
    high = 0xbf;
  }
  return point;
}

JSStringRef MakeString(std::string_view utf8) {
  if (IsPlainAscii(utf8)) {
    return JSStringCreateWithUTF8CString(std::string(utf8).c_str());
  }
  std::vector<JSChar> units;
  units.reserve(utf8.size());
  for (std::size_t at = 0; at < utf8.size();) {
    const char32_t point = DecodeUtf8(utf8, at);
    if (point < 0x10000) {
      units.push_back(static_cast<JSChar>(point));
    } else {
      units.push_back(static_cast<JSChar>(0xd7c0 + (point >> 10)));
      units.push_back(static_cast<JSChar>(0xdc00 + (point & 0x3ff)));
    }
  }
  return JSStringCreateWithCharacters(units.data(), units.size());
}

void AppendCodePoint(std::string& out, char32_t point) {
  const auto put = [&](char32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0 | (point >> 6));
    put(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    put(0xe0 | (point >> 12));
    put(0x80 | ((point >> 6) & 0x3f));
    put(0x80 | (point & 0x3f));
  } else {
    put(0xf0 | (point >> 18));
    put(0x80 | ((point >> 12) & 0x3f));
    put(0x80 | ((point >> 6) & 0x3f));
    put(0x80 | (point & 0x3f));
  }
}

// The length in UTF-16 of well-formed UTF-8.
std::size_t CountUtf16(std::string_view utf8) {
  std::size_t units = 0;
  for (const char c : utf8) {
    const auto byte = static_cast<std::uint8_t>(c);
    units += (byte & 0xc0) != 0x80;
    units += byte >= 0xf0;
  }
  return units;
}

// For text with a surrogate that stands alone, where the engine's own conversion ends early.
void AppendReplacing(JSStringRef string, std::string& out) {
  const JSChar* units = JSStringGetCharactersPtr(string);
  const std::size_t length = JSStringGetLength(string);
  for (std::size_t i = 0; i < length; ++i) {
    const char32_t unit = units[i];
    if (unit < 0xd800 || unit > 0xdfff) {
      AppendCodePoint(out, unit);
    } else if (unit <= 0xdbff && i + 1 < length && units[i + 1] >= 0xdc00 &&
               units[i + 1] <= 0xdfff) {
      const char32_t low = units[++i];
      AppendCodePoint(out, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
    } else {
      AppendCodePoint(out, kReplacement);
    }
  }
}

}  // namespace

ScriptString::ScriptString(std::string_view utf8) : string_(MakeString(utf8)) {}

void ScriptString::AppendTo(std::string& utf8) const {
  if (string_ == nullptr || JSStringGetLength(string_) == 0) return;
  const std::size_t before = utf8.size();
  utf8.resize(before + JSStringGetMaximumUTF8CStringSize(string_));
  const std::size_t written =
      JSStringGetUTF8CString(string_, utf8.data() + before, utf8.size() - before);
  utf8.resize(before + (written == 0 ? 0 : written - 1));
  if (CountUtf16(std::string_view(utf8).substr(before)) == JSStringGetLength(string_)) return;
  utf8.resize(before);
  AppendReplacing(string_, utf8);
}

std::string ScriptString::ToUtf8() const {
  std::string utf8;
  AppendTo(utf8);
  return utf8;
}

}  // namespace tidemark::server
