// Between messages and bytes (UTF-8 JSON, one message a frame). The only parser of the wire:
// bounds, types and required members are checked here, so that roles only meet well-formed
// messages.
#ifndef TIDEMARK_CORE_PROTOCOL_CODEC_H_
#define TIDEMARK_CORE_PROTOCOL_CODEC_H_

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/protocol/limits.h"
#include "core/protocol/messages.h"

namespace tidemark::protocol {

/// Changes of a Segment travel grouped: by table, and in it puts, removals, patches; that is also
/// the order in which Decode gives them. Every change has its key, every put its row.
std::string Encode(const Message& message);

/// kInvalidArgs names what is malformed; kLimit a frame or list that is too large (limits.h), with
/// the limit's name. Embedded documents (rows, arguments, schema) are checked to be JSON and come
/// as slices of the text, byte for byte.
Result<Message> Decode(std::string_view bytes, const Limits& limits = {});

}  // namespace tidemark::protocol

#endif  // TIDEMARK_CORE_PROTOCOL_CODEC_H_
