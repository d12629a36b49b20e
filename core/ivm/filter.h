// The rows of its input that pass a condition on the row itself: result = {r in input : test(r)}.
// Holds no rows: whether a changed row was in the result is told by testing it as it was, and
// whether it is, by testing it as it is. An edit that passes on one side only becomes an entry or a
// departure; one that passes on neither is nothing.
#ifndef TIDEMARK_CORE_IVM_FILTER_H_
#define TIDEMARK_CORE_IVM_FILTER_H_

#include <memory>

#include "core/ivm/operator.h"
#include "core/query/predicate.h"

namespace tidemark::ivm {

class Filter final : public Operator {
 public:
  Filter(std::unique_ptr<Operator> input, query::Predicate predicate);

  Status Fetch(const FetchRange& range, RowVisitor visit) const override;
  Status Advance(const model::ChangeSet& changes, ChangeVisitor emit) override;

 private:
  std::unique_ptr<Operator> input_;
  query::Predicate predicate_;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_FILTER_H_
