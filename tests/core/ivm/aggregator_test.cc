#include "core/ivm/aggregator.h"

#include <gtest/gtest.h>

#include <cfloat>
#include <cmath>

#include "core/base/random.h"
#include "core/ivm/evaluate.h"
#include "core/model/exact_sum.h"
#include "core/query/ast_json.h"
#include "core/store/memory_source.h"
#include "tests/core/store/random_data.h"

namespace tidemark::ivm {
namespace {

using model::ExactSum;
using model::Row;
using model::Value;

double Sum(const std::vector<double>& numbers) {
  ExactSum sum;
  for (const double number : numbers) sum.Add(number);
  return sum.Round().value();
}

TEST(ExactSumTest, RoundsOnceAndAtTheEnd) {
  EXPECT_EQ(Sum({}), 0);
  EXPECT_EQ(Sum({0.1, 0.2, -0.3}), 2.7755575615628914e-17);
  EXPECT_EQ(Sum({1e300, 1, -1e300}), 1);
  EXPECT_EQ(Sum({1, 1e-300, -1}), 1e-300);
  EXPECT_EQ(Sum({DBL_MAX, DBL_MAX, -DBL_MAX}), DBL_MAX);
  EXPECT_EQ(Sum({DBL_TRUE_MIN, DBL_TRUE_MIN}), 2 * DBL_TRUE_MIN);
  EXPECT_EQ(Sum({-DBL_MIN, DBL_TRUE_MIN}), -DBL_MIN + DBL_TRUE_MIN);
  EXPECT_EQ(Sum({-1.5, -2.25}), -3.75);
}

TEST(ExactSumTest, BreaksTiesToEven) {
  const double half_ulp = std::ldexp(1.0, -53);
  EXPECT_EQ(Sum({1, half_ulp}), 1);
  EXPECT_EQ(Sum({1, half_ulp, 1e-300}), 1 + 2 * half_ulp);
  EXPECT_EQ(Sum({1 + 2 * half_ulp, half_ulp}), 1 + 4 * half_ulp);
  EXPECT_EQ(Sum({-1, -half_ulp, -1e-300}), -1 - 2 * half_ulp);
}

TEST(ExactSumTest, HasNoValueBeyondTheLargestDouble) {
  ExactSum sum;
  sum.Add(DBL_MAX);
  sum.Add(DBL_MAX);
  EXPECT_FALSE(sum.Round());
  sum.Add(-DBL_MAX);
  EXPECT_EQ(sum.Round(), DBL_MAX);
}

TEST(ExactSumTest, ForgetsWhatIsTakenOutInAnyOrder) {
  Random random(store::SeedFromEnvironment(3));
  for (int round = 0; round < 200; ++round) {
    std::vector<double> numbers;
    for (int i = 0; i < 20; ++i) {
      const auto fraction = static_cast<double>(random.Next() >> 11);
      numbers.push_back((random.OneIn(2) ? 1 : -1) *
                        std::ldexp(fraction, static_cast<int>(random.Below(2000)) - 1074));
    }
    ExactSum sum;
    for (const double number : numbers) sum.Add(number);
    while (numbers.size() > 1) {
      const std::size_t i = random.Below(numbers.size());
      sum.Add(-numbers[i]);
      numbers.erase(numbers.begin() + static_cast<std::ptrdiff_t>(i));
      if (numbers.size() == 2 && std::isfinite(numbers[0] + numbers[1])) {
        ASSERT_EQ(sum.Round(), numbers[0] + numbers[1]);
      }
    }
    ASSERT_EQ(sum.Round(), numbers[0]);
  }
}

TEST(ExactSumTest, FallsIntoPartsThatAddUpToIt) {
  Random random(store::SeedFromEnvironment(4));
  EXPECT_TRUE(ExactSum().Parts().empty());
  for (int round = 0; round < 200; ++round) {
    ExactSum sum;
    for (std::uint64_t i = random.Below(20); i > 0; --i) {
      const auto fraction = static_cast<double>(random.Next() >> 11);
      sum.Add((random.OneIn(2) ? 1 : -1) *
              std::ldexp(fraction, static_cast<int>(random.Below(2044)) - 1074));
    }
    ExactSum again;
    for (const double part : sum.Parts()) again.Add(part);
    EXPECT_EQ(again.Parts(), sum.Parts());
    for (const double part : sum.Parts()) again.Add(-part);
    EXPECT_EQ(again.Round(), 0);
  }
  ExactSum large;
  large.Add(DBL_MAX);
  large.Add(DBL_MAX);
  large.Add(1);
  EXPECT_EQ(large.Parts(), (std::vector<double>{DBL_MAX, DBL_MAX, 1}));
}

class AggregatorTest : public testing::Test {
 protected:
  void Put(std::int64_t id, std::int64_t value) {
    const Row row = Row::Make({Value(id), Value(value)});
    store_.Apply(0, model::KeyOf(schema_.table(0), row), row);
  }
  Result<std::string> Evaluate(const char* aggregates) {
    const auto query = query::ParseQuery(
        schema_, std::string(R"({"table":"t","aggregates":[)") + aggregates + "]}");
    TIDEMARK_CHECK(query.ok());
    return EvaluateToJson(store_, *query);
  }

  model::Schema schema_ = model::Schema::Parse(R"({"tables":[{"name":"t","columns":[
      {"name":"id","type":"bigint"},{"name":"value","type":"bigint"}],"primaryKey":["id"],
      "indexes":[],"uniques":[],"relationships":[]}]})")
                              .value();
  store::MemoryStore store_{schema_};
};

TEST_F(AggregatorTest, SumsBigintsExactlyAndRefusesWhatLeavesTheType) {
  const char* sum = R"({"function":"sum","column":"value","as":"total"})";
  Put(1, INT64_MAX);
  Put(2, 1);
  const auto over = Evaluate(sum);
  ASSERT_FALSE(over.ok());
  EXPECT_EQ(over.error().code, ErrorCode::kLimit);
  EXPECT_NE(over.error().message.find("total"), std::string::npos);
  Put(3, -1);
  EXPECT_EQ(Evaluate(sum).value(), R"([["9223372036854775807"]])");
}

TEST_F(AggregatorTest, HasOneGroupOfNothing) {
  EXPECT_EQ(Evaluate(R"({"function":"count","as":"n"},{"function":"sum","column":"value","as":"s"},
                         {"function":"avg","column":"value","as":"a"})")
                .value(),
            "[[0,null,null]]");
}

}  // namespace
}  // namespace tidemark::ivm
