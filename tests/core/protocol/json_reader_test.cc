#include "core/protocol/json_reader.h"

#include <gtest/gtest.h>

namespace tidemark::protocol {
namespace {

bool IsJson(std::string_view text) {
  JsonReader reader(text);
  std::string_view raw;
  return reader.ReadRaw(raw) && reader.AtEnd();
}

TEST(JsonReaderTest, AcceptsWhatRfc8259Allows) {
  for (const char* text :
       {"null", " true ", "false", "0", "-0", "12", "-1.5e+10", "1E5", "\"\"",
        R"("a\"\\\/\b\f\n\r\té😀")", "[]", "[ ]", "{}", "{ }", R"([1,[2,{"a":[]}],{}])",
        R"({"a":1,"b":{"c":null}})", "\"\xc3\xbc\xe2\x82\xac\""}) {
    EXPECT_TRUE(IsJson(text)) << text;
  }
}

TEST(JsonReaderTest, RefusesWhatIsNotJson) {
  for (const char* text : {"",
                           " ",
                           "nul",
                           "tru",
                           "True",
                           "01",
                           "-",
                           "1.",
                           ".5",
                           "1e",
                           "+1",
                           "\"",
                           "\"\\x\"",
                           "\"\\u12g4\"",
                           R"("\ud83d")",
                           R"("\ude00")",
                           R"("\ud83dA")",
                           "\"\n\"",
                           "[",
                           "]",
                           "[1",
                           "[1,]",
                           "[,1]",
                           "[1 2]",
                           "{",
                           "{a:1}",
                           R"({"a"})",
                           R"({"a":})",
                           R"({"a":1,})",
                           R"({,"a":1})",
                           R"({"a":1 "b":2})",
                           "[}",
                           "{]",
                           "1 2",
                           "\"\xff\"",
                           "\"\xc3\"",
                           "\"\xed\xa0\x80\""}) {
    EXPECT_FALSE(IsJson(text)) << text;
  }
}

TEST(JsonReaderTest, ReadsStringsWithTheirEscapes) {
  JsonReader reader(R"("a\n\"é😀 ü")");
  std::string text;
  ASSERT_TRUE(reader.ReadString(text));
  EXPECT_EQ(text, "a\n\"\xc3\xa9\xf0\x9f\x98\x80 \xc3\xbc");
}

TEST(JsonReaderTest, SaysWhereItStopped) {
  JsonReader reader("[1, x]");
  std::string_view raw;
  EXPECT_FALSE(reader.ReadRaw(raw));
  EXPECT_EQ(reader.error().message, "malformed message: expected a value at byte 4");
  EXPECT_FALSE(reader.ReadRaw(raw)) << "nothing succeeds after a failure";
}

}  // namespace
}  // namespace tidemark::protocol
