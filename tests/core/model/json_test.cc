#include "core/model/json.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/model/json_path.h"
#include "core/model/limits.h"

namespace tidemark::model {
namespace {

using namespace std::string_literals;

std::string Nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(ParseJsonTest, ReadsDoublesCorrectlyRounded) {
  const Result<boost::json::value> value = ParseJson("[0.30000000000000004, 5e-324, 1e22, -7.1]");
  ASSERT_TRUE(value.ok());
  const boost::json::array& numbers = value->get_array();
  EXPECT_EQ(numbers[0].get_double(), 0.1 + 0.2);
  EXPECT_EQ(numbers[1].get_double(), 5e-324);
  EXPECT_EQ(numbers[2].get_double(), 1e22);
  EXPECT_EQ(numbers[3].get_double(), -7.1);
}

TEST(ParseJsonTest, KeepsIntegersOf64Bits) {
  const Result<boost::json::value> value =
      ParseJson("[9223372036854775807, -9223372036854775808, 9223372036854775808, 1e2]");
  ASSERT_TRUE(value.ok());
  const boost::json::array& numbers = value->get_array();
  EXPECT_EQ(numbers[0].get_int64(), INT64_MAX);
  EXPECT_EQ(numbers[1].get_int64(), INT64_MIN);
  EXPECT_EQ(numbers[2].get_double(), 9223372036854775808.0);
  EXPECT_EQ(numbers[3].get_double(), 100.0);
}

TEST(ParseJsonTest, ReadsANumberAtTheVeryEnd) {
  EXPECT_EQ(ParseJson("0.30000000000000004")->get_double(), 0.1 + 0.2);
  EXPECT_EQ(ParseJson("-17")->get_int64(), -17);
}

TEST(ParseJsonTest, RefusesWhatIsNotJson) {
  for (const std::string_view text :
       {"", "{", "[1,]", "nul", "1 2", "[01]", "'a'", "\"\xff\"", "\"\\ud800\"", "\"\\udc00x\"",
        "[1e999]", "// no comments\n1", "NaN", "\"\n\""}) {
    const Result<boost::json::value> value = ParseJson(text);
    ASSERT_FALSE(value.ok()) << text;
    EXPECT_EQ(value.error().code, ErrorCode::kInvalidArgs) << text;
  }
}

TEST(ParseJsonTest, RefusesWhatNestsTooDeep) {
  EXPECT_TRUE(ParseJson(Nested(kJsonTextDepthMax)).ok());
  EXPECT_FALSE(ParseJson(Nested(kJsonTextDepthMax + 1)).ok());
}

TEST(CanonicalJsonTest, SortsKeysByCodePoint) {
  EXPECT_EQ(*CanonicalJsonText(R"( { "b" : 1 , "a" : [ true , null ] , "é":2, "a!":3, "Z":4 } )"),
            "{\"Z\":4,\"a\":[true,null],\"a!\":3,\"b\":1,\"\xc3\xa9\":2}");
}

TEST(CanonicalJsonTest, WritesEqualNumbersAlike) {
  EXPECT_EQ(*CanonicalJsonText("[1.0,1e0,10E-1,1]"), "[1,1,1,1]");
  EXPECT_EQ(*CanonicalJsonText("[1e2,-0,-0.0,0.10]"), "[100,0,0,0.1]");
  EXPECT_EQ(*CanonicalJsonText("[9007199254740993]"), "[9007199254740993]");
  EXPECT_EQ(*CanonicalJsonText("[18446744073709551615]"), "[18446744073709552000]");
  EXPECT_EQ(*CanonicalJsonText("[1e25]"), "[1e+25]");
}

TEST(CanonicalJsonTest, IsAFixpoint) {
  for (const std::string_view text : {"[18446744073709551615]", "[1e17]", "[1152921504606846976.0]",
                                      "[1.5e300,0.1,1e-7]", R"({"b":"\u00e9\u001f\/","a":{}})"}) {
    const std::string once = *CanonicalJsonText(text);
    EXPECT_EQ(*CanonicalJsonText(once), once);
  }
}

TEST(CanonicalJsonTest, UnescapesWhatNeedsNoEscape) {
  EXPECT_EQ(*CanonicalJsonText(R"("\u0041\/\ud83c\udf0a\n\u0001")"),
            "\"A/\xf0\x9f\x8c\x8a\\n\\u0001\"");
}

TEST(CanonicalJsonTest, RefusesTheNulCharacterAnywhere) {
  for (const std::string_view text : {R"("a\u0000")", R"({"a\u0000":1})", R"([["\u0000"]])"}) {
    const Result<std::string> canonical = CanonicalJsonText(text);
    ASSERT_FALSE(canonical.ok()) << text;
    EXPECT_NE(canonical.error().message.find("U+0000"), std::string::npos);
  }
}

TEST(CanonicalJsonTest, RefusesInvalidUtf8InValuesMadeElsewhere) {
  EXPECT_FALSE(CanonicalDocument(boost::json::value("\xed\xa0\x80")).ok());
}

TEST(CanonicalJsonTest, RefusesDocumentsThatNestTooDeep) {
  EXPECT_TRUE(CanonicalJsonText(Nested(kDocumentDepthMax)).ok());
  const Result<std::string> canonical = CanonicalJsonText(Nested(kDocumentDepthMax + 1));
  ASSERT_FALSE(canonical.ok());
  EXPECT_EQ(canonical.error().code, ErrorCode::kLimit);
}

}  // namespace
}  // namespace tidemark::model
