// The contract of the operators that a query is maintained by. An operator stands for an ordered
// set of rows of one table, a function of the store's state: `result(state)`. What it promises to
// the one above it, and is promised by its inputs:
//
//   batch         the store goes from state U to state V at once; Advance is told the net changes
//                 from U to V and emits the net changes from result(U) to result(V).
//   final state   the store is at V already when Advance runs, so a Fetch within it reads
//                 result(V), never something in between.
//   by key        at most one change a key; its `before` is the row as it was in result(U). Who
//                 meets a row both in a Fetch and in a change of the same batch may apply the
//                 change again: taking out what is not there and putting in what is there are no
//                 changes.
//
// An operator owns its inputs and holds no rows: what must be remembered is in the levels above
// them (level.h).
#ifndef TIDEMARK_CORE_IVM_OPERATOR_H_
#define TIDEMARK_CORE_IVM_OPERATOR_H_

#include <optional>

#include "core/base/function_ref.h"
#include "core/base/result.h"
#include "core/model/row_change.h"
#include "core/store/source.h"

namespace tidemark::ivm {

using RowVisitor = FunctionRef<bool(const model::Row&)>;
using ChangeVisitor = FunctionRef<void(const model::RowChange&)>;

/// Which part of a result a fetch visits.
struct FetchRange {
  std::optional<store::Start> start = std::nullopt;  // in the order of the rows
  store::Constraint constraint = {};
};

class Operator {
 public:
  virtual ~Operator() = default;

  /// Visits the range of result(state of the store) in order, until `visit` returns false.
  virtual Status Fetch(const FetchRange& range, RowVisitor visit) const = 0;

  /// See above. Changes of tables that the operator does not read cost a comparison each.
  virtual Status Advance(const model::ChangeSet& changes, ChangeVisitor emit) = 0;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_OPERATOR_H_
