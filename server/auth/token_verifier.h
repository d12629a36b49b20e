// `--auth`: believes JSON Web Tokens (RFC 7519) that one issuer signed, and nothing else. Follows
// RFC 8725: one algorithm, chosen by the operator; the signature is checked before any claim is
// looked at. Law: what it answers are the claims of a token that a configured key signed, for this
// server, at a time when it is valid.
#ifndef TIDEMARK_SERVER_AUTH_TOKEN_VERIFIER_H_
#define TIDEMARK_SERVER_AUTH_TOKEN_VERIFIER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "server/auth.h"
#include "server/auth/key_set.h"

namespace tidemark::server::auth {

/// Clocks of issuer and server may differ by this much.
inline constexpr std::int64_t kLeewaySeconds = 30;

struct TokenVerifierOptions {
  std::string audience;  // that `aud` has to name; empty: not asked for
  std::string issuer;    // that `iss` has to be; empty: not asked for
  std::size_t token_bytes_max = 16u << 10;
  /// Seconds since the epoch.
  std::function<std::int64_t()> now_s;
};

class TokenVerifier final : public AuthVerifier {
 public:
  TokenVerifier(KeySet keys, TokenVerifierOptions options);

  /// kUnauthorized with a reason for whoever made the token; it says nothing about keys or data.
  Result<Claims> Verify(std::string_view token) override;

 private:
  KeySet keys_;
  TokenVerifierOptions options_;
};

}  // namespace tidemark::server::auth

#endif  // TIDEMARK_SERVER_AUTH_TOKEN_VERIFIER_H_
