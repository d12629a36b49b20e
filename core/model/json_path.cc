#include "core/model/json_path.h"

#include <boost/json/value.hpp>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>

#include "core/model/json.h"
#include "core/model/json_edit.h"
#include "core/model/json_scan.h"
#include "core/model/limits.h"
#include "core/model/number_text.h"
#include "core/model/text.h"
#include "core/model/value.h"

namespace tidemark::model {
namespace {

namespace json = boost::json;

Error Conflict(std::string message) { return Error{ErrorCode::kConflict, std::move(message)}; }

std::string PathText(const JsonPath& path) {
  std::string text = "[";
  for (const PathStep& step : path) {
    if (text.size() > 1) text.push_back(',');
    if (const std::string* key = std::get_if<std::string>(&step)) {
      AppendJsonString(text, *key);
    } else {
      text.append(std::to_string(std::get<std::uint32_t>(step)));
    }
  }
  return text + "]";
}

/// The item that `step` names in `container`, if there.
Result<std::optional<std::string_view>> StepInto(std::string_view container, const PathStep& step) {
  const std::uint32_t* index = std::get_if<std::uint32_t>(&step);
  if (IsArrayText(container)) {
    if (index == nullptr) return Conflict("the path steps to a key of an array");
    JsonItems elements(container);
    for (std::uint32_t i = 0;; ++i) {
      std::optional<JsonItem> element = elements.Next();
      if (!element) return std::optional<std::string_view>();
      if (i == *index) return std::optional<std::string_view>(element->value);
    }
  }
  if (!IsObjectText(container)) {
    return Conflict("the path steps into something that is not a container");
  }
  std::string literal;
  AppendJsonString(literal,
                   index == nullptr ? std::get<std::string>(step) : std::to_string(*index));
  JsonItems members(container);
  while (std::optional<JsonItem> member = members.Next()) {
    if (member->key == literal) return std::optional<std::string_view>(member->value);
  }
  return std::optional<std::string_view>();
}

/// The value at `path`; absent if a step finds nothing.
Result<std::optional<std::string_view>> Find(std::string_view document, const JsonPath& path) {
  std::optional<std::string_view> found;
  if (!document.empty() && document != "null") found = document;
  for (const PathStep& step : path) {
    if (!found) break;
    Result<std::optional<std::string_view>> next = StepInto(*found, step);
    if (!next.ok()) return Conflict(next.error().message + ": " + PathText(path));
    found = *next;
  }
  return found;
}

Result<std::string> SetCanonical(std::string_view document, const JsonPath& path,
                                 std::string value) {
  if (path.size() + NestingDepth(value) > kDocumentDepthMax) {
    return Error{ErrorCode::kLimit,
                 "JSON that nests deeper than " + std::to_string(kDocumentDepthMax) + " levels"};
  }
  JsonEdit edit;
  edit.Set(path, std::move(value));
  return edit.Apply(document);
}

Result<PathStep> StepFromJson(const json::value& value) {
  if (value.is_string()) {
    const json::string& key = value.get_string();
    const TextFault fault = CheckText({key.data(), key.size()});
    if (fault != TextFault::kNone) {
      return Error{ErrorCode::kInvalidArgs,
                   "a path step with " + std::string(TextFaultName(fault))};
    }
    return PathStep(std::string(key.data(), key.size()));
  }
  constexpr std::int64_t kIndexMax = std::numeric_limits<std::uint32_t>::max();
  if (value.is_int64() && value.get_int64() >= 0 && value.get_int64() <= kIndexMax) {
    return PathStep(static_cast<std::uint32_t>(value.get_int64()));
  }
  return Error{ErrorCode::kInvalidArgs,
               "a path step must be a string or an array index, not " + CanonicalJson(value)};
}

}  // namespace

Result<JsonPath> PathFromJson(const json::value& value) {
  if (!value.is_array()) {
    return Error{ErrorCode::kInvalidArgs, "a path must be an array, not " + CanonicalJson(value)};
  }
  const json::array& steps = value.get_array();
  if (steps.size() > kDocumentDepthMax) {
    return Error{ErrorCode::kLimit,
                 "a path of more than " + std::to_string(kDocumentDepthMax) + " steps"};
  }
  JsonPath path;
  path.reserve(steps.size());
  for (const json::value& step : steps) {
    TIDEMARK_ASSIGN_OR_RETURN(PathStep parsed, StepFromJson(step));
    path.push_back(std::move(parsed));
  }
  return path;
}

Result<std::string> JsonGet(std::string_view document, const JsonPath& path) {
  TIDEMARK_ASSIGN_OR_RETURN(const std::optional<std::string_view> found, Find(document, path));
  if (!found) return Error{ErrorCode::kNotFound, "nothing is at " + PathText(path)};
  return std::string(*found);
}

Result<std::string> JsonSet(std::string_view document, const JsonPath& path,
                            std::string_view value) {
  TIDEMARK_ASSIGN_OR_RETURN(std::string canonical, CanonicalJsonText(value));
  return SetCanonical(document, path, std::move(canonical));
}

Result<std::string> JsonUnset(std::string_view document, const JsonPath& path) {
  JsonEdit edit;
  edit.Unset(path);
  return edit.Apply(document);
}

Result<std::string> JsonMerge(std::string_view document, const JsonPath& path,
                              std::string_view value) {
  TIDEMARK_ASSIGN_OR_RETURN(const std::string canonical, CanonicalJsonText(value));
  if (!IsObjectText(canonical)) {
    return Error{ErrorCode::kInvalidArgs, "merge takes an object, not " + canonical.substr(0, 80)};
  }
  TIDEMARK_ASSIGN_OR_RETURN(const std::optional<std::string_view> found, Find(document, path));
  if (!found) return SetCanonical(document, path, canonical);
  if (!IsObjectText(*found)) return Conflict("merge into no object at " + PathText(path));
  if (path.size() + NestingDepth(canonical) > kDocumentDepthMax) {
    return SetCanonical(document, path, canonical);  // which says what is wrong
  }
  JsonEdit edit;
  JsonPath member_path = path;
  member_path.emplace_back(std::string());
  JsonItems members(canonical);
  bool any = false;
  while (std::optional<JsonItem> member = members.Next()) {
    member_path.back() = DecodeStringLiteral(member->key);
    edit.Set(member_path, std::string(member->value));
    any = true;
  }
  if (!any) return std::string(document);
  return edit.Apply(document);
}

Result<std::string> JsonIncrement(std::string_view document, const JsonPath& path, double by) {
  if (!std::isfinite(by)) return Error{ErrorCode::kInvalidArgs, "increment by a number"};
  TIDEMARK_ASSIGN_OR_RETURN(const std::optional<std::string_view> found, Find(document, path));
  TIDEMARK_ASSIGN_OR_RETURN(const json::value old, ParseJson(found.value_or("0")));
  std::string sum;
  std::int64_t exact = 0;
  if (old.is_int64() && std::fabs(by) <= static_cast<double>(kExactIntegerMax) &&
      std::trunc(by) == by &&
      !__builtin_add_overflow(old.get_int64(), static_cast<std::int64_t>(by), &exact)) {
    AppendInteger(sum, exact);
  } else if (old.is_number()) {
    const double total = old.to_number<double>() + by;
    if (!std::isfinite(total)) {
      return Error{ErrorCode::kInvalidArgs, "increment overflows at " + PathText(path)};
    }
    AppendNumber(sum, total);
  } else {
    return Conflict("increment of no number at " + PathText(path));
  }
  return SetCanonical(document, path, std::move(sum));
}

Result<std::string> JsonSplice(std::string_view document, const JsonPath& path, std::uint32_t index,
                               std::uint32_t remove, std::string_view insert) {
  TIDEMARK_ASSIGN_OR_RETURN(const std::string inserted, CanonicalJsonText(insert));
  if (!IsArrayText(inserted)) {
    return Error{ErrorCode::kInvalidArgs, "splice inserts an array, not " + inserted.substr(0, 80)};
  }
  TIDEMARK_ASSIGN_OR_RETURN(const std::optional<std::string_view> found, Find(document, path));
  const std::string_view array = found.value_or("[]");
  if (!IsArrayText(array)) return Conflict("splice of no array at " + PathText(path));
  std::string result = "[";
  const auto append = [&result](std::string_view element) {
    if (result.size() > 1) result.push_back(',');
    result.append(element);
  };
  JsonItems elements(array);
  std::uint32_t position = 0;
  for (; position < index; ++position) {
    const std::optional<JsonItem> element = elements.Next();
    if (!element) {
      return Conflict("splice at " + std::to_string(index) + " of an array of " +
                      std::to_string(position) + " at " + PathText(path));
    }
    append(element->value);
  }
  JsonItems added(inserted);
  while (const std::optional<JsonItem> element = added.Next()) append(element->value);
  for (std::uint32_t i = 0; i < remove && elements.Next(); ++i) {
  }
  while (const std::optional<JsonItem> element = elements.Next()) append(element->value);
  result.push_back(']');
  return SetCanonical(document, path, std::move(result));
}

}  // namespace tidemark::model
