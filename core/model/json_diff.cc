#include <algorithm>
#include <boost/json/value.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/json.h"
#include "core/model/json_edit.h"
#include "core/model/json_path.h"
#include "core/model/json_scan.h"
#include "core/model/limits.h"

namespace tidemark::model {
namespace {

namespace json = boost::json;

/// A container that is open at some position of a text, and the item of it that the position is in.
struct OpenContainer {
  std::size_t begin = 0;
  bool object = false;
  std::string_view key = {};  // of an object: JSON string literal
  std::size_t index = 0;      // of an array
};

/// The containers that are open at `end`, from the outermost in. A string that goes on past `end`
/// counts as not begun.
std::vector<OpenContainer> OpenContainers(std::string_view text, std::size_t end) {
  std::vector<OpenContainer> open;
  bool key_next = false;
  for (std::size_t i = 0; i < end;) {
    const char c = text[i];
    if (c == '"') {
      const std::size_t behind = EndOfString(text, i);
      if (behind > end) break;
      if (key_next) open.back().key = text.substr(i, behind - i);
      key_next = false;
      i = behind;
      continue;
    }
    if (c == '{' || c == '[') {
      open.push_back(OpenContainer{i, c == '{'});
      key_next = c == '{';
    } else if (c == '}' || c == ']') {
      open.pop_back();
    } else if (c == ',') {
      key_next = open.back().object;
      ++open.back().index;
    }
    ++i;
  }
  return open;
}

std::size_t CommonPrefix(std::string_view a, std::string_view b) {
  const std::size_t size = std::min(a.size(), b.size());
  constexpr std::size_t kBlock = 256;
  std::size_t i = 0;
  while (size - i >= kBlock && a.substr(i, kBlock) == b.substr(i, kBlock)) i += kBlock;
  while (i < size && a[i] == b[i]) ++i;
  return i;
}

std::size_t CommonSuffix(std::string_view a, std::string_view b) {
  const std::size_t size = std::min(a.size(), b.size());
  constexpr std::size_t kBlock = 256;
  std::size_t i = 0;
  while (size - i >= kBlock &&
         a.substr(a.size() - i - kBlock, kBlock) == b.substr(b.size() - i - kBlock, kBlock)) {
    i += kBlock;
  }
  while (i < size && a[a.size() - i - 1] == b[b.size() - i - 1]) ++i;
  return i;
}

/// Goes straight to the innermost container that holds all differences (what is before it and
/// behind it has equal bytes), and compares that one member by member. Subtrees with equal bytes
/// are skipped without looking in.
class DiffWriter {
 public:
  std::string Run(std::string_view before, std::string_view after) {
    patch_ = "[";
    CompareInnermost(before, after);
    patch_.push_back(']');
    return std::move(patch_);
  }

 private:
  void CompareInnermost(std::string_view before, std::string_view after) {
    if (before == after) return;
    const std::vector<OpenContainer> open = OpenContainers(before, CommonPrefix(before, after));
    const std::size_t suffix = CommonSuffix(before, after);
    std::size_t depth = open.size();
    while (depth > 0) {
      const std::size_t begin = open[--depth].begin;
      const std::size_t before_end = EndOfValue(before, begin);
      const std::size_t after_end = EndOfValue(after, begin);
      const std::size_t behind = before.size() - before_end;
      if (behind > suffix || behind != after.size() - after_end) continue;
      for (std::size_t i = 0; i < depth; ++i) {
        steps_.push_back(open[i].object ? std::string(open[i].key) : std::to_string(open[i].index));
      }
      return Compare(before.substr(begin, before_end - begin),
                     after.substr(begin, after_end - begin));
    }
    Compare(before, after);
  }

  void Compare(std::string_view before, std::string_view after) {
    if (before == after) return;
    if (IsObjectText(before) && IsObjectText(after)) {
      CompareObjects(before, after);
    } else if (!IsArrayText(before) || !IsArrayText(after) || !CompareArrays(before, after)) {
      AppendOperation(after);
    }
  }

