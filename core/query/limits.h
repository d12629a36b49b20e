// The bounds of a query, with the reason beside each. A query that passes them is one statement
// that every database takes.
#ifndef TIDEMARK_CORE_QUERY_LIMITS_H_
#define TIDEMARK_CORE_QUERY_LIMITS_H_

#include <cstddef>

namespace tidemark::query {

/// Nesting of conditions: they are walked by recursion.
inline constexpr std::size_t kConditionDepthMax = 32;
/// Comparisons and junctions together: SQLite builds chains of AND as deep as they are long, and
/// refuses expressions deeper than 1,000.
inline constexpr std::size_t kConditionNodesMax = 500;
/// Literals of all comparisons together: SQLite binds 32,766, Postgres 65,535 parameters.
inline constexpr std::size_t kLiteralsMax = 5000;
/// Bytes of a LIKE pattern: matching takes (text * pattern) steps at worst.
inline constexpr std::size_t kLikePatternBytesMax = 1000;

}  // namespace tidemark::query

#endif  // TIDEMARK_CORE_QUERY_LIMITS_H_
