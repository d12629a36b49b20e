#include "core/model/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace tidemark::model {
namespace {

std::string Json(const Value& value) {
  std::string json;
  AppendJson(json, value);
  return json;
}

TEST(ValueTest, ComparesEqualByKindAndContent) {
  EXPECT_EQ(Value(), Value());
  EXPECT_EQ(Value("a"), Value(std::string("a")));
  EXPECT_EQ(Value(-0.0), Value(0.0));
  EXPECT_FALSE(std::signbit(Value(-0.0).number()));
  EXPECT_FALSE(Value(1.0) == Value(std::int64_t{1}));
  EXPECT_FALSE(Value("1") == Value(JsonText{"1"}));
  EXPECT_FALSE(Value(false) == Value());
}

TEST(ValueTest, OrdersNullsFirstAndTextByCodePoint) {
  const std::vector<std::vector<Value>> ascending = {
      {Value(), Value(false), Value(true)},
      {Value(), Value(std::int64_t{INT64_MIN}), Value(std::int64_t{9007199254740992}),
       Value(std::int64_t{9007199254740993})},
      {Value(), Value(-1.5), Value(0.0), Value(1e300)},
      {Value(), Value(""), Value("A"), Value("Z"), Value("a"), Value("a!"), Value("aa"),
       Value("\xc3\xa9"), Value("\xef\xbf\xbf"), Value("\xf0\x9f\x8c\x8a")},
  };
  for (const std::vector<Value>& values : ascending) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      for (std::size_t j = 0; j < values.size(); ++j) {
        EXPECT_EQ(CompareValues(values[i], values[j]) < 0, i < j) << i << " " << j;
        EXPECT_EQ(CompareValues(values[i], values[j]) == 0, i == j) << i << " " << j;
      }
    }
  }
}

TEST(ValueTest, WritesTheWireForm) {
  EXPECT_EQ(Json(Value()), "null");
  EXPECT_EQ(Json(Value(true)), "true");
  EXPECT_EQ(Json(Value(std::int64_t{INT64_MIN})), "\"-9223372036854775808\"");
  EXPECT_EQ(Json(Value(12.0)), "12");
  EXPECT_EQ(Json(Value(1.5)), "1.5");
  EXPECT_EQ(Json(Value("say \"hi\"\n")), R"("say \"hi\"\n")");
  EXPECT_EQ(Json(Value(JsonText{R"({"a":[1]})"})), R"({"a":[1]})");
}

TEST(ValueTest, EscapesEveryControlCharacter) {
  std::string text;
  for (char c = 1; c < 0x20; ++c) text.push_back(c);
  EXPECT_EQ(Json(Value(text)),
            R"("\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f)"
            R"(\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c)"
            R"(\u001d\u001e\u001f")");
  EXPECT_EQ(Json(Value("\\/\x7f\xc3\xa9")), "\"\\\\/\x7f\xc3\xa9\"");
}

}  // namespace
}  // namespace tidemark::model
