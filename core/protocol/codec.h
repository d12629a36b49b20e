// Between messages and bytes (UTF-8 JSON, one message a frame). The only parser of the wire:
// bounds, types and required members are checked here, so that roles only meet well-formed
// messages.
#ifndef TIDEMARK_CORE_PROTOCOL_CODEC_H_
#define TIDEMARK_CORE_PROTOCOL_CODEC_H_

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/protocol/messages.h"

namespace tidemark::protocol {

std::string Encode(const Message& message);

/// kInvalidArgs names what is malformed; kLimit a frame or list that is too large (limits.h).
Result<Message> Decode(std::string_view bytes);

}  // namespace tidemark::protocol

#endif  // TIDEMARK_CORE_PROTOCOL_CODEC_H_
