#include "core/base/base64url.h"

#include <gtest/gtest.h>

#include <string>

namespace tidemark {
namespace {

TEST(Base64UrlTest, ReadsWhatTheRfcShows) {
  EXPECT_EQ(DecodeBase64Url(""), "");
  EXPECT_EQ(DecodeBase64Url("Zg"), "f");
  EXPECT_EQ(DecodeBase64Url("Zm8"), "fo");
  EXPECT_EQ(DecodeBase64Url("Zm9v"), "foo");
  EXPECT_EQ(DecodeBase64Url("Zm9vYmFy"), "foobar");
  EXPECT_EQ(DecodeBase64Url("-_8"), "\xfb\xff");
}

TEST(Base64UrlTest, TakesOneSpellingOnly) {
  for (const char* wrong : {"Zg==", "Zm9v ", " Zm9v", "Zm9v\n", "Zm+v", "Zm/v", "Z", "Zm9vY", "Zh",
                            "Zm9", "Zm\xc3\xb6"}) {
    EXPECT_FALSE(DecodeBase64Url(wrong).has_value()) << wrong;
  }
  EXPECT_FALSE(DecodeBase64Url(std::string_view("Zm\0v", 4)).has_value());
}

TEST(Base64UrlTest, ReadsBackWhateverBytes) {
  std::string bytes;
  for (int length = 0; length < 300; ++length) {
    EXPECT_EQ(DecodeBase64Url(EncodeBase64Url(bytes)), bytes) << length;
    bytes += static_cast<char>(length * 37 % 256);
  }
}

}  // namespace
}  // namespace tidemark
