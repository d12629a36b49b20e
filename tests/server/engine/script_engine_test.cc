#include "server/engine/script_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tidemark::server {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Result<std::string> Call(ScriptEngine& engine, std::string_view path,
                         std::initializer_list<ScriptArgument> arguments = {}) {
  return engine.Call(path, {arguments.begin(), arguments.size()});
}

std::string Text(ScriptEngine& engine, std::string_view path,
                 std::initializer_list<ScriptArgument> arguments = {}) {
  const Result<std::string> result = Call(engine, path, arguments);
  return result.ok() ? *result : "error: " + result.error().message;
}

void Load(ScriptEngine& engine, std::string source) {
  const Status loaded = engine.Load(std::move(source), "app.js");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
}

TEST(ScriptEngineTest, CallsAFunctionAtAPathWithItsParentAsThis) {
  ScriptEngine engine({});
  Load(engine, "globalThis.app = {mark: '!', greet(a, b) { return a + b + this.mark }}");
  EXPECT_EQ(Text(engine, "app.greet", {"x", "y"}), "xy!");
  EXPECT_TRUE(engine.HasFunction("app.greet"));
  EXPECT_FALSE(engine.HasFunction("app.mark"));
  EXPECT_FALSE(engine.HasFunction("app.mark.what"));
}

TEST(ScriptEngineTest, NamesWhatTheScriptDoesNotDefine) {
  ScriptEngine engine({});
  Load(engine, "globalThis.app = {}");
  const Result<std::string> result = Call(engine, "app.run.it");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "app.js does not define app.run");
}

TEST(ScriptEngineTest, ReportsASyntaxErrorWithFileAndLine) {
  ScriptEngine engine({});
  const Status loaded = engine.Load("var a = 1\nvar b = = 2\n", "app.js");
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, ErrorCode::kInvalidArgs);
  EXPECT_THAT(loaded.error().message, StartsWith("app.js:2"));
  EXPECT_THAT(loaded.error().message, HasSubstr("SyntaxError"));
}

TEST(ScriptEngineTest, ReportsAnExceptionWhileLoadingWithFileAndLine) {
  ScriptEngine engine({});
  const Status loaded =
      engine.Load("var a = 1\n\nthrow new Error('no database for you')", "app.js");
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(loaded.error().message, StartsWith("app.js:3"));
  EXPECT_THAT(loaded.error().message, HasSubstr("Error: no database for you"));
}

TEST(ScriptEngineTest, ReportsAnExceptionOfACallWithPlaceAndStack) {
  ScriptEngine engine({});
  Load(engine, "function inner() {\n  null.x }\nfunction outer() { inner() }");
  const Result<std::string> result = Call(engine, "outer");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kInternal);
  EXPECT_THAT(result.error().message, StartsWith("app.js:2"));
  EXPECT_THAT(result.error().message, HasSubstr("TypeError"));
  EXPECT_THAT(result.error().details_json, HasSubstr("outer@app.js:3"));
}

TEST(ScriptEngineTest, ReportsThrownValuesThatAreNotErrors) {
  ScriptEngine engine({});
  Load(engine,
       "function text() { throw 'plain' }\nfunction nothing() { throw undefined }\n"
       "function hostile() { throw {toString() { throw 1 }, get line() { throw 2 }} }");
  EXPECT_EQ(Call(engine, "text").error().message, "plain");
  EXPECT_EQ(Call(engine, "nothing").error().message, "undefined");
  EXPECT_FALSE(Call(engine, "hostile").ok());
  EXPECT_EQ(Text(engine, "text"), "error: plain");
}

TEST(ScriptEngineTest, PassesHostObjectsWhoseMethodsAnswerInTheScript) {
  ScriptEngine engine({});
  std::vector<std::string> seen;
  const HostObject host = engine.AddHostObject({
      {"get",
       [&](auto arguments) {
         for (const std::string_view argument : arguments) seen.emplace_back(argument);
         return "[" + std::string(arguments[0]) + "]";
       }},
      {"count", [](auto arguments) { return std::to_string(arguments.size()); }},
  });
  Load(engine, "function run(host, name) { return host.get(name, 7) + host.count(1, 2, 3) }");
  EXPECT_EQ(Text(engine, "run", {host, "todo"}), "[todo]3");
  EXPECT_THAT(seen, ::testing::ElementsAre("todo", "7"));
}

TEST(ScriptEngineTest, TurnsWhatAHostFunctionThrowsIntoAnErrorOfTheScript) {
  ScriptEngine engine({});
  const HostObject host = engine.AddHostObject({
      {"fail", [](auto) -> std::string { throw std::runtime_error("the disk is full"); }},
  });
  Load(engine,
       "function caught(host) { try { host.fail() } catch (e) { return 'got ' + e } }\n"
       "function uncaught(host) { host.fail() }");
  EXPECT_EQ(Text(engine, "caught", {host}), "got Error: the disk is full");
  EXPECT_THAT(Call(engine, "uncaught", {host}).error().message, HasSubstr("the disk is full"));
}

