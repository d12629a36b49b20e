// The embedded database as authority: one SQLite file, one worker thread that writes it, threads
// that read whole results, and a reading connection on the I/O thread whose pinned snapshot is the
// replica.
// Invariant: the snapshot is at version(), which is the last commit the listener was told of. The
// worker waits with each COMMIT until the snapshot of the one before is pinned, so that a new
// snapshot never holds more than the commit that is being told. Belongs to one process.
#ifndef TIDEMARK_SERVER_EMBEDDED_SQLITE_AUTHORITY_H_
#define TIDEMARK_SERVER_EMBEDDED_SQLITE_AUTHORITY_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/model/schema.h"
#include "core/protocol/limits.h"
#include "core/store/sqlite.h"
#include "core/store/sqlite_source.h"
#include "server/authority.h"

namespace tidemark::server {

class DatabaseLock;
class HydrationWorker;
class ReplayWorker;

struct EmbeddedOptions {
  std::string path = ".tidemark/data.db";  // its folder is made if it is missing
  protocol::Limits limits = {};
  AppHostFactory make_host;
  PostTask post;
};

class SqliteAuthority final : public Authority {
 public:
  /// `schema` outlives the authority.
  SqliteAuthority(const model::Schema& schema, EmbeddedOptions options);
  /// Without Stop before, what is queued is lost (as in a crash).
  ~SqliteAuthority() override;

  Status Start(CommitListener& listener) override;
  void Stop(std::function<void()> done) override;

  const store::Store& replica() const override { return *replica_; }
  Version version() const override { return version_; }

  void LoadGroup(const ClientGroupID& group, const std::string& subject,
                 const std::vector<protocol::ClientState>& clients,
                 std::function<void(Result<GroupState>)> done) override;
  void Push(PushRequest request, std::function<void(Status)> done) override;
  void AckResults(const ClientGroupID& group,
                  const std::vector<protocol::ClientState>& upto) override;
  void Resolve(std::string name, std::string args_json, std::string auth_json,
               std::function<void(Result<std::string>)> done) override;
  void Hydrate(std::unique_ptr<hub::HydrationJob> job,
               std::function<void(std::unique_ptr<hub::HydrationJob>)> done) override;

 private:
  Status OpenDatabases();
  Status Pin();
  void OnCommitted(hub::Commit commit);
  void OnRepin();

  const model::Schema& schema_;
  EmbeddedOptions options_;
  CommitListener* listener_ = nullptr;
  std::unique_ptr<DatabaseLock> lock_;
  std::optional<store::Database> reader_;
  std::optional<store::SqliteTransaction> snapshot_;
  std::unique_ptr<store::SqliteStore> replica_;
  Version version_;
  std::unique_ptr<ReplayWorker> worker_;
  std::unique_ptr<HydrationWorker> hydration_;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_EMBEDDED_SQLITE_AUTHORITY_H_
