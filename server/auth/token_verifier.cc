#include "server/auth/token_verifier.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <optional>
#include <utility>

#include "core/model/json_path.h"
#include "server/auth/compact_jws.h"

namespace tidemark::server::auth {
namespace {

namespace json = boost::json;

// Times beyond this are not dates (the year 9999), and sums with them do not overflow.
constexpr double kTimeMax = 253402300800;
// As long as an id may be (core/protocol/limits.h): it becomes part of rows.
constexpr std::size_t kSubjectBytesMax = 256;

Error Unauthorized(std::string message) {
  return Error{ErrorCode::kUnauthorized, std::move(message)};
}

/// A NumericDate (RFC 7519, section 2) in whole seconds, if the claim is there.
Result<std::optional<std::int64_t>> TimeOf(const json::object& claims, std::string_view name) {
  const json::value* value = claims.if_contains(name);
  if (value == nullptr) return std::optional<std::int64_t>();
  double seconds = -1;
  if (value->is_int64()) seconds = static_cast<double>(value->get_int64());
  if (value->is_uint64()) seconds = static_cast<double>(value->get_uint64());
  if (value->is_double()) seconds = value->get_double();
  if (!(seconds >= 0 && seconds <= kTimeMax)) {
    return Unauthorized("the token's `" + std::string(name) + "` is no time in seconds");
  }
  return std::optional<std::int64_t>(static_cast<std::int64_t>(std::floor(seconds)));
}

bool Is(const json::value* value, const std::string& text) {
  return value != nullptr && value->is_string() && std::string_view(value->get_string()) == text;
}

bool Names(const json::value* audience, const std::string& wanted) {
  if (audience == nullptr || !audience->is_array()) return Is(audience, wanted);
  const json::array& list = audience->get_array();
  return std::any_of(list.begin(), list.end(),
                     [&](const json::value& value) { return Is(&value, wanted); });
}

Result<std::string> SubjectOf(const json::object& claims) {
  const json::value* subject = claims.if_contains("sub");
  if (subject == nullptr || !subject->is_string() || subject->get_string().empty()) {
    return Unauthorized("the token does not say whose it is (`sub`, a string)");
  }
  if (subject->get_string().size() > kSubjectBytesMax) {
    return Unauthorized("the token's `sub` is longer than " + std::to_string(kSubjectBytesMax) +
                        " bytes");
  }
  return std::string(subject->get_string());
}

}  // namespace

TokenVerifier::TokenVerifier(KeySet keys, TokenVerifierOptions options)
    : keys_(std::move(keys)), options_(std::move(options)) {}

Result<Claims> TokenVerifier::Verify(std::string_view token) {
  if (token.empty()) return Unauthorized("a token is needed and there was none");
  if (token.size() > options_.token_bytes_max) {
    return Unauthorized("the token is longer than " + std::to_string(options_.token_bytes_max) +
                        " bytes (token_bytes_max)");
  }
  TIDEMARK_ASSIGN_OR_RETURN(const CompactJws jws, ParseCompactJws(token));
  if (jws.algorithm != AlgorithmName(keys_.algorithm())) {
    return Unauthorized("the token is not signed with " +
                        std::string(AlgorithmName(keys_.algorithm())));
  }
  const VerificationKey* key = keys_.Find(jws.key_id);
  if (key == nullptr) {
    return Unauthorized(jws.key_id.empty() ? "the token does not say which key signed it (`kid`)"
                                           : "the token is signed with a key that is not known");
  }
  if (!key->Verifies(jws.signed_text, jws.signature)) {
    return Unauthorized("the token's signature is not genuine");
  }

  const json::object& claims = jws.payload;
  TIDEMARK_ASSIGN_OR_RETURN(const std::optional<std::int64_t> expires, TimeOf(claims, "exp"));
  TIDEMARK_ASSIGN_OR_RETURN(const std::optional<std::int64_t> begins, TimeOf(claims, "nbf"));
  const std::int64_t now_s = options_.now_s();
  if (expires.has_value() && now_s >= *expires + kLeewaySeconds) return TokenExpired();
  if (begins.has_value() && now_s < *begins - kLeewaySeconds) {
    return Unauthorized("the token is not valid yet");
  }
  if (!options_.issuer.empty() && !Is(claims.if_contains("iss"), options_.issuer)) {
    return Unauthorized("the token is not from the issuer that this server believes (`iss`)");
  }
  if (!options_.audience.empty() && !Names(claims.if_contains("aud"), options_.audience)) {
    return Unauthorized("the token is not for this server (`aud`)");
  }
  Claims verified;
  TIDEMARK_ASSIGN_OR_RETURN(verified.subject, SubjectOf(claims));
  Result<std::string> document = model::CanonicalDocument(claims);
  if (!document.ok()) return Unauthorized("the token's claims: " + document.error().message);
  verified.auth_json = std::move(*document);
  if (expires.has_value()) verified.expires_s = *expires + kLeewaySeconds;
  return verified;
}

}  // namespace tidemark::server::auth
