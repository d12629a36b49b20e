#include "core/query/like.h"

#include <gtest/gtest.h>

#include <string>

namespace tidemark::query {
namespace {

bool Like(std::string_view text, std::string_view pattern) {
  return LikeMatches(text, pattern, Case::kSensitive);
}

bool Ilike(std::string_view text, std::string_view pattern) {
  return LikeMatches(text, pattern, Case::kFoldAscii);
}

TEST(LikeTest, PercentIsAnyText) {
  EXPECT_TRUE(Like("", "%"));
  EXPECT_TRUE(Like("", "%%"));
  EXPECT_TRUE(Like("abc", "a%c"));
  EXPECT_TRUE(Like("abcbc", "a%bc"));
  EXPECT_TRUE(Like("aXbXc", "%X%X%"));
  EXPECT_FALSE(Like("aXbc", "%X%X%"));
  EXPECT_FALSE(Like("abcd", "a%c"));
  EXPECT_FALSE(Like("",
                    ""
                    "_"));
}

TEST(LikeTest, UnderscoreIsOneCharacterNotOneByte) {
  EXPECT_TRUE(Like("\xf0\x9f\x8c\x8a", "_"));
  EXPECT_FALSE(Like("\xf0\x9f\x8c\x8a", "__"));
  EXPECT_TRUE(Like("a\xc3\xa9z", "a_z"));
  EXPECT_TRUE(Like("\xc3\xa9\xc3\xa9", "%_"));
  EXPECT_FALSE(Like("\xc3\xa9", "%__"));
}

TEST(LikeTest, NothingEscapes) {
  EXPECT_TRUE(Like("a\\b", "a\\_"));
  EXPECT_TRUE(Like("a\\%", "a\\%"));
  EXPECT_FALSE(Like("a%", "a\\%"));
  EXPECT_TRUE(Like("\\", "\\"));
}

TEST(LikeTest, OnlyAsciiLettersFold) {
  EXPECT_TRUE(Ilike("HeLLo", "hEll%"));
  EXPECT_FALSE(Like("HeLLo", "hEll%"));
  EXPECT_FALSE(Ilike("\xc3\x89", "\xc3\xa9"));
  EXPECT_FALSE(Ilike("@", "`"));
  EXPECT_FALSE(Ilike("[", "{"));
}

TEST(LikeTest, LongTextWithManyPercentsEnds) {
  const std::string text(5000, 'a');
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "a%";
  EXPECT_TRUE(Like(text, pattern));
  EXPECT_FALSE(Like(text, pattern + "b"));
}

TEST(GlobPatternTest, KeepsGlobsOwnCharactersLiteral) {
  EXPECT_EQ(GlobPattern("a%b_c*d?e[f]g\\"), "a*b?c[*]d[?]e[[]f]g\\");
}

}  // namespace
}  // namespace tidemark::query
