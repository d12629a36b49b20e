// A mutation that the server has not confirmed, with what its last run read and did: enough to undo
// it, to do it again without running it, and to know when it must be run again.
#ifndef TIDEMARK_CORE_CLIENT_PENDING_MUTATION_H_
#define TIDEMARK_CORE_CLIENT_PENDING_MUTATION_H_

#include <vector>

#include "core/client/table_key.h"
#include "core/model/row_change.h"
#include "core/mutation/mutation.h"

namespace tidemark::client {

struct PendingMutation {
  mutation::Mutation mutation;
  model::ChangeSet effects;     // net; none when the last run failed (the prediction is retired)
  std::vector<TableKey> reads;  // keys that were looked at
  std::vector<model::TableIndex> scans;  // tables that were queried
  bool logged = false;                   // has a place in the relay's log
  bool has_run = false;
  bool dropped = false;  // leaves at the next replay

  /// Whether a run on a state that differs in `dirty` could do something else.
  bool Meets(const DirtyKeys& dirty) const {
    if (dirty.empty()) return false;
    for (const TableKey& read : reads) {
      if (dirty.Contains(read)) return true;
    }
    for (const model::TableIndex table : scans) {
      if (dirty.ContainsTable(table)) return true;
    }
    for (const model::RowChange& effect : effects) {
      if (dirty.Contains(TableKey{effect.table, effect.key})) return true;
    }
    return false;
  }
};

}  // namespace tidemark::client

#endif  // TIDEMARK_CORE_CLIENT_PENDING_MUTATION_H_
