// What a transaction, a poke or a commit did to rows: at most one net change a key.
#ifndef TIDEMARK_CORE_MODEL_ROW_CHANGE_H_
#define TIDEMARK_CORE_MODEL_ROW_CHANGE_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/base/ids.h"
#include "core/model/row.h"
#include "core/model/schema.h"

namespace tidemark::model {

/// An insert has no `before`, a delete no `after`; never both absent. The key is the same in both.
struct RowChange {
  TableIndex table = 0;
  RowKey key;
  Row before;
  Row after;
};

using ChangeSet = std::vector<RowChange>;

/// Folds a sequence of changes into net changes: first `before`, last `after`, nothing where both
/// are equal. Order of the result: first touch. Invariant: applying the result to the state before
/// the first change gives the state after the last one.
class NetChanges {
 public:
  void Add(RowChange change);
  void Add(const ChangeSet& changes);
  bool empty() const { return changes_.empty(); }
  /// The net changes; leaves this empty.
  ChangeSet Take();

 private:
  RowChange* Find(const RowChange& change);
  /// Where the change of this row is noted, or would be.
  std::uint32_t& Slot(const RowChange& change);
  void Note();

  ChangeSet changes_;
  /// Open addressing: a position in changes_ + 1, or 0. Empty while few changes are looked through.
  std::vector<std::uint32_t> slots_;
};

/// The change that undoes `change`.
RowChange Inverse(const RowChange& change);

}  // namespace tidemark::model

#endif  // TIDEMARK_CORE_MODEL_ROW_CHANGE_H_
