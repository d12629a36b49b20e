// The rows of one table in the query's order: where every chain begins. Holds no rows.
//   Advance emits exactly the changes of the table.
//   Fetch may leave out rows that fail the query's `where`, and rows behind the first `limit` that
//   pass it (from the start): the operators above would drop them anyway, and the store can do it
//   without reading them.
#ifndef TIDEMARK_CORE_IVM_SOURCE_OPERATOR_H_
#define TIDEMARK_CORE_IVM_SOURCE_OPERATOR_H_

#include "core/ivm/operator.h"

namespace tidemark::ivm {

class SourceOperator final : public Operator {
 public:
  /// `store` outlives the operator. `query` carries only what the operators above apply to this
  /// table: a limit that counts something else than rows passing `where` is not for the store.
  SourceOperator(const store::Store& store, query::Query query);

  Status Fetch(const FetchRange& range, RowVisitor visit) const override;
  Status Advance(const model::ChangeSet& changes, ChangeVisitor emit) override;

 private:
  const store::Source& source_;
  query::Query query_;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_SOURCE_OPERATOR_H_
