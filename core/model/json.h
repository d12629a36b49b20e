// Reading JSON text. All JSON that may hold numbers of ours is read here and nowhere else:
// Boost.JSON's own parser rounds one double in ten wrongly, which would let two copies of a row
// drift apart; this one reads back exactly what was written.
#ifndef TIDEMARK_CORE_MODEL_JSON_H_
#define TIDEMARK_CORE_MODEL_JSON_H_

#include <boost/json/fwd.hpp>
#include <string_view>

#include "core/base/result.h"

namespace tidemark::model {

/// kInvalidArgs with the position when `text` is not JSON (RFC 8259: also lone surrogates, invalid
/// UTF-8, numbers too large for a double) or nests deeper than kJsonTextDepthMax. Numbers become
/// int64 where they are whole, written without point or exponent, and fit; else double.
Result<boost::json::value> ParseJson(std::string_view text);
/// With the value's memory taken from `storage`.
Result<boost::json::value> ParseJson(std::string_view text,
                                     const boost::json::storage_ptr& storage);

}  // namespace tidemark::model

#endif  // TIDEMARK_CORE_MODEL_JSON_H_
