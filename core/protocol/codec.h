// Between messages and bytes (UTF-8 JSON). The only parser of the wire:
// bounds, types and required members are checked here, so that roles only meet well-formed
// messages.
#ifndef TIDEMARK_CORE_PROTOCOL_CODEC_H_
#define TIDEMARK_CORE_PROTOCOL_CODEC_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/protocol/limits.h"
#include "core/protocol/messages.h"

namespace tidemark::protocol {

/// No message holds it: in JSON's text it is escaped, and no writer of ours puts space between
/// tokens.
inline constexpr char kMessageSeparator = '\n';

/// Changes of a Segment travel grouped: by table, and in it puts, removals, patches; that is also
/// the order in which Decode gives them. Every change has its key, every put its row.
std::string Encode(const Message& message);

/// kInvalidArgs names what is malformed; kLimit a frame or list that is too large (limits.h), with
/// the limit's name. Embedded documents (rows, arguments, schema) are checked to be JSON and come
/// as slices of the text, byte for byte.
Result<Message> Decode(std::string_view bytes, const Limits& limits = {});

/// A frame from a server carries one message, or several with a newline between them, so that many
/// cost one write. Calls `handle` with the bytes of each, until one fails.
template <typename F>
Status ForEachMessage(std::string_view frame, F handle) {
  while (true) {
    const std::size_t end = frame.find(kMessageSeparator);
    TIDEMARK_TRY(handle(frame.substr(0, end)));
    if (end == std::string_view::npos) return Ok{};
    frame.remove_prefix(end + 1);
  }
}

}  // namespace tidemark::protocol

#endif  // TIDEMARK_CORE_PROTOCOL_CODEC_H_
