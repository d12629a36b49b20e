#include "core/ivm/level.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/ivm/list_editor.h"

namespace tidemark::ivm {

using model::Row;
using model::RowChange;
using State = List::State;

Level::Level(std::unique_ptr<Feed> feed, const model::Table& table, LevelPlan plan,
             ListID& last_list)
    : feed_(std::move(feed)), table_(table), plan_(std::move(plan)), last_list_(last_list) {}

void Level::Clear() {
  EndBatch();
  lists_.clear();
  feed_->Clear();
  row_count_ = 0;
}

void Level::EndBatch() {
  for (List* list : batch_) {
    list->batch.reset();
    if (list->state != State::kClosed) continue;
    // By iterator: the key that `values` refers to goes with its list.
    lists_.erase(lists_.find(*list->values));
  }
  batch_.clear();
  feed_->EndBatch();
}

List* Level::Find(const RowPart& part) {
  const auto found = lists_.find(part);
  return found == lists_.end() ? nullptr : &found->second;
}

List* Level::Find(const Values& values) {
  const auto found = lists_.find(values);
  return found == lists_.end() ? nullptr : &found->second;
}

void Level::AddToBatch(List& list) {
  if (list.batch != nullptr) return;
  list.batch = std::make_unique<List::Batch>();
  batch_.push_back(&list);
}

List& Level::FindOrAdd(const Row& parent) {
  if (List* list = ListOf(parent)) return *list;
  const auto place = lists_.try_emplace(ValuesOf({parent, plan_.own})).first;
  List& list = place->second;
  list.values = &place->first;
  list.id = last_list_++;
  AddToBatch(list);
  return list;
}

std::vector<List::User>::iterator Level::UserPosition(List& list, const List* parent,
                                                      const Row& row) {
  const auto before = [&](const List::User& user) {
    if (user.list != parent) return user.list->id < parent->id;
    return query::CompareRows(plan_.parent_order, user.row, row) < 0;
  };
  // Users mostly arrive in order.
  if (list.users.empty() || before(list.users.back())) return list.users.end();
  return std::partition_point(list.users.begin(), list.users.end(), before);
}

void Level::AddUser(List& list, const Delta& parent) {
  ++list.user_count;
  if (!plan_.knows_users || parent.list == nullptr) return;
  list.users.insert(UserPosition(list, parent.list, parent.after),
                    List::User{parent.list, parent.after});
}

void Level::RemoveUser(List& list, const Delta& parent) {
  if (--list.user_count == 0) AddToBatch(list);
  if (!plan_.knows_users || parent.list == nullptr) return;
  const auto place = UserPosition(list, parent.list, parent.before);
  TIDEMARK_CHECK(place != list.users.end() && place->list == parent.list);
  list.users.erase(place);
}

// Step 1, for one row of the parent. A parent's rows are told list by list, so that a row that
// moves to another list may come there before it leaves here: the count of users may be zero in
// between.
void Level::MoveUser(const Delta& parent) {
  List* before = parent.before ? ListOf(parent.before) : nullptr;
  List* after = parent.after ? &FindOrAdd(parent.after) : nullptr;
  TIDEMARK_CHECK(!parent.before || before != nullptr);
  if (before == after) {
    if (!plan_.knows_users || parent.list == nullptr) return;
    if (query::CompareRows(plan_.parent_order, parent.before, parent.after) == 0) {
      UserPosition(*before, parent.list, parent.before)->row = parent.after;
      return;
    }
  }
  if (before != nullptr) RemoveUser(*before, parent);
  if (after != nullptr) AddUser(*after, parent);
}

Status Level::Advance(const model::ChangeSet& changes, const Deltas& parents, Out out) {
  for (const Delta& parent : parents) MoveUser(parent);
  TIDEMARK_TRY(feed_->Advance(changes, parents, [this](const RowPart& at, const RowChange& change) {
    List* list = Find(at);
    if (list == nullptr || list->state != State::kOpen || list->user_count == 0) return;
    AddToBatch(*list);
    list->batch->pending.push_back(change);
  }));
  for (List* list : batch_) {
    if (!list->batch->pending.empty()) TIDEMARK_TRY(Apply(*list, out));
  }
  for (List* list : batch_) {
    if (list->user_count == 0) Close(*list, out);
  }
  for (List* list : batch_) {
    if (list->state == State::kNew) TIDEMARK_TRY(Open(*list, out));
  }
  return Ok{};
}

void Level::MakeStages(List& list) const {
  if (!plan_.limit && !plan_.aggregation) return;
  list.stages = std::make_unique<List::Stages>();
  if (plan_.aggregation) list.stages->aggregator.emplace(*plan_.aggregation, table_, plan_.form);
  if (!plan_.limit) return;
  list.stages->keeps_all = plan_.aggregation.has_value() || feed_->reads_all();
  list.stages->window.emplace(plan_.shape, *plan_.limit);
}

// What the window is of.
Status Level::FetchStage(const List& list, const std::optional<store::Start>& start,
                         RowVisitor visit) const {
  if (list.stages == nullptr || !list.stages->keeps_all) {
    return IsFed(list) ? feed_->Fetch(*list.values, start, visit) : Status(Ok{});
  }
  const std::vector<Row>& all = list.stages->all;
  std::size_t i = 0;
  if (start) {
    i = PositionIn(plan_.shape.ordering, all, start->row);
    while (i < all.size() && !start->inclusive &&
           query::CompareRows(plan_.shape.ordering, all[i], start->row) == 0) {
      ++i;
    }
  }
  while (i < all.size() && visit(all[i])) ++i;
  return Ok{};
}

// Step 2.
Status Level::Apply(List& list, Out out) {
  std::vector<RowChange> changes = std::move(list.batch->pending);
  list.batch->pending.clear();
  if (list.stages == nullptr) {
    Publish(list, changes, out);
    return Ok{};
  }
  List::Stages& stages = *list.stages;
  if (stages.aggregator) {
    std::vector<RowChange> groups;
    TIDEMARK_TRY(stages.aggregator->Apply(changes, groups));
    changes = std::move(groups);
  }
  if (stages.window) {
    if (stages.keeps_all) {
      ListEditor(plan_.shape.ordering, stages.all, list.id, nullptr).Apply(changes);
    }
    model::NetChanges net;
    TIDEMARK_TRY(stages.window->Advance(
        changes,
        [&](const std::optional<store::Start>& start, RowVisitor visit) {
          return FetchStage(list, start, visit);
        },
        net));
    changes = net.Take();
  }
  Publish(list, changes, out);
  return Ok{};
}

void Level::Publish(List& list, std::span<const RowChange> changes, Out out) {
  if (changes.empty()) return;
  list.batch->changed = true;
  if (plan_.holds_rows) {
    ListEditor(plan_.shape.ordering, list.rows, list.id,
               plan_.records_edits ? &list.batch->edits : nullptr)
        .Apply(changes);
  }
  for (const RowChange& change : changes) {
    if (!change.before) ++row_count_;
    if (!change.after) --row_count_;
    if (plan_.records_edits && change.after) list.batch->fresh.push_back(change.after);
    out(Delta{&list, change.before, change.after});
  }
}

// Step 3. A list that was opened and left in one batch never was.
void Level::Close(List& list, Out out) {
  const bool was_open = list.state == State::kOpen;
  list.state = State::kClosed;
  if (!was_open) return;
  list.batch->changed = true;
  row_count_ -= list.rows.size();
  for (const Row& row : list.rows) out(Delta{&list, row, Row()});
}

// Step 4.
Status Level::Open(List& list, Out out) {
  list.state = State::kOpen;
  list.batch->opened = true;
  list.batch->changed = true;
  MakeStages(list);
  const auto enter = [&](const Row& row) {
    ++row_count_;
    if (plan_.holds_rows) list.rows.push_back(row);
    out(Delta{&list, Row(), row});
    return true;
  };
  if (list.stages == nullptr) return FetchStage(list, std::nullopt, enter);
  List::Stages& stages = *list.stages;
  if (stages.aggregator) {
    std::vector<Row> groups;
    TIDEMARK_TRY(OpenGroups(list, groups));
    if (!stages.window) {
      for (const Row& group : groups) enter(group);
      return Ok{};
    }
    stages.all = std::move(groups);
  } else if (stages.keeps_all && IsFed(list)) {
    TIDEMARK_TRY(feed_->Fetch(*list.values, std::nullopt, [&](const Row& row) {
      stages.all.push_back(row);
      return true;
    }));
  }
  TIDEMARK_TRY(
      stages.window->Hydrate([&](const std::optional<store::Start>& start, RowVisitor visit) {
        return FetchStage(list, start, visit);
      }));
  for (const Row& row : stages.window->rows()) enter(row);
  return Ok{};
}

Status Level::OpenGroups(List& list, std::vector<Row>& groups) {
  Aggregator& aggregator = *list.stages->aggregator;
  TIDEMARK_TRY(aggregator.Begin(groups));
  if (!IsFed(list)) return Ok{};
  // In slices, so that the rows need not be held all at once.
  constexpr std::size_t kSliceRows = 256;
  std::vector<RowChange> slice;
  std::vector<RowChange> changes;
  Status status = Ok{};
  TIDEMARK_TRY(feed_->Fetch(*list.values, std::nullopt, [&](const Row& row) {
    slice.push_back(RowChange{0, RowKey(), Row(), row});
    if (slice.size() < kSliceRows) return true;
    status = aggregator.Apply(slice, changes);
    slice.clear();
    return status.ok();
  }));
  TIDEMARK_TRY(status);
  TIDEMARK_TRY(aggregator.Apply(slice, changes));
  model::NetChanges net;
  net.Add(changes);
  ListEditor(plan_.shape.ordering, groups, list.id, nullptr).Apply(net.Take());
  return Ok{};
}

}  // namespace tidemark::ivm
