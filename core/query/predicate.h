// A condition as a test of one row, with SQL's three-valued logic: a row passes only where SQL's
// WHERE would keep it.
#ifndef TIDEMARK_CORE_QUERY_PREDICATE_H_
#define TIDEMARK_CORE_QUERY_PREDICATE_H_

#include <optional>
#include <utility>
#include <vector>

#include "core/base/function_ref.h"
#include "core/model/row.h"
#include "core/query/ast.h"

namespace tidemark::query {

/// Whether the row passes. `leads` says whether an edge leads from it to any row;
/// `Exists::negated` is not its business. Asked only where the rest of the condition has not
/// decided yet.
using Leads = FunctionRef<bool(const Exists&, const model::Row&)>;
bool Passes(const std::optional<Condition>& condition, const model::Row& row, Leads leads);

class Predicate {
 public:
  /// Everything passes.
  Predicate() = default;
  explicit Predicate(std::optional<Condition> condition) : condition_(std::move(condition)) {}

  /// For conditions without exists.
  bool Test(const model::Row& row) const;
  bool Test(const model::Row& row, Leads leads) const { return Passes(condition_, row, leads); }
  const std::optional<Condition>& condition() const { return condition_; }

 private:
  std::optional<Condition> condition_;
};

/// Whether an exists occurs in it.
bool HasExists(const std::optional<Condition>& condition);

/// The constant that the condition demands of `column` (an `=` or `is` on the top level or below
/// `and`s), if any; never null. What indexes are chosen by.
std::optional<model::Value> RequiredValue(const std::optional<Condition>& condition,
                                          model::ColumnIndex column);

/// What a condition says of a row of which only some columns are known (by mask): used to decide
/// whether a complete query covers a key. `std::nullopt`: may depend on unknown columns, or on the
/// rows of other tables.
std::optional<bool> TestKnownColumns(const std::optional<Condition>& condition,
                                     const model::Row& row, const std::vector<bool>& known);

}  // namespace tidemark::query

#endif  // TIDEMARK_CORE_QUERY_PREDICATE_H_
