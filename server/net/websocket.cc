#include "server/net/websocket.h"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/protocol/codec.h"

namespace tidemark::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;

// A peer that says nothing (not even pong) for this long is gone; pings go out at half of it.
constexpr std::chrono::seconds kIdleMax{60};
constexpr std::chrono::seconds kHandshakeMax{10};
// The first message of a session.
constexpr std::chrono::seconds kFirstMessageMax{10};

// More than this in one message would only delay the first of it.
constexpr std::size_t kWriteBytesMax = 256u << 10;

// From here on the hub folds what the peer misses, instead of queueing it, until little is left.
constexpr std::size_t kCongestedBytes = 1u << 20;
constexpr std::size_t kRelievedBytes = 64u << 10;

class WebSocketConnection final : public Connection,
                                  public std::enable_shared_from_this<WebSocketConnection> {
 public:
  WebSocketConnection(asio::ip::tcp::socket socket, ConnectionEvents& events,
                      protocol::Limits limits)
      : socket_(std::move(socket)),
        resume_(socket_.get_executor()),
        first_message_(socket_.get_executor()),
        events_(events),
        limits_(limits) {}

  asio::awaitable<void> Run(std::string request);

  void Send(hub::Frame frame) override;
  void Close(CloseCode code, std::string reason) override;
  void PauseReading() override { paused_ = true; }
  void ResumeReading() override {
    paused_ = false;
    resume_.cancel();
  }

 private:
  asio::awaitable<bool> ReadMessage(beast::flat_buffer& buffer, beast::error_code& failed);
  asio::awaitable<std::string> ReadAll();
  void ExpectFirstMessage();
  void WriteNext();
  void CloseNow();
  void Drop(std::string why);

  websocket::stream<beast::tcp_stream> socket_;
  asio::steady_timer resume_;  // never expires; cancelled to go on reading
  asio::steady_timer first_message_;
  ConnectionEvents& events_;
  protocol::Limits limits_;
  hub::SessionID session_ = 0;

  std::deque<hub::Frame> queue_;  // the first `writing_frames_` of it are on their way
  std::size_t queued_bytes_ = 0;
  std::size_t writing_bytes_ = 0;
  std::size_t writing_frames_ = 0;
  bool writing_ = false;
  bool congested_ = false;
  bool paused_ = false;
  bool closing_ = false;
  bool dropped_ = false;
  websocket::close_reason close_reason_;
  std::string why_;
};

asio::awaitable<void> WebSocketConnection::Run(std::string request) {
  const std::shared_ptr<WebSocketConnection> self = shared_from_this();
  websocket::stream_base::timeout timeout{};
  timeout.handshake_timeout = kHandshakeMax;
  timeout.idle_timeout = kIdleMax;
  timeout.keep_alive_pings = true;
  socket_.set_option(timeout);
  // Frames are shared between sessions and already small on a change; compressing each of them
  // again for every session would cost more than it saves, so the extension is not offered.
  socket_.auto_fragment(false);
  socket_.read_message_max(0);  // ReadMessage has the limit, and answers before it closes
  socket_.text(true);
  beast::error_code failed;
  const asio::const_buffer request_bytes = asio::buffer(request);
  co_await socket_.async_accept(request_bytes, asio::redirect_error(asio::use_awaitable, failed));
  if (failed) co_return;

  beast::error_code ignored;
  const auto endpoint = beast::get_lowest_layer(socket_).socket().remote_endpoint(ignored);
  const std::string peer =
      ignored ? "?" : endpoint.address().to_string() + ":" + std::to_string(endpoint.port());
  session_ = events_.OnOpened(self, peer);
  ExpectFirstMessage();
  const std::string why = co_await ReadAll();
  dropped_ = true;
  first_message_.cancel();
  events_.OnClosed(session_, why_.empty() ? why : why_);
}

/// Messages until the connection ends; says why it did.
asio::awaitable<std::string> WebSocketConnection::ReadAll() {
  beast::flat_buffer buffer;
  beast::error_code failed;
  while (true) {
    while (paused_ && !dropped_) {
      resume_.expires_at(asio::steady_timer::time_point::max());
      co_await resume_.async_wait(asio::redirect_error(asio::use_awaitable, failed));
    }
    failed = {};
    buffer.clear();
    const bool whole = co_await ReadMessage(buffer, failed);
    if (failed == websocket::error::closed) {
      co_return "closed by the peer: " + std::to_string(socket_.reason().code);
    }
    if (failed) co_return failed.message();
    if (dropped_) co_return "dropped";
    if (closing_) continue;  // drain what still comes until the peer has answered the close
    first_message_.cancel();
    if (whole) {
      const asio::const_buffer data = buffer.cdata();
      events_.OnMessage(session_, {static_cast<const char*>(data.data()), data.size()});
    } else {
      events_.OnOversized(session_);
    }
    if (buffer.capacity() > (1u << 20)) buffer = beast::flat_buffer();
  }
}

