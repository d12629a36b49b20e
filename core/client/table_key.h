// A row's address: table and key, for sets and maps over several tables.
#ifndef TIDEMARK_CORE_CLIENT_TABLE_KEY_H_
#define TIDEMARK_CORE_CLIENT_TABLE_KEY_H_

#include <cstddef>
#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "core/base/ids.h"
#include "core/model/schema.h"

namespace tidemark::client {

struct TableKey {
  model::TableIndex table = 0;
  RowKey key;

  friend bool operator==(const TableKey&, const TableKey&) = default;
};

struct TableKeyHash {
  std::size_t operator()(const TableKey& address) const noexcept {
    return std::hash<std::string>()(address.key.value) * 31 + address.table;
  }
};

template <typename T>
using TableKeyMap = std::unordered_map<TableKey, T, TableKeyHash>;

/// Keys whose value is not what a mutation saw in its last run.
class DirtyKeys {
 public:
  bool empty() const { return keys_.empty(); }
  bool Contains(const TableKey& key) const { return keys_.count(key) > 0; }
  bool ContainsTable(model::TableIndex table) const {
    const auto found = tables_.find(table);
    return found != tables_.end() && found->second > 0;
  }
  void Set(const TableKey& key, bool is_dirty) {
    if (is_dirty) {
      if (keys_.insert(key).second) ++tables_[key.table];
    } else if (keys_.erase(key) > 0) {
      --tables_[key.table];
    }
  }

 private:
  std::unordered_set<TableKey, TableKeyHash> keys_;
  std::unordered_map<model::TableIndex, std::size_t> tables_;
};

}  // namespace tidemark::client

#endif  // TIDEMARK_CORE_CLIENT_TABLE_KEY_H_
