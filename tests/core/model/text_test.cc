#include "core/model/text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace tidemark::model {
namespace {

using namespace std::string_view_literals;

TEST(CheckTextTest, AcceptsWellFormedUtf8) {
  for (const std::string_view text :
       {""sv, "plain text, longer than eight"sv, "\x7f\xc2\x80\xdf\xbf"sv, "\xe0\xa0\x80"sv,
        "\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"sv, "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"sv,
        "12345678\xc3\xa9"
        "12345678"sv}) {
    EXPECT_EQ(CheckText(text), TextFault::kNone) << text;
  }
}

TEST(CheckTextTest, FindsInvalidUtf8) {
  for (const std::string_view text :
       {"\x80"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xc3"sv, "\xe0\x9f\xbf"sv, "\xed\xa0\x80"sv,
        "\xed\xbf\xbf"sv, "\xf0\x8f\xbf\xbf"sv, "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv,
        "\xff"sv, "12345678\xe2\x82"sv, "\xe2\x28\xa1"sv}) {
    EXPECT_EQ(CheckText(text), TextFault::kInvalidUtf8);
  }
}

TEST(CheckTextTest, FindsNulAtEveryPosition) {
  for (std::size_t i = 0; i < 20; ++i) {
    std::string text(20, 'x');
    text[i] = '\0';
    EXPECT_EQ(CheckText(text), TextFault::kNul) << i;
  }
}

}  // namespace
}  // namespace tidemark::model
