#include "core/store/switched_store.h"

#include <cstddef>

namespace tidemark::store {

SwitchedStore::SwitchedStore(const model::Schema& schema, const Store& store) : schema_(schema) {
  for (std::size_t table = 0; table < schema.tables().size(); ++table) {
    tables_.emplace_back(store.source(static_cast<model::TableIndex>(table)));
  }
}

void SwitchedStore::SwitchTo(const Store& store) {
  for (std::size_t table = 0; table < tables_.size(); ++table) {
    tables_[table] = Table(store.source(static_cast<model::TableIndex>(table)));
  }
}

}  // namespace tidemark::store
