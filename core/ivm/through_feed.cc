#include "core/ivm/through_feed.h"

#include <algorithm>
#include <numeric>
#include <unordered_set>

#include "core/ivm/chain.h"
#include "core/ivm/union_changes.h"

namespace tidemark::ivm {

using model::Row;

ThroughFeed::ThroughFeed(const store::Store& store, const query::Edge& edge,
                         const query::Ordering& own_order)
    : target_(store.schema().table(edge.query->table)), order_(edge.query->order_by) {
  const model::TableIndex junction = edge.through->table;
  const model::Table& table = store.schema().table(junction);
  query::Query all;
  all.table = junction;
  all.order_by = query::TotalOrdering(table, {});
  LevelPlan plan;
  plan.shape = RowShape{junction, &table, 0, all.order_by};
  plan.own = OwnColumns(edge.match);
  plan.parent_order = own_order;
  junctions_ = std::make_unique<Level>(
      std::make_unique<ChainFeed>(BuildChain(store, all), OtherColumns(edge.match)), table,
      std::move(plan), last_junctions_);

  query::Query unlimited = *edge.query;
  unlimited.limit.reset();
  if (unlimited.aggregation) {
    unlimited.aggregation.reset();
    unlimited.order_by = query::TotalOrdering(target_, {});
  }
  order_ = unlimited.order_by;
  LevelPlan target_plan;
  target_plan.shape = RowShape{unlimited.table, &target_, 0, order_};
  target_plan.own = OwnColumns(edge.through->match);
  target_plan.parent_order = all.order_by;
  target_plan.knows_users = true;
  targets_ = std::make_unique<Level>(
      std::make_unique<ChainFeed>(BuildChain(store, unlimited), OtherColumns(edge.through->match)),
      target_, std::move(target_plan), last_targets_);
}

void ThroughFeed::EndBatch() {
  junctions_->EndBatch();
  targets_->EndBatch();
  junction_deltas_.clear();
  target_deltas_.clear();
}

void ThroughFeed::Clear() {
  junctions_->Clear();
  targets_->Clear();
  junction_deltas_.clear();
  target_deltas_.clear();
}

std::size_t ThroughFeed::row_count() const {
  return junctions_->row_count() + targets_->row_count();
}

Status ThroughFeed::Fetch(const Values& values, const std::optional<store::Start>& start,
                          RowVisitor visit) const {
  const List* junction = junctions_->Find(values);
  if (junction == nullptr) return Ok{};
  std::vector<const List*> lists;
  for (const Row& row : junction->rows) lists.push_back(targets_->ListOf(row));
  std::sort(lists.begin(), lists.end(), [](const List* a, const List* b) { return a->id < b->id; });
  lists.erase(std::unique(lists.begin(), lists.end()), lists.end());
  std::vector<Row> rows;
  for (const List* list : lists) {
    for (const Row& row : list->rows) {
      if (start) {
        const auto order = query::CompareRows(order_, row, start->row);
        if (start->inclusive ? order < 0 : order <= 0) continue;
      }
      rows.push_back(row);
    }
  }
  std::sort(rows.begin(), rows.end(),
            [this](const Row& a, const Row& b) { return query::CompareRows(order_, a, b) < 0; });
  for (const Row& row : rows) {
    if (!visit(row)) break;
  }
  return Ok{};
}

// How many junction rows more than at U there are of each link that the batch touched.
ThroughFeed::Links ThroughFeed::CountLinks() const {
  Links links;
  for (const Delta& delta : junction_deltas_) {
    if (delta.before) --links[{delta.list, targets_->ListOf(delta.before)}];
    if (delta.after) ++links[{delta.list, targets_->ListOf(delta.after)}];
  }
  return links;
}

// At V.
int ThroughFeed::UsersOf(const Link& link) const {
  const std::vector<List::User>& users = link.second->users;
  const ListID id = link.first->id;
  const auto begin = std::partition_point(users.begin(), users.end(),
                                          [id](const List::User& u) { return u.list->id < id; });
  const auto end = std::partition_point(begin, users.end(),
                                        [id](const List::User& u) { return u.list->id <= id; });
  return static_cast<int>(end - begin);
}

Status ThroughFeed::Advance(const model::ChangeSet& changes, const Deltas& parents,
                            RouteVisitor route) {
  TIDEMARK_TRY(junctions_->Advance(
      changes, parents, [this](Delta delta) { junction_deltas_.push_back(std::move(delta)); }));
  TIDEMARK_TRY(targets_->Advance(changes, junction_deltas_, [this](Delta delta) {
    target_deltas_.push_back(std::move(delta));
  }));
  std::map<List*, UnionChanges, ByID> unions;  // by the junction's list
  const auto add = [&](List* junction, const Row& before, const Row& after) {
    unions[junction].Add(model::KeyOf(target_, before ? before : after), before, after);
  };
  DeltasByList by_target;
  for (const Delta& delta : target_deltas_) by_target[delta.list].push_back(&delta);
  const Links links = CountLinks();
  for (const auto& [link, more] : links) {
    const int users = UsersOf(link);
    const bool was = users - more > 0;
    const bool is = users > 0;
    if (was == is) continue;
    if (is) {
      for (const Row& row : link.second->rows) add(link.first, Row(), row);
    } else {
      for (const Row& row : RowsBefore(*link.second, by_target)) add(link.first, row, Row());
    }
  }
  for (const auto& [target, deltas] : by_target) {
    const List* last = nullptr;
    for (const List::User& user : target->users) {
      if (std::exchange(last, user.list) == user.list) continue;
      const auto touched = links.find({user.list, target});
      if (touched != links.end() && UsersOf(touched->first) - touched->second == 0) continue;
      for (const Delta* delta : deltas) add(user.list, delta->before, delta->after);
    }
  }
  // A user's value is its junction list's key.
  for (const auto& [junction, merged] : unions) {
    const Row user = Row::Make(*junction->values);
    Columns columns(user.size());
    std::iota(columns.begin(), columns.end(), model::ColumnIndex{0});
    for (const model::RowChange& change : merged.changes()) {
      if (!(change.before == change.after)) route({user, columns}, change);
    }
  }
  return Ok{};
}

// The rows of a target's list as of U.
std::vector<Row> ThroughFeed::RowsBefore(const List& target, const DeltasByList& deltas) const {
  std::vector<Row> rows;
  const auto found = deltas.find(const_cast<List*>(&target));
  if (found == deltas.end()) return target.rows;
  std::unordered_set<RowKey> changed;
  for (const Delta* delta : found->second) {
    if (delta->before) rows.push_back(delta->before);
    changed.insert(model::KeyOf(target_, delta->before ? delta->before : delta->after));
  }
  if (target.state == List::State::kClosed) return rows;
  for (const Row& row : target.rows) {
    if (changed.count(model::KeyOf(target_, row)) == 0) rows.push_back(row);
  }
  return rows;
}

}  // namespace tidemark::ivm