TEST(ScriptEngineTest, CarriesAnyTextBothWays) {
  ScriptEngine engine({});
  std::string at_host;
  const HostObject host = engine.AddHostObject({
      {"echo", [&](auto arguments) { return at_host = std::string(arguments[0]); }},
  });
  Load(engine,
       "function echo(host, text) { return host.echo(text) }\n"
       "function length(text) { return text.length }");
  const std::vector<std::string> texts = {"",
                                          "plain",
                                          "gr\xc3\xbc\xc3\x9f \xe2\x82\xac",
                                          "\xf0\x9f\x8c\x8a wave",
                                          std::string("a\0b", 3),
                                          std::string(1, '\0'),
                                          "\xef\xbf\xbf\xf4\x8f\xbf\xbf"};
  for (const std::string& text : texts) {
    EXPECT_EQ(Text(engine, "echo", {host, text}), text);
    EXPECT_EQ(at_host, text);
  }
  EXPECT_EQ(Text(engine, "length", {"\xf0\x9f\x8c\x8a"}), "2");
  EXPECT_EQ(Text(engine, "length", {std::string_view("a\0b", 3)}), "3");
}

TEST(ScriptEngineTest, ReplacesWhatIsNotWellFormed) {
  ScriptEngine engine({});
  Load(engine,
       "function codes(text) { return [...text].map(c => c.codePointAt(0).toString(16)).join() }\n"
       "function lone() { return 'a\\ud800b\\udc00' }");
  EXPECT_EQ(Text(engine, "codes", {"\xff"}), "fffd");
  EXPECT_EQ(Text(engine, "codes", {"a\xc3"}), "61,fffd");
  EXPECT_EQ(Text(engine, "codes", {"\xe2\x82z"}), "fffd,7a");
  EXPECT_EQ(Text(engine, "codes", {"\xed\xa0\x80"}), "fffd,fffd,fffd");
  EXPECT_EQ(Text(engine, "codes", {"\xc0\xaf"}), "fffd,fffd");
  EXPECT_EQ(Text(engine, "lone"),
            "a\xef\xbf\xbd"
            "b\xef\xbf\xbd");
}

TEST(ScriptEngineTest, CarriesAMegabyte) {
  ScriptEngine engine({});
  Load(engine, "function twice(text) { return text + text }");
  std::string text;
  while (text.size() < (1u << 20)) text += "0123456789 \xe2\x82\xac";
  EXPECT_EQ(Text(engine, "twice", {text}), text + text);
}

TEST(ScriptEngineTest, GivesTheClockAndRandomnessOfTheCall) {
  ScriptEngine engine({});
  Load(engine,
       "const atLoad = Date.now()\n"
       "function clock() { return [Date.now(), +new Date, new Date().toISOString(), Date(),\n"
       "  new Intl.DateTimeFormat('en').format(), atLoad, new Date instanceof Date,\n"
       "  new Date(5).constructor === Date, class extends Date {}.now()].join('|') }\n"
       "function random() { return [Math.random(), Math.random(), Math.random()].join() }");
  engine.SetCallContext(1700000000123, 42);
  EXPECT_EQ(Text(engine, "clock"),
            "1700000000123|1700000000123|2023-11-14T22:13:20.123Z|"
            "Tue Nov 14 2023 22:13:20 GMT+0000 (Coordinated Universal Time)|11/14/2023|0|"
            "true|true|1700000000123");
  const std::string first = Text(engine, "random");
  EXPECT_EQ(Text(engine, "random"), first);
  engine.SetCallContext(1700000000123, 43);
  EXPECT_NE(Text(engine, "random"), first);
}

TEST(ScriptEngineTest, KeepsTheOtherFormsOfDate) {
  ScriptEngine engine({});
  Load(engine,
       "function dates() { return [new Date(0).getTime(), new Date(2020, 0, 1).toISOString(),\n"
       "  new Date('2020-01-01T00:00').getTime(), Date.UTC(2020, 0), Date.parse('2020-01-01'),\n"
       "  new Date(0).getTimezoneOffset(), Date.length, Date.name,\n"
       "  new (class Day extends Date {})(7) instanceof Date].join() }");
  EXPECT_EQ(Text(engine, "dates"),
            "0,2020-01-01T00:00:00.000Z,1577836800000,1577836800000,1577836800000,0,7,Date,true");
}

