// One value of a column in its canonical form. The form is made once, at ingestion, so that
// equality, order and hash are the same in the page, in SQLite and in Postgres:
//   number     finite double, -0 is 0 (also holds timestamp: whole milliseconds since the epoch)
//   bigint     int64, exact; a decimal string in JSON
//   string     UTF-8 without U+0000, compared by code point (which for UTF-8 is comparison of
//              bytes); also date and enumeration
//   json       canonical JSON text (json_path.h): keys sorted by code point, integral doubles
//              within 2^53 as integers
// A value never knows its column: what needs the type is given the Column (schema.h).
#ifndef TIDEMARK_CORE_MODEL_VALUE_H_
#define TIDEMARK_CORE_MODEL_VALUE_H_

#include <compare>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace tidemark::model {

struct Null {
  friend bool operator==(Null, Null) = default;
};

/// Canonical JSON text; made by json_path.h's CanonicalJson, never by hand.
struct JsonText {
  std::string text;
  friend bool operator==(const JsonText&, const JsonText&) = default;
};

enum class ValueKind : std::uint8_t { kNull, kBoolean, kBigint, kNumber, kString, kJson };

class Value {
 public:
  Value() = default;  // null
  explicit Value(bool boolean) : value_(boolean) {}
  explicit Value(std::int64_t bigint) : value_(Packed<std::int64_t>(bigint)) {}
  explicit Value(double number) : value_(Packed<double>(number == 0 ? 0.0 : number)) {}
  explicit Value(std::string string) : value_(std::move(string)) {}
  explicit Value(std::string_view string) : value_(std::string(string)) {}
  explicit Value(const char* string) : value_(std::string(string)) {}
  explicit Value(JsonText json) : value_(std::move(json)) {}

  ValueKind kind() const { return static_cast<ValueKind>(value_.index()); }
  bool is_null() const { return value_.index() == 0; }
  // Each of these checks the kind.
  bool boolean() const;
  std::int64_t bigint() const;
  double number() const;
  const std::string& string() const;
  const std::string& json() const;

  friend bool operator==(const Value&, const Value&) = default;

 private:
  /// Eight bytes without the alignment of eight: keeps a Value at 16 bytes in wasm.
  template <typename T>
  class Packed {
   public:
    explicit Packed(T value) { std::memcpy(bytes_, &value, sizeof value); }
    T get() const {
      T value;
      std::memcpy(&value, bytes_, sizeof value);
      return value;
    }
    friend bool operator==(const Packed& a, const Packed& b) { return a.get() == b.get(); }

   private:
    static_assert(sizeof(T) == 8);
    alignas(4) unsigned char bytes_[8];
  };

  std::variant<Null, bool, Packed<std::int64_t>, Packed<double>, std::string, JsonText> value_;
};

/// Total order over values of one column: null first, then false < true, numbers by value, text by
/// code point. JSON compares by its canonical text: an arbitrary but stable order (queries cannot
/// order by JSON).
std::strong_ordering CompareValues(const Value& a, const Value& b);

/// Appends the wire form (JSON): null, true, 12, 1.5, "text"; bigint as a decimal string; JSON
/// columns verbatim.
void AppendJson(std::string& out, const Value& value);
/// Appends a JSON string literal of UTF-8 `text`, escaped as RFC 8259 demands.
void AppendJsonString(std::string& out, std::string_view text);

}  // namespace tidemark::model

#endif  // TIDEMARK_CORE_MODEL_VALUE_H_
