// The frames that wait for a socket, as messages of a WebSocket (RFC 6455): a message holds as many
// as fit, between separators, and goes from their shared buffers to the socket in one call; nothing
// is copied, and nothing is to be waited for as long as the socket takes it.
//
// Invariant: a message that was begun is written to its end before anything else of this writer.
#ifndef TIDEMARK_SERVER_NET_MESSAGE_WRITER_H_
#define TIDEMARK_SERVER_NET_MESSAGE_WRITER_H_

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <deque>

#include "core/hub/hub.h"

namespace tidemark::server {

class MessageWriter {
 public:
  /// `socket` outlives the writer, and does not block.
  explicit MessageWriter(boost::asio::ip::tcp::socket& socket) : socket_(socket) {}

  void Add(hub::Frame frame);
  bool empty() const { return queue_.empty(); }
  /// Frames that are not written, or in the message that is being written.
  std::size_t frames() const { return queue_.size(); }
  std::size_t bytes() const { return queued_bytes_; }
  /// A part of a message is written.
  bool is_amid() const { return message_.sent > 0; }

  /// Writes one message, or what the socket takes of it: then the error is `would_block`, and the
  /// next call goes on with it.
  boost::system::error_code Write();

 private:
  struct Message {
    std::array<unsigned char, 10> header;
    std::size_t header_bytes = 0;
    std::size_t frames = 0;  // the first ones of the queue; 0: no message is begun
    std::size_t frame_bytes = 0;
    std::size_t sent = 0;  // of header, frames and separators
    std::size_t payload_bytes() const { return frame_bytes + frames - 1; }
  };

  void Begin();

  boost::asio::ip::tcp::socket& socket_;
  std::deque<hub::Frame> queue_;
  std::size_t queued_bytes_ = 0;
  Message message_;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_NET_MESSAGE_WRITER_H_
