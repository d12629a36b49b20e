// The server between sockets and data: owns the hub and the sessions, tells the hub what the
// authority committed, and carries the hub's frames to their connections. Everything on the I/O
// thread.
#ifndef TIDEMARK_SERVER_SYNC_SERVICE_H_
#define TIDEMARK_SERVER_SYNC_SERVICE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/hub/hub.h"
#include "core/protocol/limits.h"
#include "server/auth.h"
#include "server/authority.h"
#include "server/net/connection.h"
#include "server/session.h"

namespace tidemark::server {

struct SyncServiceOptions {
  std::string build;
  protocol::Limits limits = {};
  /// The process must end with this message.
  std::function<void(const Error&)> on_fatal;
};

class SyncService final : public ConnectionEvents, public CommitListener {
 public:
  /// Both outlive the service.
  SyncService(Authority& authority, AuthVerifier& auth, SyncServiceOptions options);
  ~SyncService() override;

  /// After the authority has started.
  void Open();
  /// No more mutations are taken; those that were taken are finished and told.
  void Drain();
  void CloseSessions(CloseCode code, const std::string& reason);
  /// To be called every second or so: ends sessions whose token has expired, and queries that
  /// nobody wants any more. Seconds since the epoch.
  void Tick(std::int64_t now_s);
  std::size_t sessions() const { return sessions_.size(); }
  /// Called when the last session has gone.
  void set_on_empty(std::function<void()> on_empty) { on_empty_ = std::move(on_empty); }

  hub::SessionID OnOpened(std::shared_ptr<Connection> connection, const std::string& peer) override;
  void OnMessage(hub::SessionID session, std::string_view bytes) override;
  void OnOversized(hub::SessionID session) override;
  void OnCongested(hub::SessionID session, bool congested) override;
  void OnClosed(hub::SessionID session, const std::string& why) override;
  std::string NotReadyReason() const override;

  void OnCommit(hub::Commit commit) override;
  void OnAvailability(bool available, const std::string& reason) override;
  void OnFatal(const Error& error) override;

 private:
  void Pump();
  Session* Find(hub::SessionID session);

  Authority& authority_;
  AuthVerifier& auth_;
  SyncServiceOptions options_;
  std::optional<hub::Hub> hub_;
  std::optional<SessionContext> context_;
  std::unordered_map<hub::SessionID, std::unique_ptr<Session>> sessions_;
  hub::SessionID last_session_ = 0;
  bool pumping_ = false;
  bool draining_ = false;
  std::string unavailable_reason_;
  std::function<void()> on_empty_;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_SYNC_SERVICE_H_
