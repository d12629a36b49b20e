// A client's end of a WebSocket for benchmarks: blocking, plain and cheap.
#ifndef TIDEMARK_TESTS_BENCH_WEB_SOCKET_H_
#define TIDEMARK_TESTS_BENCH_WEB_SOCKET_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace tidemark::bench {

/// A client's end of a WebSocket (RFC 6455): masked text out, whole messages in.
class WebSocket {
 public:
  explicit WebSocket(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("cannot connect");
    }
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Write("GET /tidemark/sync HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
          "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    std::size_t end;
    while ((end = in_.find("\r\n\r\n")) == std::string::npos) {
      std::array<char, 1 << 12> buffer;
      in_.append(buffer.data(), Read(buffer));
    }
    if (in_.compare(0, 12, "HTTP/1.1 101") != 0) throw std::runtime_error(in_.substr(0, end));
    in_.erase(0, end + 4);
  }
  WebSocket(WebSocket&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), in_(std::move(other.in_)) {}
  WebSocket& operator=(WebSocket&&) = delete;
  ~WebSocket() {
    if (fd_ >= 0) close(fd_);
  }

  int fd() const { return fd_; }

  void Send(const std::string& text) {
    std::string frame("\x81");  // the last frame of a text; the mask is zero, so the text is itself
    if (text.size() < 126) {
      frame.push_back(static_cast<char>(0x80 | text.size()));
    } else {
      const bool wide = text.size() > 0xffff;
      frame.push_back(static_cast<char>(wide ? 0xff : 0xfe));
      for (int byte = wide ? 7 : 1; byte >= 0; --byte) {
        frame.push_back(static_cast<char>(text.size() >> (8 * byte)));
      }
    }
    Write(frame.append(4, '\0').append(text));
  }

  /// Waits for what comes, and hands out the whole messages among it.
  template <typename F>
  void Receive(F on_message) {
    std::array<char, 1 << 16> buffer;
    std::string_view bytes(buffer.data(), Read(buffer));
    if (!in_.empty()) bytes = in_.append(bytes);
    const std::size_t all = bytes.size();
    while (bytes.size() >= 2) {
      std::size_t header = 2;
      std::size_t size = static_cast<unsigned char>(bytes[1]) & 0x7f;
      const std::size_t extended = size == 126 ? 2 : size == 127 ? 8 : 0;
      header += extended;
      if (bytes.size() < header) break;
      if (extended > 0) size = 0;
      for (std::size_t i = 0; i < extended; ++i) {
        size = size << 8 | static_cast<unsigned char>(bytes[2 + i]);
      }
      if (bytes.size() < header + size) break;
      on_message(bytes.substr(header, size));
      bytes.remove_prefix(header + size);
    }
    if (in_.empty()) {
      in_ = bytes;
    } else {
      in_.erase(0, all - bytes.size());
    }
  }

 private:
  std::size_t Read(std::span<char> buffer) {
    const ssize_t got = recv(fd_, buffer.data(), buffer.size(), 0);
    if (got <= 0) throw std::runtime_error("the server closed a connection: " + in_.substr(0, 300));
    return static_cast<std::size_t>(got);
  }

  void Write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) throw std::runtime_error("cannot send");
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  int fd_;
  std::string in_;
};

}  // namespace tidemark::bench

#endif  // TIDEMARK_TESTS_BENCH_WEB_SOCKET_H_
