// The one port: accepts connections, answers HTTP (routes.h) and turns upgrades into WebSocket
// connections that speak to ConnectionEvents. Runs on the io_context's one thread. The HTTP library
// stays behind this header and websocket.h.
#ifndef TIDEMARK_SERVER_NET_HTTP_SERVER_H_
#define TIDEMARK_SERVER_NET_HTTP_SERVER_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/protocol/limits.h"
#include "server/net/connection.h"
#include "server/net/routes.h"

namespace tidemark::server {

/// "127.0.0.1:8787", "[::1]:0"; kInvalidArgs says what is wrong.
struct ListenAddress {
  std::string host;  // without brackets
  std::uint16_t port = 0;
  bool is_loopback() const { return IsLoopbackHost(host); }
};
Result<ListenAddress> ParseListenAddress(const std::string& text);

class HttpServer {
 public:
  /// All outlive the server and every connection.
  HttpServer(boost::asio::io_context& io, const Routes& routes, ConnectionEvents& events,
             protocol::Limits limits);

  /// kUnavailable if the address cannot be had.
  Status Listen(const ListenAddress& address);
  /// Of the socket that listens, also when port 0 was asked for.
  std::string url() const;
  /// No new connections; those that are there go on.
  void StopAccepting();

 private:
  boost::asio::io_context& io_;
  const Routes& routes_;
  ConnectionEvents& events_;
  protocol::Limits limits_;
  boost::asio::ip::tcp::acceptor acceptor_;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_NET_HTTP_SERVER_H_
