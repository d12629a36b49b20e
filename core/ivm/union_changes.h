// The net changes of a disjoint union of sets of rows, from those of the sets: a key is in one set
// at most, before and after, but the set that it enters may tell before the one that it leaves.
#ifndef TIDEMARK_CORE_IVM_UNION_CHANGES_H_
#define TIDEMARK_CORE_IVM_UNION_CHANGES_H_

#include <cstddef>
#include <unordered_map>
#include <utility>

#include "core/model/row_change.h"

namespace tidemark::ivm {

class UnionChanges {
 public:
  void Add(RowKey key, model::Row before, model::Row after) {
    const auto [place, is_new] = positions_.try_emplace(key, changes_.size());
    if (is_new) {
      changes_.push_back({0, std::move(key), std::move(before), std::move(after)});
      return;
    }
    model::RowChange& change = changes_[place->second];
    if (before) change.before = std::move(before);
    if (after) change.after = std::move(after);
  }

  /// In the order of first touch; some may have an equal before and after.
  const model::ChangeSet& changes() const { return changes_; }

 private:
  model::ChangeSet changes_;
  std::unordered_map<RowKey, std::size_t> positions_;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_UNION_CHANGES_H_
