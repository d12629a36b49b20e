// Base64url without padding (RFC 4648, section 5; RFC 7515, section 2). Strict: what it takes has
// exactly one spelling, so that two texts of one token are never both genuine.
#ifndef TIDEMARK_CORE_BASE_BASE64URL_H_
#define TIDEMARK_CORE_BASE_BASE64URL_H_

#include <optional>
#include <string>
#include <string_view>

namespace tidemark {

/// Nothing if `text` has other characters (padding and white space too), a length that cannot be,
/// or stray bits at its end.
std::optional<std::string> DecodeBase64Url(std::string_view text);

std::string EncodeBase64Url(std::string_view bytes);

}  // namespace tidemark

#endif  // TIDEMARK_CORE_BASE_BASE64URL_H_
