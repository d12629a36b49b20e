// The WebSocket end of a connection (RFC 6455): whole text messages in, shared frames out, pings to
// notice a dead peer, a bounded queue.
#ifndef TIDEMARK_SERVER_NET_WEBSOCKET_H_
#define TIDEMARK_SERVER_NET_WEBSOCKET_H_

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "core/protocol/limits.h"
#include "server/net/connection.h"

namespace tidemark::server {

/// `request`: the HTTP request that asks for the upgrade, and whatever came behind it, as bytes.
/// Answers it and serves the connection until it ends. `events` outlives it.
void StartWebSocket(boost::asio::ip::tcp::socket socket, std::string request,
                    ConnectionEvents& events, protocol::Limits limits);

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_NET_WEBSOCKET_H_
