#include "server/net/message_writer.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <cstdint>
#include <span>
#include <utility>

#include "core/protocol/codec.h"

namespace tidemark::server {
namespace {

namespace asio = boost::asio;

// More than this in one message would only delay the first of it.
constexpr std::size_t kMessageBytesMax = 256u << 10;
// With header and separators as many buffers as Asio hands to the system in one call.
constexpr std::size_t kMessageFramesMax = 32;

constexpr char kSeparator = protocol::kMessageSeparator;

}  // namespace

void MessageWriter::Add(hub::Frame frame) {
  queued_bytes_ += frame->size();
  queue_.push_back(std::move(frame));
}

/// Everything that waits, up to the bounds: a poke and its segments cost one write.
void MessageWriter::Begin() {
  message_ = {};
  for (const hub::Frame& frame : queue_) {
    if (message_.frames == kMessageFramesMax) break;
    if (message_.frames > 0 && message_.frame_bytes + frame->size() > kMessageBytesMax) break;
    message_.frame_bytes += frame->size();
    ++message_.frames;
  }
  constexpr unsigned char kWholeText = 0x81;
  const std::uint64_t size = message_.payload_bytes();
  const std::size_t extended = size < 126 ? 0 : size <= 0xffff ? 2 : 8;
  message_.header[0] = kWholeText;
  message_.header[1] = static_cast<unsigned char>(extended == 0 ? size : extended == 2 ? 126 : 127);
  for (std::size_t byte = 0; byte < extended; ++byte) {
    message_.header[2 + byte] = static_cast<unsigned char>(size >> (8 * (extended - 1 - byte)));
  }
  message_.header_bytes = 2 + extended;
}

boost::system::error_code MessageWriter::Write() {
  if (message_.frames == 0) Begin();
  std::array<asio::const_buffer, 2 * kMessageFramesMax> buffers;
  std::size_t count = 0;
  std::size_t written = message_.sent;
  const auto add = [&](const void* data, std::size_t size) {
    const std::size_t skipped = std::min(written, size);
    written -= skipped;
    if (skipped < size) buffers[count++] = asio::const_buffer(data, size) + skipped;
  };
  add(message_.header.data(), message_.header_bytes);
  for (std::size_t i = 0; i < message_.frames; ++i) {
    if (i > 0) add(&kSeparator, 1);
    add(queue_[i]->data(), queue_[i]->size());
  }
  boost::system::error_code failed;
  message_.sent += socket_.write_some(std::span(buffers.data(), count), failed);
  if (failed) return failed;
  if (message_.sent < message_.header_bytes + message_.payload_bytes()) {
    return asio::error::would_block;
  }
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(message_.frames));
  queued_bytes_ -= message_.frame_bytes;
  message_ = {};
  return {};
}

}  // namespace tidemark::server
