// The resident memory of this process, as the kernel counts it.
#ifndef TIDEMARK_SERVER_ENGINE_RESIDENT_MEMORY_H_
#define TIDEMARK_SERVER_ENGINE_RESIDENT_MEMORY_H_

#include <cstddef>

namespace tidemark::server {

/// 0 where /proc is not to be had. About a microsecond.
std::size_t ResidentBytes();

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_ENGINE_RESIDENT_MEMORY_H_
