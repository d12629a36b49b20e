#include "server/net/http_server.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "server/net/http_connection.h"

namespace tidemark::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

asio::awaitable<void> Accept(tcp::acceptor& acceptor, const Routes& routes,
                             ConnectionEvents& events, protocol::Limits limits) {
  asio::steady_timer pause(acceptor.get_executor());
  while (acceptor.is_open()) {
    boost::system::error_code failed;
    tcp::socket socket =
        co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, failed));
    if (!acceptor.is_open()) co_return;
    if (failed) {
      // Out of descriptors, most likely: some come free when others leave.
      pause.expires_after(std::chrono::milliseconds(50));
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, failed));
      continue;
    }
    socket.set_option(tcp::no_delay(true), failed);
    StartHttpConnection(std::move(socket), routes, events, limits);
  }
}

}  // namespace

Result<ListenAddress> ParseListenAddress(const std::string& text) {
  const Error malformed{ErrorCode::kInvalidArgs,
                        "--listen " + text + " is not HOST:PORT, such as 127.0.0.1:8787"};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return malformed;
  ListenAddress address;
  address.host = text.substr(0, colon);
  const std::string port = text.substr(colon + 1);
  if (port.empty() || port.size() > 5 ||
      port.find_first_not_of("0123456789") != std::string::npos || std::stoi(port) > 65535) {
    return malformed;
  }
  address.port = static_cast<std::uint16_t>(std::stoi(port));
  if (address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']') {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  if (address.host.empty()) return malformed;
  return address;
}

HttpServer::HttpServer(asio::io_context& io, const Routes& routes, ConnectionEvents& events,
                       protocol::Limits limits)
    : io_(io), routes_(routes), events_(events), limits_(limits), acceptor_(io) {}

Status HttpServer::Listen(const ListenAddress& address) {
  boost::system::error_code failed;
  const std::string host = address.host == "localhost" ? "127.0.0.1" : address.host;
  const asio::ip::address ip = asio::ip::make_address(host, failed);
  if (failed) {
    return Error{ErrorCode::kInvalidArgs, "--listen " + address.host + " is no IP address"};
  }
  const tcp::endpoint endpoint(ip, address.port);
  acceptor_.open(endpoint.protocol(), failed);
  if (!failed) acceptor_.set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed) acceptor_.bind(endpoint, failed);
  if (!failed) acceptor_.listen(asio::socket_base::max_listen_connections, failed);
  if (failed) {
    return Error{ErrorCode::kUnavailable, "cannot listen on " + address.host + ":" +
                                              std::to_string(address.port) + ": " +
                                              failed.message() + "; pass another --listen"};
  }
  asio::co_spawn(io_, Accept(acceptor_, routes_, events_, limits_), asio::detached);
  return Ok{};
}

std::string HttpServer::url() const {
  const tcp::endpoint endpoint = acceptor_.local_endpoint();
  const std::string host = endpoint.address().to_string();
  return "http://" + (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" +
         std::to_string(endpoint.port());
}

void HttpServer::StopAccepting() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
}

}  // namespace tidemark::server
