// JSON columns: canonical text, edits at a path, and the difference of two documents. Every
// function takes a `document` in canonical text and gives canonical text; a `value` may be any JSON
// text. Documents are edited as text, in one pass, and never parsed into trees. A path is a list of
// object keys and array indexes below the column; an index into an object is the key of its digits.
#ifndef TIDEMARK_CORE_MODEL_JSON_PATH_H_
#define TIDEMARK_CORE_MODEL_JSON_PATH_H_

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.h"

namespace tidemark::model {

using PathStep = std::variant<std::string, std::uint32_t>;
using JsonPath = std::vector<PathStep>;

/// Canonical text of a JSON value; numbers that are not finite cannot occur in JSON.
std::string CanonicalJson(const boost::json::value& json);
/// Same, for what a column is to hold: kInvalidArgs for U+0000 and invalid UTF-8 (no database can
/// store them in JSON), kLimit for nesting deeper than kDocumentDepthMax.
Result<std::string> CanonicalDocument(const boost::json::value& json);
/// Same, from text; kInvalidArgs also when `text` is not JSON.
Result<std::string> CanonicalJsonText(std::string_view text);

/// Steps from a JSON array of strings and non-negative whole numbers.
Result<JsonPath> PathFromJson(const boost::json::value& json);

// `document` may be the text "null" or empty (no document yet): `set` then creates objects on the
// way. A step through something that is not a container, or an array index past the end (equal to
// the length appends), is kConflict.
Result<std::string> JsonGet(std::string_view document,
                            const JsonPath& path);  // kNotFound if absent
/// The same as a part of `document`; nothing also where JsonGet reports a conflict.
std::optional<std::string_view> JsonFind(std::string_view document, const JsonPath& path);
Result<std::string> JsonSet(std::string_view document, const JsonPath& path,
                            std::string_view value);
Result<std::string> JsonUnset(std::string_view document,
                              const JsonPath& path);  // absent: unchanged; an element: removed
/// Shallow merge of an object into the object at `path` (created if absent).
Result<std::string> JsonMerge(std::string_view document, const JsonPath& path,
                              std::string_view value);
/// Adds to the number at `path` (absent: 0); exact between integers.
Result<std::string> JsonIncrement(std::string_view document, const JsonPath& path, double by);
/// Replaces up to `remove` elements at `index` of the array at `path` (absent: an empty one) with
/// the elements of the JSON array `insert`; an `index` past the end is kConflict.
Result<std::string> JsonSplice(std::string_view document, const JsonPath& path, std::uint32_t index,
                               std::uint32_t remove, std::string_view insert);

/// A patch that turns `before` into `after`, as JSON text: `[[path, value], [path], …]` (set, or
/// unset without value), applied in order. Objects are compared member by member, arrays element by
/// element when their lengths are equal and replaced otherwise.
std::string JsonDiff(std::string_view before, std::string_view after);
Result<std::string> JsonPatch(std::string_view before, std::string_view patch);

}  // namespace tidemark::model

#endif  // TIDEMARK_CORE_MODEL_JSON_PATH_H_
