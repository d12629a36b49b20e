// What is counted of one group: enough to show its aggregates exactly, and to put rows in and take
// them out. Counts and exact sums do not depend on how many rows a group has; extremes are kept as
// a multiset. As values in a row (`AppendState`) only the extremes themselves are left of it: a
// state that was read (`ReadState`) takes rows in, and gives them up but for its extremes
// (`Discount`).
#ifndef TIDEMARK_CORE_IVM_GROUP_STATE_H_
#define TIDEMARK_CORE_IVM_GROUP_STATE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "core/base/result.h"
#include "core/ivm/match.h"
#include "core/model/exact_sum.h"
#include "core/model/schema.h"
#include "core/query/ast.h"

namespace tidemark::ivm {

struct ValueLess {
  bool operator()(const model::Value& a, const model::Value& b) const {
    return model::CompareValues(a, b) < 0;
  }
};

/// Of one aggregate.
struct Tally {
  std::int64_t values = 0;  // that are not null
  model::IntegerSum integers = 0;
  model::ExactSum numbers;
  std::map<model::Value, std::uint32_t, ValueLess> all;  // for minimum and maximum
};

struct GroupState {
  std::int64_t rows = 0;
  std::vector<Tally> tallies;  // one an aggregate
};

class GroupArithmetic {
 public:
  /// Both outlive it. `table` is that of the rows that are counted.
  GroupArithmetic(const query::Aggregation& aggregation, const model::Table& table)
      : aggregation_(aggregation), table_(table) {}

  GroupState Nothing() const { return {0, std::vector<Tally>(aggregation_.aggregates.size())}; }
  void Count(GroupState& state, const model::Row& row, int sign) const;
  /// The row leaves, but there may be others with its extremes.
  void Discount(GroupState& state, const model::Row& row) const;

  /// The aggregates. kLimit when a sum leaves its type.
  Status AppendValues(const GroupState& state, Values& values) const;

  /// The columns of a state in a row.
  void AppendColumns(std::vector<model::Column>& columns) const;
  void AppendState(const GroupState& state, Values& values) const;
  /// What AppendState wrote from `column` on, in a row that fits the columns.
  Result<GroupState> ReadState(const model::Row& row, std::size_t column) const;

 private:
  void Count(const query::Aggregate& aggregate, Tally& tally, const model::Value& value, int sign,
             bool extremes) const;
  void CountAll(GroupState& state, const model::Row& row, int sign, bool extremes) const;
  Result<model::Value> ValueOf(const query::Aggregate& aggregate, const GroupState& state,
                               const Tally& tally) const;
  bool IsInteger(const query::Aggregate& aggregate) const;
  Error TooLarge(const query::Aggregate& aggregate) const;

  const query::Aggregation& aggregation_;
  const model::Table& table_;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_GROUP_STATE_H_
