#include "core/ivm/filter.h"

#include <utility>

namespace tidemark::ivm {

using model::Row;
using model::RowChange;

Filter::Filter(std::unique_ptr<Operator> input, query::Predicate predicate)
    : input_(std::move(input)), predicate_(std::move(predicate)) {}

Status Filter::Fetch(const FetchRange& range, RowVisitor visit) const {
  return input_->Fetch(range, [&](const Row& row) { return !predicate_.Test(row) || visit(row); });
}

Status Filter::Advance(const model::ChangeSet& changes, ChangeVisitor emit) {
  return input_->Advance(changes, [&](const RowChange& change) {
    const bool was = change.before && predicate_.Test(change.before);
    const bool is = change.after && predicate_.Test(change.after);
    if (!was && !is) return;
    if (was == static_cast<bool>(change.before) && is == static_cast<bool>(change.after)) {
      emit(change);
    } else {
      emit(RowChange{change.table, change.key, was ? change.before : Row(),
                     is ? change.after : Row()});
    }
  });
}

}  // namespace tidemark::ivm
