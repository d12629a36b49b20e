// The bounds of a query, with the reason beside each. A query that passes them is one statement
// that every database takes.
#ifndef TIDEMARK_CORE_QUERY_LIMITS_H_
#define TIDEMARK_CORE_QUERY_LIMITS_H_

#include <cstddef>

namespace tidemark::query {

/// Nesting of conditions: they are walked by recursion.
inline constexpr std::size_t kConditionDepthMax = 32;
/// Comparisons, junctions and exists of the whole tree together: SQLite builds chains of AND as
/// deep as they are long, and refuses expressions deeper than 1,000.
inline constexpr std::size_t kConditionNodesMax = 500;
/// Literals of all comparisons and steps of their paths together: SQLite binds 32,766, Postgres
/// 65,535 parameters.
inline constexpr std::size_t kLiteralsMax = 5000;
/// Bytes of a LIKE pattern: matching takes (text * pattern) steps at worst.
inline constexpr std::size_t kLikePatternBytesMax = 1000;

/// Nesting of related queries and exists: trees are walked by recursion, each level is a subquery
/// inside a subquery, and each is two levels of nesting in the result's JSON.
inline constexpr std::size_t kQueryDepthMax = 10;
/// Tables that a query reads, counted as often as it reads them (query::NodesOf): each is kept
/// indexed for as long as the query is maintained, and looked at for every change of that table.
inline constexpr std::size_t kQueryNodesMax = 64;
/// Related queries of one level: a function of Postgres takes 100 arguments, and a result row is
/// made by one (from these and from columns, 64 at a time).
inline constexpr std::size_t kRelatedMax = 32;
/// Columns that one aggregation groups by, and its aggregates: for the same reason.
inline constexpr std::size_t kGroupColumnsMax = 16;
inline constexpr std::size_t kAggregatesMax = 32;
/// Bytes of an alias: the longest name that a column or a relationship can have, and a function's.
inline constexpr std::size_t kAliasBytesMax = 128;

}  // namespace tidemark::query

#endif  // TIDEMARK_CORE_QUERY_LIMITS_H_
