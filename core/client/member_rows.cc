#include "core/client/member_rows.h"

#include <unordered_set>
#include <utility>

namespace tidemark::client {

MemberRows::MemberRows(const store::MemoryStore& all, const query::Query& query)
    : all_(all), nodes_(all.schema(), query), rows_(nodes_.schema()) {}

model::ChangeSet MemberRows::Sync(const std::vector<TableKey>& moved, Sees sees) {
  model::ChangeSet changes;
  std::unordered_set<TableKey, TableKeyHash> seen;
  for (const TableKey& address : moved) {
    if (!seen.insert(address).second) continue;
    for (std::size_t i = 0; i < nodes().size(); ++i) {
      const ivm::NodeTables::Node& node = nodes()[i];
      if (node.table != address.table) continue;
      model::Row before = rows_.Get(node.copy, address.key);
      model::Row after = all_.Get(address.table, address.key);
      if (after && !sees(address, i)) after = model::Row();
      if (before == after) continue;
      changes.push_back(
          model::RowChange{node.copy, address.key, std::move(before), std::move(after)});
    }
  }
  rows_.Apply(changes);
  return changes;
}

model::ChangeSet MemberRows::SyncAll(Sees sees) {
  std::vector<TableKey> addresses;
  for (const ivm::NodeTables::Node& node : nodes()) {
    const auto note = [&](const RowKey& key, const model::Row&) {
      addresses.push_back(TableKey{node.table, key});
    };
    if (node.copy == node.table) all_.ForEach(node.table, note);
    rows_.ForEach(node.copy, note);
  }
  return Sync(addresses, sees);
}

}  // namespace tidemark::client
