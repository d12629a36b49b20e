#include "core/ivm/group_feed.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/base/check.h"

namespace tidemark::ivm {

using model::Row;
using model::RowChange;

GroupFeed::GroupFeed(const ByValues<GroupLists::List>& lists, GroupTable groups,
                     model::TableIndex index, const model::Table& counted, query::Ordering ordering)
    : lists_(lists),
      groups_(std::move(groups)),
      index_(index),
      ordering_(std::move(ordering)),
      match_(groups_.match_columns) {
  std::iota(match_.begin(), match_.end(), model::ColumnIndex{0});
  const query::Aggregation& aggregation = *groups_.query->aggregation;
  if (!aggregation.group_by.empty()) return;
  const GroupArithmetic arithmetic(aggregation, counted);
  Values values;
  TIDEMARK_CHECK(arithmetic.AppendValues(arithmetic.Nothing(), values).ok());
  nothing_ = Row::Make(std::move(values));
}

Status GroupFeed::Fetch(const Values& values, const std::optional<store::Start>& start,
                        RowVisitor visit) const {
  TIDEMARK_CHECK(!start);
  const auto list = lists_.find(values);
  std::vector<Row> rows;
  if (list != lists_.end()) {
    for (const auto& [key, row] : list->second) rows.push_back(row);
  }
  if (rows.empty() && nothing_) rows.push_back(nothing_);
  std::sort(rows.begin(), rows.end(),
            [this](const Row& a, const Row& b) { return query::CompareRows(ordering_, a, b) < 0; });
  for (const Row& row : rows) {
    if (!visit(row)) break;
  }
  return Ok{};
}

Status GroupFeed::Advance(const model::ChangeSet& changes, const Deltas&, RouteVisitor route) {
  for (const RowChange& change : changes) {
    if (change.table != index_) continue;
    Row before = groups_.ListRow(change.before);
    Row after = groups_.ListRow(change.after);
    if (!before) before = nothing_;
    if (!after) after = nothing_;
    const Row& at = change.after ? change.after : change.before;
    route({at, match_}, RowChange{index_, change.key, std::move(before), std::move(after)});
  }
  return Ok{};
}

}  // namespace tidemark::ivm
