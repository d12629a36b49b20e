// The server of a simulation: the real sessions and hub on the real replay of the embedded
// database, without threads and sockets. A crash takes everything but the committed database.
#ifndef TIDEMARK_TESTS_SIM_SERVER_H_
#define TIDEMARK_TESTS_SIM_SERVER_H_

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/store/sqlite.h"
#include "core/store/sqlite_source.h"
#include "server/auth.h"
#include "server/embedded/sqlite_replay.h"
#include "server/sync_service.h"
#include "tests/sim/channel.h"
#include "tests/sim/history.h"

namespace tidemark::sim {

inline constexpr std::int64_t kNowMs = 1700000000000;

class SimAuthority final : public server::Authority {
 public:
  SimAuthority(store::Database& database, server::AppHost& app, History& history, Random& random);

  Status Start(server::CommitListener& listener) override;
  void Stop(std::function<void()> done) override { done(); }
  const store::Store& replica() const override { return *store_; }
  Version version() const override { return version_; }
  void LoadGroup(const ClientGroupID& group, const std::string& subject,
                 const std::vector<protocol::ClientState>& clients,
                 std::function<void(Result<server::GroupState>)> done) override;
  void Push(server::PushRequest request, std::function<void(Status)> done) override;
  void AckResults(const ClientGroupID& group,
                  const std::vector<protocol::ClientState>& upto) override;
  void Resolve(std::string name, std::string args_json, std::string auth_json,
               std::function<void(Result<std::string>)> done) override;
  void Hydrate(std::unique_ptr<hub::HydrationJob> job,
               std::function<void(std::unique_ptr<hub::HydrationJob>)> done) override;

  bool has_work() const;
  /// One task: an answer, or a batch of some of what was pushed.
  void Work();
  /// Commits a batch that nobody will hear of: the process is about to die.
  void CommitUnheard();
  /// A commit that did not come through Tidemark.
  void CommitOutside();

 private:
  struct Batch {
    server::ReplayBatch replay;
    std::vector<std::function<void(Status)>> done;
  };
  /// A whole result that is read, or was, and will be given back.
  struct Hydration {
    std::unique_ptr<hub::HydrationJob> job;
    std::function<void(std::unique_ptr<hub::HydrationJob>)> done;
    bool was_run = false;
  };
  void RunHydration(Hydration& hydration);
  void StepHydration(std::size_t index);
  void HydrateAhead();
  Batch TakeBatch();
  std::optional<server::ReplayOutcome> Apply(const server::ReplayBatch& batch);
  void Told(hub::Commit commit);
  Status WriteOutside(model::NetChanges& changes);

  store::Database& database_;
  server::AppHost& app_;
  History& history_;
  Random& random_;
  std::unique_ptr<store::SqliteStore> store_;
  std::unique_ptr<server::SqliteReplay> replay_;
  server::CommitListener* listener_ = nullptr;
  Version version_;
  std::deque<std::pair<server::PushRequest, std::function<void(Status)>>> pushes_;
  std::vector<server::Acknowledgement> acknowledgements_;
  std::deque<std::function<void()>> tasks_;
  std::vector<Hydration> hydrations_;
};

class SimServer {
 public:
  SimServer(History& history, Random& random);
  ~SimServer();

  bool is_up() const { return service_ != nullptr; }
  void Start();
  /// Nothing is said any more; connections are cut by the caller.
  void Crash();
  ChannelPtr Connect(Channel::Side lower);
  SimAuthority& authority() { return *authority_; }
  const store::Store& database() const { return *reader_; }

 private:
  class App;
  static protocol::Limits Limits();

  History& history_;
  Random& random_;
  store::Database database_;
  std::unique_ptr<store::SqliteStore> reader_;
  std::unique_ptr<App> app_;
  server::NoAuthentication auth_;
  std::unique_ptr<SimAuthority> authority_;
  std::unique_ptr<server::SyncService> service_;
};

}  // namespace tidemark::sim

#endif  // TIDEMARK_TESTS_SIM_SERVER_H_
