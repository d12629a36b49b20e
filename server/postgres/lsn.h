// Positions in Postgres' log as text, `16/B374D848`.
#ifndef TIDEMARK_SERVER_POSTGRES_LSN_H_
#define TIDEMARK_SERVER_POSTGRES_LSN_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace tidemark::server {

inline std::string FormatLsn(std::uint64_t position) {
  char text[32];
  std::snprintf(text, sizeof text, "%X/%X", static_cast<unsigned>(position >> 32),
                static_cast<unsigned>(position));
  return text;
}

/// 0 for what is none.
inline std::uint64_t ParseLsn(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return 0;
  const std::string high(text.substr(0, slash));
  const std::string low(text.substr(slash + 1));
  return std::strtoull(high.c_str(), nullptr, 16) << 32 | std::strtoull(low.c_str(), nullptr, 16);
}

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_POSTGRES_LSN_H_
