// The query tree, bound to a schema: tables and columns by index, literals as canonical values.
// Made by ParseQuery (ast_json.h) from what the query builder sends, never by hand outside tests. A
// query is identified by the hash of its normal form.
#ifndef TIDEMARK_CORE_QUERY_AST_H_
#define TIDEMARK_CORE_QUERY_AST_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/box.h"
#include "core/base/ids.h"
#include "core/model/json_path.h"
#include "core/model/schema.h"
#include "core/model/value.h"

namespace tidemark::query {

enum class Op : std::uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kIn,
  kNotIn,
  kLike,
  kNotLike,
  kIlike,
  kNotIlike,
  kIs,     // null-safe equality
  kIsNot,  // null-safe inequality
};

std::string_view OpName(Op op);  // "=", "not in", …
std::optional<Op> OpFromName(std::string_view name);
/// The operator that holds where `op` does not: for no operand do both hold, and where one is
/// unknown the other is.
Op Complement(Op op);

/// A null among `values` means what it means in SQL: unknown, except for kIs and kIsNot.
///
/// With a `path` (json columns only) the left side is what lies there in the document: unknown
/// (null) when nothing does, when it is JSON's null, and, for every operator but kIs and kIsNot
/// with null, when its type is not that of the literals: strings, numbers or booleans, all of one
/// type.
struct Comparison {
  model::ColumnIndex column = 0;
  Op op = Op::kEqual;
  std::vector<model::Value> values;  // one; any number for kIn and kNotIn
  model::JsonPath path = {};

  friend bool operator==(const Comparison&, const Comparison&) = default;
};

enum class Connective : std::uint8_t { kAnd, kOr, kNot };

struct Condition;

/// kNot has exactly one argument. An empty kAnd is true, an empty kOr is false.
struct Junction {
  Connective connective = Connective::kAnd;
  std::vector<Condition> args;
};

struct Query;

/// Pairs of columns that hold the same value in two tables: own, other's. Null matches nothing.
using Match = std::vector<std::pair<model::ColumnIndex, model::ColumnIndex>>;

/// A relationship of the query's table, followed: from a row to the rows of `query->table` that
/// match, directly or through the rows of a junction table (each row once, however many junction
/// rows lead there).
struct Edge {
  struct Through {
    model::TableIndex table = 0;
    Match match;  // junction's column, `query->table`'s column
    friend bool operator==(const Through&, const Through&) = default;
  };
  std::string relationship;  // its name in the schema
  Match match;               // own column, column of the junction or else of `query->table`
  std::optional<Through> through;
  Box<Query> query;  // its order, limit and start are for each row of the parent

  friend bool operator==(const Edge& a, const Edge& b);
};

/// A row passes if the edge leads to at least one row (or to none). Two-valued. The edge's query
/// has a condition at most: order, limit and related change nothing here, and are dropped.
struct Exists {
  Edge edge;
  bool negated = false;
  friend bool operator==(const Exists&, const Exists&) = default;
};

struct Condition {
  std::variant<Comparison, Junction, Exists> node;
};

bool operator==(const Condition& a, const Condition& b);

enum class Direction : std::uint8_t { kAscending, kDescending };

struct OrderKey {
  model::ColumnIndex column = 0;
  Direction direction = Direction::kAscending;

  friend bool operator==(const OrderKey&, const OrderKey&) = default;
};

/// A total order: ends with the primary key's columns that it does not name before. Made by
/// TotalOrdering.
using Ordering = std::vector<OrderKey>;

/// `keys` as a total order: the first key of each column, then the primary key ascending, and
/// nothing behind the key that completes the primary key (it could never decide).
Ordering TotalOrdering(const model::Table& table, const Ordering& keys);

/// Where a result begins in the query's order. `row` has values in the columns of the order; it
/// need not exist.
struct Start {
  model::Row row;
  bool inclusive = false;
  friend bool operator==(const Start&, const Start&) = default;
};

enum class AggregateFunction : std::uint8_t { kCount, kSum, kMin, kMax, kAverage };

std::string_view AggregateFunctionName(AggregateFunction function);  // "count", …, "avg"

/// Nulls are passed over; of no values, a count is 0 and the others are null. Sums of integers are
/// exact (kBigint; kLimit when they leave 64 bits), of numbers the double nearest to the exact sum
/// (kLimit when there is none). An average is the exact sum, as a double, divided by the count.
/// Minimum and maximum are by the column's order.
struct Aggregate {
  AggregateFunction function = AggregateFunction::kCount;
  std::optional<model::ColumnIndex> column;  // none: kCount of rows
  std::string alias;                         // the name of its value in the result
  friend bool operator==(const Aggregate&, const Aggregate&) = default;
};

/// What a query gives in the place of rows when it has aggregates: one row a group, the group's
/// columns first, then the aggregates; without groups one row, also of nothing.
struct Aggregation {
  std::vector<model::ColumnIndex> group_by;
  std::vector<Aggregate> aggregates;  // one at least
  friend bool operator==(const Aggregation&, const Aggregation&) = default;
};

/// The order of an aggregation's groups: `keys`, then the group's other columns ascending.
Ordering GroupOrdering(const Aggregation& aggregation, const Ordering& keys);

/// A related query: part of each result row, under `alias`: a list, or with `one` a row or nothing.
struct Related {
  std::string alias;
  Edge edge;
  friend bool operator==(const Related&, const Related&) = default;
};

struct Query {
  model::TableIndex table = 0;
  std::optional<Condition> where;
  Ordering order_by;                   // total (see above)
  std::optional<std::uint32_t> limit;  // `one` sets 1
  bool one = false;
  std::optional<Start> start = std::nullopt;
  std::vector<Related> related = {};  // by alias
  /// With one, `related`, `start` and `one` are empty, and order and limit are those of the groups:
  /// the order names columns of `group_by` only, all of them.
  std::optional<Aggregation> aggregation = std::nullopt;

  friend bool operator==(const Query&, const Query&) = default;
};

/// The tables that a query reads, in the order in which everybody numbers them: the query itself is
/// node 0; then, of each node, its exists edges in the order of its (normal) condition, then its
/// related edges; an edge through a junction is a node for the junction, whose child is the other
/// table's.
struct Node {
  enum class Kind : std::uint8_t { kRoot, kExists, kRelated, kJunction };
  Kind kind = Kind::kRoot;
  model::TableIndex table = 0;
  std::uint32_t parent = 0;      // itself for the root
  const Query* query = nullptr;  // null for a junction
  const Edge* edge = nullptr;    // null for the root
};

/// The nodes of a query; they point into it.
std::vector<Node> NodesOf(const Query& query);

/// Compares two rows of one table in `ordering`; nulls first when ascending, last when descending.
std::strong_ordering CompareRows(const Ordering& ordering, const model::Row& a,
                                 const model::Row& b);

/// Same meaning, one form: negation moved into the operators, junctions flattened, commutative
/// arguments sorted, duplicates and constants folded. "Same meaning": selects the same rows; where
/// the condition was unknown for a row it may now be false.
Query Normalize(const model::Schema& schema, Query query);

/// Hash of the normal form together with the schema names it mentions.
PipelineID HashQuery(const model::Schema& schema, const Query& query);

}  // namespace tidemark::query

#endif  // TIDEMARK_CORE_QUERY_AST_H_
