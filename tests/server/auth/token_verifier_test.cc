#include "server/auth/token_verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/base/base64url.h"
#include "tests/server/auth/token_maker.h"

namespace tidemark::server::auth {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kNow = 1'700'000'000;
const std::string kSecret = "0123456789abcdef0123456789abcdef";
constexpr char kClaims[] = R"({"sub":"ada","exp":1700000060,"role":"editor"})";
constexpr char kRs256[] = R"({"alg":"RS256"})";
constexpr char kEs256[] = R"({"alg":"ES256"})";

class TokenVerifierTest : public ::testing::Test {
 protected:
  TokenVerifierOptions Options() {
    TokenVerifierOptions options;
    options.now_s = [this] { return now_s_; };
    return options;
  }
  Result<Claims> Verify(std::string_view token) { return Verify(token, Options()); }
  static Result<Claims> Verify(std::string_view token, TokenVerifierOptions options) {
    TokenVerifier verifier(*KeySet::Parse(Algorithm::kHs256, kSecret), std::move(options));
    return verifier.Verify(token);
  }
  Result<Claims> VerifyWith(Algorithm algorithm, const std::string& key, std::string_view token) {
    TokenVerifier verifier(*KeySet::Parse(algorithm, key), Options());
    return verifier.Verify(token);
  }
  void ExpectRefused(const Result<Claims>& claims, const std::string& reason) {
    ASSERT_FALSE(claims.ok()) << "expected: " << reason;
    EXPECT_EQ(claims.error().code, ErrorCode::kUnauthorized);
    EXPECT_THAT(claims.error().message, HasSubstr(reason));
  }
  void ExpectPayloadRefused(std::string_view payload, const std::string& reason) {
    ExpectRefused(Verify(SignHs256(kSecret, payload)), reason);
  }

  std::int64_t now_s_ = kNow;
};

TEST_F(TokenVerifierTest, AnswersTheClaimsOfAGenuineToken) {
  const Result<Claims> claims = Verify(SignHs256(kSecret, kClaims));
  ASSERT_TRUE(claims.ok()) << claims.error().message;
  EXPECT_EQ(claims->subject, "ada");
  EXPECT_EQ(claims->auth_json, R"({"exp":1700000060,"role":"editor","sub":"ada"})");
  EXPECT_EQ(claims->expires_s, kNow + 60 + kLeewaySeconds);
  EXPECT_EQ(Verify(SignHs256(kSecret, R"({"sub":"ada"})"))->expires_s, std::nullopt);
}

// RFC 7515, appendix A.1: made by somebody else.
TEST_F(TokenVerifierTest, VerifiesTheSignatureThatTheRfcShows) {
  const std::string text =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnV"
      "lfQ";
  const std::string signature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  const std::string key = *DecodeBase64Url(
      "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
  EXPECT_TRUE(VerificationKey::FromSecret(key)->Verifies(text, *DecodeBase64Url(signature)));
}

TEST_F(TokenVerifierTest, AsksForAToken) { ExpectRefused(Verify(""), "there was none"); }

TEST_F(TokenVerifierTest, RefusesWhatWasChangedAfterSigning) {
  const std::string token = SignHs256(kSecret, kClaims);
  ExpectRefused(Verify(SignHs256("another secret, just as long ....", kClaims)), "not genuine");
  const std::string other = SignHs256(kSecret, R"({"sub":"eve"})");
  ExpectRefused(Verify(other.substr(0, other.rfind('.')) + token.substr(token.rfind('.'))),
                "not genuine");
  ExpectRefused(Verify(token.substr(0, token.rfind('.') + 1)), "not genuine");
  // Every bit counts.
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(Verify(changed).ok()) << i;
  }
}

TEST_F(TokenVerifierTest, TakesNoAlgorithmFromTheToken) {
  const std::string none = Unsigned(R"({"alg":"none"})", kClaims) + ".";
  ExpectRefused(Verify(none), "not signed with HS256");
  ExpectRefused(Verify(Unsigned(R"({"alg":"None"})", kClaims) + "."), "not signed with HS256");
  ExpectRefused(Verify(SignHs256(kSecret, kClaims, R"({"alg":"HS512"})")), "not signed with HS256");
  ExpectRefused(Verify(SignHs256(kSecret, kClaims, R"({"alg":"hs256"})")), "not signed with HS256");
  ExpectRefused(Verify(SignHs256(kSecret, kClaims, "{}")), "does not say its algorithm");
  ExpectRefused(Verify(SignHs256(kSecret, kClaims, R"({"alg":1})")), "`alg` is no string");

  // The public key of an RSA server used as the secret of an HMAC.
  const KeyPair pair = KeyPair::Rsa();
  const std::string pem = pair.PublicPem();
  ExpectRefused(VerifyWith(Algorithm::kRs256, pem, SignHs256(pem, kClaims)),
                "not signed with RS256");
  ExpectRefused(VerifyWith(Algorithm::kRs256, pem, SignHs256(pem, kClaims, kRs256)), "not genuine");
  ExpectRefused(VerifyWith(Algorithm::kRs256, pem, none), "not signed with RS256");
}

TEST_F(TokenVerifierTest, RefusesWhatIsNoToken) {
  for (const std::string& token :
       {std::string("x"), std::string(".."), std::string("a.b"), std::string("a.b.c.d"),
        std::string("a.b.c.d.e"), SignHs256(kSecret, "not JSON"), SignHs256(kSecret, "[1]"),
        SignHs256(kSecret, kClaims, "[]"), SignHs256(kSecret, kClaims) + "=",
        " " + SignHs256(kSecret, kClaims), SignHs256(kSecret, kClaims) + "\n",
        "Bearer " + SignHs256(kSecret, kClaims),
        SignHs256(kSecret, kClaims, R"({"alg":"HS256","crit":["exp"]})")}) {
    ExpectRefused(Verify(token), "malformed");
  }
  std::string deep = R"({"sub":"ada","x":)";
  for (int i = 0; i < 3000; ++i) deep += '[';
  for (int i = 0; i < 3000; ++i) deep += ']';
  ExpectPayloadRefused(deep + "}", "malformed");
  ExpectPayloadRefused(R"({"sub":"a\u0000b"})", "claims");
}

TEST_F(TokenVerifierTest, RefusesAHugeTokenUnread) {
  const std::string claims = R"({"sub":"ada","x":")" + std::string(20000, 'x') + "\"}";
  ExpectPayloadRefused(claims, "token_bytes_max");
  TokenVerifierOptions options = Options();
  options.token_bytes_max = 40000;
  EXPECT_TRUE(Verify(SignHs256(kSecret, claims), std::move(options)).ok());
}

