#include "server/net/websocket.h"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "server/net/message_writer.h"

namespace tidemark::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;

// A peer that says nothing (not even pong) for this long is gone; pings go out at half of it.
constexpr std::chrono::seconds kIdleMax{60};
constexpr std::chrono::seconds kHandshakeMax{10};
// The first message of a session.
constexpr std::chrono::seconds kFirstMessageMax{10};

// From here on the hub folds what the peer misses, instead of queueing it, until little is left.
constexpr std::size_t kCongestedBytes = 1u << 20;
constexpr std::size_t kRelievedBytes = 64u << 10;

/// The socket as Beast's stream sees it. Beast writes its own frames through it (the handshake's
/// answer, pongs, the close); the connection's messages pass it by. Invariant: whichever of the two
/// has begun a frame ends it before the other begins one.
class Wire {
 public:
  using executor_type = tcp::socket::executor_type;

  explicit Wire(tcp::socket socket) : state_(std::make_shared<State>(std::move(socket))) {}
  executor_type get_executor() { return state_->socket.get_executor(); }
  tcp::socket& next_layer() { return state_->socket; }

  /// Set: a message is half written. Cleared: Beast may write what it has.
  void set_amid_message(bool amid) {
    if (std::exchange(state_->amid_message, amid) && !amid) state_->turn.cancel();
  }
  /// Beast writes, or is about to.
  bool is_taken() const { return state_->taken; }
  /// Called when it no longer is.
  void set_on_free(std::function<void()> on_free) { state_->on_free = std::move(on_free); }

  void Close() {
    beast::error_code ignored;
    state_->socket.close(ignored);
    state_->turn.cancel();
  }

  template <typename Buffers, typename Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return state_->socket.async_read_some(buffers, std::forward<Token>(token));
  }

  /// All of it, not some: what is written in several steps would let messages in between.
  template <typename Buffers, typename Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_compose<Token, void(beast::error_code, std::size_t)>(
        WriteInTurn<Buffers>{state_, buffers}, token, state_->socket);
  }

 private:
  struct State {
    explicit State(tcp::socket taken_socket)
        : socket(std::move(taken_socket)), turn(socket.get_executor()) {}
    tcp::socket socket;
    asio::steady_timer turn;  // never expires; cancelled when Beast may write
    bool amid_message = false;
    bool taken = false;
    std::function<void()> on_free;
  };

  template <typename Buffers>
  struct WriteInTurn {
    enum class Step : std::uint8_t { kBegin, kWrite, kDone };
    std::shared_ptr<State> state;  // of its own: Beast forgets its operations when it is destroyed
    Buffers buffers;
    Step step = Step::kBegin;

    template <typename Self>
    void operator()(Self& self, beast::error_code failed = {}, std::size_t written = 0) {
      const std::shared_ptr<State> kept = state;
      if (step == Step::kBegin) {
        kept->taken = true;
        step = Step::kWrite;
        if (kept->amid_message) {
          kept->turn.expires_at(asio::steady_timer::time_point::max());
          return kept->turn.async_wait(std::move(self));
        }
      }
      if (step == Step::kWrite) {
        step = Step::kDone;
        const Buffers bytes = buffers;
        return asio::async_write(kept->socket, bytes, std::move(self));
      }
      kept->taken = false;
      self.complete(failed, written);
      if (kept->on_free) kept->on_free();
    }
  };

  std::shared_ptr<State> state_;
};

template <typename Handler>
void async_teardown(beast::role_type role, Wire& wire, Handler&& handler) {
  websocket::async_teardown(role, wire.next_layer(), std::forward<Handler>(handler));
}

