// Reads JSON text in one pass without building a tree: the codec takes members as it meets them,
// and embedded documents (rows, arguments) as slices of the text that have been checked to be
// valid JSON (RFC 8259, UTF-8). Bounded in depth; never throws, never recurses.
//
// After the first failure every call fails, and error() says what was expected where.
#ifndef TIDEMARK_CORE_PROTOCOL_JSON_READER_H_
#define TIDEMARK_CORE_PROTOCOL_JSON_READER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace tidemark::protocol {

class JsonReader {
 public:
  /// `text` outlives the reader.
  explicit JsonReader(std::string_view text) : text_(text) {}

  bool ok() const { return !failed_; }
  const Error& error() const { return error_; }
  /// Fails with kInvalidArgs at this position. Always false.
  bool Fail(std::string_view what);
  bool FailWith(Error error);

  // Containers. `for (reader.BeginArray(); reader.NextElement();) …`
  bool BeginArray() { return Expect('['); }
  /// True: an element follows. False: the array ended (or reading failed).
  bool NextElement();
  bool BeginObject() { return Expect('{'); }
  /// True: `key` is the next member's name, its value follows. The name has no escapes (those of
  /// this protocol have none; others with escapes are refused).
  bool NextMember(std::string_view& key);

  bool ReadString(std::string& out);
  bool ReadUint64(std::uint64_t& out);
  bool ReadInt64(std::int64_t& out);
  bool ReadBool(bool& out);
  /// True, and consumed, if null follows.
  bool SkipNull();

  /// Any value, validated; the slice of the text that it is.
  bool ReadRaw(std::string_view& out);
  /// The whole text has been read.
  bool AtEnd();

 private:
  void SkipSpace();
  bool Expect(char c);
  bool NextItem(char close);
  bool SkipString();
  bool SkipNumber();
  bool SkipDigits();
  bool SkipLiteral(std::string_view literal);
  bool SkipScalar();
  bool AppendEscape(std::string& out);
  bool ReadHex4(std::uint32_t& out);

  std::string_view text_;
  std::size_t at_ = 0;
  bool first_ = false;  // the container has just been opened
  bool failed_ = false;
  Error error_;
};

}  // namespace tidemark::protocol

#endif  // TIDEMARK_CORE_PROTOCOL_JSON_READER_H_
