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

/// Where the item that `step` names begins, of the container that begins at `at`, which must be one
/// that has such steps.
std::optional<std::size_t> StepInto(std::string_view text, std::size_t at, const PathStep& step) {
  const std::uint32_t* index = std::get_if<std::uint32_t>(&step);
  if (text[at] == '[') return FindElement(text, at, *index);
  std::string key;
  AppendJsonString(key, index == nullptr ? std::get<std::string>(step) : std::to_string(*index));
  return FindMember(text, at, key);
}

/// What is wrong with the step at `at`; null if it may find something.
const char* FaultOfStep(std::string_view text, std::size_t at, const PathStep& step) {
  if (text[at] == '{') return nullptr;
  if (text[at] != '[') return "the path steps into something that is not a container";
  const bool index = std::holds_alternative<std::uint32_t>(step);
  return index ? nullptr : "the path steps to a key of an array";
}

struct Found {
  std::optional<std::string_view> value;  // absent if a step finds nothing
  const char* fault = nullptr;            // why a step cannot find anything
};

/// The value at `path`, as a part of `document`.
Found Look(std::string_view document, const JsonPath& path) {
  if (document.empty() || document == "null") return {};
  std::size_t at = 0;
  for (const PathStep& step : path) {
    if (const char* fault = FaultOfStep(document, at, step)) return {std::nullopt, fault};
    const std::optional<std::size_t> next = StepInto(document, at, step);
    if (!next || *next >= document.size()) return {};
    at = *next;
  }
  return {document.substr(at, EndOfValue(document, at) - at), nullptr};
}

/// Same, as a Result: what cannot be stepped into is kConflict.
Result<std::optional<std::string_view>> Find(std::string_view document, const JsonPath& path) {
  const Found found = Look(document, path);
  if (found.fault != nullptr) return Conflict(std::string(found.fault) + ": " + PathText(path));
  return found.value;
}

Status CheckDepth(const JsonPath& path, std::string_view value) {
  if (path.size() + NestingDepth(value) <= kDocumentDepthMax) return Ok{};
  return Error{ErrorCode::kLimit,
               "JSON that nests deeper than " + std::to_string(kDocumentDepthMax) + " levels"};
}

/// Puts canonical `value` where `found` was, or at `path` if nothing was there.
Result<std::string> Put(std::string_view document, const JsonPath& path,
                        std::optional<std::string_view> found, std::string value) {
  TIDEMARK_TRY(CheckDepth(path, value));
  if (!found) {
    JsonEdit edit;
    edit.Set(path, std::move(value));
    return edit.Apply(document);
  }
  const std::size_t begin = static_cast<std::size_t>(found->data() - document.data());
  const std::size_t behind = begin + found->size();
  std::string result;
  result.reserve(document.size() - found->size() + value.size());
  result.append(document.substr(0, begin)).append(value).append(document.substr(behind));
  return result;
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

std::optional<std::string_view> JsonFind(std::string_view document, const JsonPath& path) {
  return Look(document, path).value;
}

Result<std::string> JsonGet(std::string_view document, const JsonPath& path) {
  TIDEMARK_ASSIGN_OR_RETURN(const std::optional<std::string_view> found, Find(document, path));
  if (!found) return Error{ErrorCode::kNotFound, "nothing is at " + PathText(path)};
  return std::string(*found);
}

Result<std::string> SetCanonical(std::string_view document, const JsonPath& path,
                                 std::string value) {
  TIDEMARK_ASSIGN_OR_RETURN(const std::optional<std::string_view> found, Find(document, path));
  return Put(document, path, found, std::move(value));
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
  if (!found) return Put(document, path, found, canonical);
  if (!IsObjectText(*found)) return Conflict("merge into no object at " + PathText(path));
  JsonEdit edit;
  JsonItems members(canonical);
  while (std::optional<JsonItem> member = members.Next()) {
    edit.Set({DecodeStringLiteral(member->key)}, std::string(member->value));
  }
  TIDEMARK_ASSIGN_OR_RETURN(std::string merged, edit.Apply(*found));
  return Put(document, path, found, std::move(merged));
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
  return Put(document, path, found, std::move(sum));
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
  return Put(document, path, found, std::move(result));
}

}  // namespace tidemark::model