TEST_F(TokenVerifierTest, HonoursTheTimesWithSomeLeeway) {
  const std::string token = SignHs256(kSecret, R"({"sub":"ada","exp":1700000000})");
  now_s_ = kNow + kLeewaySeconds - 1;
  EXPECT_TRUE(Verify(token).ok());
  now_s_ = kNow + kLeewaySeconds;
  ExpectRefused(Verify(token), "expired");
  const std::string later = SignHs256(kSecret, R"({"sub":"ada","nbf":1700000000.5})");
  now_s_ = kNow - kLeewaySeconds;
  EXPECT_TRUE(Verify(later).ok());
  now_s_ = kNow - kLeewaySeconds - 1;
  ExpectRefused(Verify(later), "not valid yet");
  for (const char* time : {"\"1700000060\"", "null", "-1", "1e300", "[1]", "true"}) {
    ExpectPayloadRefused(R"({"sub":"ada","exp":)" + std::string(time) + "}", "`exp` is no time");
    ExpectPayloadRefused(R"({"sub":"ada","nbf":)" + std::string(time) + "}", "`nbf` is no time");
  }
}

TEST_F(TokenVerifierTest, AsksWhoseTheTokenIs) {
  for (const char* claims : {"{}", R"({"sub":""})", R"({"sub":7})", R"({"sub":null})"}) {
    ExpectPayloadRefused(claims, "`sub`");
  }
  ExpectPayloadRefused(R"({"sub":")" + std::string(257, 'x') + "\"}", "256 bytes");
}

