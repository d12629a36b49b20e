// Many edits of one document in a single pass over its text: a tree of steps whose leaves say what
// to put or remove. Unchanged members are copied byte by byte and never parsed.
#ifndef TIDEMARK_CORE_MODEL_JSON_EDIT_H_
#define TIDEMARK_CORE_MODEL_JSON_EDIT_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/model/json_path.h"

namespace tidemark::model {

class JsonEdit {
 public:
  /// Edits are applied in the order they are added; `value` is canonical text.
  void Set(const JsonPath& path, std::string value);
  void Unset(const JsonPath& path);

  /// The document with all edits; "" and "null" count as no document.
  Result<std::string> Apply(std::string_view document) const;

 private:
  enum class Action { kKeep, kSet, kUnset };
  struct Node {
    Action action = Action::kKeep;
    std::string value;  // with kSet
    std::map<PathStep, std::unique_ptr<Node>> children;
  };
  struct Writer;

  Node& At(const JsonPath& path);
  /// Where the container begins that all edits are in; `node` becomes its node.
  static std::size_t SkipCommonSteps(std::string_view document, const Node*& node);

  Node root_;
};

/// JsonSet with a `value` that is canonical. Where something is at `path`, its bytes are replaced
/// and nothing behind it is read.
Result<std::string> SetCanonical(std::string_view document, const JsonPath& path,
                                 std::string value);

}  // namespace tidemark::model

#endif  // TIDEMARK_CORE_MODEL_JSON_EDIT_H_
