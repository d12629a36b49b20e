#include "core/protocol/json_reader.h"

#include <array>
#include <bitset>
#include <limits>
#include <utility>

#include "core/model/limits.h"
#include "core/model/text.h"

namespace tidemark::protocol {
namespace {

constexpr std::size_t kDepthMax = model::kJsonTextDepthMax;

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// Bytes that end or interrupt the plain part of a string: quote, backslash, control characters.
constexpr std::array<bool, 256> MakeStops() {
  std::array<bool, 256> stops{};
  for (std::size_t c = 0; c < 0x20; ++c) stops[c] = true;
  stops['"'] = true;
  stops['\\'] = true;
  return stops;
}
constexpr std::array<bool, 256> kStops = MakeStops();

void AppendUtf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
    return;
  }
  if (c < 0x800) {
    out += static_cast<char>(0xc0 | c >> 6);
  } else {
    if (c < 0x10000) {
      out += static_cast<char>(0xe0 | c >> 12);
    } else {
      out += static_cast<char>(0xf0 | c >> 18);
      out += static_cast<char>(0x80 | (c >> 12 & 0x3f));
    }
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
  }
  out += static_cast<char>(0x80 | (c & 0x3f));
}

}  // namespace

bool JsonReader::Fail(std::string_view what) {
  if (failed_) return false;
  return FailWith(Error{ErrorCode::kInvalidArgs, "malformed message: " + std::string(what) +
                                                     " at byte " + std::to_string(at_)});
}

bool JsonReader::FailWith(Error error) {
  if (!failed_) error_ = std::move(error);
  failed_ = true;
  return false;
}

void JsonReader::SkipSpace() {
  while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
}

bool JsonReader::Expect(char c) {
  if (failed_) return false;
  SkipSpace();
  if (at_ >= text_.size() || text_[at_] != c) return Fail(std::string("expected '") + c + "'");
  ++at_;
  first_ = true;
  return true;
}

bool JsonReader::NextItem(char close) {
  if (failed_) return false;
  SkipSpace();
  if (at_ >= text_.size()) return Fail("the text ends early");
  const bool first = first_;
  first_ = false;
  if (text_[at_] == close) {
    ++at_;
    return false;
  }
  if (first) return true;
  if (text_[at_] != ',') return Fail("expected ','");
  ++at_;
  return true;
}

bool JsonReader::NextElement() { return NextItem(']'); }

bool JsonReader::NextMember(std::string_view& key) {
  if (!NextItem('}')) return false;
  SkipSpace();
  const std::size_t begin = at_;
  if (!SkipString()) return false;
  key = text_.substr(begin + 1, at_ - begin - 2);
  if (key.find('\\') != std::string_view::npos) return Fail("an escaped member name");
  if (!Expect(':')) return false;
  first_ = false;
  return true;
}

bool JsonReader::ReadString(std::string& out) {
  if (failed_) return false;
  SkipSpace();
  const std::size_t begin = at_;
  if (!SkipString()) return false;
  const std::string_view inside = text_.substr(begin + 1, at_ - begin - 2);
  if (inside.find('\\') == std::string_view::npos) {
    out.assign(inside);
    return true;
  }
  out.clear();
  const std::size_t end = at_;
  at_ = begin + 1;
  while (at_ < end - 1) {
    if (text_[at_] != '\\') {
      out += text_[at_++];
    } else if (!AppendEscape(out)) {
      return false;
    }
  }
  at_ = end;
  return true;
}

bool JsonReader::ReadHex4(std::uint32_t& out) {
  out = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    if (at_ >= text_.size()) return Fail("the text ends early");
    const char c = text_[at_];
    std::uint32_t digit = 0;
    if (IsDigit(c)) {
      digit = static_cast<std::uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<std::uint32_t>(c - 'a') + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<std::uint32_t>(c - 'A') + 10;
    } else {
      return Fail("expected a hexadecimal digit");
    }
    out = out << 4 | digit;
  }
  return true;
}

/// At a backslash. Surrogates come in pairs: a lone one has no UTF-8 form.
bool JsonReader::AppendEscape(std::string& out) {
  static constexpr std::string_view kNames = "\"\\/bfnrt";
  static constexpr std::string_view kMeans = "\"\\/\b\f\n\r\t";
  ++at_;
  if (at_ >= text_.size()) return Fail("the text ends early");
  const char name = text_[at_++];
  const std::size_t known = kNames.find(name);
  if (known != std::string_view::npos) {
    out += kMeans[known];
    return true;
  }
  if (name != 'u') return Fail("an unknown escape");
  std::uint32_t code = 0;
  if (!ReadHex4(code)) return false;
  if (code >= 0xd800 && code < 0xdc00) {
    std::uint32_t low = 0;
    if (text_.substr(at_, 2) != "\\u") return Fail("a lone surrogate");
    at_ += 2;
    if (!ReadHex4(low)) return false;
    if (low < 0xdc00 || low >= 0xe000) return Fail("a lone surrogate");
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  } else if (code >= 0xdc00 && code < 0xe000) {
    return Fail("a lone surrogate");
  }
  AppendUtf8(out, code);
  return true;
}

