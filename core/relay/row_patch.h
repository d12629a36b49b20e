// Applies a patch to the stored text of a row, without a schema and without parsing what does not
// change.
#ifndef TIDEMARK_CORE_RELAY_ROW_PATCH_H_
#define TIDEMARK_CORE_RELAY_ROW_PATCH_H_

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/protocol/messages.h"

namespace tidemark::relay {

/// `row_json` is a canonical row (a JSON array); so is the result, whose hash is checked against
/// `patch.hash_after`. kConflict when it does not come out, kInvalidArgs when the patch makes no
/// sense.
Result<std::string> PatchRow(std::string_view row_json, const protocol::SegmentChange& patch);

}  // namespace tidemark::relay

#endif  // TIDEMARK_CORE_RELAY_ROW_PATCH_H_
