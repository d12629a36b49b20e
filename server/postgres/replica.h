// The server's own copy of the replicated tables, in one SQLite file that can always be fetched
// again. Invariant: rows, clients, results and the position are of one moment of Postgres' history:
// they change together in one SQLite transaction.
// The file is written without waiting for the disk, so it is believed only in the boot of the
// machine that wrote it.
#ifndef TIDEMARK_SERVER_POSTGRES_REPLICA_H_
#define TIDEMARK_SERVER_POSTGRES_REPLICA_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/hub/hub.h"
#include "core/model/schema.h"
#include "core/store/sqlite.h"
#include "core/store/sqlite_source.h"
#include "server/embedded/database_lock.h"
#include "server/postgres/catalog.h"
#include "server/postgres/pgoutput.h"

namespace tidemark::server {

class Replica {
 public:
  /// Takes the file for this process alone. `schema` outlives the replica. A damaged file, or one
  /// of another schema, is emptied (its id is kept where it can be read).
  static Result<std::unique_ptr<Replica>> Open(const std::string& path,
                                               const model::Schema& schema);
  ~Replica();

  /// Names the slot that feeds this file.
  const std::string& id() const { return id_; }
  /// True if the file holds a whole copy of the history `epoch`.
  bool IsCopyOf(const std::string& epoch) const { return complete_ && version_.epoch == epoch; }
  /// What the rows are at.
  const Version& version() const { return version_; }

  // The first copy: everything between these two is one transaction.
  Status BeginCopy();
  Status CopyRow(const Catalog& catalog, std::size_t table, const model::Row& row);
  Status EndCopy(Version version);

  /// Applies transactions that follow version(), in one step. The commit has no changes, LMIDs and
  /// results if nothing of interest happened.
  Result<hub::Commit> Apply(const Catalog& catalog, std::vector<DecodedTransaction> transactions);

  const store::SqliteStore& store() const { return *app_; }
  store::Database& database() { return *database_; }

 private:
  explicit Replica(const model::Schema& schema) : schema_(schema) {}
  Status OpenFile(const std::string& path);
  Status Prepare(const std::string& made_for);
  Status Clear();
  Status Advance(std::uint64_t position);
  Status ApplyChange(const Catalog& catalog, DecodedChange change, model::NetChanges& net,
                     hub::Commit& commit);
  Status ApplyPut(const Catalog& catalog, DecodedChange change, model::NetChanges& net);
  Status ApplyState(model::TableIndex table, DecodedChange change, hub::Commit& commit);
  Status Erase(std::size_t table, const RowKey& key, model::NetChanges& net);
  Status Truncate(const Catalog& catalog, std::size_t table, model::NetChanges& net);
  Status PutState(model::TableIndex table, const DecodedRow& row);
  Status EraseState(model::TableIndex table, const RowKey& key);

  const model::Schema& schema_;
  std::unique_ptr<DatabaseLock> lock_;
  std::optional<store::Database> database_;
  std::unique_ptr<store::SqliteStore> app_;
  std::optional<store::SqliteTransaction> copy_;
  std::string id_;
  bool complete_ = false;
  Version version_;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_POSTGRES_REPLICA_H_