TEST(ScriptEngineTest, FormatsTheSameOnEveryMachine) {
  ScriptEngine engine({});
  Load(engine,
       "function format() { return [(1234.5).toLocaleString(), new Date(0).toLocaleString(),\n"
       "  Intl.DateTimeFormat().resolvedOptions().timeZone].join('|') }");
  EXPECT_EQ(Text(engine, "format"), "1,234.5|1/1/1970, 12:00:00 AM|UTC");
}

TEST(ScriptEngineTest, HasNoTimersThreadsOrForeignCode) {
  ScriptEngine engine({});
  Load(engine,
       "function missing() { return ['setTimeout', 'setInterval', 'fetch', 'WebAssembly',\n"
       "  'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry', 'Temporal',\n"
       "  'queueMicrotask', 'require', 'process'].filter(name => name in globalThis).join() }");
  EXPECT_EQ(Text(engine, "missing"), "");
}

TEST(ScriptEngineTest, FreezesTheGlobalsOnceLoaded) {
  ScriptEngine engine({});
  Load(engine,
       "'use strict'; globalThis.mine = 1; Array.prototype.polyfill = () => 'loaded'\n"
       "globalThis.attempt = source => { try { return 'did ' + Function('\"use strict\";' + "
       "source)() }\n"
       "  catch (e) { return e.name } }");
  EXPECT_EQ(Text(engine, "attempt", {"globalThis.state = 1"}), "TypeError");
  EXPECT_EQ(Text(engine, "attempt", {"globalThis.mine = 2"}), "TypeError");
  EXPECT_EQ(Text(engine, "attempt", {"Math.random = () => 4"}), "TypeError");
  EXPECT_EQ(Text(engine, "attempt", {"Date.now = () => 4"}), "TypeError");
  EXPECT_EQ(Text(engine, "attempt", {"Array.prototype.push = () => 4"}), "TypeError");
  EXPECT_EQ(Text(engine, "attempt", {"Object.prototype.state = 1"}), "TypeError");
  EXPECT_EQ(Text(engine, "attempt", {"console.state = 1"}), "TypeError");
  EXPECT_EQ(Text(engine, "attempt", {"return [].polyfill()"}), "did loaded");
  // Objects of the script stay ordinary.
  EXPECT_EQ(
      Text(engine, "attempt",
           {"class E extends Error { constructor() { super('m'); this.name = 'E' } }"
            "const o = {}; o.toString = () => 'x'; o.hasOwnProperty = 1; return new E() + o"}),
      "did E: mx");
}

TEST(ScriptEngineTest, ForwardsTheConsole) {
  std::vector<std::pair<ConsoleLevel, std::string>> lines;
  ScriptEngine engine({.limits = {}, .console = [&](ConsoleLevel level, std::string_view text) {
                         lines.emplace_back(level, std::string(text));
                       }});
  Load(engine,
       "console.log('a', 1, {b: [2]}, undefined); console.warn(new TypeError('bad'))\n"
       "const loop = {}; loop.loop = loop; console.error(loop)");
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], std::make_pair(ConsoleLevel::kLog, std::string("a 1 {\"b\":[2]} undefined")));
  EXPECT_EQ(lines[1].first, ConsoleLevel::kWarn);
  EXPECT_THAT(lines[1].second, StartsWith("TypeError: bad\n"));
  EXPECT_EQ(lines[2], std::make_pair(ConsoleLevel::kError, std::string("[object Object]")));
}

TEST(ScriptEngineTest, StartsAfreshWhenRecycled) {
  ScriptEngine engine({});
  const HostObject host = engine.AddHostObject({{"mark", [](auto) { return std::string("h"); }}});
  Load(engine, "let calls = 0; function count(host) { return host.mark() + ++calls }");
  EXPECT_EQ(Text(engine, "count", {host}), "h1");
  EXPECT_EQ(Text(engine, "count", {host}), "h2");
  ASSERT_TRUE(engine.Recycle().ok());
  EXPECT_EQ(Text(engine, "count", {host}), "h1");
}

TEST(ScriptEngineTest, RunsOnePerThread) {
  std::vector<std::string> results(2);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < results.size(); ++i) {
    threads.emplace_back([&results, i] {
      ScriptEngine engine({});
      const std::string mark = std::to_string(i);
      const HostObject host = engine.AddHostObject(
          {{"get", [&](auto arguments) { return mark + std::string(arguments[0]); }}});
      if (!engine
               .Load("let n = 0; function add(host, x) { n += x.length; return host.get(n) }",
                     "t.js")
               .ok())
        return;
      for (int n = 0; n < 2000; ++n) results[i] = Text(engine, "add", {host, "ab"});
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(results, ::testing::ElementsAre("04000", "14000"));
}

}  // namespace
}  // namespace tidemark::server
