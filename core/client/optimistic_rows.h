// The rows a mutator runs on in the page. Writes go through to the optimistic store at once;
// what was read and written is recorded, and can be undone.
#ifndef TIDEMARK_CORE_CLIENT_OPTIMISTIC_ROWS_H_
#define TIDEMARK_CORE_CLIENT_OPTIMISTIC_ROWS_H_

#include <string>
#include <unordered_set>
#include <vector>

#include "core/client/pending_mutation.h"
#include "core/client/table_key.h"
#include "core/model/row_change.h"
#include "core/mutation/transaction.h"

namespace tidemark::client {

class OptimisticState;

class OptimisticRows final : public mutation::RowAccess {
 public:
  /// `state` outlives the rows.
  explicit OptimisticRows(OptimisticState& state) : state_(state) {}

  Result<mutation::Lookup> Get(model::TableIndex table, const RowKey& key) override;
  Status Write(mutation::RowWrite write) override;
  Result<std::string> Run(const query::Query& query) override;

  /// Moves what was recorded into `pending`. On failure the writes are undone first.
  void Finish(PendingMutation& pending, bool succeeded);

 private:
  OptimisticState& state_;
  model::NetChanges writes_;
  std::unordered_set<TableKey, TableKeyHash> reads_;
  std::unordered_set<TableKey, TableKeyHash> deleted_;
  std::vector<model::TableIndex> scans_;
};

}  // namespace tidemark::client

#endif  // TIDEMARK_CORE_CLIENT_OPTIMISTIC_ROWS_H_
