// Groups that somebody else counted, as the lists of a level. Who keeps `GroupLists` says what
// became of them in the changes of a batch: rows of the groups' table (group_table.h), but with the
// aggregates in the place of the state. Without columns to group by each list has one group: what
// is not there counts nothing.
#ifndef TIDEMARK_CORE_IVM_GROUP_FEED_H_
#define TIDEMARK_CORE_IVM_GROUP_FEED_H_

#include <cstddef>
#include <map>
#include <vector>

#include "core/ivm/feed.h"
#include "core/ivm/group_table.h"

namespace tidemark::ivm {

/// By aggregation, then by match value: `[values of the group…, aggregates…]`, by the group's key.
struct GroupLists {
  using List = std::map<RowKey, model::Row>;
  std::vector<ByValues<List>> aggregations;
};

class GroupFeed final : public Feed {
 public:
  /// `lists` and what `groups` points to outlive the feed. `index` is the groups' table, `ordering`
  /// that of the lists.
  GroupFeed(const ByValues<GroupLists::List>& lists, GroupTable groups, model::TableIndex index,
            const model::Table& counted, query::Ordering ordering);

  Status Fetch(const Values& values, const std::optional<store::Start>& start,
               RowVisitor visit) const override;
  Status Advance(const model::ChangeSet& changes, const Deltas& parents,
                 RouteVisitor route) override;
  bool reads_all() const override { return true; }
  bool takes_null() const override { return true; }

 private:
  const ByValues<GroupLists::List>& lists_;
  GroupTable groups_;
  model::TableIndex index_;
  query::Ordering ordering_;
  Columns match_;
  model::Row nothing_;  // without columns to group by: the group that counts nothing
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_GROUP_FEED_H_
