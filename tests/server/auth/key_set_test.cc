#include "server/auth/key_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/base/base64url.h"
#include "tests/server/auth/token_maker.h"

namespace tidemark::server::auth {
namespace {

using ::testing::HasSubstr;

const std::string kSecret = "0123456789abcdef0123456789abcdef";

std::string ErrorOf(Algorithm algorithm, const std::string& content) {
  const Result<KeySet> keys = KeySet::Parse(algorithm, content);
  if (keys.ok()) return "";
  EXPECT_EQ(keys.error().message.find('\n'), std::string::npos);
  return keys.error().message;
}

TEST(KeySetTest, RefusesAShortSecretAndSaysHowToMakeOne) {
  EXPECT_THAT(ErrorOf(Algorithm::kHs256, "secret\n"), HasSubstr("openssl rand"));
  EXPECT_THAT(ErrorOf(Algorithm::kHs256, ""), HasSubstr("at least 32 bytes"));
  EXPECT_THAT(ErrorOf(Algorithm::kHs256, kSecret.substr(1) + "\n"), HasSubstr("this one has 31"));
  EXPECT_EQ(ErrorOf(Algorithm::kHs256, kSecret), "");
}

TEST(KeySetTest, DoesNotCountTheNewlineAtTheEndOfASecret) {
  for (const char* end : {"", "\n", "\r\n"}) {
    const Result<KeySet> keys = KeySet::Parse(Algorithm::kHs256, kSecret + end);
    ASSERT_TRUE(keys.ok());
    const std::string token = SignHs256(kSecret, "{}");
    const std::size_t dot = token.rfind('.');
    // A key id means nothing where there is one key only.
    ASSERT_NE(keys->Find("any"), nullptr);
    EXPECT_TRUE(
        keys->Find("any")->Verifies(token.substr(0, dot), *DecodeBase64Url(token.substr(dot + 1))));
  }
}

TEST(KeySetTest, ReadsPublicKeysInPem) {
  EXPECT_EQ(ErrorOf(Algorithm::kRs256, KeyPair::Rsa().PublicPem()), "");
  EXPECT_EQ(ErrorOf(Algorithm::kEs256, KeyPair::Ec().PublicPem()), "");
}

TEST(KeySetTest, RefusesKeysThatAreNotForTheAlgorithm) {
  EXPECT_THAT(ErrorOf(Algorithm::kRs256, KeyPair::Ec().PublicPem()), HasSubstr("RS256"));
  EXPECT_THAT(ErrorOf(Algorithm::kEs256, KeyPair::Rsa().PublicPem()), HasSubstr("ES256"));
  EXPECT_THAT(ErrorOf(Algorithm::kEs256, KeyPair::Ec("P-384").PublicPem()), HasSubstr("P-256"));
  EXPECT_THAT(ErrorOf(Algorithm::kRs256, KeyPair::Rsa(1024).PublicPem()), HasSubstr("2048 bits"));
  EXPECT_THAT(ErrorOf(Algorithm::kRs256, KeyPair::Rsa().PrivatePem()), HasSubstr("private key"));
  EXPECT_THAT(ErrorOf(Algorithm::kRs256, "nothing"), HasSubstr("neither PEM"));
  EXPECT_THAT(ErrorOf(Algorithm::kRs256, ""), HasSubstr("neither PEM"));
}

TEST(KeySetTest, FindsTheKeyOfAJwksByItsId) {
  const std::string jwks = R"({"keys":[)" + KeyPair::Ec().Jwk(R"("kid":"ec",)") + "," +
                           KeyPair::Rsa().Jwk(R"("kid":"a","use":"sig","alg":"RS256",)") + "," +
                           KeyPair::Rsa().Jwk(R"("kid":"b",)") + "," +
                           KeyPair::Rsa().Jwk(R"("kid":"c","use":"enc",)") + "]}";
  const Result<KeySet> keys = KeySet::Parse(Algorithm::kRs256, jwks);
  ASSERT_TRUE(keys.ok()) << keys.error().message;
  EXPECT_NE(keys->Find("a"), nullptr);
  EXPECT_NE(keys->Find("b"), nullptr);
  EXPECT_NE(keys->Find("a"), keys->Find("b"));
  EXPECT_EQ(keys->Find("c"), nullptr);
  EXPECT_EQ(keys->Find("ec"), nullptr);
  EXPECT_EQ(keys->Find(""), nullptr);

  const Result<KeySet> one = KeySet::Parse(Algorithm::kEs256, jwks);
  ASSERT_TRUE(one.ok()) << one.error().message;
  EXPECT_NE(one->Find("ec"), nullptr);
  EXPECT_NE(one->Find(""), nullptr) << "there is no doubt which one is meant";
  EXPECT_EQ(one->Find("other"), nullptr);
}

TEST(KeySetTest, ReadsASingleJwk) {
  EXPECT_EQ(ErrorOf(Algorithm::kEs256, "\n" + KeyPair::Ec().Jwk("")), "");
}

TEST(KeySetTest, NamesWhatIsWrongInAJwks) {
  EXPECT_THAT(ErrorOf(Algorithm::kRs256, "{"), HasSubstr("JSON"));
  EXPECT_THAT(ErrorOf(Algorithm::kRs256, R"({"keys":1})"), HasSubstr("list"));
  EXPECT_THAT(ErrorOf(Algorithm::kRs256, R"({"keys":[]})"), HasSubstr("no key for RS256"));
  EXPECT_THAT(ErrorOf(Algorithm::kRs256, R"({"kty":"RSA","kid":"k","n":"+","e":"AQAB"})"),
              HasSubstr("the key k"));
  EXPECT_THAT(ErrorOf(Algorithm::kRs256, R"({"kty":"RSA","n":"AQAB","e":"AQAB","d":"AQ"})"),
              HasSubstr("private key"));
  EXPECT_THAT(ErrorOf(Algorithm::kRs256, KeyPair::Rsa(1024).Jwk("")), HasSubstr("2048 bits"));
  const std::string same = KeyPair::Ec().Jwk(R"("kid":"k",)");
  EXPECT_THAT(ErrorOf(Algorithm::kEs256, R"({"keys":[)" + same + "," + same + "]}"),
              HasSubstr("twice"));
  const std::string nowhere(32, '\x01');
  EXPECT_THAT(
      ErrorOf(Algorithm::kEs256, R"({"kty":"EC","crv":"P-256","x":")" + EncodeBase64Url(nowhere) +
                                     R"(","y":")" + EncodeBase64Url(nowhere) + "\"}"),
      HasSubstr("no point"));
}

TEST(KeySetTest, NamesTheFileThatCannotBeUsed) {
  for (const char* spec : {"", "hs256", "hs256:", "none:key", "HS256:key", "rs512:key"}) {
    const Result<KeySet> keys = KeySet::Load(spec);
    ASSERT_FALSE(keys.ok()) << spec;
    EXPECT_THAT(keys.error().message, HasSubstr("hs256:FILE, rs256:FILE or es256:FILE"));
  }
  EXPECT_THAT(KeySet::Load("hs256:no/such.key").error().message, HasSubstr("no/such.key"));
  EXPECT_THAT(KeySet::Load("hs256:/").error().message, HasSubstr("folder"));
}

}  // namespace
}  // namespace tidemark::server::auth
