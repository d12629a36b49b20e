// A signed token as it travels: JWS in compact form (RFC 7515, section 7.1), taken apart and not
// believed yet. Knows JSON and base64url, neither keys nor what claims mean.
#ifndef TIDEMARK_SERVER_AUTH_COMPACT_JWS_H_
#define TIDEMARK_SERVER_AUTH_COMPACT_JWS_H_

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace tidemark::server::auth {

struct CompactJws {
  std::string algorithm;         // `alg`: what the token says of itself
  std::string key_id;            // `kid`; empty: none
  std::string_view signed_text;  // of the token that was parsed: header and payload
  std::string signature;
  boost::json::object payload;
};

/// kUnauthorized that says what is malformed. Also refused: extensions (`crit`) and anything
/// encrypted.
Result<CompactJws> ParseCompactJws(std::string_view token);

}  // namespace tidemark::server::auth

#endif  // TIDEMARK_SERVER_AUTH_COMPACT_JWS_H_
