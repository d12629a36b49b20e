// One ordered list of a level: the rows that belong to one match value of the parent's rows.
// Shared by all of the parent's rows that have the value, its users; it lives as long as it has
// any.
#ifndef TIDEMARK_CORE_IVM_LIST_H_
#define TIDEMARK_CORE_IVM_LIST_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/ivm/aggregator.h"
#include "core/ivm/match.h"
#include "core/ivm/view_edit.h"
#include "core/ivm/window.h"
#include "core/model/row_change.h"

namespace tidemark::ivm {

struct List {
  enum class State : std::uint8_t { kNew, kOpen, kClosed };

  // A row of the parent level with this list's value.
  struct User {
    List* list;
    model::Row row;
  };

  // What lists with a limit or groups need besides their rows. Stages, in order: the input's rows,
  // their groups (`aggregator`), all of them in order where no chain can be asked again (`all`),
  // the first ones (`window`).
  struct Stages {
    std::optional<Aggregator> aggregator;
    bool keeps_all = false;
    std::vector<model::Row> all;
    std::optional<Window> window;
  };

  // What the batch that is under way did to the list.
  struct Batch {
    std::vector<model::RowChange> pending;  // of the input
    std::vector<ViewEdit> edits;            // what became of `rows`, without the lists of rows
    std::vector<model::Row> fresh;          // entered or replaced
    std::vector<model::Row> touched;        // rows of which a list changed
    bool opened = false;
    bool changed = false;
  };

  ListID id = kRootList;
  State state = State::kNew;
  std::uint32_t user_count = 0;
  const Values* values = nullptr;  // the match value: the level's key of this list
  std::vector<model::Row> rows;
  std::vector<User>
      users;  // ordered by list, then as the parent; only where somebody asks for them
  std::unique_ptr<Stages> stages;
  std::unique_ptr<Batch> batch;
};

/// What a batch did to one row of a list; the row may be gone from one list and new in another.
struct Delta {
  List* list = nullptr;
  model::Row before;
  model::Row after;
};
using Deltas = std::vector<Delta>;

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_LIST_H_
