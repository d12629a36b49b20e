// An issuer for tests: makes keys and signs tokens, also wrong ones.
#ifndef TIDEMARK_TESTS_SERVER_AUTH_TOKEN_MAKER_H_
#define TIDEMARK_TESTS_SERVER_AUTH_TOKEN_MAKER_H_

#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace tidemark::server::auth {

/// `header.payload`, not signed yet.
std::string Unsigned(std::string_view header, std::string_view payload);

/// HS256. The header is `{"alg":"HS256","typ":"JWT"}` unless said otherwise.
std::string SignHs256(std::string_view secret, std::string_view payload,
                      std::string_view header = R"({"alg":"HS256","typ":"JWT"})");

/// A pair of keys, made anew.
class KeyPair {
 public:
  static KeyPair Rsa(unsigned bits = 2048);
  static KeyPair Ec(const char* curve = "P-256");

  std::string PublicPem() const;
  std::string PrivatePem() const;
  /// One key of a JWKS; `more` is put in front of its members, say `"kid":"a",`.
  std::string Jwk(std::string_view more) const;

  /// With the key's algorithm; `header` names it.
  std::string Sign(std::string_view payload, std::string_view header) const;
  /// The same with the ECDSA signature in DER, as OpenSSL makes it and JWS forbids it.
  std::string SignDer(std::string_view payload, std::string_view header) const;

 private:
  struct FreeKey {
    void operator()(evp_pkey_st* key) const;
  };
  explicit KeyPair(evp_pkey_st* key) : key_(key) {}
  std::string Signature(std::string_view text) const;

  std::unique_ptr<evp_pkey_st, FreeKey> key_;
};

}  // namespace tidemark::server::auth

#endif  // TIDEMARK_TESTS_SERVER_AUTH_TOKEN_MAKER_H_
