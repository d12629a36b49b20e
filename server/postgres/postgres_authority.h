// Postgres as authority: workers that write it, a replication slot that tells what was committed
// (by whomever), and a replica of the app's tables in SQLite: on the I/O thread, and for threads
// that read whole results.
// Invariant: version() is that of the last commit that the listener was told of, and what the
// replica holds beyond it is nothing that a query or a client could see.
#ifndef TIDEMARK_SERVER_POSTGRES_POSTGRES_AUTHORITY_H_
#define TIDEMARK_SERVER_POSTGRES_POSTGRES_AUTHORITY_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/model/schema.h"
#include "core/protocol/limits.h"
#include "server/authority.h"

namespace tidemark::server {

class HydrationWorker;
class PostgresWorker;
class Replica;
class Replication;
class WorkQueue;

struct PostgresOptions {
  std::string url;      // postgres://…
  std::string replica;  // file of the replica; empty: one in .tidemark/, named after the url
  bool migrate = false;
  std::size_t workers = 2;
  protocol::Limits limits = {};
  AppHostFactory make_host;
  PostTask post;
};

class PostgresAuthority final : public Authority {
 public:
  /// `schema` outlives the authority.
  PostgresAuthority(const model::Schema& schema, PostgresOptions options);
  /// Without Stop before, what is queued is lost (as in a crash).
  ~PostgresAuthority() override;

  Status Start(CommitListener& listener) override;
  void Stop(std::function<void()> done) override;

  const store::Store& replica() const override;
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
  Status StartReplication();
  Status StartWorkers();
  void OnArrived();
  void OnAvailability(bool available, const std::string& reason);
  void OnWorkerEnded();

  const model::Schema& schema_;
  PostgresOptions options_;
  CommitListener* listener_ = nullptr;
  std::unique_ptr<Replica> replica_;
  std::unique_ptr<Replication> replication_;
  std::unique_ptr<WorkQueue> queue_;
  std::vector<std::unique_ptr<PostgresWorker>> workers_;
  std::unique_ptr<HydrationWorker> hydration_;
  Version version_;
  std::size_t away_ = 0;   // workers and stream that have no connection
  std::size_t ended_ = 0;  // workers
  std::function<void()> stopped_;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_POSTGRES_POSTGRES_AUTHORITY_H_
