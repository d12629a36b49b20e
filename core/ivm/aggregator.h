// The groups of one list and what is counted of each. Invariant: groups = the rows that were put in
// and not taken out, by the values of the group's columns. What a change costs does not depend on
// how many rows a group has.
#ifndef TIDEMARK_CORE_IVM_AGGREGATOR_H_
#define TIDEMARK_CORE_IVM_AGGREGATOR_H_

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/result.h"
#include "core/ivm/group_state.h"
#include "core/ivm/match.h"
#include "core/model/row_change.h"

namespace tidemark::ivm {

/// What the rows of groups have behind the group's values.
enum class GroupForm : std::uint8_t {
  kValues,  // the aggregates, as a result shows them: without columns to group by there is one
            // group, also of nothing
  kStates,  // GroupArithmetic::AppendState: only groups of some rows are there
};

class Aggregator {
 public:
  /// Both outlive the aggregator. `table` is the input's.
  Aggregator(const query::Aggregation& aggregation, const model::Table& table, GroupForm form);

  /// Groups before any row.
  Status Begin(std::vector<model::Row>& groups);
  /// Net changes of the input; appends the net changes of the groups. kLimit when a value leaves
  /// its type: the aggregator is then of no more use.
  Status Apply(std::span<const model::RowChange> changes, std::vector<model::RowChange>& out);

 private:
  struct Group {
    GroupState state;
    model::Row row;  // as it was told last; none: it was not there
    bool touched = false;
  };
  using Groups = ByValues<Group>;

  Groups::value_type& Find(const model::Row& row);
  bool IsThere(const Groups::value_type& entry) const;
  Result<model::Row> RowOf(const Values& values, const Group& group) const;

  const query::Aggregation& aggregation_;
  GroupArithmetic arithmetic_;
  GroupForm form_;
  Groups groups_;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_AGGREGATOR_H_
