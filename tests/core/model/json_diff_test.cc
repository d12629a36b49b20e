#include <gtest/gtest.h>

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/random.h"
#include "core/model/json.h"
#include "core/model/json_path.h"
#include "tests/core/model/json_generator.h"
#include "tests/support/seed.h"

namespace tidemark::model {
namespace {

std::string Text(const Result<std::string>& result) {
  return result.ok() ? *result : std::string(ErrorCodeName(result.error().code));
}

TEST(JsonDiffTest, NamesOnlyWhatChanged) {
  EXPECT_EQ(JsonDiff(R"({"a":1,"b":2})", R"({"a":1,"b":2})"), "[]");
  EXPECT_EQ(JsonDiff(R"({"a":1,"b":2})", R"({"a":1,"b":3})"), R"([[["b"],3]])");
  EXPECT_EQ(JsonDiff(R"({"a":1,"b":2})", R"({"b":2,"c":3})"), R"([[["a"]],[["c"],3]])");
  EXPECT_EQ(JsonDiff("{}", R"({"a":1})"), R"([[["a"],1]])");
  EXPECT_EQ(JsonDiff(R"({"a":1})", "{}"), R"([[["a"]]])");
  EXPECT_EQ(JsonDiff(R"({"a":1})", R"({"a":12})"), R"([[["a"],12]])");
  EXPECT_EQ(JsonDiff(R"([1,{"x":2}])", R"([1,{"x":3}])"), R"([[[1,"x"],3]])");
  EXPECT_EQ(JsonDiff("[1,2]", "[1,2,3]"), "[[[],[1,2,3]]]");
  EXPECT_EQ(JsonDiff("", R"({"a":1})"), R"([[[],{"a":1}]])");
  EXPECT_EQ(JsonDiff(R"({"a":1})", "null"), "[[[],null]]");
}

TEST(JsonPatchTest, AppliesOperationsInOrder) {
  EXPECT_EQ(Text(JsonPatch(R"({"a":1})", R"([[["b"],{"x":1}],[["b","y"],2],[["a"]]])")),
            R"({"b":{"x":1,"y":2}})");
  EXPECT_EQ(Text(JsonPatch("[1,2,3]", "[[[0]],[[0],9],[[2],4]]")), "[9,3,4]");
  EXPECT_EQ(Text(JsonPatch("null", R"([[[],null],[["a"],1]])")), R"({"a":1})");
  EXPECT_EQ(Text(JsonPatch(R"({"a":{"b":1}})", R"([[["a"]],[["a","c"],1]])")), R"({"a":{"c":1}})");
  EXPECT_EQ(Text(JsonPatch("7", "[]")), "7");
}

TEST(JsonPatchTest, RefusesWhatIsNoPatch) {
  for (const std::string_view patch : {"{}", "[1]", "[[]]", R"([[["a"],1,2]])", "[[1,2]]", "["}) {
    EXPECT_EQ(Text(JsonPatch("{}", patch)), "invalid_args") << patch;
  }
  EXPECT_EQ(Text(JsonPatch("1", R"([[["a"],1]])")), "conflict");
}

TEST(JsonDiffTest, PatchRestoresRandomDocuments) {
  const std::uint64_t seed = testing::TestSeed(3);
  SCOPED_TRACE(testing::SeedTrace(seed));
  Random random(seed);
  for (int i = 0; i < 30000; ++i) {
    const boost::json::value document = testing::RandomDocument(random, 4);
    boost::json::value changed = document;
    if (random.OneIn(10)) {
      changed = testing::RandomDocument(random, 4);
    } else {
      testing::ChangeDocument(random, changed);
    }
    const std::string before = CanonicalJson(document);
    const std::string after = CanonicalJson(changed);
    const std::string patch = JsonDiff(before, after);
    ASSERT_EQ(*CanonicalJsonText(patch), patch);
    ASSERT_EQ(Text(JsonPatch(before, patch)), after) << before << "\n" << patch;
  }
}

TEST(JsonDiffTest, MovingOneNodeOfALargeDocumentIsSmall) {
  std::string before = R"({"nodes":{)";
  for (int i = 10000; i < 20000; ++i) {
    if (i > 10000) before.push_back(',');
    before += "\"node-" + std::to_string(i) + R"(":{"label":"a node with some text in it, )" +
              R"(so that it has a size","position":{"x":1,"y":2}})";
  }
  before += "}}";
  ASSERT_GT(before.size(), 900000u);
  const JsonPath path = {std::string("nodes"), std::string("node-15000"), std::string("position")};
  const std::string after = *JsonSet(before, path, R"({"x":712.25,"y":-3})");
  const std::string patch = JsonDiff(before, after);
  EXPECT_LT(patch.size(), 120u) << patch;
  EXPECT_EQ(Text(JsonPatch(before, patch)), after);
}

}  // namespace
}  // namespace tidemark::model
