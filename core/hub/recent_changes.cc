#include "core/hub/recent_changes.h"

#include "core/base/check.h"

namespace tidemark::hub {

void RecentChanges::Add(std::uint64_t position, const model::ChangeSet& changes) {
  if (changes.empty()) return;
  TIDEMARK_CHECK(position > (steps_.empty() ? from_ : steps_.back().position));
  steps_.push_back(Step{position, changes});
  row_changes_ += changes.size();
  while (row_changes_ > kRowChangesMax) {
    row_changes_ -= steps_.front().changes.size();
    from_ = steps_.front().position;
    steps_.pop_front();
  }
}

std::optional<model::ChangeSet> RecentChanges::Since(std::uint64_t position) const {
  if (position < from_) return std::nullopt;
  model::NetChanges net;
  for (const Step& step : steps_) {
    if (step.position > position) net.Add(step.changes);
  }
  return net.Take();
}

}  // namespace tidemark::hub
