#include "core/model/row_change.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <string>
#include <utility>

namespace tidemark::model {
namespace {

constexpr std::size_t kLookedThroughMax = 8;

bool IsSameRow(const RowChange& a, const RowChange& b) {
  return a.table == b.table && a.key == b.key;
}

}  // namespace

RowChange* NetChanges::Find(const RowChange& change) {
  if (!slots_.empty()) {
    const std::uint32_t slot = Slot(change);
    return slot == 0 ? nullptr : &changes_[slot - 1];
  }
  const auto found = std::find_if(changes_.begin(), changes_.end(),
                                  [&](const RowChange& net) { return IsSameRow(net, change); });
  return found == changes_.end() ? nullptr : &*found;
}

std::uint32_t& NetChanges::Slot(const RowChange& change) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = std::hash<std::string>()(change.key.value) * 31 + change.table;
  while (slots_[at & mask] != 0 && !IsSameRow(changes_[slots_[at & mask] - 1], change)) ++at;
  return slots_[at & mask];
}

/// The last change can be found from now on.
void NetChanges::Note() {
  if (changes_.size() <= kLookedThroughMax) return;
  if (changes_.size() * 2 <= slots_.size()) {
    Slot(changes_.back()) = static_cast<std::uint32_t>(changes_.size());
    return;
  }
  slots_.assign(std::bit_ceil(changes_.size() * 4), 0);
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    Slot(changes_[i]) = static_cast<std::uint32_t>(i + 1);
  }
}

void NetChanges::Add(RowChange change) {
  if (RowChange* net = Find(change)) {
    net->after = std::move(change.after);
    return;
  }
  changes_.push_back(std::move(change));
  Note();
}

void NetChanges::Add(const ChangeSet& changes) {
  for (const RowChange& change : changes) Add(change);
}

ChangeSet NetChanges::Take() {
  slots_ = {};
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
