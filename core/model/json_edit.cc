#include "core/model/json_edit.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "core/model/json_scan.h"
#include "core/model/value.h"

namespace tidemark::model {
namespace {

std::string StepKey(const PathStep& step) {
  if (const std::string* key = std::get_if<std::string>(&step)) return *key;
  return std::to_string(std::get<std::uint32_t>(step));
}

std::string StepLiteral(const PathStep& step) {
  std::string literal;
  AppendJsonString(literal, StepKey(step));
  return literal;
}

Error NoContainer(const PathStep& step) {
  return Error{ErrorCode::kConflict,
               "the path steps to " + StepLiteral(step) + " of something that is not a container"};
}

}  // namespace

/// Appends the edited text; what is absent stays absent unless something is set below it.
struct JsonEdit::Writer {
  std::string& out;

  /// True: a value was appended. False: there is none.
  Result<bool> Write(const Node& node, std::optional<std::string_view> base) {
    if (node.action == Action::kSet) base = node.value;
    if (node.action == Action::kUnset) base = std::nullopt;
    if (node.children.empty()) {
      if (base) out.append(*base);
      return base.has_value();
    }
    if (base && IsArrayText(*base)) return WriteArray(node, *base);
    if (base && !IsObjectText(*base)) return NoContainer(node.children.begin()->first);
    return WriteObject(node, base);
  }

  /// Merges the members with the children, both in key order.
  Result<bool> WriteObject(const Node& node, std::optional<std::string_view> base) {
    std::map<std::string, const Node*> children;
    for (const auto& [step, child] : node.children) {
      if (!base && std::holds_alternative<std::uint32_t>(step) && Creates(*child)) {
        return Error{ErrorCode::kConflict,
                     "the path steps to index " + StepKey(step) + " of an array that is not there"};
      }
      children[StepKey(step)] = child.get();
    }
    const std::size_t begin = out.size();
    out.push_back('{');
    JsonItems members(base ? *base : std::string_view("{}"));
    std::optional<JsonItem> member = members.Next();
    for (const auto& [key, child] : children) {
      std::string literal;
      AppendJsonString(literal, key);
      while (member && CompareKeyLiterals(member->key, literal) < 0) {
        AppendMember(begin, *member);
        member = members.Next();
      }
      std::optional<std::string_view> old;
      if (member && member->key == literal) {
        old = member->value;
        member = members.Next();
      }
      const std::size_t before = out.size();
      if (before > begin + 1) out.push_back(',');
      out.append(literal).push_back(':');
      TIDEMARK_ASSIGN_OR_RETURN(const bool written, Write(*child, old));
      if (!written) out.resize(before);
    }
    if (member) AppendItem(begin, members.From(*member));
    out.push_back('}');
    if (!base && out.size() == begin + 2) {  // nothing to create: nothing was set
      out.resize(begin);
      return false;
    }
    return true;
  }

  Result<bool> WriteArray(const Node& node, std::string_view base) {
    const std::size_t begin = out.size();
    out.push_back('[');
    JsonItems elements(base);
    std::optional<JsonItem> element = elements.Next();
    std::uint32_t index = 0;
    for (const auto& [step, child] : node.children) {
      const std::uint32_t* wanted = std::get_if<std::uint32_t>(&step);
      if (wanted == nullptr) return NoKeyOfArray(step);
      for (; element && index < *wanted; ++index, element = elements.Next()) {
        AppendItem(begin, element->value);
      }
      if (!element && index != *wanted) {
        if (!Creates(*child)) continue;
        return Error{ErrorCode::kConflict, "the path steps to index " + std::to_string(*wanted) +
                                               " of an array of " + std::to_string(index)};
      }
      const std::size_t before = out.size();
      if (before > begin + 1) out.push_back(',');
      std::optional<std::string_view> old;
      if (element) old = element->value;
      TIDEMARK_ASSIGN_OR_RETURN(const bool written, Write(*child, old));
      if (!written) out.resize(before);
      if (written || element) ++index;
      if (element) element = elements.Next();
    }
    if (element) AppendItem(begin, elements.From(*element));
    out.push_back(']');
    return true;
  }

  static Error NoKeyOfArray(const PathStep& step) {
    return Error{ErrorCode::kConflict,
                 "the path steps to key " + StepLiteral(step) + " of an array"};
  }

  /// Whether anything is set at or below `node`.
  static bool Creates(const Node& node) {
    if (node.action == Action::kSet) return true;
    for (const auto& [step, child] : node.children) {
      if (Creates(*child)) return true;
    }
    return false;
  }

  void AppendMember(std::size_t begin, const JsonItem& member) {
    if (out.size() > begin + 1) out.push_back(',');
    out.append(member.key).push_back(':');
    out.append(member.value);
  }

  /// An element, or several items as they stand.
  void AppendItem(std::size_t begin, std::string_view text) {
    if (out.size() > begin + 1) out.push_back(',');
    out.append(text);
  }
};

JsonEdit::Node& JsonEdit::At(const JsonPath& path) {
  Node* node = &root_;
  for (const PathStep& step : path) {
    std::unique_ptr<Node>& child = node->children[step];
    if (child == nullptr) child = std::make_unique<Node>();
    node = child.get();
  }
  return *node;
}

void JsonEdit::Set(const JsonPath& path, std::string value) {
  if (path.empty() && value == "null") return Unset(path);  // no document
  Node& node = At(path);
  node.action = Action::kSet;
  node.value = std::move(value);
  node.children.clear();
}

void JsonEdit::Unset(const JsonPath& path) {
  Node& node = At(path);
  node.action = Action::kUnset;
  node.value.clear();
  node.children.clear();
}

std::size_t JsonEdit::SkipCommonSteps(std::string_view document, const Node*& node) {
  std::size_t at = 0;
  while (node->action == Action::kKeep && node->children.size() == 1) {
    const auto& [step, child] = *node->children.begin();
    if (child->action != Action::kKeep) break;
    const std::uint32_t* index = std::get_if<std::uint32_t>(&step);
    std::optional<std::size_t> next;
    if (document[at] == '{') {
      next = FindMember(document, at, StepLiteral(step));
    } else if (document[at] == '[' && index != nullptr) {
      next = FindElement(document, at, *index);
    }
    if (!next || *next >= document.size()) break;
    at = *next;
    node = child.get();
  }
  return at;
}

Result<std::string> JsonEdit::Apply(std::string_view document) const {
  std::string out;
  out.reserve(document.size() + 64);
  if (document.empty() || document == "null") {
    TIDEMARK_ASSIGN_OR_RETURN(const bool created, Writer{out}.Write(root_, std::nullopt));
    if (!created) out = "null";
    return out;
  }
  const Node* node = &root_;
  const std::size_t begin = SkipCommonSteps(document, node);
  const std::size_t end = EndOfValue(document, begin);
  out.append(document.substr(0, begin));
  TIDEMARK_ASSIGN_OR_RETURN(const bool written,
                            Writer{out}.Write(*node, document.substr(begin, end - begin)));
  if (!written) out.append("null");  // the whole document was unset
  out.append(document.substr(end));
  return out;
}

}  // namespace tidemark::model
