#include "core/model/row_change.h"

#include <utility>

namespace tidemark::model {

void NetChanges::Add(RowChange change) {
  std::vector<std::size_t>& positions = positions_[change.key];
  for (const std::size_t position : positions) {
    RowChange& net = changes_[position];
    if (net.table != change.table) continue;
    net.after = std::move(change.after);
    return;
  }
  positions.push_back(changes_.size());
  changes_.push_back(std::move(change));
}

void NetChanges::Add(const ChangeSet& changes) {
  for (const RowChange& change : changes) Add(change);
}

ChangeSet NetChanges::Take() {
  positions_.clear();
  ChangeSet taken = std::exchange(changes_, {});
  std::size_t kept = 0;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (taken[i].before == taken[i].after) continue;
    if (kept != i) taken[kept] = std::move(taken[i]);
    ++kept;
  }
  taken.resize(kept);
  return taken;
}

RowChange Inverse(const RowChange& change) {
  return RowChange{change.table, change.key, change.after, change.before};
}

}  // namespace tidemark::model
