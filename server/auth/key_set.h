// The keys of one issuer, read from the operator's file: a secret, a public key in PEM, or a JWKS
// (RFC 7517), in which a token names its key by `kid`.
#ifndef TIDEMARK_SERVER_AUTH_KEY_SET_H_
#define TIDEMARK_SERVER_AUTH_KEY_SET_H_

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "server/auth/verification_key.h"

namespace tidemark::server::auth {

class KeySet {
 public:
  /// `spec` is that of `--auth`: `hs256:FILE`, `rs256:FILE` or `es256:FILE`. kInvalidArgs in one
  /// line that names what is wrong with the file.
  static Result<KeySet> Load(const std::string& spec);
  /// The same with the file's content. A trailing newline of a secret is not part of it.
  static Result<KeySet> Parse(Algorithm algorithm, std::string content);

  Algorithm algorithm() const { return algorithm_; }
  /// The key that a token with this `kid` (empty: none) has to be signed with. Nothing if a JWKS
  /// has no such key, or several and the token does not say which.
  const VerificationKey* Find(std::string_view key_id) const;

 private:
  struct Entry {
    std::string id;  // empty: any
    VerificationKey key;
  };

  explicit KeySet(Algorithm algorithm) : algorithm_(algorithm) {}
  static Result<KeySet> ParseJwks(Algorithm algorithm, std::string_view text);

  Algorithm algorithm_;
  std::vector<Entry> keys_;
};

}  // namespace tidemark::server::auth

#endif  // TIDEMARK_SERVER_AUTH_KEY_SET_H_
