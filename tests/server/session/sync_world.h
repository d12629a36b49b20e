// A sync service on an authority in memory, with connections that only remember: sessions from
// their hello to their end, without sockets, threads or engines.
#ifndef TIDEMARK_TESTS_SERVER_SESSION_SYNC_WORLD_H_
#define TIDEMARK_TESTS_SERVER_SESSION_SYNC_WORLD_H_

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/protocol/messages.h"
#include "server/auth.h"
#include "server/embedded/sqlite_replay.h"
#include "server/sync_service.h"

namespace tidemark::server {

class RecordingConnection final : public Connection {
 public:
  void Send(hub::Frame frame, bool more) override;
  void Close(CloseCode code, std::string reason) override;
  void PauseReading() override { paused = true; }
  void ResumeReading() override { paused = false; }

  /// The first message of a kind that came and was not taken yet.
  template <typename M>
  std::optional<M> Take();

  std::deque<protocol::Message> messages;
  std::optional<CloseCode> closed;
  bool paused = false;
};

/// SqliteReplay on a database in memory, called when the test says so.
class DirectAuthority final : public Authority {
 public:
  DirectAuthority();
  Status Start(CommitListener& listener) override;
  void Stop(std::function<void()> done) override { done(); }
  const store::Store& replica() const override { return *store_; }
  Version version() const override { return replay_->version(); }
  void LoadGroup(const ClientGroupID& group, const std::string& subject,
                 const std::vector<protocol::ClientState>& clients,
                 std::function<void(Result<GroupState>)> done) override;
  void Push(PushRequest request, std::function<void(Status)> done) override;
  void AckResults(const ClientGroupID& group,
                  const std::vector<protocol::ClientState>& upto) override;
  /// `all`: all counters. `mine`: those with the id of the caller's `sub`. `admin`: all of them, if
  /// the claims have `"admin":true`.
  void Resolve(std::string name, std::string args_json, std::string auth_json,
               std::function<void(Result<std::string>)> done) override;
  void Hydrate(std::unique_ptr<hub::HydrationJob> job,
               std::function<void(std::unique_ptr<hub::HydrationJob>)> done) override;

  /// Replays everything that was pushed as one batch.
  void Replay();
  bool load_later = false;
  void FinishLoads();

 private:
  int slow_runs_ = 0;
  store::Database database_;
  std::unique_ptr<mutation::MutatorRegistry> mutators_;
  std::unique_ptr<store::SqliteStore> store_;
  std::unique_ptr<SqliteReplay> replay_;
  CommitListener* listener_ = nullptr;
  ReplayBatch batch_;
  std::vector<std::function<void(Status)>> push_done_;
  std::vector<std::function<void()>> loads_;
};

class SyncWorld {
 public:
  explicit SyncWorld(protocol::Limits limits = {});
  /// With a verifier of the test's own, which outlives the world.
  explicit SyncWorld(AuthVerifier& auth, protocol::Limits limits = {});

  struct Peer {
    std::shared_ptr<RecordingConnection> connection;
    hub::SessionID session = 0;
  };
  Peer Connect();
  void Send(const Peer& peer, const protocol::Message& message);
  static protocol::Hello Hello(const std::string& group);
  /// A push of one call of `add`.
  static protocol::Push Add(const ClientID& client, MutationID id);

  DirectAuthority& authority() { return authority_; }
  SyncService& service() { return service_; }

 private:
  DirectAuthority authority_;
  NoAuthentication nobody_;
  SyncService service_;
};

template <typename M>
std::optional<M> RecordingConnection::Take() {
  for (auto position = messages.begin(); position != messages.end(); ++position) {
    if (M* found = std::get_if<M>(&*position)) {
      M taken = std::move(*found);
      messages.erase(position);
      return taken;
    }
  }
  return std::nullopt;
}

}  // namespace tidemark::server

#endif  // TIDEMARK_TESTS_SERVER_SESSION_SYNC_WORLD_H_
