#include "core/ivm/skip.h"

#include <utility>

namespace tidemark::ivm {

using model::Row;
using model::RowChange;

Skip::Skip(std::unique_ptr<Operator> input, query::Ordering ordering, store::Start start)
    : input_(std::move(input)), ordering_(std::move(ordering)), start_(std::move(start)) {}

bool Skip::Holds(const Row& row) const {
  const auto order = query::CompareRows(ordering_, row, start_.row);
  return start_.inclusive ? order >= 0 : order > 0;
}

// A reader's start that lies behind this one says more.
Status Skip::Fetch(const FetchRange& range, RowVisitor visit) const {
  if (range.start && Holds(range.start->row)) return input_->Fetch(range, visit);
  return input_->Fetch({start_, range.constraint}, visit);
}

Status Skip::Advance(const model::ChangeSet& changes, ChangeVisitor emit) {
  return input_->Advance(changes, [&](const RowChange& change) {
    const bool was = change.before && Holds(change.before);
    const bool is = change.after && Holds(change.after);
    if (!was && !is) return;
    emit(RowChange{change.table, change.key, was ? change.before : Row(),
                   is ? change.after : Row()});
  });
}

}  // namespace tidemark::ivm
