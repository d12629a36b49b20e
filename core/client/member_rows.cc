#include "core/client/member_rows.h"

#include <unordered_set>
#include <utility>

namespace tidemark::client {

MemberRows::MemberRows(const store::MemoryStore& all, const query::Query& query)
    : all_(all), rows_(all.schema()) {
  for (const query::Node& node : query::NodesOf(query)) tables_.insert(node.table);
}

void MemberRows::Compare(const TableKey& address, Sees sees, model::ChangeSet& changes) const {
  model::Row before = rows_.Get(address.table, address.key);
  model::Row after = all_.Get(address.table, address.key);
  if (after && !sees(address)) after = model::Row();
  if (before == after) return;
  changes.push_back(
      model::RowChange{address.table, address.key, std::move(before), std::move(after)});
}

model::ChangeSet MemberRows::Sync(const std::vector<TableKey>& moved, Sees sees) {
  model::ChangeSet changes;
  std::unordered_set<TableKey, TableKeyHash> seen;
  for (const TableKey& address : moved) {
    if (tables_.count(address.table) == 0 || !seen.insert(address).second) continue;
    Compare(address, sees, changes);
  }
  rows_.Apply(changes);
  return changes;
}

model::ChangeSet MemberRows::SyncAll(Sees sees) {
  std::vector<TableKey> addresses;
  for (const model::TableIndex table : tables_) {
    const auto note = [&](const RowKey& key, const model::Row&) {
      addresses.push_back(TableKey{table, key});
    };
    all_.ForEach(table, note);
    rows_.ForEach(table, note);
  }
  return Sync(addresses, sees);
}

}  // namespace tidemark::client
