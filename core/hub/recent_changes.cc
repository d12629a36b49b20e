#include "core/hub/recent_changes.h"

#include <algorithm>

#include "core/base/check.h"

namespace tidemark::hub {

void RecentChanges::AddFolded(std::uint64_t from, std::uint64_t position,
                              const model::ChangeSet& changes) {
  if (changes.empty()) return;
  TIDEMARK_CHECK(position > (steps_.empty() ? from_ : steps_.back().position));
  steps_.push_back(Step{from, position, changes});
  row_changes_ += changes.size();
  Trim();
}

void RecentChanges::SetBound(std::size_t row_changes_max) {
  row_changes_max_ = row_changes_max;
  Trim();
}

void RecentChanges::Trim() {
  while (row_changes_ > row_changes_max_) {
    row_changes_ -= steps_.front().changes.size();
    from_ = steps_.front().position;
    steps_.pop_front();
  }
}

bool RecentChanges::Knows(std::uint64_t position) const {
  return position >= from_ &&
         std::none_of(steps_.begin(), steps_.end(), [position](const Step& step) {
           return step.from < position && position < step.position;
         });
}

std::optional<model::ChangeSet> RecentChanges::Since(std::uint64_t position) const {
  if (!Knows(position)) return std::nullopt;
  model::NetChanges net;
  for (const Step& step : steps_) {
    if (step.position > position) net.Add(step.changes);
  }
  return net.Take();
}

std::optional<model::ChangeSet> RecentChanges::Since(
    std::uint64_t position, std::span<const model::TableIndex> tables) const {
  if (!Knows(position)) return std::nullopt;
  model::NetChanges net;
  for (const Step& step : steps_) {
    if (step.position <= position) continue;
    for (const model::RowChange& change : step.changes) {
      if (std::binary_search(tables.begin(), tables.end(), change.table)) net.Add(change);
    }
  }
  return net.Take();
}

}  // namespace tidemark::hub
