// The bounds of what a schema and a value may be, with the reason beside each.
#ifndef TIDEMARK_CORE_MODEL_LIMITS_H_
#define TIDEMARK_CORE_MODEL_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace tidemark::model {

/// Nesting of a JSON column's document: what walks documents recurses, and wasm's stack is small.
inline constexpr std::size_t kDocumentDepthMax = 128;
/// Nesting of any JSON text: a document inside a row inside a segment inside a message.
inline constexpr std::size_t kJsonTextDepthMax = kDocumentDepthMax + 32;

/// Postgres cuts longer identifiers off (NAMEDATALEN - 1).
inline constexpr std::size_t kNameBytesMax = 63;

/// What both JavaScript's Date (upper bound) and Postgres's timestamptz (lower bound) can hold.
inline constexpr double kTimestampMin = -210866803200000.0;  // 24 November 4714 BC
inline constexpr double kTimestampMax = 8640000000000000.0;  // 13 September 275760

/// Doubles hold every integer up to here exactly.
inline constexpr std::int64_t kExactIntegerMax = std::int64_t{1} << 53;

}  // namespace tidemark::model

#endif  // TIDEMARK_CORE_MODEL_LIMITS_H_
