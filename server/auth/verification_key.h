// What a signature is held against: a shared secret or a public key, with the one algorithm that it
// is for. Invariant: the algorithm comes from the operator and never from a token.
#ifndef TIDEMARK_SERVER_AUTH_VERIFICATION_KEY_H_
#define TIDEMARK_SERVER_AUTH_VERIFICATION_KEY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"

// Of OpenSSL.
struct evp_pkey_st;

namespace tidemark::server::auth {

/// RFC 7518, section 3.1.
enum class Algorithm : std::uint8_t { kHs256, kRs256, kEs256 };

/// As `alg` in a token: "HS256".
std::string_view AlgorithmName(Algorithm algorithm);

/// RFC 7518, section 3.2: a secret is at least as long as the hash.
inline constexpr std::size_t kSecretBytesMin = 32;
/// RFC 7518, section 3.3.
inline constexpr int kRsaBitsMin = 2048;

class VerificationKey {
 public:
  /// kInvalidArgs when it is shorter than kSecretBytesMin.
  static Result<VerificationKey> FromSecret(std::string secret);
  /// A public key in PEM. kInvalidArgs when it is none, too weak, or not for `algorithm`.
  static Result<VerificationKey> FromPem(Algorithm algorithm, std::string_view pem);
  /// Modulus and exponent, big-endian.
  static Result<VerificationKey> FromRsa(std::string_view modulus, std::string_view exponent);
  /// A point on the curve P-256: 32 bytes, big-endian, each.
  static Result<VerificationKey> FromP256(std::string_view x, std::string_view y);

  VerificationKey(VerificationKey&&) noexcept;
  VerificationKey& operator=(VerificationKey&&) noexcept;
  ~VerificationKey();

  Algorithm algorithm() const { return algorithm_; }
  /// In constant time for a secret. ES256 signatures are r and s side by side, never DER (RFC 7518,
  /// section 3.4).
  bool Verifies(std::string_view text, std::string_view signature) const;

 private:
  struct FreeKey {
    void operator()(evp_pkey_st* key) const;
  };
  using PublicKey = std::unique_ptr<evp_pkey_st, FreeKey>;

  VerificationKey(Algorithm algorithm, std::string secret, PublicKey key);
  static Result<VerificationKey> FromPublicKey(Algorithm algorithm, PublicKey key);

  Algorithm algorithm_;
  std::string secret_;
  PublicKey key_;
};

}  // namespace tidemark::server::auth

#endif  // TIDEMARK_SERVER_AUTH_VERIFICATION_KEY_H_
