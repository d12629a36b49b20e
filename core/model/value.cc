#include "core/model/value.h"

#include <array>
#include <cstddef>

#include "core/base/check.h"
#include "core/model/number_text.h"

namespace tidemark::model {
namespace {

std::strong_ordering FromSign(int sign) {
  if (sign == 0) return std::strong_ordering::equal;
  return sign < 0 ? std::strong_ordering::less : std::strong_ordering::greater;
}

template <typename T>
std::strong_ordering CompareScalars(T a, T b) {
  if (a < b) return std::strong_ordering::less;
  return b < a ? std::strong_ordering::greater : std::strong_ordering::equal;
}

/// What follows the backslash; 'u' for \u00XX, 0 for a character that stands for itself.
constexpr std::array<char, 256> EscapeTable() {
  std::array<char, 256> table{};
  for (std::size_t i = 0; i < 0x20; ++i) table[i] = 'u';
  table['\b'] = 'b';
  table['\t'] = 't';
  table['\n'] = 'n';
  table['\f'] = 'f';
  table['\r'] = 'r';
  table['"'] = '"';
  table['\\'] = '\\';
  return table;
}
constexpr std::array<char, 256> kEscapes = EscapeTable();

/// True if none of the eight bytes needs an escape (Hacker's Delight, 6-1; false may be wrong).
bool NeedNoEscape(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  constexpr std::uint64_t kOnes = 0x0101010101010101u;
  const std::uint64_t control = (word - kOnes * 0x20) & ~word;
  const std::uint64_t quote = word ^ kOnes * '"';
  const std::uint64_t backslash = word ^ kOnes * '\\';
  const std::uint64_t special = ((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash);
  return ((control | special) & kOnes * 0x80) == 0;
}

}  // namespace

bool Value::boolean() const {
  const bool* value = std::get_if<bool>(&value_);
  TIDEMARK_CHECK(value != nullptr);
  return *value;
}

std::int64_t Value::bigint() const {
  const Packed<std::int64_t>* value = std::get_if<Packed<std::int64_t>>(&value_);
  TIDEMARK_CHECK(value != nullptr);
  return value->get();
}

double Value::number() const {
  const Packed<double>* value = std::get_if<Packed<double>>(&value_);
  TIDEMARK_CHECK(value != nullptr);
  return value->get();
}

const std::string& Value::string() const {
  const std::string* value = std::get_if<std::string>(&value_);
  TIDEMARK_CHECK(value != nullptr);
  return *value;
}

const std::string& Value::json() const {
  const JsonText* value = std::get_if<JsonText>(&value_);
  TIDEMARK_CHECK(value != nullptr);
  return value->text;
}

std::strong_ordering CompareValues(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) {
    return CompareScalars(static_cast<int>(a.kind()), static_cast<int>(b.kind()));
  }
  switch (a.kind()) {
    case ValueKind::kNull:
      return std::strong_ordering::equal;
    case ValueKind::kBoolean:
      return CompareScalars(static_cast<int>(a.boolean()), static_cast<int>(b.boolean()));
    case ValueKind::kBigint:
      return CompareScalars(a.bigint(), b.bigint());
    case ValueKind::kNumber:
      return CompareScalars(a.number(), b.number());
    case ValueKind::kString:
      return FromSign(a.string().compare(b.string()));
    case ValueKind::kJson:
      return FromSign(a.json().compare(b.json()));
  }
  return std::strong_ordering::equal;
}

void AppendJson(std::string& out, const Value& value) {
  switch (value.kind()) {
    case ValueKind::kNull:
      out.append("null");
      return;
    case ValueKind::kBoolean:
      out.append(value.boolean() ? "true" : "false");
      return;
    case ValueKind::kBigint:
      out.push_back('"');
      AppendInteger(out, value.bigint());
      out.push_back('"');
      return;
    case ValueKind::kNumber:
      AppendNumber(out, value.number());
      return;
    case ValueKind::kString:
      AppendJsonString(out, value.string());
      return;
    case ValueKind::kJson:
      out.append(value.json());
      return;
  }
}

void AppendJsonString(std::string& out, std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out.push_back('"');
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (text.size() - i >= 8 && NeedNoEscape(text.data() + i)) {
      i += 8;
      continue;
    }
    const unsigned char c = static_cast<unsigned char>(text[i]);
    const char escape = kEscapes[c];
    ++i;
    if (escape == 0) continue;
    out.append(text.data() + copied, i - 1 - copied);
    copied = i;
    out.push_back('\\');
    out.push_back(escape);
    if (escape == 'u') {
      out.append("00");
      out.push_back(kDigits[c >> 4]);
      out.push_back(kDigits[c & 15]);
    }
  }
  out.append(text.data() + copied, text.size() - copied);
  out.push_back('"');
}

}  // namespace tidemark::model