bool JsonReader::SkipString() {
  if (at_ >= text_.size() || text_[at_] != '"') return Fail("expected a string");
  const std::size_t begin = ++at_;
  unsigned char all = 0;
  std::string unescaped;
  for (;;) {
    while (at_ < text_.size() && !kStops[static_cast<unsigned char>(text_[at_])]) {
      all |= static_cast<unsigned char>(text_[at_++]);
    }
    if (at_ >= text_.size()) return Fail("a string that does not end");
    if (text_[at_] == '"') break;
    if (text_[at_] != '\\') return Fail("a control character in a string");
    unescaped.clear();
    if (!AppendEscape(unescaped)) return false;
  }
  if (all >= 0x80) {
    const model::TextFault fault = model::CheckText(text_.substr(begin, at_ - begin));
    if (fault != model::TextFault::kNone) return Fail(model::TextFaultName(fault));
  }
  ++at_;
  return true;
}

bool JsonReader::SkipDigits() {
  if (at_ >= text_.size() || !IsDigit(text_[at_])) return Fail("expected a digit");
  while (at_ < text_.size() && IsDigit(text_[at_])) ++at_;
  return true;
}

bool JsonReader::SkipNumber() {
  if (text_[at_] == '-') ++at_;
  if (at_ < text_.size() && text_[at_] == '0') {
    ++at_;
  } else if (!SkipDigits()) {
    return false;
  }
  if (at_ < text_.size() && text_[at_] == '.') {
    ++at_;
    if (!SkipDigits()) return false;
  }
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    ++at_;
    if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
    if (!SkipDigits()) return false;
  }
  return true;
}

bool JsonReader::SkipLiteral(std::string_view literal) {
  if (text_.substr(at_, literal.size()) != literal) return Fail("expected a value");
  at_ += literal.size();
  return true;
}

bool JsonReader::SkipScalar() {
  switch (text_[at_]) {
    case '"':
      return SkipString();
    case 't':
      return SkipLiteral("true");
    case 'f':
      return SkipLiteral("false");
    case 'n':
      return SkipLiteral("null");
    default:
      if (text_[at_] != '-' && !IsDigit(text_[at_])) return Fail("expected a value");
      return SkipNumber();
  }
}

bool JsonReader::ReadRaw(std::string_view& out) {
  if (failed_) return false;
  SkipSpace();
  const std::size_t begin = at_;
  std::bitset<kDepthMax> objects;  // of each open container: is it an object?
  std::size_t depth = 0;
  bool value_next = true;  // else: a comma or the end of the container
  bool opened = false;     // the container was opened just now: it may end at once
  for (;;) {
    SkipSpace();
    if (at_ >= text_.size()) return Fail("the text ends early");
    const char c = text_[at_];
    const bool in_object = depth > 0 && objects[depth - 1];
    if (depth > 0 && (opened || !value_next) && c == (in_object ? '}' : ']')) {
      ++at_;
      --depth;
      opened = false;
      value_next = false;
      if (depth == 0) break;
      continue;
    }
    if (!value_next) {
      if (c != ',') return Fail("expected ','");
      ++at_;
      value_next = true;
      opened = false;
      continue;
    }
    if (in_object) {
      if (!SkipString()) return false;
      SkipSpace();
      if (at_ >= text_.size() || text_[at_] != ':') return Fail("expected ':'");
      ++at_;
      SkipSpace();
      if (at_ >= text_.size()) return Fail("the text ends early");
    }
    if (text_[at_] == '{' || text_[at_] == '[') {
      if (depth == kDepthMax) return Fail("too deeply nested");
      objects[depth++] = text_[at_] == '{';
      ++at_;
      opened = true;
      continue;
    }
    if (!SkipScalar()) return false;
    opened = false;
    value_next = false;
    if (depth == 0) break;
  }
  out = text_.substr(begin, at_ - begin);
  return true;
}

bool JsonReader::ReadUint64(std::uint64_t& out) {
  if (failed_) return false;
  SkipSpace();
  const std::size_t begin = at_;
  out = 0;
  while (at_ < text_.size() && IsDigit(text_[at_])) {
    const auto digit = static_cast<std::uint64_t>(text_[at_] - '0');
    if (out > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) {
      return Fail("a number that is too large");
    }
    out = out * 10 + digit;
    ++at_;
  }
  const std::size_t digits = at_ - begin;
  if (digits == 0 || (digits > 1 && text_[begin] == '0')) return Fail("expected a whole number");
  if (at_ < text_.size() && (text_[at_] == '.' || text_[at_] == 'e' || text_[at_] == 'E')) {
    return Fail("expected a whole number");
  }
  return true;
}

bool JsonReader::ReadInt64(std::int64_t& out) {
  if (failed_) return false;
  SkipSpace();
  const bool negative = at_ < text_.size() && text_[at_] == '-';
  if (negative) ++at_;
  std::uint64_t magnitude = 0;
  if (!ReadUint64(magnitude)) return false;
  if (magnitude > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return Fail("a number that is too large");
  }
  out = negative ? -static_cast<std::int64_t>(magnitude) : static_cast<std::int64_t>(magnitude);
  return true;
}

bool JsonReader::ReadBool(bool& out) {
  if (failed_) return false;
  SkipSpace();
  if (at_ < text_.size() && text_[at_] == 't') {
    out = true;
    return SkipLiteral("true");
  }
  out = false;
  return SkipLiteral("false");
}

bool JsonReader::SkipNull() {
  if (failed_) return false;
  SkipSpace();
  if (at_ >= text_.size() || text_[at_] != 'n') return false;
  return SkipLiteral("null");
}

bool JsonReader::AtEnd() {
  if (failed_) return false;
  SkipSpace();
  if (at_ < text_.size()) return Fail("text after the message");
  return true;
}

}  // namespace tidemark::protocol
