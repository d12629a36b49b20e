#include "server/auth/key_set.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <utility>

#include "core/base/base64url.h"
#include "core/model/json.h"
#include "server/read_file.h"

namespace tidemark::server::auth {
namespace {

namespace json = boost::json;

// A JWKS of an issuer has a handful of keys.
constexpr std::size_t kFileBytesMax = 1u << 20;

Error Unusable(std::string message) { return Error{ErrorCode::kInvalidArgs, std::move(message)}; }

std::optional<Algorithm> AlgorithmOf(std::string_view name) {
  if (name == "hs256") return Algorithm::kHs256;
  if (name == "rs256") return Algorithm::kRs256;
  if (name == "es256") return Algorithm::kEs256;
  return std::nullopt;
}

/// Empty if it is not there or no string.
std::string_view Text(const json::object& jwk, std::string_view name) {
  const json::value* value = jwk.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  return std::string_view(value->get_string());
}

/// A key of another kind or use has its place in a JWKS too.
bool IsFor(Algorithm algorithm, const json::object& jwk) {
  const std::string_view type = Text(jwk, "kty");
  const std::string_view use = Text(jwk, "use");
  const std::string_view alg = Text(jwk, "alg");
  if (!use.empty() && use != "sig") return false;
  if (!alg.empty() && alg != AlgorithmName(algorithm)) return false;
  if (algorithm == Algorithm::kRs256) return type == "RSA";
  return type == "EC" && Text(jwk, "crv") == "P-256";
}

Result<VerificationKey> KeyOf(Algorithm algorithm, const json::object& jwk) {
  if (jwk.contains("d")) {
    return Unusable(
        "it holds a private key, which belongs to the issuer: the server takes public "
        "ones");
  }
  const bool is_rsa = algorithm == Algorithm::kRs256;
  const std::optional<std::string> first = DecodeBase64Url(Text(jwk, is_rsa ? "n" : "x"));
  const std::optional<std::string> second = DecodeBase64Url(Text(jwk, is_rsa ? "e" : "y"));
  if (!first.has_value() || !second.has_value() || first->empty() || second->empty()) {
    return Unusable(is_rsa ? "`n` and `e` must be base64url" : "`x` and `y` must be base64url");
  }
  return is_rsa ? VerificationKey::FromRsa(*first, *second)
                : VerificationKey::FromP256(*first, *second);
}

}  // namespace

Result<KeySet> KeySet::Load(const std::string& spec) {
  const std::size_t colon = spec.find(':');
  const std::optional<Algorithm> algorithm = AlgorithmOf(spec.substr(0, colon));
  if (colon == spec.npos || colon + 1 == spec.size() || !algorithm.has_value()) {
    return Unusable("--auth " + spec.substr(0, 64) +
                    " must be hs256:FILE, rs256:FILE or es256:FILE");
  }
  const std::string path = spec.substr(colon + 1);
  Result<std::string> file = ReadFile(path);
  if (!file.ok()) return Unusable("--auth: " + file.error().message);
  std::string content = std::move(*file);
  if (content.size() > kFileBytesMax) return Unusable("--auth: " + path + " is no key file");
  Result<KeySet> keys = Parse(*algorithm, std::move(content));
  if (!keys.ok()) return Unusable("--auth: " + path + ": " + keys.error().message);
  return keys;
}

Result<KeySet> KeySet::Parse(Algorithm algorithm, std::string content) {
  if (algorithm == Algorithm::kHs256) {
    if (!content.empty() && content.back() == '\n') content.pop_back();
    if (!content.empty() && content.back() == '\r') content.pop_back();
    TIDEMARK_ASSIGN_OR_RETURN(VerificationKey key, VerificationKey::FromSecret(std::move(content)));
    KeySet keys(algorithm);
    keys.keys_.push_back(Entry{"", std::move(key)});
    return keys;
  }
  const std::size_t begin = content.find_first_not_of(" \t\r\n");
  if (begin != content.npos && content[begin] == '{') return ParseJwks(algorithm, content);
  TIDEMARK_ASSIGN_OR_RETURN(VerificationKey key, VerificationKey::FromPem(algorithm, content));
  KeySet keys(algorithm);
  keys.keys_.push_back(Entry{"", std::move(key)});
  return keys;
}

/// `{"keys": [JWK, …]}`, or one JWK.
Result<KeySet> KeySet::ParseJwks(Algorithm algorithm, std::string_view text) {
  Result<json::value> document = model::ParseJson(text);
  if (!document.ok()) return Unusable("it is no JSON: " + document.error().message);
  json::array jwks;
  const json::value* list = document->get_object().if_contains("keys");
  if (list == nullptr) {
    jwks.push_back(*document);
  } else if (list->is_array()) {
    jwks = list->get_array();
  } else {
    return Unusable("`keys` is no list");
  }
  KeySet keys(algorithm);
  for (const json::value& jwk : jwks) {
    if (!jwk.is_object() || !IsFor(algorithm, jwk.get_object())) continue;
    std::string id(Text(jwk.get_object(), "kid"));
    const std::string name = id.empty() ? "a key without `kid`" : "the key " + id;
    Result<VerificationKey> key = KeyOf(algorithm, jwk.get_object());
    if (!key.ok()) return Unusable(name + ": " + key.error().message);
    for (const Entry& other : keys.keys_) {
      if (other.id == id) return Unusable(name + " is there twice");
    }
    keys.keys_.push_back(Entry{std::move(id), std::move(*key)});
  }
  if (keys.keys_.empty()) {
    return Unusable("it holds no key for " + std::string(AlgorithmName(algorithm)));
  }
  return keys;
}

const VerificationKey* KeySet::Find(std::string_view key_id) const {
  if (keys_.size() == 1 && (key_id.empty() || keys_.front().id.empty())) return &keys_.front().key;
  if (key_id.empty()) return nullptr;
  for (const Entry& entry : keys_) {
    if (entry.id == key_id) return &entry.key;
  }
  return nullptr;
}

}  // namespace tidemark::server::auth
