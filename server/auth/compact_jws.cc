#include "server/auth/compact_jws.h"

#include <boost/json/value.hpp>
#include <optional>
#include <utility>

#include "core/base/base64url.h"
#include "core/model/json.h"

namespace tidemark::server::auth {
namespace {

namespace json = boost::json;

Error Malformed(const std::string& what) {
  return Error{ErrorCode::kUnauthorized, "the token is malformed: " + what};
}

Result<json::object> ParsePart(std::string_view part, const std::string& name) {
  const std::optional<std::string> text = DecodeBase64Url(part);
  if (!text.has_value()) return Malformed("its " + name + " is not base64url");
  Result<json::value> value = model::ParseJson(*text);
  if (!value.ok() || !value->is_object()) return Malformed("its " + name + " is no JSON object");
  return std::move(value->get_object());
}

/// A string member; nothing if it is not there.
Result<std::string> TextOf(const json::object& header, std::string_view name) {
  const json::value* value = header.if_contains(name);
  if (value == nullptr) return std::string();
  if (!value->is_string()) return Malformed("`" + std::string(name) + "` is no string");
  return std::string(value->get_string());
}

}  // namespace

Result<CompactJws> ParseCompactJws(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == token.npos ? token.npos : token.find('.', first + 1);
  if (second == token.npos || token.find('.', second + 1) != token.npos) {
    return Malformed("a signed token has three parts between dots");
  }
  CompactJws jws;
  TIDEMARK_ASSIGN_OR_RETURN(const json::object header, ParsePart(token.substr(0, first), "header"));
  TIDEMARK_ASSIGN_OR_RETURN(jws.algorithm, TextOf(header, "alg"));
  TIDEMARK_ASSIGN_OR_RETURN(jws.key_id, TextOf(header, "kid"));
  if (jws.algorithm.empty()) return Malformed("it does not say its algorithm");
  if (header.contains("crit")) return Malformed("it needs extensions that are not understood");
  jws.signed_text = token.substr(0, second);
  std::optional<std::string> signature = DecodeBase64Url(token.substr(second + 1));
  if (!signature.has_value()) return Malformed("its signature is not base64url");
  jws.signature = std::move(*signature);
  TIDEMARK_ASSIGN_OR_RETURN(jws.payload,
                            ParsePart(token.substr(first + 1, second - first - 1), "payload"));
  return jws;
}

}  // namespace tidemark::server::auth
