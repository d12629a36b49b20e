#include "core/model/number_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>

#include "core/base/random.h"
#include "tests/support/seed.h"

namespace tidemark::model {
namespace {

std::string Text(double number) {
  std::string text;
  AppendNumber(text, number);
  return text;
}

TEST(NumberTextTest, WritesNumbersAsJavaScriptDoes) {
  EXPECT_EQ(Text(0), "0");
  EXPECT_EQ(Text(-0.0), "0");
  EXPECT_EQ(Text(1), "1");
  EXPECT_EQ(Text(-12), "-12");
  EXPECT_EQ(Text(1.5), "1.5");
  EXPECT_EQ(Text(-0.1), "-0.1");
  EXPECT_EQ(Text(123456.789), "123456.789");
  EXPECT_EQ(Text(0.000001), "0.000001");
  EXPECT_EQ(Text(0.0000001), "1e-7");
  EXPECT_EQ(Text(1.25e-9), "1.25e-9");
  EXPECT_EQ(Text(9007199254740992.0), "9007199254740992");
  EXPECT_EQ(Text(1152921504606846976.0), "1152921504606847000");
  EXPECT_EQ(Text(1e20), "100000000000000000000");
  EXPECT_EQ(Text(1e21), "1e+21");
  EXPECT_EQ(Text(-1.7976931348623157e308), "-1.7976931348623157e+308");
  EXPECT_EQ(Text(5e-324), "5e-324");
  EXPECT_EQ(Text(0.1 + 0.2), "0.30000000000000004");
}

TEST(NumberTextTest, ReadsTheNearestDouble) {
  EXPECT_EQ(ParseNumber("0.1"), 0.1);
  EXPECT_EQ(ParseNumber("-1.5E0"), -1.5);
  EXPECT_EQ(ParseNumber("1e+2"), 100.0);
  EXPECT_EQ(ParseNumber("123456789.125e2"), 12345678912.5);
  EXPECT_EQ(ParseNumber("9007199254740993"), 9007199254740992.0);
  EXPECT_EQ(ParseNumber("0.30000000000000004"), 0.1 + 0.2);
  EXPECT_EQ(ParseNumber("2.2250738585072011e-308"), 2.2250738585072011e-308);
  EXPECT_EQ(ParseNumber("1e-400"), 0.0);
  EXPECT_EQ(ParseNumber("1e400"), std::numeric_limits<double>::infinity());
}

TEST(NumberTextTest, ReadsBackExactlyWhatItWrites) {
  const std::uint64_t seed = testing::TestSeed(1);
  SCOPED_TRACE(testing::SeedTrace(seed));
  Random random(seed);
  for (int i = 0; i < 200000; ++i) {
    double number = 0;
    const std::uint64_t bits = random.Next();
    if (random.OneIn(2)) {
      std::memcpy(&number, &bits, sizeof number);
    } else {
      number = static_cast<double>(bits >> 11) * 0x1p-53;
    }
    if (!std::isfinite(number)) continue;
    ASSERT_EQ(ParseNumber(Text(number)), number) << Text(number);
  }
}

}  // namespace
}  // namespace tidemark::model
