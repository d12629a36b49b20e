#include "core/ivm/feed.h"

namespace tidemark::ivm {

using model::Row;
using model::RowChange;

Status ChainFeed::Fetch(const Values& values, const std::optional<store::Start>& start,
                        RowVisitor visit) const {
  return chain_->Fetch({start, {columns_, values}}, visit);
}

// A row that stays at its value changed there; one that does not left one value and entered
// another.
Status ChainFeed::Advance(const model::ChangeSet& changes, const Deltas&, RouteVisitor route) {
  return chain_->Advance(changes, [&](const RowChange& change) {
    const bool was = change.before && !HasNull(RowPart{change.before, columns_});
    const bool is = change.after && !HasNull(RowPart{change.after, columns_});
    if (was && is &&
        ValuesEqual()(RowPart{change.before, columns_}, RowPart{change.after, columns_})) {
      return route({change.after, columns_}, change);
    }
    if (was) {
      route({change.before, columns_}, RowChange{change.table, change.key, change.before, Row()});
    }
    if (is) {
      route({change.after, columns_}, RowChange{change.table, change.key, Row(), change.after});
    }
  });
}

}  // namespace tidemark::ivm