class WebSocketConnection final : public Connection,
                                  public std::enable_shared_from_this<WebSocketConnection> {
 public:
  WebSocketConnection(tcp::socket socket, ConnectionEvents& events, protocol::Limits limits)
      : socket_(std::move(socket)),
        writer_(wire().next_layer()),
        resume_(socket_.get_executor()),
        first_message_(socket_.get_executor()),
        events_(events),
        limits_(limits) {}

  asio::awaitable<void> Run(std::string request);

  void Send(hub::Frame frame, bool more) override;
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
  void WriteQueued();
  void WriteWhenTaken();
  void NoteCongestion();
  void CloseNow();
  void Drop(std::string why);
  Wire& wire() { return socket_.next_layer(); }

  websocket::stream<Wire, /*deflateSupported=*/false> socket_;
  MessageWriter writer_;
  asio::steady_timer resume_;  // never expires; cancelled to go on reading
  asio::steady_timer first_message_;
  ConnectionEvents& events_;
  protocol::Limits limits_;
  hub::SessionID session_ = 0;

  bool waiting_ = false;  // for the socket to take more
  bool congested_ = false;
  bool paused_ = false;
  bool closing_ = false;
  bool close_sent_ = false;
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
  wire().next_layer().non_blocking(true, ignored);
  wire().set_on_free([weak = weak_from_this()] {
    if (const auto connection = weak.lock(); connection != nullptr) connection->WriteQueued();
  });
  const auto endpoint = wire().next_layer().remote_endpoint(ignored);
  const std::string peer =
      ignored ? "?" : endpoint.address().to_string() + ":" + std::to_string(endpoint.port());
  session_ = events_.OnOpened(self, peer);
  ExpectFirstMessage();
  const std::string why = co_await ReadAll();
  dropped_ = true;
  wire().Close();
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

void WebSocketConnection::Send(hub::Frame frame, bool more) {
  if (closing_ || dropped_) return;
  if (writer_.bytes() + frame->size() > limits_.session_queue_bytes_max && writer_.frames() > 0) {
    return Drop("it does not take what is sent to it (session_queue_bytes_max)");
  }
  writer_.Add(std::move(frame));
  if (!more) WriteQueued();
}

/// As long as the socket takes it: nothing of this waits for an event.
void WebSocketConnection::WriteQueued() {
  while (!writer_.empty()) {
    if (waiting_ || dropped_) break;
    // What is half written is ended, even behind the peer's close: the answer to it has to wait.
    if (!writer_.is_amid() && (!socket_.is_open() || wire().is_taken())) break;
    const beast::error_code failed = writer_.Write();
    wire().set_amid_message(writer_.is_amid());
    if (failed == asio::error::would_block) {
      WriteWhenTaken();
    } else if (failed) {
      return Drop(failed.message());
    }
  }
  NoteCongestion();
  if (closing_ && writer_.empty()) CloseNow();
}

void WebSocketConnection::WriteWhenTaken() {
  waiting_ = true;
  wire().next_layer().async_wait(tcp::socket::wait_write,
                                 [self = shared_from_this()](beast::error_code failed) {
                                   self->waiting_ = false;
                                   if (!failed) self->WriteQueued();
                                 });
}

void WebSocketConnection::NoteCongestion() {
  const std::size_t bound = congested_ ? kRelievedBytes : kCongestedBytes;
  const bool congested = writer_.bytes() > bound;
  if (dropped_ || congested == congested_) return;
  congested_ = congested;
  events_.OnCongested(session_, congested);
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
  WriteQueued();
}

void WebSocketConnection::CloseNow() {
  if (!socket_.is_open() || std::exchange(close_sent_, true)) return;
  socket_.async_close(close_reason_, [self = shared_from_this()](beast::error_code) {
    // Whatever came of it, the socket is of no more use; the reader ends with it.
    self->wire().Close();
  });
}

void WebSocketConnection::Drop(std::string why) {
  dropped_ = true;
  why_ = std::move(why);
  ResumeReading();
  wire().Close();
}

}  // namespace

void StartWebSocket(asio::ip::tcp::socket socket, std::string request, ConnectionEvents& events,
                    protocol::Limits limits) {
  const auto executor = socket.get_executor();
  auto connection = std::make_shared<WebSocketConnection>(std::move(socket), events, limits);
  asio::co_spawn(executor, connection->Run(std::move(request)), asio::detached);
}

}  // namespace tidemark::server
