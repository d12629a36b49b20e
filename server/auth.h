// Who a connection belongs to: turns the token of a hello into claims. The server asks it once a
// connection and whenever a client brings a new token; it never sees mutations or queries.
#ifndef TIDEMARK_SERVER_AUTH_H_
#define TIDEMARK_SERVER_AUTH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace tidemark::server {

struct Claims {
  std::string auth_json = "null";  // what mutators and queries see as ctx.auth
  std::string subject;             // who client groups are bound to; empty: nobody in particular
  /// When the token is not accepted any more, in seconds since the epoch; nothing: never.
  std::optional<std::int64_t> expires_s = std::nullopt;
};

class AuthVerifier {
 public:
  virtual ~AuthVerifier() = default;
  /// kUnauthorized if the token is missing, expired or not genuine.
  virtual Result<Claims> Verify(std::string_view token) = 0;
};

/// A server without authentication: everybody is nobody, whatever token they bring.
class NoAuthentication final : public AuthVerifier {
 public:
  Result<Claims> Verify(std::string_view) override { return Claims{}; }
};

/// The same to whom an expired token is shown and to whom it expires on.
inline Error TokenExpired() { return Error{ErrorCode::kUnauthorized, "the token has expired"}; }

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_AUTH_H_
