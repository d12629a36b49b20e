// The rows a replayed mutator runs on: Postgres inside the mutation's transaction. Reads are asked
// for when they are needed and then remembered (the transaction sees one snapshot); writes are kept
// back and travel together, with COMMIT or before the mutator's next query.
#ifndef TIDEMARK_SERVER_POSTGRES_ROWS_H_
#define TIDEMARK_SERVER_POSTGRES_ROWS_H_

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/result.h"
#include "core/mutation/transaction.h"
#include "server/postgres/connection.h"

namespace tidemark::server {

class PgRows final : public mutation::RowAccess {
 public:
  /// `schema` outlives the rows.
  explicit PgRows(const model::Schema& schema);

  /// Before each run of a mutator; the transaction has begun.
  void Begin(PgConnection& connection);
  /// Queues the writes that are still kept back; their number.
  std::size_t QueueWrites();
  /// A statement that Postgres failed: the transaction cannot go on.
  const std::optional<Fault>& fault() const { return fault_; }

  Result<mutation::Lookup> Get(model::TableIndex table, const RowKey& key) override;
  Result<mutation::Lookup> GetForInsert(model::TableIndex table, const RowKey& key) override;
  Status Write(mutation::RowWrite write) override;
  Result<std::string> Run(const query::Query& query) override;

 private:
  struct Texts {
    std::string select;
    std::string insert;
    std::string erase;
  };
  struct Statement {
    std::string text;
    PgParameters parameters;
  };
  using Rows = std::unordered_map<RowKey, mutation::Lookup>;

  Statement StatementFor(const mutation::RowWrite& write) const;
  Status Flush();
  Error Failed(const Fault& fault);
  model::Row ReadRow(const PgResult& rows, std::size_t row, const model::Table& table) const;

  const model::Schema& schema_;
  std::vector<Texts> texts_;  // by table
  PgConnection* connection_ = nullptr;
  std::vector<Rows> known_;  // by table: as this transaction sees it
  std::vector<Statement> writes_;
  std::optional<Fault> fault_;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_POSTGRES_ROWS_H_
