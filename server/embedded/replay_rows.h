// The rows a replayed mutator runs on: the embedded database inside the batch's transaction, one
// savepoint a mutation (made at its first write). Invariant: what Accept hands over is exactly what
// the database was changed by; after Undo the database is as it was before Begin.
#ifndef TIDEMARK_SERVER_EMBEDDED_REPLAY_ROWS_H_
#define TIDEMARK_SERVER_EMBEDDED_REPLAY_ROWS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/model/row_change.h"
#include "core/mutation/transaction.h"
#include "core/store/sqlite.h"
#include "core/store/sqlite_source.h"

namespace tidemark::server {

class ReplayRows final : public mutation::RowAccess {
 public:
  ReplayRows(store::Database& database, store::SqliteStore& store)
      : database_(database), store_(store) {}

  /// Before each mutation.
  void Begin();
  /// Keeps its writes, adding them to `net`.
  Status Accept(model::NetChanges& net);
  /// Takes them back.
  Status Undo();
  /// A failure of the database itself, not of the app's data: the batch cannot go on.
  const std::optional<Error>& fault() const { return fault_; }

  Result<mutation::Lookup> Get(model::TableIndex table, const RowKey& key) override;
  Result<mutation::Lookup> GetForInsert(model::TableIndex table, const RowKey& key) override;
  Status Write(mutation::RowWrite write) override;
  Result<std::string> Run(const query::Query& query) override;

 private:
  static constexpr std::size_t kQueryStatementsMax = 100;

  Status Execute(std::string_view sql);
  Status WriteRow(const mutation::RowWrite& write);
  void NoteFault(const Error& error);

  store::Database& database_;
  store::SqliteStore& store_;
  // Texts of queries depend on what apps ask, so these are bounded.
  store::StatementPool queries_{kQueryStatementsMax};
  bool has_savepoint_ = false;
  model::ChangeSet changes_;
  std::optional<Error> fault_;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_EMBEDDED_REPLAY_ROWS_H_
