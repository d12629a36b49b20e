// Where the lists of a level get their rows: for each match value an ordered set of rows, a
// function of the store's state. The contract is operator.h's, value by value.
#ifndef TIDEMARK_CORE_IVM_FEED_H_
#define TIDEMARK_CORE_IVM_FEED_H_

#include <memory>
#include <optional>

#include "core/ivm/list.h"
#include "core/ivm/operator.h"

namespace tidemark::ivm {

/// The change is of the rows at the match value that the columns have; no column is null.
using RouteVisitor = FunctionRef<void(const RowPart&, const model::RowChange&)>;

class Feed {
 public:
  virtual ~Feed() = default;

  /// Visits the rows at `values` (none of them null) in order, from `start` on, until told to stop.
  virtual Status Fetch(const Values& values, const std::optional<store::Start>& start,
                       RowVisitor visit) const = 0;

  /// `parents` is what became of the level's users. Routes the changes of each value; at most one a
  /// key and value.
  virtual Status Advance(const model::ChangeSet& changes, const Deltas& parents,
                         RouteVisitor route) = 0;

  /// Rows that it holds itself.
  virtual std::size_t row_count() const { return 0; }
  /// True: a Fetch reads everything at the value, wherever it starts.
  virtual bool reads_all() const { return false; }
  /// True: the list of a value with a null is fetched too.
  virtual bool takes_null() const { return false; }
  /// The batch is over.
  virtual void EndBatch() {}
  /// As the level's.
  virtual void Clear() {}
};

/// The rows of a chain whose columns hold the value.
class ChainFeed final : public Feed {
 public:
  /// No columns: there is one list, of all rows.
  ChainFeed(std::unique_ptr<Operator> chain, Columns columns)
      : chain_(std::move(chain)), columns_(std::move(columns)) {}

  Status Fetch(const Values& values, const std::optional<store::Start>& start,
               RowVisitor visit) const override;
  Status Advance(const model::ChangeSet& changes, const Deltas& parents,
                 RouteVisitor route) override;

 private:
  std::unique_ptr<Operator> chain_;
  Columns columns_;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_FEED_H_
