#include "server/net/http_connection.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "server/net/websocket.h"

namespace tidemark::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

// A browser's request line and cookies fit; nothing here reads a larger header.
constexpr std::uint32_t kHeaderBytesMax = 16u << 10;
// No route takes a body.
constexpr std::uint64_t kBodyBytesMax = 4u << 10;
constexpr std::chrono::seconds kIdleMax{30};

std::string_view View(beast::string_view text) { return {text.data(), text.size()}; }

template <typename Response>
void SetHeaders(Response& response, const http::request<http::string_body>& request,
                const HttpReply& reply) {
  response.version(request.version());
  response.keep_alive(request.keep_alive());
  response.set(http::field::content_type, reply.content_type);
  response.set("X-Content-Type-Options", "nosniff");
  if (!reply.allow.empty()) response.set(http::field::allow, reply.allow);
  if (reply.file.has_value()) {
    response.set(http::field::etag, reply.file->etag);
    response.set(http::field::cache_control, reply.file->cache_control);
  } else {
    response.set(http::field::cache_control, "no-store");
  }
}

asio::awaitable<void> WriteText(beast::tcp_stream& stream,
                                const http::request<http::string_body>& request,
                                const HttpReply& reply, beast::error_code& failed) {
  http::response<http::string_body> response;
  response.result(reply.status);
  SetHeaders(response, request, reply);
  if (reply.status == 426) response.set(http::field::upgrade, "websocket");
  response.body() = reply.body;
  response.prepare_payload();
  if (request.method() == http::verb::head) response.body().clear();
  co_await http::async_write(stream, response, asio::redirect_error(asio::use_awaitable, failed));
}

/// HEAD and 304: the headers of the file alone.
asio::awaitable<void> WriteFileHeaders(beast::tcp_stream& stream,
                                       const http::request<http::string_body>& request,
                                       const HttpReply& reply, beast::error_code& failed) {
  http::response<http::empty_body> response;
  response.result(reply.status);
  SetHeaders(response, request, reply);
  if (reply.status != 304) response.content_length(reply.file->bytes);
  co_await http::async_write(stream, response, asio::redirect_error(asio::use_awaitable, failed));
}

asio::awaitable<void> WriteFile(beast::tcp_stream& stream,
                                const http::request<http::string_body>& request,
                                const HttpReply& reply, beast::error_code& failed) {
  http::response<http::file_body> response;
  response.result(reply.status);
  SetHeaders(response, request, reply);
  response.body().open(reply.file->path.c_str(), beast::file_mode::scan, failed);
  if (failed) {
    HttpReply gone;
    gone.status = 404;
    gone.body = "not found\n";
    failed = {};
    co_await WriteText(stream, request, gone, failed);
    co_return;
  }
  response.prepare_payload();
  co_await http::async_write(stream, response, asio::redirect_error(asio::use_awaitable, failed));
}

asio::awaitable<void> WriteReply(beast::tcp_stream& stream,
                                 const http::request<http::string_body>& request,
                                 const HttpReply& reply, beast::error_code& failed) {
  stream.expires_after(kIdleMax);
  if (!reply.file.has_value()) {
    co_await WriteText(stream, request, reply, failed);
  } else if (reply.status == 304 || request.method() == http::verb::head) {
    co_await WriteFileHeaders(stream, request, reply, failed);
  } else {
    co_await WriteFile(stream, request, reply, failed);
  }
}

/// The request as it came, with what the peer has sent behind it.
std::string RequestBytes(const http::request<http::string_body>& request,
                         const beast::flat_buffer& behind) {
  std::ostringstream text;
  text << request.base();
  const asio::const_buffer rest = behind.cdata();
  return text.str().append(static_cast<const char*>(rest.data()), rest.size());
}

asio::awaitable<void> Serve(tcp::socket socket, const Routes& routes, ConnectionEvents& events,
                            protocol::Limits limits) {
  beast::tcp_stream stream(std::move(socket));
  beast::flat_buffer buffer;
  while (true) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(kHeaderBytesMax);
    parser.body_limit(kBodyBytesMax);
    stream.expires_after(kIdleMax);
    beast::error_code failed;
    co_await http::async_read(stream, buffer, parser,
                              asio::redirect_error(asio::use_awaitable, failed));
    if (failed) co_return;
    http::request<http::string_body> request = parser.release();
    HttpRequest asked;
    asked.method = View(request.method_string());
    asked.target = View(request.target());
    asked.host = View(request[http::field::host]);
    asked.origin = View(request[http::field::origin]);
    asked.if_none_match = View(request[http::field::if_none_match]);
    asked.wants_websocket = beast::websocket::is_upgrade(request);
    const std::optional<HttpReply> reply = routes.Answer(asked);
    if (!reply.has_value()) {
      StartWebSocket(stream.release_socket(), RequestBytes(request, buffer), events, limits);
      co_return;
    }
    co_await WriteReply(stream, request, *reply, failed);
    if (failed || !request.keep_alive()) break;
  }
  beast::error_code ignored;
  stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
}

}  // namespace

void StartHttpConnection(tcp::socket socket, const Routes& routes, ConnectionEvents& events,
                         protocol::Limits limits) {
  const auto executor = socket.get_executor();
  // Errors are values in there; an exception would be a lack of memory, which ends this connection.
  asio::co_spawn(executor, Serve(std::move(socket), routes, events, limits), asio::detached);
}

}  // namespace tidemark::server
