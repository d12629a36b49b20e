// The rows of its input at or behind the query's start: result = {r in input : start <= r} (or <).
// Holds no rows: where a row lies against the start is told by the row alone.
#ifndef TIDEMARK_CORE_IVM_SKIP_H_
#define TIDEMARK_CORE_IVM_SKIP_H_

#include <memory>

#include "core/ivm/operator.h"

namespace tidemark::ivm {

class Skip final : public Operator {
 public:
  /// `ordering` is that of the input's rows; `start` has values in its columns.
  Skip(std::unique_ptr<Operator> input, query::Ordering ordering, store::Start start);

  Status Fetch(const FetchRange& range, RowVisitor visit) const override;
  Status Advance(const model::ChangeSet& changes, ChangeVisitor emit) override;

 private:
  bool Holds(const model::Row& row) const;

  std::unique_ptr<Operator> input_;
  query::Ordering ordering_;
  store::Start start_;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_SKIP_H_
