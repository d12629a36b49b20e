// Walking canonical JSON text without parsing it into a tree: where a value ends, what the members
// of an object and the elements of an array are. Text that is not canonical JSON never makes it
// read outside of its bounds; what it then finds is meaningless.
#ifndef TIDEMARK_CORE_MODEL_JSON_SCAN_H_
#define TIDEMARK_CORE_MODEL_JSON_SCAN_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark::model {

bool IsObjectText(std::string_view value);
bool IsArrayText(std::string_view value);

/// The position after the value that begins at `at`.
std::size_t EndOfValue(std::string_view text, std::size_t at);

/// The position after the string literal whose opening quote is at `at`.
std::size_t EndOfString(std::string_view text, std::size_t at);

/// Where in `text` the value of the member called `key` (a JSON string literal) begins, of the
/// object that begins at `at`. Reads no further than there.
std::optional<std::size_t> FindMember(std::string_view text, std::size_t at, std::string_view key);
/// Same, of an element of the array that begins at `at`.
std::optional<std::size_t> FindElement(std::string_view text, std::size_t at, std::uint32_t index);

/// Levels of nesting: 0 for a scalar.
std::size_t NestingDepth(std::string_view value);

/// The string that a JSON string literal (with quotes) stands for.
std::string DecodeStringLiteral(std::string_view literal);

/// Order of two keys, given as JSON string literals, by code point.
int CompareKeyLiterals(std::string_view a, std::string_view b);

/// One member of an object or element of an array (whose key is empty).
struct JsonItem {
  std::string_view key;    // JSON string literal
  std::string_view value;  // JSON text
};

/// Visits the items of an object or array, in order. Text that is neither has none.
class JsonItems {
 public:
  explicit JsonItems(std::string_view container);
  std::optional<JsonItem> Next();

  /// All of the container from `item`, which Next gave, up to the closing bracket: the rest of it.
  std::string_view From(const JsonItem& item) const;

  /// True if the next item of this container has exactly the bytes of `item`; then skips it.
  bool TakeSame(const JsonItem& item);

 private:
  bool AtItem() const;
  void SkipComma();

  std::string_view text_;
  std::size_t at_ = 0;
  bool object_ = false;
};

}  // namespace tidemark::model

#endif  // TIDEMARK_CORE_MODEL_JSON_SCAN_H_
