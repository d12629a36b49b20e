#include "core/model/json_path.h"

#include <gtest/gtest.h>

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/random.h"
#include "core/model/json.h"
#include "core/model/limits.h"
#include "tests/core/model/json_generator.h"
#include "tests/support/seed.h"

namespace tidemark::model {
namespace {

namespace json = boost::json;

JsonPath Path(std::string_view text) { return *PathFromJson(*ParseJson(text)); }

/// The text, or the error's code.
std::string Text(const Result<std::string>& result) {
  return result.ok() ? *result : std::string(ErrorCodeName(result.error().code));
}

TEST(JsonPathTest, ReadsStepsFromJson) {
  EXPECT_EQ(Path(R"(["a",0,"",4294967295])"),
            (JsonPath{std::string("a"), std::uint32_t{0}, std::string(), 4294967295u}));
  for (const std::string_view text :
       {"{}", "[null]", "[-1]", "[1.5]", "[4294967296]", "[[]]", R"(["\u0000"])"}) {
    EXPECT_FALSE(PathFromJson(*ParseJson(text)).ok()) << text;
  }
}

TEST(JsonGetTest, FindsMembersAndElements) {
  const std::string document = R"({"a":{"x":[1,{"y":"z"}]},"a\"b":true,"n":null})";
  EXPECT_EQ(Text(JsonGet(document, {})), document);
  EXPECT_EQ(Text(JsonGet(document, Path(R"(["a","x",1,"y"])"))), R"("z")");
  EXPECT_EQ(Text(JsonGet(document, Path(R"(["a\"b"])"))), "true");
  EXPECT_EQ(Text(JsonGet(document, Path(R"(["n"])"))), "null");
  EXPECT_EQ(Text(JsonGet(document, Path(R"(["b"])"))), "not_found");
  EXPECT_EQ(Text(JsonGet(document, Path(R"(["a","x",2])"))), "not_found");
  EXPECT_EQ(Text(JsonGet(document, Path(R"(["n","x"])"))), "conflict");
  EXPECT_EQ(Text(JsonGet("", Path(R"(["a"])"))), "not_found");
}

TEST(JsonSetTest, ReplacesAndInsertsInKeyOrder) {
  EXPECT_EQ(Text(JsonSet(R"({"a":1,"c":3})", Path(R"(["b"])"), "2")), R"({"a":1,"b":2,"c":3})");
  EXPECT_EQ(Text(JsonSet(R"({"a":1,"c":3})", Path(R"(["c"])"), "[ 1.0 ]")), R"({"a":1,"c":[1]})");
  EXPECT_EQ(Text(JsonSet(R"({"a":1})", Path(R"(["a!"])"), "2")), R"({"a":1,"a!":2})");
  EXPECT_EQ(Text(JsonSet(R"({"a":{"b":{}}})", Path(R"(["a","b","c"])"), "{}")),
            R"({"a":{"b":{"c":{}}}})");
  EXPECT_EQ(Text(JsonSet("{}", Path(R"(["a"])"), "null")), R"({"a":null})");
  EXPECT_EQ(Text(JsonSet("[1]", {}, "2")), "2");
}

TEST(JsonSetTest, CreatesMissingObjectsOnTheWay) {
  EXPECT_EQ(Text(JsonSet("null", Path(R"(["a","b"])"), "1")), R"({"a":{"b":1}})");
  EXPECT_EQ(Text(JsonSet("", Path(R"(["a"])"), "1")), R"({"a":1})");
  EXPECT_EQ(Text(JsonSet(R"({"z":0})", Path(R"(["a","b","c"])"), "1")),
            R"({"a":{"b":{"c":1}},"z":0})");
}

TEST(JsonSetTest, AppendsOnlyAtTheEndOfAnArray) {
  EXPECT_EQ(Text(JsonSet("[1,2]", Path("[1]"), "3")), "[1,3]");
  EXPECT_EQ(Text(JsonSet("[1,2]", Path("[2]"), "3")), "[1,2,3]");
  EXPECT_EQ(Text(JsonSet("[]", Path("[0]"), "3")), "[3]");
  EXPECT_EQ(Text(JsonSet("[1,2]", Path("[3]"), "3")), "conflict");
  EXPECT_EQ(Text(JsonSet("[1]", Path(R"([1,"a"])"), "3")), R"([1,{"a":3}])");
}

TEST(JsonSetTest, ConflictsWithWhatIsNoContainer) {
  EXPECT_EQ(Text(JsonSet(R"({"a":1})", Path(R"(["a","b"])"), "1")), "conflict");
  EXPECT_EQ(Text(JsonSet(R"({"a":null})", Path(R"(["a","b"])"), "1")), "conflict");
  EXPECT_EQ(Text(JsonSet("[1]", Path(R"(["a"])"), "1")), "conflict");
  EXPECT_EQ(Text(JsonSet("null", Path("[0]"), "1")), "conflict");
}

TEST(JsonSetTest, AnIndexIntoAnObjectIsAKey) {
  EXPECT_EQ(Text(JsonSet(R"({"10":1,"9":2})", Path("[10]"), "3")), R"({"10":3,"9":2})");
}

TEST(JsonSetTest, RefusesValuesThatAreNoJsonOrTooDeep) {
  EXPECT_EQ(Text(JsonSet("{}", Path(R"(["a"])"), "{")), "invalid_args");
  EXPECT_EQ(Text(JsonSet("{}", Path(R"(["a"])"), R"("\u0000")")), "invalid_args");
  const std::string deep =
      std::string(kDocumentDepthMax, '[') + std::string(kDocumentDepthMax, ']');
  EXPECT_TRUE(JsonSet("null", {}, deep).ok());
  EXPECT_EQ(Text(JsonSet("null", Path(R"(["a"])"), deep)), "limit");
}

TEST(JsonUnsetTest, RemovesMembersAndElements) {
  EXPECT_EQ(Text(JsonUnset(R"({"a":1,"b":2,"c":3})", Path(R"(["a"])"))), R"({"b":2,"c":3})");
  EXPECT_EQ(Text(JsonUnset(R"({"a":1,"b":2,"c":3})", Path(R"(["b"])"))), R"({"a":1,"c":3})");
  EXPECT_EQ(Text(JsonUnset(R"({"a":1,"b":2,"c":3})", Path(R"(["c"])"))), R"({"a":1,"b":2})");
  EXPECT_EQ(Text(JsonUnset(R"({"a":1})", Path(R"(["a"])"))), "{}");
  EXPECT_EQ(Text(JsonUnset("[1,2,3]", Path("[1]"))), "[1,3]");
  EXPECT_EQ(Text(JsonUnset("[1]", {})), "null");
}

TEST(JsonUnsetTest, LeavesAloneWhatIsAbsent) {
  EXPECT_EQ(Text(JsonUnset(R"({"a":1})", Path(R"(["b"])"))), R"({"a":1})");
  EXPECT_EQ(Text(JsonUnset(R"({"a":1})", Path(R"(["b","c",0])"))), R"({"a":1})");
  EXPECT_EQ(Text(JsonUnset("[1]", Path("[7]"))), "[1]");
  EXPECT_EQ(Text(JsonUnset("", Path(R"(["a"])"))), "null");
  EXPECT_EQ(Text(JsonUnset(R"({"a":1})", Path(R"(["a","b"])"))), "conflict");
}

TEST(JsonMergeTest, OverwritesMembersAndKeepsTheRest) {
  EXPECT_EQ(Text(JsonMerge(R"({"n":{"a":1,"c":{"x":1}}})", Path(R"(["n"])"),
                           R"({"c":{"y":2},"b":null})")),
            R"({"n":{"a":1,"b":null,"c":{"y":2}}})");
  EXPECT_EQ(Text(JsonMerge(R"({"a":1})", {}, "{}")), R"({"a":1})");
  EXPECT_EQ(Text(JsonMerge(R"({"a":1})", {}, R"({"a\n":2})")), "{\"a\":1,\"a\\n\":2}");
}

TEST(JsonMergeTest, CreatesTheObjectIfAbsent) {
  EXPECT_EQ(Text(JsonMerge("", {}, "{}")), "{}");
  EXPECT_EQ(Text(JsonMerge("null", Path(R"(["n"])"), R"({"a":1})")), R"({"n":{"a":1}})");
}

TEST(JsonMergeTest, ConflictsWithWhatIsNoObject) {
  EXPECT_EQ(Text(JsonMerge(R"({"n":[1]})", Path(R"(["n"])"), R"({"a":1})")), "conflict");
  EXPECT_EQ(Text(JsonMerge(R"({"n":null})", Path(R"(["n"])"), "{}")), "conflict");
  EXPECT_EQ(Text(JsonMerge("{}", {}, "[1]")), "invalid_args");
}

TEST(JsonIncrementTest, AddsExactlyBetweenIntegers) {
  EXPECT_EQ(Text(JsonIncrement(R"({"n":1})", Path(R"(["n"])"), 2)), R"({"n":3})");
  EXPECT_EQ(Text(JsonIncrement(R"({"n":9007199254740993})", Path(R"(["n"])"), 1)),
            R"({"n":9007199254740994})");
  EXPECT_EQ(Text(JsonIncrement(R"({"n":0.5})", Path(R"(["n"])"), 0.25)), R"({"n":0.75})");
  EXPECT_EQ(Text(JsonIncrement("[1.5]", Path("[0]"), -0.5)), "[1]");
  EXPECT_EQ(Text(JsonIncrement("[9223372036854775807]", Path("[0]"), 1)), "[9223372036854776000]");
}

TEST(JsonIncrementTest, StartsFromZeroIfAbsent) {
  EXPECT_EQ(Text(JsonIncrement("null", Path(R"(["votes","a"])"), -1)), R"({"votes":{"a":-1}})");
}

TEST(JsonIncrementTest, RefusesWhatIsNoNumber) {
  EXPECT_EQ(Text(JsonIncrement(R"({"n":"1"})", Path(R"(["n"])"), 2)), "conflict");
  EXPECT_EQ(Text(JsonIncrement(R"({"n":null})", Path(R"(["n"])"), 2)), "conflict");
  EXPECT_EQ(Text(JsonIncrement("[1e308]", Path("[0]"), 1.7e308)), "invalid_args");
}

TEST(JsonSpliceTest, ReplacesElements) {
  EXPECT_EQ(Text(JsonSplice("[1,2,3]", {}, 1, 1, R"(["a","b"])")), R"([1,"a","b",3])");
  EXPECT_EQ(Text(JsonSplice("[1,2,3]", {}, 0, 3, "[]")), "[]");
  EXPECT_EQ(Text(JsonSplice("[1,2,3]", {}, 3, 0, "[4]")), "[1,2,3,4]");
  EXPECT_EQ(Text(JsonSplice("[1,2,3]", {}, 2, 9, "[]")), "[1,2]");
  EXPECT_EQ(Text(JsonSplice(R"({"t":["x"]})", Path(R"(["t"])"), 0, 0, "[[]]")),
            R"({"t":[[],"x"]})");
}

TEST(JsonSpliceTest, CreatesTheArrayIfAbsent) {
  EXPECT_EQ(Text(JsonSplice("", Path(R"(["tags"])"), 0, 0, R"(["x"])")), R"({"tags":["x"]})");
}

TEST(JsonSpliceTest, ConflictsPastTheEndAndWithWhatIsNoArray) {
  EXPECT_EQ(Text(JsonSplice("[1]", {}, 2, 0, "[]")), "conflict");
  EXPECT_EQ(Text(JsonSplice("{}", {}, 0, 0, "[]")), "conflict");
  EXPECT_EQ(Text(JsonSplice("[1]", {}, 0, 0, "{}")), "invalid_args");
}

// The same contract on a parsed tree: the oracle for edits of text.
class TreeOracle {
 public:
  static std::string Set(json::value tree, const JsonPath& path, const json::value& value) {
    json::value* at = &tree;
    bool create = tree.is_null();
    for (const PathStep& step : path) {
      at = Enter(*at, step, create);
      if (at == nullptr) return "conflict";
    }
    *at = value;
    return CanonicalJson(tree);
  }

 private:
  /// `create`: what is at `at` was absent before.
  static json::value* Enter(json::value& at, const PathStep& step, bool& create) {
    const std::uint32_t* index = std::get_if<std::uint32_t>(&step);
    if (create) {
      if (index != nullptr) return nullptr;
      at.emplace_object();
    }
    if (json::array* array = at.if_array()) {
      if (index == nullptr || *index > array->size()) return nullptr;
      create = *index == array->size();
      if (create) array->emplace_back(nullptr);
      return &(*array)[*index];
    }
    json::object* object = at.if_object();
    if (object == nullptr) return nullptr;
    const std::string key = index == nullptr ? std::get<std::string>(step) : std::to_string(*index);
    create = !object->contains(key);
    return &(*object)[key];
  }
};

TEST(JsonSetTest, AgreesWithATreeOnRandomDocuments) {
  const std::uint64_t seed = testing::TestSeed(2);
  SCOPED_TRACE(testing::SeedTrace(seed));
  Random random(seed);
  for (int i = 0; i < 20000; ++i) {
    const json::value document = testing::RandomDocument(random, 4);
    const json::value value = testing::RandomDocument(random, 1);
    const JsonPath path = testing::RandomPath(random, document);
    const std::string before = CanonicalJson(document);
    const Result<std::string> after = JsonSet(before, path, CanonicalJson(value));
    ASSERT_EQ(Text(after), TreeOracle::Set(document, path, value)) << before;
    if (!after.ok()) continue;
    ASSERT_EQ(*CanonicalJsonText(*after), *after);
    ASSERT_EQ(Text(JsonGet(*after, path)),
              path.empty() && value.is_null() ? "not_found" : CanonicalJson(value));
    if (Text(JsonGet(before, path)) != "not_found") continue;
    ASSERT_EQ(Text(JsonGet(*JsonUnset(*after, path), path)), "not_found");
  }
}

}  // namespace
}  // namespace tidemark::model
