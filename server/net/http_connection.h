// One accepted socket: HTTP requests until one of them upgrades to the sync socket (websocket.h).
#ifndef TIDEMARK_SERVER_NET_HTTP_CONNECTION_H_
#define TIDEMARK_SERVER_NET_HTTP_CONNECTION_H_

#include <boost/asio/ip/tcp.hpp>

#include "core/protocol/limits.h"
#include "server/net/connection.h"
#include "server/net/routes.h"

namespace tidemark::server {

/// `routes` and `events` outlive the connection, which lives until its peer or a time limit ends
/// it.
void StartHttpConnection(boost::asio::ip::tcp::socket socket, const Routes& routes,
                         ConnectionEvents& events, protocol::Limits limits);

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_NET_HTTP_CONNECTION_H_
