#include "core/ivm/source_operator.h"

#include <utility>

namespace tidemark::ivm {

SourceOperator::SourceOperator(const store::Store& store, query::Query query)
    : source_(store.source(query.table)), query_(std::move(query)) {}

Status SourceOperator::Fetch(const FetchRange& range, RowVisitor visit) const {
  return source_.Fetch({query_, range.start, range.constraint}, visit);
}

Status SourceOperator::Advance(const model::ChangeSet& changes, ChangeVisitor emit) {
  for (const model::RowChange& change : changes) {
    if (change.table == query_.table) emit(change);
  }
  return Ok{};
}

}  // namespace tidemark::ivm
