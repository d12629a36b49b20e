// The query tree, bound to a schema: tables and columns by index, literals as canonical values.
// Made by ParseQuery (ast_json.h) from what the query builder sends, never by hand outside tests. A
// query is identified by the hash of its normal form.
#ifndef TIDEMARK_CORE_QUERY_AST_H_
#define TIDEMARK_CORE_QUERY_AST_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/ids.h"
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
struct Comparison {
  model::ColumnIndex column = 0;
  Op op = Op::kEqual;
  std::vector<model::Value> values;  // one; any number for kIn and kNotIn

  friend bool operator==(const Comparison&, const Comparison&) = default;
};

enum class Connective : std::uint8_t { kAnd, kOr, kNot };

struct Condition;

/// kNot has exactly one argument. An empty kAnd is true, an empty kOr is false.
struct Junction {
  Connective connective = Connective::kAnd;
  std::vector<Condition> args;
};

struct Condition {
  std::variant<Comparison, Junction> node;
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

struct Query {
  model::TableIndex table = 0;
  std::optional<Condition> where;
  Ordering order_by;                   // total (see above)
  std::optional<std::uint32_t> limit;  // `one` sets 1
  bool one = false;
};

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
