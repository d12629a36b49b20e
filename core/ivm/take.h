// The first `limit` rows of its input in order. Holds them as the window; when it is full, with
// `limit` rows, the input may have more behind its last row, the bound.
//
// Invariant after Hydrate and after every Advance: window = first `limit` rows of input(state).
// Advance keeps it, from state U (window W, bound b) to state V:
//   1. Each change takes its `before` out of the window if it is there, and puts its `after` in if
//      it sorts up to b, or anywhere if W was not full. Let C be the part of the order up to b (all
//      of it if W was not full). W = input(U) ∩ C, since b is the limit-th row or W is everything.
//      The changes turn input(U) into input(V), and taking and putting only within C turns
//      input(U) ∩ C into input(V) ∩ C. Order and number of the changes do not matter.
//      A large batch may overfill the window: cutting it back to `limit` rows in between makes C
//      end at the last row that stays (the new b), and all of this holds for the smaller C.
//   2. The window is input(V) ∩ C now. If that is more than `limit` rows, the first `limit` of it
//      are the first `limit` of input(V), because C is a leading part of the order: the rest goes.
//   3. If it is fewer and C ends at b, the missing rows are the next ones of input(V) behind b: one
//      Fetch, which reads V because the store is already there. If C is everything, it is all
//      there is.
// Each step goes by key and position, so repeating a change is no change.
#ifndef TIDEMARK_CORE_IVM_TAKE_H_
#define TIDEMARK_CORE_IVM_TAKE_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "core/ivm/operator.h"

namespace tidemark::ivm {

class Take final : public Operator {
 public:
  /// `query` has a limit; its order is that of the input's rows. `schema` outlives the operator.
  Take(std::unique_ptr<Operator> input, const model::Schema& schema, const query::Query& query);

  Status Fetch(const std::optional<store::Start>& start, RowVisitor visit) const override;
  Status Hydrate(FunctionRef<void(const model::Row&)> visit) override;
  Status Advance(const model::ChangeSet& changes, ChangeVisitor emit) override;

 private:
  /// Where `row` is, or would be put.
  std::size_t PositionOf(const model::Row& row) const;
  bool Holds(std::size_t position, const model::Row& row) const;
  void Apply(const model::RowChange& change, model::Row& bound, model::NetChanges& net);
  void Truncate(model::NetChanges& net);
  Status Refill(const model::Row& bound, model::NetChanges& net);
  model::RowChange Change(model::Row before, model::Row after) const;

  std::unique_ptr<Operator> input_;
  const model::Table& table_;
  model::TableIndex table_index_;
  query::Ordering ordering_;
  std::size_t limit_;
  std::vector<model::Row> window_;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_TAKE_H_
