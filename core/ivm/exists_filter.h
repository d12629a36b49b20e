// The rows of its input that pass a condition in which edges occur: result = {r in input :
// test(r)}, where an edge holds for r if its chain has a row that matches r. Holds no rows.
//
// Invariant of Advance, from state U to state V: whether a row was and is in the result is decided
// by testing its `before` with the edges as they were and its `after` with the edges as they are.
//   1. An edge's chain, advanced, tells by its net changes at which match values a row left,
//   entered
//      or was edited: "touched". Everywhere else the edge is what it was, and a constrained fetch
//      that finds one row says so.
//   2. At a touched value the edge held at U if a row left or was edited, or if there is a row at V
//      that did not enter; it holds at V if a row entered or was edited, or if there is one at all.
//      One fetch at most answers both.
//   3. The input's own changes are tested, before and after. The rows of the input that did not
//      change are the same at U and V: only those at a value where an edge flipped can enter or
//      leave, and a constrained fetch gives them.
// Each row is tested once, so there is at most one change a key.
#ifndef TIDEMARK_CORE_IVM_EXISTS_FILTER_H_
#define TIDEMARK_CORE_IVM_EXISTS_FILTER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_set>
#include <vector>

#include "core/ivm/match.h"
#include "core/ivm/operator.h"
#include "core/query/predicate.h"

namespace tidemark::ivm {

class ExistsFilter final : public Operator {
 public:
  /// `condition` is of rows of `table`, the input's. `store` outlives the operator.
  ExistsFilter(std::unique_ptr<Operator> input, const store::Store& store, model::TableIndex table,
               const query::Condition& condition);
  ~ExistsFilter() override;

  Status Fetch(const FetchRange& range, RowVisitor visit) const override;
  Status Advance(const model::ChangeSet& changes, ChangeVisitor emit) override;

 private:
  // An edge at one value, over a batch.
  struct Flip {
    bool was = false;
    bool is = false;
  };
  using Touched = ByValues<Flip>;

  struct Edge {
    Columns own;
    Columns other;
    const model::Table* description = nullptr;  // of the rows that it leads to
    std::unique_ptr<Operator> chain;
    Touched touched;  // during Advance
  };

  // The condition without negation above comparisons: AND, OR, a test of the row, or an edge.
  struct Test {
    enum class Kind : std::uint8_t { kAll, kAny, kRow, kEdge };
    Kind kind = Kind::kRow;
    std::vector<Test> args;
    query::Predicate predicate;
    std::size_t edge = 0;
    bool negated = false;
  };
  enum class Moment : std::uint8_t { kBefore, kNow };

  Test Compile(const store::Store& store, const query::Condition& condition, bool negate);
  Status Passes(const Test& test, const model::Row& row, Moment moment, bool& passes) const;
  Status Holds(const Edge& edge, const model::Row& row, Moment moment, bool& holds) const;
  Status AdvanceBatch(const model::ChangeSet& changes, ChangeVisitor emit);
  /// Steps 1 and 2.
  Status Touch(Edge& edge, const model::ChangeSet& changes);
  /// Step 3 for the rows that did not change.
  Status EmitFlipped(const Edge& edge, std::unordered_set<RowKey>& done, ChangeVisitor emit) const;

  std::unique_ptr<Operator> input_;
  const model::Table& table_;
  model::TableIndex table_index_;
  std::vector<Edge> edges_;
  Test test_;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_EXISTS_FILTER_H_
