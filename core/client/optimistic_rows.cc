#include "core/client/optimistic_rows.h"

#include <algorithm>
#include <utility>

#include "core/client/optimistic_state.h"
#include "core/ivm/evaluate.h"

namespace tidemark::client {

using mutation::Lookup;
using mutation::Presence;

Result<Lookup> OptimisticRows::Get(model::TableIndex table, const RowKey& key) {
  const TableKey address{table, key};
  reads_.insert(address);
  model::Row row = state_.store().Get(table, key);
  if (row) return Lookup{Presence::kPresent, std::move(row)};
  const bool absent = deleted_.count(address) > 0 || state_.IsKnownAbsent(address);
  return Lookup{absent ? Presence::kAbsent : Presence::kUnknown, {}};
}

Status OptimisticRows::Write(mutation::RowWrite write) {
  const TableKey address{write.table, write.key};
  if (write.after) {
    deleted_.erase(address);
  } else {
    deleted_.insert(address);
  }
  model::Row before = state_.Put(write.table, write.key, write.after);
  writes_.Add(model::RowChange{write.table, std::move(write.key), std::move(before),
                               std::move(write.after)});
  return Ok{};
}

Result<std::string> OptimisticRows::Run(const query::Query& query) {
  for (const query::Node& node : query::NodesOf(query)) {
    if (std::find(scans_.begin(), scans_.end(), node.table) == scans_.end()) {
      scans_.push_back(node.table);
    }
  }
  return ivm::EvaluateToJson(state_.store(), query);
}

void OptimisticRows::Finish(PendingMutation& pending, bool succeeded) {
  pending.effects = writes_.Take();
  if (!succeeded) {
    for (auto effect = pending.effects.rbegin(); effect != pending.effects.rend(); ++effect) {
      state_.Put(effect->table, effect->key, effect->before);
    }
    pending.effects.clear();
  }
  pending.reads.assign(reads_.begin(), reads_.end());
  pending.scans = std::move(scans_);
  pending.has_run = true;
}

}  // namespace tidemark::client
