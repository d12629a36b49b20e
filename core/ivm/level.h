// One node of a query's tree: for each match value of the parent's rows (its users' value) an
// ordered list of rows, shared by all users with that value. The root is a level whose match has no
// columns: one list, with one user that never leaves.
//
// Invariant after each batch: the lists are those of the values that some row of the parent level
// has, and each list is its node's query (condition, start, order, limit, or groups) evaluated on
// the store's state for its value. A value with a null has a list of no rows.
// A batch from state U to state V goes:
//   1. users move: parents come first, so their changes are known;
//   2. the feed's changes go to lists that were open at U and still have users: at V these are what
//      they were plus the changes;
//   3. lists without users close: their rows, as of U, leave;
//   4. lists of new values open: they are read at V, and none of the changes is applied to them.
// So each row change of a list is told once, and a list is never in between.
#ifndef TIDEMARK_CORE_IVM_LEVEL_H_
#define TIDEMARK_CORE_IVM_LEVEL_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/ivm/feed.h"
#include "core/ivm/list.h"
#include "core/ivm/row_shape.h"

namespace tidemark::ivm {

/// What a level's rows are and how many of them each list has.
struct LevelPlan {
  RowShape shape;
  Columns own;                   // of the parent's rows: the match
  query::Ordering parent_order;  // of the parent's rows
  std::optional<std::uint32_t> limit;
  std::optional<query::Aggregation> aggregation;  // of the feed's rows
  GroupForm form = GroupForm::kValues;
  bool holds_rows = true;      // lists without a limit too; else they do not know their rows
  bool knows_users = false;    // List::users
  bool records_edits = false;  // List::Batch: edits, fresh
};

class Level {
 public:
  Level(std::unique_ptr<Feed> feed, const model::Table& table, LevelPlan plan, ListID& last_list);
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

  const LevelPlan& plan() const { return plan_; }

  /// A batch; `parents` is what became of the parent level's rows. What became of this level's goes
  /// to `out`. A batch without changes only moves users: how everything is read at first.
  Status Advance(const model::ChangeSet& changes, const Deltas& parents,
                 FunctionRef<void(Delta)> out);
  /// The lists that the batch under way did something to. Valid until EndBatch.
  const std::vector<List*>& batch() const { return batch_; }
  void AddToBatch(List& list);
  /// Forgets the batch, and the lists that it closed.
  void EndBatch();
  /// Forgets everything.
  void Clear();

  /// The list of a parent's row, open or closed by the batch under way; null: there is none.
  List* Find(const RowPart& part);
  List* Find(const Values& values);
  List* ListOf(const model::Row& parent) { return Find({parent, plan_.own}); }
  void ForEach(FunctionRef<void(const List&)> visit) const {
    for (const auto& [values, list] : lists_) visit(list);
  }
  /// Of all lists, and what the feed holds to make them.
  std::size_t row_count() const { return row_count_ + feed_->row_count(); }

 private:
  using Out = FunctionRef<void(Delta)>;

  void MoveUser(const Delta& parent);
  List& FindOrAdd(const model::Row& parent);
  void AddUser(List& list, const Delta& parent);
  void RemoveUser(List& list, const Delta& parent);
  std::vector<List::User>::iterator UserPosition(List& list, const List* parent,
                                                 const model::Row& row);
  Status Apply(List& list, Out out);
  Status Open(List& list, Out out);
  Status OpenGroups(List& list, std::vector<model::Row>& groups);
  void Close(List& list, Out out);
  Status FetchStage(const List& list, const std::optional<store::Start>& start,
                    RowVisitor visit) const;
  void Publish(List& list, std::span<const model::RowChange> changes, Out out);
  void MakeStages(List& list) const;
  bool IsFed(const List& list) const { return feed_->takes_null() || !HasNull(*list.values); }

  std::unique_ptr<Feed> feed_;
  const model::Table& table_;
  LevelPlan plan_;
  ListID& last_list_;
  ByValues<List> lists_;
  std::vector<List*> batch_;
  std::size_t row_count_ = 0;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_LEVEL_H_
