// The seam between sockets and sessions: a connection carries whole messages, in order, and says
// nothing of how. Everything happens on the I/O thread.
#ifndef TIDEMARK_SERVER_NET_CONNECTION_H_
#define TIDEMARK_SERVER_NET_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/hub/hub.h"

namespace tidemark::server {

/// RFC 6455, 7.4.1 and the registry that it founded.
enum class CloseCode : std::uint16_t {
  kNormal = 1000,
  kGoingAway = 1001,
  kPolicy = 1008,
  kTooBig = 1009,
  kServiceRestart = 1012,
  kTryAgainLater = 1013,
};

class Connection {
 public:
  virtual ~Connection() = default;
  /// Queued, in order. A peer that does not take what is queued for it is dropped. `more`: another
  /// frame follows at once, so this one need not leave alone.
  virtual void Send(hub::Frame frame, bool more) = 0;
  /// After what is queued. Nothing is received any more.
  virtual void Close(CloseCode code, std::string reason) = 0;
  /// While off, nothing more is taken from the peer than the message that is arriving.
  virtual void PauseReading() = 0;
  virtual void ResumeReading() = 0;
};

class ConnectionEvents {
 public:
  virtual ~ConnectionEvents() = default;
  /// The number that the connection's events come with. `peer` is for logs.
  virtual hub::SessionID OnOpened(std::shared_ptr<Connection> connection,
                                  const std::string& peer) = 0;
  virtual void OnMessage(hub::SessionID session, std::string_view bytes) = 0;
  /// A message that is longer than the limit; it was not received.
  virtual void OnOversized(hub::SessionID session) = 0;
  /// The peer takes what is sent slower than it comes: it should be sent nothing until told so
  /// again. May come within Connection::Send.
  virtual void OnCongested(hub::SessionID session, bool congested) = 0;
  /// The last event of a session.
  virtual void OnClosed(hub::SessionID session, const std::string& why) = 0;
  /// For /readyz: empty when mutations are taken, else why not.
  virtual std::string NotReadyReason() const = 0;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_NET_CONNECTION_H_