/// False: longer than the limit; the rest of it is still to come.
asio::awaitable<bool> WebSocketConnection::ReadMessage(beast::flat_buffer& buffer,
                                                       beast::error_code& failed) {
  constexpr std::size_t kReadBytes = 64u << 10;
  do {
    co_await socket_.async_read_some(buffer, kReadBytes,
                                     asio::redirect_error(asio::use_awaitable, failed));
    if (failed) co_return false;
    if (closing_) buffer.clear();
    if (buffer.size() > limits_.message_bytes_max) co_return false;
  } while (!socket_.is_message_done());
  co_return true;
}

void WebSocketConnection::ExpectFirstMessage() {
  first_message_.expires_after(kFirstMessageMax);
  first_message_.async_wait([self = shared_from_this()](beast::error_code cancelled) {
    if (!cancelled) self->Close(CloseCode::kPolicy, "no message came");
  });
}

void WebSocketConnection::Send(hub::Frame frame) {
  if (closing_ || dropped_) return;
  queued_bytes_ += frame->size();
  if (queued_bytes_ > limits_.session_queue_bytes_max && queue_.size() > 1) {
    return Drop("it does not take what is sent to it (session_queue_bytes_max)");
  }
  queue_.push_back(std::move(frame));
  if (!writing_) WriteNext();
  if (!congested_ && queued_bytes_ > kCongestedBytes) {
    congested_ = true;
    events_.OnCongested(session_, true);
  }
}

void WebSocketConnection::WriteNext() {
  if (dropped_) return;
  if (queue_.empty()) {
    if (closing_) CloseNow();
    return;
  }
  writing_ = true;
  // Everything that waits, up to a bound, in one message: a poke and its segments cost one write.
  static constexpr char kSeparator = protocol::kMessageSeparator;
  std::vector<asio::const_buffer> buffers;
  writing_bytes_ = 0;
  writing_frames_ = 0;
  for (const hub::Frame& frame : queue_) {
    if (writing_frames_ > 0) {
      if (writing_bytes_ + frame->size() > kWriteBytesMax) break;
      buffers.push_back(asio::buffer(&kSeparator, 1));
    }
    buffers.push_back(asio::buffer(*frame));
    writing_bytes_ += frame->size();
    ++writing_frames_;
  }
  socket_.async_write(buffers, [self = shared_from_this()](beast::error_code failed, std::size_t) {
    self->writing_ = false;
    self->queued_bytes_ -= self->writing_bytes_;
    if (failed || self->dropped_) return;  // the reader meets the same end
    self->queue_.erase(self->queue_.begin(),
                       self->queue_.begin() + static_cast<std::ptrdiff_t>(self->writing_frames_));
    self->WriteNext();
    if (self->congested_ && self->queued_bytes_ < kRelievedBytes) {
      self->congested_ = false;
      self->events_.OnCongested(self->session_, false);
    }
  });
}

void WebSocketConnection::Close(CloseCode code, std::string reason) {
  if (closing_ || dropped_) return;
  closing_ = true;
  why_ = reason;
  constexpr std::size_t kReasonBytesMax = 120;  // a control frame holds 125 with the code
  reason.resize(std::min(reason.size(), kReasonBytesMax));
  close_reason_ = websocket::close_reason(static_cast<websocket::close_code>(code),
                                          beast::string_view(reason.data(), reason.size()));
  ResumeReading();  // the peer's answer has to be read
  if (!writing_) WriteNext();
}

void WebSocketConnection::CloseNow() {
  writing_ = true;  // nothing follows
  socket_.async_close(close_reason_, [self = shared_from_this()](beast::error_code) {
    // Whatever came of it, the socket is of no more use; the reader ends with it.
    beast::error_code ignored;
    beast::get_lowest_layer(self->socket_).socket().close(ignored);
  });
}

void WebSocketConnection::Drop(std::string why) {
  dropped_ = true;
  why_ = std::move(why);
  ResumeReading();
  beast::error_code ignored;
  beast::get_lowest_layer(socket_).socket().close(ignored);
}

}  // namespace

void StartWebSocket(asio::ip::tcp::socket socket, std::string request, ConnectionEvents& events,
                    protocol::Limits limits) {
  const auto executor = socket.get_executor();
  auto connection = std::make_shared<WebSocketConnection>(std::move(socket), events, limits);
  asio::co_spawn(executor, connection->Run(std::move(request)), asio::detached);
}

}  // namespace tidemark::server
