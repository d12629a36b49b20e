// Calls that would not end, or would take all memory, and the engine after them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <initializer_list>
#include <string>

#include "server/engine/script_engine.h"

namespace tidemark::server {
namespace {

using ::testing::HasSubstr;

ScriptOptions ShortOptions() {
  ScriptOptions options;
  options.limits.time = std::chrono::milliseconds(50);
  options.limits.load_time = std::chrono::milliseconds(200);
  return options;
}

class ScriptLimitsTest : public ::testing::Test {
 protected:
  explicit ScriptLimitsTest(ScriptOptions options = ShortOptions()) : engine_(std::move(options)) {}

  void Load(const std::string& source) {
    const Status loaded = engine_.Load(source + ";function fine(a, b) { return a + b }", "app.js");
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  }
  Result<std::string> Call(std::string_view path,
                           std::initializer_list<ScriptArgument> arguments = {}) {
    return engine_.Call(path, {arguments.begin(), arguments.size()});
  }
  void ExpectStopped(std::string_view path, ErrorCode code = ErrorCode::kTimeout) {
    const Result<std::string> result = Call(path);
    ASSERT_FALSE(result.ok()) << *result;
    EXPECT_EQ(ErrorCodeName(result.error().code), ErrorCodeName(code)) << result.error().message;
  }
  void ExpectUsable() {
    for (int i = 0; i < 100; ++i) {
      const Result<std::string> result = Call("fine", {"a", "b"});
      ASSERT_TRUE(result.ok()) << result.error().message;
      ASSERT_EQ(*result, "ab");
    }
  }

  ScriptEngine engine_;
};

TEST_F(ScriptLimitsTest, StopsALoopAndStaysUsable) {
  Load("function spin() { for (;;); }");
  for (int i = 0; i < 3; ++i) {
    ExpectStopped("spin");
    EXPECT_TRUE(engine_.ShouldRecycle());
    ExpectUsable();
    EXPECT_FALSE(engine_.ShouldRecycle());
  }
}

TEST_F(ScriptLimitsTest, CannotBeCaughtByTheScript) {
  Load("function spin() { try { for (;;); } catch { return 'caught' } finally { for (;;); } }");
  ExpectStopped("spin");
  ExpectUsable();
}

TEST_F(ScriptLimitsTest, StopsLoopsInsideBuiltIns) {
  Load(
      "function sort() { [2, 1, 3].sort(() => { for (;;); }) }\n"
      "function json() { JSON.stringify({toJSON() { for (;;); }}) }\n"
      "function replace() { 'a'.replace(/a/, () => { for (;;); }) }\n"
      "function getter() { return {toString() { for (;;); }} }\n"
      "function thrown() { throw {get line() { for (;;); }} }");
  for (const char* path : {"sort", "json", "replace", "getter", "thrown"}) ExpectStopped(path);
  ExpectUsable();
}

TEST_F(ScriptLimitsTest, StopsAnEndlessChainOfPromises) {
  Load("function chain() { Promise.resolve().then(chain) }");
  ExpectStopped("chain");
  ExpectUsable();
}

// As `tidemark build` rewrites `for (;;) await 0`.
TEST_F(ScriptLimitsTest, StopsAnEndlessAsyncFunction) {
  Load(
      "const run = generator => new Promise((resolve, reject) => {\n"
      "  const step = x => x.done ? resolve(x.value)\n"
      "    : Promise.resolve(x.value).then(value => step(generator.next(value)), reject)\n"
      "  step(generator.next()) })\n"
      "function chain() { run((function* () { for (;;) yield 0 })()) }");
  for (int i = 0; i < 5; ++i) {
    ExpectStopped("chain");
    ExpectUsable();
  }
}

TEST_F(ScriptLimitsTest, LetsMicrotasksOfACallEndWithIt) {
  Load(
      "let done = ''; async function work(x) { await 0; await 0; done += x }\n"
      "function start(x) { work(x); return done }");
  EXPECT_EQ(*Call("start", {"a"}), "");
  EXPECT_EQ(*Call("start", {"b"}), "a");
  EXPECT_EQ(*Call("start", {"c"}), "ab");
}

TEST_F(ScriptLimitsTest, StopsAScriptThatDoesNotEndLoading) {
  const Status loaded = engine_.Load("for (;;);", "app.js");
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, ErrorCode::kTimeout);
}

TEST_F(ScriptLimitsTest, MakesAStackOverflowAnErrorOfTheScript) {
  Load(
      "function deep(n) { return deep(n + 1) + 1 }\n"
      "function caught() { try { return deep(0) } catch (e) { return e.name } }");
  EXPECT_THAT(Call("deep").error().message, HasSubstr("RangeError"));
  EXPECT_EQ(*Call("caught"), "RangeError");
  ExpectUsable();
}

TEST_F(ScriptLimitsTest, RefusesWhatNoMemoryCouldHold) {
  Load(
      "function buffer() { return new ArrayBuffer(1e15) }\n"
      "function text() { return 'x'.repeat(2 ** 31) }");
  EXPECT_THAT(Call("buffer").error().message, HasSubstr("RangeError"));
  EXPECT_THAT(Call("text").error().message, HasSubstr("RangeError"));
  ExpectUsable();
}

class ScriptMemoryTest : public ScriptLimitsTest {
 protected:
  ScriptMemoryTest() : ScriptLimitsTest(Options()) {}
  static ScriptOptions Options() {
    ScriptOptions options;
    options.limits.time = std::chrono::milliseconds(60000);
    options.limits.growth_bytes_max = std::size_t{256} << 20;
    options.limits.heap_bytes_max = std::size_t{16} << 20;
    return options;
  }
};

TEST_F(ScriptMemoryTest, StopsACallThatTakesTooMuch) {
  Load(
      "function objects() { const all = []; for (;;) all.push({n: all.length, text: 'x' + "
      "all.length}) }\n"
      "function buffers() { const all = []; for (;;) all.push(new Uint8Array(1 << 16).fill(1)) }\n"
      "function pending() { const all = []; const more = () => { all.push(Array(99).fill(0)); "
      "Promise.resolve().then(more) }; more() }");
  for (const char* path : {"objects", "buffers", "pending"}) {
    ExpectStopped(path, ErrorCode::kLimit);
    ExpectUsable();
  }
}

TEST_F(ScriptMemoryTest, AsksToBeRecycledWhenTheHeapHasGrown) {
  Load(
      "const kept = []; function keep() { for (let i = 0; i < 1000; i++) kept.push({i}) }\n"
      "function garbage() { for (let i = 0; i < 1000; i++) ({i, text: 'x' + i}) }");
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(Call("garbage").ok());
    ASSERT_FALSE(engine_.ShouldRecycle());
  }
  bool asked = false;
  for (int i = 0; i < 20000 && !asked; ++i) {
    ASSERT_TRUE(Call("keep").ok());
    asked = engine_.ShouldRecycle();
  }
  EXPECT_TRUE(asked);
  ASSERT_TRUE(engine_.Recycle().ok());
  EXPECT_FALSE(engine_.ShouldRecycle());
}

}  // namespace
}  // namespace tidemark::server
