#include "core/client/optimistic_state.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/client/optimistic_rows.h"

namespace tidemark::client {

using model::Row;
using model::RowChange;

namespace {

TableKey AddressOf(const RowChange& change) { return TableKey{change.table, change.key}; }

bool IsConfirmed(const mutation::Mutation& mutation, const Lmids& lmids) {
  const auto found = lmids.find(mutation.client);
  return found != lmids.end() && mutation.id <= found->second;
}

}  // namespace

OptimisticState::OptimisticState(const model::Schema& schema, mutation::MutatorHost& mutators,
                                 const Coverage& coverage)
    : store_(schema), mutators_(mutators), coverage_(coverage) {}

bool OptimisticState::IsPending(const ClientID& client, MutationID id) const {
  const auto waiting = waiting_.find(client);
  return waiting != waiting_.end() && waiting->second.count(id) > 0;
}

std::size_t OptimisticState::tail_position() const {
  std::size_t position = pending_.size();
  while (position > 0 && !pending_[position - 1].logged) --position;
  return position;
}

Row OptimisticState::BaseRow(const TableKey& address) const {
  const auto touched = touched_.find(address);
  return touched == touched_.end() ? store_.Get(address.table, address.key) : touched->second.base;
}

bool OptimisticState::IsKnownAbsent(const TableKey& address) const {
  return touched_.count(address) > 0 || coverage_.Covers(address.table, address.key);
}

void OptimisticState::ForEachTouched(
    FunctionRef<void(const TableKey&, const model::Row&)> visit) const {
  for (const auto& [address, touched] : touched_) visit(address, touched.base);
}

// ---- rows ----

Row OptimisticState::Put(model::TableIndex table, const RowKey& key, Row row) {
  Row before = store_.Apply(table, key, row);
  changes_.Add(RowChange{table, key, before, std::move(row)});
  return before;
}

void OptimisticState::SetBase(const BaseChange& change) {
  if (touched_.empty()) {
    Put(change.address.table, change.address.key, change.after);
    return;
  }
  const auto touched = touched_.find(change.address);
  if (touched == touched_.end()) {
    Put(change.address.table, change.address.key, change.after);
  } else {
    touched->second.base = change.after;
  }
}

/// `effect` has been applied: what was there before it is base, unless an earlier mutation wrote
/// the row.
void OptimisticState::Touch(const RowChange& effect) {
  const auto [touched, is_new] = touched_.try_emplace(AddressOf(effect), Touched{effect.before, 0});
  ++touched->second.writers;
  if (is_new) touched_changes_.push_back(touched->first);
}

void OptimisticState::Release(const RowChange& effect) {
  const auto touched = touched_.find(AddressOf(effect));
  TIDEMARK_CHECK(touched != touched_.end());
  if (--touched->second.writers > 0) return;
  const Row base = std::move(touched->second.base);
  touched_changes_.push_back(touched->first);
  touched_.erase(touched);
  Put(effect.table, effect.key, base);
}

model::ChangeSet OptimisticState::TakeChanges() { return changes_.Take(); }

std::vector<TableKey> OptimisticState::TakeTouched() { return std::exchange(touched_changes_, {}); }

// ---- runs ----

Result<std::string> OptimisticState::Run(PendingMutation& pending, mutation::Reason reason) {
  OptimisticRows rows(*this);
  mutation::Transaction transaction(store_.schema(), rows, pending.mutation);
  const mutation::MutatorContext context{auth_json_, mutation::Location::kClient, reason,
                                         pending.mutation.timestamp_ms};
  Result<std::string> result = mutators_.Run(pending.mutation, context, transaction);
  if (transaction.doom()) result = *transaction.doom();
  rows.Finish(pending, result.ok());
  for (const RowChange& effect : pending.effects) Touch(effect);
  return result;
}

Result<std::string> OptimisticState::Append(mutation::Mutation mutation) {
  PendingMutation pending;
  pending.mutation = std::move(mutation);
  Result<std::string> result = Run(pending, mutation::Reason::kOptimistic);
  if (result.ok()) Push(std::move(pending));
  return result;
}

void OptimisticState::RunAgain(PendingMutation& pending, DirtyKeys& dirty) {
  const model::ChangeSet old_effects = std::move(pending.effects);
  // A failure retires the prediction: it has no effects until it is run again.
  (void)Run(pending, mutation::Reason::kRebase);
  for (const RowChange& effect : pending.effects) dirty.Set(AddressOf(effect), true);
  for (const RowChange& effect : old_effects) {
    dirty.Set(AddressOf(effect), !(store_.Get(effect.table, effect.key) == effect.after));
  }
}

void OptimisticState::Replay(std::vector<PendingMutation> mutations, DirtyKeys dirty) {
  for (PendingMutation& pending : mutations) {
    if (pending.dropped) {
      for (const RowChange& effect : pending.effects) {
        dirty.Set(AddressOf(effect), !(store_.Get(effect.table, effect.key) == effect.after));
      }
      continue;
    }
    if (pending.has_run && !pending.Meets(dirty)) {
      for (const RowChange& effect : pending.effects) {
        Put(effect.table, effect.key, effect.after);
        Touch(effect);
      }
    } else {
      RunAgain(pending, dirty);
    }
    Push(std::move(pending));
  }
}

void OptimisticState::Replay(std::vector<PendingMutation> mutations) {
  Replay(std::move(mutations), DirtyKeys());
}

// ---- the list ----

void OptimisticState::Push(PendingMutation pending) {
  waiting_[pending.mutation.client].insert(pending.mutation.id);
  pending_.push_back(std::move(pending));
}

void OptimisticState::Forget(const mutation::Mutation& mutation) {
  const auto waiting = waiting_.find(mutation.client);
  waiting->second.erase(mutation.id);
  if (waiting->second.empty()) waiting_.erase(waiting);
}

std::vector<PendingMutation> OptimisticState::TakeFrom(std::size_t position) {
  std::vector<PendingMutation> taken;
  taken.reserve(pending_.size() - position);
  while (pending_.size() > position) {
    PendingMutation pending = std::move(pending_.back());
    pending_.pop_back();
    Forget(pending.mutation);
    for (auto effect = pending.effects.rbegin(); effect != pending.effects.rend(); ++effect) {
      Put(effect->table, effect->key, effect->before);
      Release(*effect);
    }
    taken.push_back(std::move(pending));
  }
  std::reverse(taken.begin(), taken.end());
  return taken;
}

std::size_t OptimisticState::CountConfirmed(const Lmids& lmids) const {
  std::size_t count = 0;
  for (const auto& [client, lmid] : lmids) {
    const auto waiting = waiting_.find(client);
    if (waiting == waiting_.end() || *waiting->second.begin() > lmid) continue;
    if (*waiting->second.rbegin() <= lmid) {
      count += waiting->second.size();
    } else {
      for (const MutationID id : waiting->second) {
        if (id > lmid) break;
        ++count;
      }
    }
  }
  return count;
}

std::size_t OptimisticState::FirstToReplay(const std::vector<BaseChange>& changes,
                                           const Lmids& lmids, DirtyKeys& dirty,
                                           std::size_t& confirmed_front) const {
  TableKeyMap<Row> new_base;
  for (const BaseChange& change : changes) {
    new_base[change.address] = change.after;
    dirty.Set(change.address, !(BaseRow(change.address) == change.after));
  }
  const std::size_t confirmed = CountConfirmed(lmids);
  confirmed_front = 0;
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    if (confirmed_front == confirmed && dirty.empty()) return pending_.size();
    const PendingMutation& pending = pending_[i];
    const bool is_front = i == confirmed_front;
    if (!pending.dropped && !IsConfirmed(pending.mutation, lmids)) {
      if (pending.Meets(dirty)) return i;
      continue;
    }
    if (!is_front) return i;
    ++confirmed_front;
    for (const RowChange& effect : pending.effects) {
      const TableKey address = AddressOf(effect);
      const auto changed = new_base.find(address);
      const Row row = changed == new_base.end() ? BaseRow(address) : changed->second;
      dirty.Set(address, !(row == effect.after));
    }
  }
  return pending_.size();
}

void OptimisticState::Advance(const std::vector<BaseChange>& changes, const Lmids& lmids) {
  if (pending_.empty()) {
    for (const BaseChange& change : changes) SetBase(change);
    return;
  }
  DirtyKeys dirty;
  std::size_t confirmed_front = 0;
  const std::size_t first = FirstToReplay(changes, lmids, dirty, confirmed_front);
  std::vector<PendingMutation> again = TakeFrom(first);
  for (PendingMutation& pending : again) {
    if (IsConfirmed(pending.mutation, lmids)) pending.dropped = true;
  }
  for (const BaseChange& change : changes) SetBase(change);
  for (; confirmed_front > 0; --confirmed_front) {
    const PendingMutation pending = std::move(pending_.front());
    pending_.pop_front();
    Forget(pending.mutation);
    for (const RowChange& effect : pending.effects) Release(effect);
  }
  Replay(std::move(again), std::move(dirty));
}

}  // namespace tidemark::client