  void CompareObjects(std::string_view before, std::string_view after) {
    JsonItems olds(before);
    JsonItems news(after);
    std::optional<JsonItem> old = olds.Next();
    std::optional<JsonItem> added;  // read from `news` and not yet matched
    for (;;) {
      if (old && !added && news.TakeSame(*old)) {
        old = olds.Next();
        continue;
      }
      if (!added) added = news.Next();
      if (!old && !added) return;
      const int order = !old ? 1 : !added ? -1 : CompareKeyLiterals(old->key, added->key);
      steps_.emplace_back(order <= 0 ? old->key : added->key);
      if (order < 0) AppendOperation(std::nullopt);
      if (order > 0) AppendOperation(added->value);
      if (order == 0) Compare(old->value, added->value);
      steps_.pop_back();
      if (order >= 0) added.reset();
      if (order <= 0) old = olds.Next();
    }
  }

  /// False if the lengths differ: nothing was written then.
  bool CompareArrays(std::string_view before, std::string_view after) {
    std::vector<std::string_view> olds = Elements(before);
    std::vector<std::string_view> news = Elements(after);
    if (olds.size() != news.size()) return false;
    for (std::size_t i = 0; i < olds.size(); ++i) {
      if (olds[i] == news[i]) continue;
      steps_.emplace_back(std::to_string(i));
      Compare(olds[i], news[i]);
      steps_.pop_back();
    }
    return true;
  }

  static std::vector<std::string_view> Elements(std::string_view array) {
    std::vector<std::string_view> elements;
    JsonItems items(array);
    while (const std::optional<JsonItem> item = items.Next()) elements.push_back(item->value);
    return elements;
  }

  void AppendOperation(std::optional<std::string_view> value) {
    if (patch_.size() > 1) patch_.push_back(',');
    patch_.append("[[");
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (i > 0) patch_.push_back(',');
      patch_.append(steps_[i]);
    }
    patch_.push_back(']');
    if (value) patch_.append(1, ',').append(*value);
    patch_.push_back(']');
  }

  std::string patch_;
  std::vector<std::string> steps_;  // as JSON text
};

struct Operation {
  JsonPath path;
  std::optional<std::string> value;  // canonical; absent: unset
};

Error NotAPatch(const json::value& operation) {
  return Error{ErrorCode::kInvalidArgs,
               "not a patch operation: " + CanonicalJson(operation).substr(0, 80)};
}

Result<Operation> OperationFromJson(const json::value& value) {
  const json::array* parts = value.if_array();
  if (parts == nullptr || parts->empty() || parts->size() > 2) return NotAPatch(value);
  Operation operation;
  TIDEMARK_ASSIGN_OR_RETURN(operation.path, PathFromJson((*parts)[0]));
  if (parts->size() == 2) {
    TIDEMARK_ASSIGN_OR_RETURN(operation.value, CanonicalDocument((*parts)[1]));
    if (operation.path.size() + NestingDepth(*operation.value) > kDocumentDepthMax) {
      return Error{ErrorCode::kLimit,
                   "JSON that nests deeper than " + std::to_string(kDocumentDepthMax) + " levels"};
    }
  }
  return operation;
}

/// Removing an element moves the ones behind it, so later operations mean other elements.
bool MovesElements(const Operation& operation) {
  return !operation.value && !operation.path.empty() &&
         std::holds_alternative<std::uint32_t>(operation.path.back());
}

}  // namespace

std::string JsonDiff(std::string_view before, std::string_view after) {
  if (before.empty()) before = "null";
  if (after.empty()) after = "null";
  return DiffWriter().Run(before, after);
}

Result<std::string> JsonPatch(std::string_view before, std::string_view patch) {
  TIDEMARK_ASSIGN_OR_RETURN(const json::value parsed, ParseJson(patch));
  if (!parsed.is_array()) return NotAPatch(parsed);
  if (before.empty()) before = "null";
  std::string document;
  std::optional<JsonEdit> edit;
  for (const json::value& value : parsed.get_array()) {
    TIDEMARK_ASSIGN_OR_RETURN(Operation operation, OperationFromJson(value));
    if (parsed.get_array().size() == 1 && operation.value) {
      return SetCanonical(before, operation.path, std::move(*operation.value));
    }
    if (!edit) edit.emplace();
    if (operation.value) {
      edit->Set(operation.path, std::move(*operation.value));
      continue;
    }
    const bool flush = MovesElements(operation);
    edit->Unset(operation.path);
    if (!flush) continue;
    TIDEMARK_ASSIGN_OR_RETURN(document, edit->Apply(before));
    before = document;
    edit.reset();
  }
  if (edit) return edit->Apply(before);
  return std::string(before);
}

}  // namespace tidemark::model