TEST_F(TokenVerifierTest, AsksForIssuerAndAudienceWhenTheyAreConfigured) {
  TokenVerifierOptions options = Options();
  options.audience = "app";
  options.issuer = "https://issuer.example";
  const auto verify = [&](const std::string& claims) {
    return Verify(SignHs256(kSecret, R"({"sub":"ada",)" + claims + "}"), options);
  };
  const std::string issuer = R"("iss":"https://issuer.example")";
  EXPECT_TRUE(verify(issuer + R"(,"aud":"app")").ok());
  EXPECT_TRUE(verify(issuer + R"(,"aud":["other","app"])").ok());
  ExpectRefused(verify(issuer + R"(,"aud":"other")"), "`aud`");
  ExpectRefused(verify(issuer + R"(,"aud":[])"), "`aud`");
  ExpectRefused(verify(issuer + R"(,"aud":{"app":1})"), "`aud`");
  ExpectRefused(verify(issuer), "`aud`");
  ExpectRefused(verify(R"("aud":"app","iss":"https://issuer.example/")"), "`iss`");
  ExpectRefused(verify(R"("aud":"app","iss":["https://issuer.example"])"), "`iss`");
  ExpectRefused(verify(R"("aud":"app")"), "`iss`");
}

TEST_F(TokenVerifierTest, VerifiesRsaSignatures) {
  const KeyPair pair = KeyPair::Rsa();
  const std::string token = pair.Sign(kClaims, kRs256);
  EXPECT_EQ(VerifyWith(Algorithm::kRs256, pair.PublicPem(), token)->subject, "ada");
  ExpectRefused(VerifyWith(Algorithm::kRs256, KeyPair::Rsa().PublicPem(), token), "not genuine");
  const std::string text = Unsigned(kRs256, kClaims) + ".";
  for (const std::string& signature :
       {std::string(), std::string(256, '\0'), std::string(999, 'x')}) {
    ExpectRefused(
        VerifyWith(Algorithm::kRs256, pair.PublicPem(), text + EncodeBase64Url(signature)),
        "not genuine");
  }
}

TEST_F(TokenVerifierTest, VerifiesEllipticSignaturesInTheFormOfJws) {
  const KeyPair pair = KeyPair::Ec();
  // The parts of a signature begin with zeros now and then.
  for (int i = 0; i < 300; ++i) {
    const std::string claims = R"({"sub":"ada","n":)" + std::to_string(i) + "}";
    const auto verified =
        VerifyWith(Algorithm::kEs256, pair.PublicPem(), pair.Sign(claims, kEs256));
    ASSERT_TRUE(verified.ok()) << verified.error().message;
  }
  ExpectRefused(VerifyWith(Algorithm::kEs256, pair.PublicPem(), pair.SignDer(kClaims, kEs256)),
                "not genuine");
  const std::string unsigned_text = Unsigned(kEs256, kClaims);
  for (const std::string& signature : {std::string(64, '\0'), std::string(64, '\xff'),
                                       std::string(63, 'x'), std::string(65, 'x'), std::string()}) {
    ExpectRefused(VerifyWith(Algorithm::kEs256, pair.PublicPem(),
                             unsigned_text + "." + EncodeBase64Url(signature)),
                  "not genuine");
  }
}

TEST_F(TokenVerifierTest, ChoosesTheKeyOfAJwksByKid) {
  const KeyPair a = KeyPair::Ec();
  const KeyPair b = KeyPair::Ec();
  const std::string jwks =
      R"({"keys":[)" + a.Jwk(R"("kid":"a",)") + "," + b.Jwk(R"("kid":"b",)") + "]}";
  const auto header = [](const std::string& kid) {
    return R"({"alg":"ES256","kid":")" + kid + "\"}";
  };
  EXPECT_TRUE(VerifyWith(Algorithm::kEs256, jwks, a.Sign(kClaims, header("a"))).ok());
  EXPECT_TRUE(VerifyWith(Algorithm::kEs256, jwks, b.Sign(kClaims, header("b"))).ok());
  ExpectRefused(VerifyWith(Algorithm::kEs256, jwks, a.Sign(kClaims, header("b"))), "not genuine");
  ExpectRefused(VerifyWith(Algorithm::kEs256, jwks, a.Sign(kClaims, header("c"))), "not known");
  ExpectRefused(VerifyWith(Algorithm::kEs256, jwks, a.Sign(kClaims, kEs256)), "which key");
  ExpectRefused(
      VerifyWith(Algorithm::kEs256, jwks, a.Sign(kClaims, R"({"alg":"ES256","kid":["a"]})")),
      "`kid` is no string");
}

}  // namespace
}  // namespace tidemark::server::auth
