// What somebody who mirrors a view is told. The view is a tree of lists: list 0 holds the result's
// rows, and each row names, for each related query in order, the list of its related rows; rows
// with the same match values name the same list. Edits are sequential: each is meant in the state
// that the edits before it left. A list is opened and filled before a row names it; a list's edits
// come before the kTouch of the rows that name it; kClose comes last.
#ifndef TIDEMARK_CORE_IVM_VIEW_EDIT_H_
#define TIDEMARK_CORE_IVM_VIEW_EDIT_H_

#include <cstdint>
#include <vector>

#include "core/model/row.h"

namespace tidemark::ivm {

using ListID = std::uint32_t;

/// The root's.
inline constexpr ListID kRootList = 0;

struct ViewEdit {
  enum class Kind : std::uint8_t {
    kInsert,   // at `index`: `row`, which names `lists`
    kRemove,   // the row at `index`
    kReplace,  // the row at `index` by `row`, which names `lists`
    kOpen,     // `list` is new and empty, and one of node `index`
    kTouch,    // nothing of the row at `index` but what its lists hold has changed
    kClose,    // `list` is not named any more
  };
  Kind kind = Kind::kInsert;
  /// Of a row in the list; with kOpen the number of the node (related edges only, preorder, the
  /// root 0).
  std::uint32_t index = 0;
  model::Row row = {};
  ListID list = kRootList;
  std::vector<ListID> lists = {};
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_VIEW_EDIT_H_
