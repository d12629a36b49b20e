// The groups of one list and what is counted of each. Invariant: groups = the rows that were put in
// and not taken out, by the values of the group's columns; without columns there is one group, also
// of nothing. What a change costs does not depend on how many rows a group has: counts and exact
// sums are added to and taken from, extremes are kept as a multiset.
#ifndef TIDEMARK_CORE_IVM_AGGREGATOR_H_
#define TIDEMARK_CORE_IVM_AGGREGATOR_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "core/base/result.h"
#include "core/ivm/match.h"
#include "core/model/exact_sum.h"
#include "core/model/row_change.h"

namespace tidemark::ivm {

struct ValueLess {
  bool operator()(const model::Value& a, const model::Value& b) const {
    return model::CompareValues(a, b) < 0;
  }
};

class Aggregator {
 public:
  /// Both outlive the aggregator. `table` is the input's.
  Aggregator(const query::Aggregation& aggregation, const model::Table& table);

  /// Groups before any row.
  Status Begin(std::vector<model::Row>& groups);
  /// Net changes of the input; appends the net changes of the groups (rows `[group values…,
  /// aggregates…]`). kLimit when a sum leaves its type: the aggregator is then of no more use.
  Status Apply(std::span<const model::RowChange> changes, std::vector<model::RowChange>& out);

 private:
  // Of one aggregate in one group.
  struct Tally {
    std::int64_t values = 0;  // that are not null
    model::IntegerSum integers;
    model::ExactSum numbers;
    std::map<model::Value, std::uint32_t, ValueLess> all;  // for minimum and maximum
  };
  struct Group {
    std::int64_t rows = 0;
    std::vector<Tally> tallies;
    model::Row row;  // as it was told last; none: it was not there
    bool touched = false;
  };
  using Groups = ByValues<Group>;

  Groups::value_type& Find(const model::Row& row);
  void Count(Group& group, const model::Row& row, int sign);
  Result<model::Row> RowOf(const Values& values, const Group& group) const;
  Result<model::Value> ValueOf(const query::Aggregate& aggregate, const Group& group,
                               const Tally& tally) const;
  Error TooLarge(const query::Aggregate& aggregate) const;

  const query::Aggregation& aggregation_;
  const model::Table& table_;
  Groups groups_;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_AGGREGATOR_H_
