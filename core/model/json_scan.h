// Walking canonical JSON text without parsing it into a tree: where a value ends, what the members
// of an object and the elements of an array are. Text that is not canonical JSON never makes it
// read outside of its bounds; what it then finds is meaningless.
#ifndef TIDEMARK_CORE_MODEL_JSON_SCAN_H_
#define TIDEMARK_CORE_MODEL_JSON_SCAN_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark::model {

bool IsObjectText(std::string_view value);
bool IsArrayText(std::string_view value);

/// The position after the value that begins at `at`.
std::size_t EndOfValue(std::string_view text, std::size_t at);

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
