// The first `limit` rows of an ordered set of rows, its input. When the window is full, with
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
//      fetch, which reads V because the store is already there. If C is everything, it is all
//      there is.
// Each step goes by key and position, so repeating a change is no change.
#ifndef TIDEMARK_CORE_IVM_WINDOW_H_
#define TIDEMARK_CORE_IVM_WINDOW_H_

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "core/base/function_ref.h"
#include "core/base/result.h"
#include "core/ivm/row_shape.h"
#include "core/model/row_change.h"
#include "core/store/source.h"

namespace tidemark::ivm {

/// Visits the input's rows at the state V, from a start on, until told to stop.
using WindowInput =
    FunctionRef<Status(const std::optional<store::Start>&, FunctionRef<bool(const model::Row&)>)>;

class Window {
 public:
  /// `shape` outlives the window.
  Window(const RowShape& shape, std::size_t limit) : shape_(shape), limit_(limit) {}

  const std::vector<model::Row>& rows() const { return rows_; }

  Status Hydrate(WindowInput input);
  /// Adds what becomes of the window to `net`.
  Status Advance(std::span<const model::RowChange> changes, WindowInput input,
                 model::NetChanges& net);

 private:
  /// Where `row` is, or would be put.
  std::size_t PositionOf(const model::Row& row) const;
  bool Holds(std::size_t position, const model::Row& row) const;
  void Apply(const model::RowChange& change, model::Row& bound, model::NetChanges& net);
  void Truncate(model::NetChanges& net);
  Status Refill(const model::Row& bound, WindowInput input, model::NetChanges& net);
  model::RowChange Change(model::Row before, model::Row after) const;

  const RowShape& shape_;
  std::size_t limit_;
  std::vector<model::Row> rows_;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_WINDOW_H_
