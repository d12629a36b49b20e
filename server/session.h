// One connection of a client or relay, from its hello to its end: pushes go to the authority,
// queries to the hub. Invariant: nothing of a session reaches authority or hub before its hello was
// accepted, and its pushes arrive at the authority in the order they came. Owns no socket and no
// data: what it sends comes from the hub.
#ifndef TIDEMARK_SERVER_SESSION_H_
#define TIDEMARK_SERVER_SESSION_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/hub/hub.h"
#include "core/protocol/limits.h"
#include "core/protocol/messages.h"
#include "server/auth.h"
#include "server/authority.h"
#include "server/net/connection.h"

namespace tidemark::server {

class Session;

/// What sessions work with; all of it outlives them.
struct SessionContext {
  Authority& authority;
  hub::Hub& hub;
  AuthVerifier& auth;
  protocol::Limits limits;
  /// Sends what the hub has to say, to whomever.
  std::function<void()> pump;
  /// The session, if it is still there: answers of the authority may come late.
  std::function<Session*(hub::SessionID)> find;
};

class Session {
 public:
  Session(hub::SessionID id, std::shared_ptr<Connection> connection, SessionContext& context,
          std::string peer);

  void OnMessage(std::string_view bytes);
  void OnOversized();
  /// Takes the session from the hub.
  void OnClosed();

  void Send(hub::Frame frame, bool more = false) { connection_->Send(std::move(frame), more); }
  /// Says why, then closes.
  void Refuse(Error error);
  void Close(CloseCode code, std::string reason);
  /// Ends the session of a token whose time is over; clients bring a new one before (SetAuth).
  void RefuseIfExpired(std::int64_t now_s);
  /// Pushes that come from now on are left to another server.
  void Drain() { draining_ = true; }

  const std::string& peer() const { return peer_; }

 private:
  enum class State : std::uint8_t { kNew, kLoading, kOpen, kClosed };

  void OnHello(protocol::Hello hello);
  void OnGroupLoaded(protocol::Hello hello, Result<GroupState> group);
  void OnPush(protocol::Push push);
  void OnClientsLoaded(protocol::Push push, std::vector<protocol::ClientState> asked,
                       Result<GroupState> group);
  void Forward(protocol::Push push);
  void OnPushed(std::size_t mutations, const Status& status);
  void OnSetAuth(const protocol::SetAuth& message);
  void OnUnexpected();

  hub::SessionID id_;
  std::shared_ptr<Connection> connection_;
  SessionContext& context_;
  std::string peer_;
  State state_ = State::kNew;
  bool draining_ = false;
  ClientGroupID group_;
  Claims claims_;
  std::unordered_set<ClientID> clients_;  // that the hub knows to be this session's
  std::size_t mutations_in_flight_ = 0;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_SESSION_H_
