// The rows that a level's users reach through a junction table, each once. Two levels of their own:
// the junction's rows by the user's value (`junctions`), and the target's rows by the junction
// row's value (`targets`).
//
// A target row is in the one list of its own value, so the rows at a user's value v are a disjoint
// union: rows(v) = union of targets[t] over the distinct t of junctions[v]. Call t linked to v if a
// junction row of v has it. From state U to state V:
//   linked at both     the changes of targets[t] are changes of rows(v);
//   linked at V only   the rows of targets[t], as of V, enter;
//   linked at U only   the rows of targets[t], as of U, leave.
// A row that goes from one linked list to another leaves and enters: the two are folded into one.
#ifndef TIDEMARK_CORE_IVM_THROUGH_FEED_H_
#define TIDEMARK_CORE_IVM_THROUGH_FEED_H_

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "core/ivm/feed.h"
#include "core/ivm/level.h"

namespace tidemark::ivm {

class ThroughFeed final : public Feed {
 public:
  /// `edge` has a junction; its query's order is total. `own_order` is that of the level's users.
  ThroughFeed(const store::Store& store, const query::Edge& edge, const query::Ordering& own_order);

  Status Fetch(const Values& values, const std::optional<store::Start>& start,
               RowVisitor visit) const override;
  Status Advance(const model::ChangeSet& changes, const Deltas& parents,
                 RouteVisitor route) override;
  std::size_t row_count() const override;
  bool reads_all() const override { return true; }
  void EndBatch() override;
  void Clear() override;

  /// What the last batch did to the junction's rows.
  const Deltas& junction_deltas() const { return junction_deltas_; }

 private:
  // A junction's list and a target's.
  using Link = std::pair<List*, List*>;
  struct ByID {
    bool operator()(const List* a, const List* b) const { return a->id < b->id; }
    bool operator()(const Link& a, const Link& b) const {
      return a.first != b.first ? (*this)(a.first, b.first) : (*this)(a.second, b.second);
    }
  };
  using Links = std::map<Link, int, ByID>;
  using DeltasByList = std::map<List*, std::vector<const Delta*>, ByID>;

  Links CountLinks() const;
  int UsersOf(const Link& link) const;
  std::vector<model::Row> RowsBefore(const List& target, const DeltasByList& deltas) const;

  const model::Table& target_;
  query::Ordering order_;
  ListID last_junctions_ = 0;
  ListID last_targets_ = 0;
  std::unique_ptr<Level> junctions_;
  std::unique_ptr<Level> targets_;
  Deltas junction_deltas_;
  Deltas target_deltas_;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_THROUGH_FEED_H_
