// The protocol's version: raised when a message changes so that an older peer would misread it.
#ifndef TIDEMARK_CORE_PROTOCOL_VERSION_H_
#define TIDEMARK_CORE_PROTOCOL_VERSION_H_

#include <cstdint>

namespace tidemark::protocol {

inline constexpr std::uint32_t kProtocolVersion = 4;

}  // namespace tidemark::protocol

#endif  // TIDEMARK_CORE_PROTOCOL_VERSION_H_
