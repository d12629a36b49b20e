#include "core/ivm/membership.h"

#include <utility>

#include "core/base/check.h"

namespace tidemark::ivm {

using model::Row;
using model::RowChange;

void Membership::Add(const RowChange& told) {
  const model::TableIndex table = told.table;
  const RowKey& key = told.key;
  if (table >= counts_.size()) {
    counts_.resize(table + 1);
    seen_.resize(table + 1);
  }
  std::uint32_t& count = counts_[table][key];
  const auto [place, is_new] = seen_[table].try_emplace(key, Seen{changes_.size(), count});
  if (is_new) changes_.push_back(RowChange{table, key, Row(), Row()});
  RowChange& change = changes_[place->second.position];
  if (told.before) change.before = told.before;
  if (told.after) change.after = told.after;
  // A count may be short until the row has left where it was: only the sum matters.
  if (!told.before) ++count;
  if (!told.after) --count;
}

// A row that stays a member is edited if somebody says what it was and somebody what it is; who
// says only one of the two lost it or got it, while others had it all the time.
model::ChangeSet Membership::Take() {
  model::ChangeSet taken;
  for (RowChange& change : changes_) {
    Counts& counts = counts_[change.table];
    const auto count = counts.find(change.key);
    const bool was = seen_[change.table].at(change.key).was > 0;
    const bool is = count->second > 0;
    if (!is) counts.erase(count);
    if (was && is && (!change.before || !change.after || change.before == change.after)) continue;
    if (!was && !is) continue;
    if (!was) change.before = Row();
    if (!is) change.after = Row();
    TIDEMARK_CHECK(!was || change.before);
    TIDEMARK_CHECK(!is || change.after);
    taken.push_back(std::move(change));
  }
  changes_.clear();
  for (auto& seen : seen_) seen.clear();
  return taken;
}

void Membership::Clear() {
  counts_.clear();
  changes_.clear();
  seen_.clear();
}

std::size_t Membership::size() const {
  std::size_t size = 0;
  for (const Counts& counts : counts_) size += counts.size();
  return size;
}

}  // namespace tidemark::ivm
