// The last changes of one query's result, or of the replica, bounded: what brings a receiver that
// was away for a moment, or could not keep up, to the present without sending the whole result, and
// a pipeline that was read a moment ago to the replica's version.
//
// Invariant: every change after position `from` is here, in order.
#ifndef TIDEMARK_CORE_HUB_RECENT_CHANGES_H_
#define TIDEMARK_CORE_HUB_RECENT_CHANGES_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>

#include "core/model/row_change.h"

namespace tidemark::hub {

class RecentChanges {
 public:
  /// Row changes that are kept: two hundred commits of ten rows. More than that is not far from
  /// the result itself.
  static constexpr std::size_t kRowChangesMax = 2000;
  /// While something is being read that will need what happened since: what is written during a
  /// second of import.
  static constexpr std::size_t kHeldRowChangesMax = 20000;

  /// Begins at a position of the replica, with nothing.
  explicit RecentChanges(std::uint64_t from, std::size_t row_changes_max = kRowChangesMax)
      : from_(from), row_changes_max_(row_changes_max) {}

  void SetBound(std::size_t row_changes_max);

  /// `position` is later than all before.
  void Add(std::uint64_t position, const model::ChangeSet& changes) {
    AddFolded(position, position, changes);
  }
  /// Net changes from `from` until `position`: what happened at which moment between is not known.
  void AddFolded(std::uint64_t from, std::uint64_t position, const model::ChangeSet& changes);

  /// Net changes from `position` until now; no value when they are not all here.
  std::optional<model::ChangeSet> Since(std::uint64_t position) const;
  /// The same of some tables, which are in ascending order.
  std::optional<model::ChangeSet> Since(std::uint64_t position,
                                        std::span<const model::TableIndex> tables) const;

 private:
  struct Step {
    std::uint64_t from;  // of a folded one; else its position
    std::uint64_t position;
    model::ChangeSet changes;
  };

  void Trim();
  bool Knows(std::uint64_t position) const;

  std::uint64_t from_;
  std::size_t row_changes_max_;
  std::deque<Step> steps_;
  std::size_t row_changes_ = 0;
};

}  // namespace tidemark::hub

#endif  // TIDEMARK_CORE_HUB_RECENT_CHANGES_H_
