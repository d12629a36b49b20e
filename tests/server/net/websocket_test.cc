#include "server/net/websocket.h"

#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;

constexpr hub::SessionID kSession = 7;

class RecordingEvents final : public ConnectionEvents {
 public:
  hub::SessionID OnOpened(std::shared_ptr<Connection> opened, const std::string&) override {
    connection = std::move(opened);
    return kSession;
  }
  void OnMessage(hub::SessionID, std::string_view bytes) override { messages.emplace_back(bytes); }
  void OnOversized(hub::SessionID) override { oversized = true; }
  void OnCongested(hub::SessionID session, bool is_congested) override {
    EXPECT_EQ(session, kSession);
    EXPECT_NE(is_congested, congested) << "only changes are told";
    congested = is_congested;
  }
  void OnClosed(hub::SessionID session, const std::string& why) override {
    EXPECT_EQ(session, kSession);
    closed = why;
    connection = nullptr;
  }
  std::string NotReadyReason() const override { return ""; }

  std::shared_ptr<Connection> connection;
  std::vector<std::string> messages;
  bool oversized = false;
  bool congested = false;
  std::optional<std::string> closed;
};

/// A connection over a socket of the system, with Beast's client at the other end; both run when
/// the test says so.
class WebSocketTest : public testing::Test {
 protected:
  void Open(protocol::Limits limits = {}) {
    tcp::acceptor acceptor(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    client_.next_layer().open(tcp::v4());
    // So little that a slow reader is noticed soon.
    client_.next_layer().set_option(tcp::socket::receive_buffer_size(16 << 10));
    client_.next_layer().connect(acceptor.local_endpoint());
    tcp::socket socket = acceptor.accept();
    socket.set_option(tcp::socket::send_buffer_size(64 << 10));
    client_.read_message_max(0);
    bool open = false;
    client_.async_handshake("127.0.0.1", "/tidemark/sync", [&](beast::error_code failed) {
      ASSERT_FALSE(failed) << failed.message();
      open = true;
    });
    std::string request;
    asio::async_read_until(socket, asio::dynamic_buffer(request), "\r\n\r\n",
                           [&](beast::error_code, std::size_t) {
                             StartWebSocket(std::move(socket), std::move(request), events_, limits);
                           });
    RunUntil([&] { return open && events_.connection != nullptr; });
  }

  void RunUntil(const std::function<bool()>& done) {
    constexpr std::chrono::seconds kPatience{30};
    while (!done()) {
      ASSERT_GT(io_.run_one_for(kPatience), 0u) << "nothing happens any more";
    }
  }

  void Send(std::string text, bool more = false) {
    events_.connection->Send(std::make_shared<const std::string>(std::move(text)), more);
  }

  /// The next message at the client; empty: the connection has ended.
  std::string Receive() {
    beast::flat_buffer buffer;
    bool done = false;
    client_.async_read(buffer, [&](beast::error_code failed, std::size_t) {
      if (failed) buffer.clear();
      done = true;
    });
    RunUntil([&] { return done; });
    return beast::buffers_to_string(buffer.data());
  }

  /// More than the sockets take: the last of it is half written.
  std::vector<std::string> SendUntilCongested() {
    std::vector<std::string> sent;
    while (!events_.congested) {
      sent.push_back(std::to_string(sent.size()) + std::string(100'000, 'x'));
      Send(sent.back());
    }
    return sent;
  }

  /// All of it, in order, and nothing else.
  void ExpectReceived(const std::vector<std::string>& frames) {
    std::size_t next = 0;
    while (next < frames.size()) {
      const std::string message = Receive();
      ASSERT_FALSE(message.empty()) << "ended before frame " << next;
      std::size_t from = 0;
      while (from < message.size()) {
        const std::size_t end = std::min(message.find('\n', from), message.size());
        ASSERT_LT(next, frames.size());
        ASSERT_EQ(message.compare(from, end - from, frames[next]), 0) << "frame " << next;
        ++next;
        from = end + 1;
      }
    }
  }

  asio::io_context io_;
  RecordingEvents events_;
  websocket::stream<tcp::socket> client_{io_};
};

TEST_F(WebSocketTest, SendsFramesThatLeaveTogetherAsOneMessage) {
  Open();
  Send("poke", /*more=*/true);
  Send("segment one", /*more=*/true);
  Send("segment two");
  Send("pong");
  EXPECT_EQ(Receive(), "poke\nsegment one\nsegment two");
  EXPECT_EQ(Receive(), "pong");
}

TEST_F(WebSocketTest, SendsMessagesOfEveryLength) {
  Open();
  for (const std::size_t size : {1, 125, 126, 127, 65535, 65536, 1'000'000}) {
    const std::string text(size, 'x');
    Send(text);
    EXPECT_EQ(Receive(), text) << size;
  }
}

TEST_F(WebSocketTest, SendsMoreFramesThanOneMessageHolds) {
  Open();
  std::vector<std::string> frames;
  for (int i = 0; i < 1000; ++i) {
    frames.push_back("frame " + std::to_string(i));
    Send(frames.back(), /*more=*/i < 999);
  }
  ExpectReceived(frames);
}

TEST_F(WebSocketTest, ReceivesMessages) {
  Open();
  client_.write(asio::buffer(std::string("one")));
  client_.write(asio::buffer(std::string("two")));
  RunUntil([&] { return events_.messages.size() == 2; });
  EXPECT_EQ(events_.messages[0], "one");
  EXPECT_EQ(events_.messages[1], "two");
}

TEST_F(WebSocketTest, TellsOfAMessageThatIsTooLong) {
  protocol::Limits limits;
  limits.message_bytes_max = 1000;
  Open(limits);
  client_.write(asio::buffer(std::string(1001, 'x')));
  RunUntil([&] { return events_.oversized; });
  EXPECT_TRUE(events_.messages.empty());
}

TEST_F(WebSocketTest, TellsWhenThePeerIsSlowAndWhenItIsNot) {
  Open();
  const std::vector<std::string> sent = SendUntilCongested();
  EXPECT_TRUE(events_.congested);
  ExpectReceived(sent);
  EXPECT_FALSE(events_.congested);
}

TEST_F(WebSocketTest, AnswersAPingBetweenMessages) {
  Open();
  bool ponged = false;
  client_.control_callback([&](websocket::frame_type kind, beast::string_view text) {
    ponged = ponged || (kind == websocket::frame_type::pong && text == "are you there");
  });
  const std::vector<std::string> sent = SendUntilCongested();
  client_.ping("are you there");
  io_.poll();
  ExpectReceived(sent);
  client_.write(asio::buffer(std::string("last")));  // taken after the ping was answered
  RunUntil([&] { return !events_.messages.empty(); });
  Send("last");
  EXPECT_EQ(Receive(), "last");
  EXPECT_TRUE(ponged);
}

TEST_F(WebSocketTest, ClosesBehindWhatIsQueued) {
  Open();
  const std::vector<std::string> sent = SendUntilCongested();
  events_.connection->Close(CloseCode::kTooBig, "too much");
  Send("not sent any more");
  ExpectReceived(sent);
  EXPECT_EQ(Receive(), "");
  EXPECT_EQ(client_.reason().code, static_cast<std::uint16_t>(CloseCode::kTooBig));
  EXPECT_EQ(client_.reason().reason, "too much");
  RunUntil([&] { return events_.closed.has_value(); });
  EXPECT_EQ(events_.closed, "too much");
}

TEST_F(WebSocketTest, AnswersTheCloseOfAPeerThatHasNotReadAll) {
  Open();
  SendUntilCongested();
  bool closed = false;
  client_.async_close(websocket::close_code::normal, [&](beast::error_code failed) {
    EXPECT_FALSE(failed) << failed.message();
    closed = true;
  });
  RunUntil([&] { return closed && events_.closed.has_value(); });
  EXPECT_EQ(events_.closed, "closed by the peer: 1000");
}

TEST_F(WebSocketTest, DropsAPeerThatTakesNothing) {
  protocol::Limits limits;
  limits.session_queue_bytes_max = 4 << 20;
  Open(limits);
  SendUntilCongested();
  for (int i = 0; i < 50; ++i) Send(std::string(100'000, 'x'));
  RunUntil([&] { return events_.closed.has_value(); });
  EXPECT_EQ(events_.closed, "it does not take what is sent to it (session_queue_bytes_max)");
}

TEST_F(WebSocketTest, ForgetsAPeerThatIsGoneAmidAMessageAndAPong) {
  Open();
  SendUntilCongested();
  client_.ping("are you there");
  io_.poll();
  const std::weak_ptr<Connection> connection = events_.connection;
  client_.next_layer().close();
  RunUntil([&] { return events_.closed.has_value(); });
  io_.poll();
  EXPECT_TRUE(connection.expired());
}

}  // namespace
}  // namespace tidemark::server
