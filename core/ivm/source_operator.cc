#include "core/ivm/source_operator.h"

#include <utility>

namespace tidemark::ivm {

SourceOperator::SourceOperator(const store::Store& store, query::Query query)
    : source_(store.source(query.table)), query_(std::move(query)) {}

Status SourceOperator::Fetch(const std::optional<store::Start>& start, RowVisitor visit) const {
  return source_.Fetch({query_, start}, visit);
}

Status SourceOperator::Hydrate(FunctionRef<void(const model::Row&)> visit) {
  return Fetch(std::nullopt, [&](const model::Row& row) {
    visit(row);
    return true;
  });
}

Status SourceOperator::Advance(const model::ChangeSet& changes, ChangeVisitor emit) {
  for (const model::RowChange& change : changes) {
    if (change.table == query_.table) emit(change);
  }
  return Ok{};
}

}  // namespace tidemark::ivm
