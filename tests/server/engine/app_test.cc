// Bundles as the server takes them: written by hand, broken in every way, and one that esbuild made
// of the app that the TypeScript tests use.

#include "server/app.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "tests/core/mutation/transaction_fixture.h"

namespace tidemark::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kBundle = R"js(
(() => {
  'use strict'
  let calls = 0
  const mutators = {
    'todo.add': (host, args) => host.write('insert', 'todo', JSON.stringify(args)),
    'todo.read': (host, args) => host.get('todo', JSON.stringify([args.id])),
    'todo.all': host => host.run('{"table":"todo"}'),
    'moment': host => JSON.stringify([Date.now(), Math.random(), Math.random(), host.uuid()]),
    'context': (host, args, ctx) => JSON.stringify([ctx, ++calls]),
    'spin': host => { host.write('insert', 'todo', '{"id":"s","title":"t"}'); for (;;); },
    'throw': () => { throw new TypeError('unexpected') },
    'swallow': host => { host.write('update', 'todo', '{"id":"none","title":"x"}'); return 'fine' },
  }
  globalThis.__tidemark = {
    describe: () => JSON.stringify({
      schema: {tables: [{name: 'todo', primaryKey: ['id'], columns: [
        {name: 'id', type: 'string'}, {name: 'title', type: 'string'}]}]},
      mutators: Object.keys(mutators), queries: ['now']}),
    runMutator(host, name, args, ctx) {
      const result = mutators[name](host, args === '' ? undefined : JSON.parse(args), JSON.parse(ctx))
      return JSON.stringify({ok: true, result})
    },
    resolveQuery: (name, args, ctx) => name === 'clock'
      ? JSON.stringify({ok: true, ast: Date.now()})
      : name === 'now'
      ? JSON.stringify({ok: true, ast: {table: 'todo', where: {op: '=', column: 'title', value: ctx}}})
      : JSON.stringify({ok: false, error: {code: 'unknown_query', message: 'no query ' + name}}),
  }
})()
)js";

class AppTest : public ::testing::Test {
 protected:
  AppTest() {
    static int count = 0;
    path_ = ::testing::TempDir() + "app_test_" + std::to_string(getpid()) + "_" +
            std::to_string(++count) + ".js";
    limits_.time = std::chrono::milliseconds(50);
  }
  void TearDown() override { std::filesystem::remove(path_); }

  Result<App> Load(const std::string& text) {
    std::ofstream(path_, std::ios::binary) << text;
    return App::Load(path_, limits_);
  }
  std::string LoadError(const std::string& text) {
    const Result<App> app = Load(text);
    return app.ok() ? "loaded" : app.error().message;
  }

  ScriptLimits limits_;
  std::string path_;
};

TEST_F(AppTest, NamesTheFileThatIsMissing) {
  const Result<App> app = App::Load(path_, limits_);
  ASSERT_FALSE(app.ok());
  EXPECT_EQ(app.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(app.error().message, AllOf(HasSubstr(path_), HasSubstr("tidemark build")));
}

TEST_F(AppTest, SaysWhatIsWrongWithAFileThatIsNoBundle) {
  EXPECT_THAT(LoadError("export default 1"), StartsWith(path_ + ":1"));
  EXPECT_THAT(LoadError("\n\nthrow new Error('no luck')"),
              AllOf(StartsWith(path_ + ":3"), HasSubstr("no luck")));
  EXPECT_THAT(LoadError("var a = 1"), AllOf(HasSubstr(path_), HasSubstr("tidemark build")));
  EXPECT_THAT(LoadError(""), HasSubstr("tidemark build"));
  EXPECT_THAT(LoadError("globalThis.__tidemark = {describe: () => 'x'}"), HasSubstr("bundle"));
  EXPECT_THAT(LoadError("globalThis.__tidemark = {describe: () => '{}'}"), HasSubstr("schema"));
  EXPECT_THAT(LoadError("globalThis.__tidemark = {describe() { throw new Error('oh') }}"),
              HasSubstr("oh"));
}

class AppHostTest : public AppTest {
 protected:
  void Start(const std::string& text) {
    Result<App> app = Load(text);
    ASSERT_TRUE(app.ok()) << app.error().message;
    app_ = std::make_unique<App>(std::move(*app));
    Result<std::unique_ptr<AppHost>> host = app_->host_factory()();
    ASSERT_TRUE(host.ok()) << host.error().message;
    host_ = std::move(*host);
    rows_ = std::make_unique<mutation::TestRows>(app_->schema());
  }
  Result<std::string> Run(const std::string& name, const std::string& args = "{}") {
    mutation_.name = name;
    mutation_.args_json = args;
    mutation::Transaction transaction(app_->schema(), *rows_, mutation_);
    return host_->Run(mutation_,
                      {.auth_json = R"({"sub":"u1"})",
                       .location = mutation::Location::kServer,
                       .reason = mutation::Reason::kAuthoritative,
                       .timestamp_ms = 1700000000123},
                      transaction);
  }
  std::string Text(const std::string& name, const std::string& args = "{}") {
    const Result<std::string> result = Run(name, args);
    return result.ok() ? *result : "error: " + result.error().message;
  }

  mutation::Mutation mutation_{
      ClientID("c1"), 1, "", "", 1700000000000, "00112233445566778899aabbccddeeff"};
  std::unique_ptr<App> app_;
  std::unique_ptr<AppHost> host_;
  std::unique_ptr<mutation::TestRows> rows_;
};

TEST_F(AppHostTest, RunsMutatorsOnTheTransaction) {
  Start(kBundle);
  EXPECT_TRUE(host_->Has("todo.add"));
  EXPECT_FALSE(host_->Has("todo.remove"));
  EXPECT_EQ(Text("todo.add", R"({"id":"a","title":"\ud83c\udf0a"})"), R"("")");
  EXPECT_EQ(rows_->writes.size(), 1u);
  EXPECT_EQ(Text("todo.read", R"({"id":"a"})"), R"("[\"a\",\"🌊\"]")");
  EXPECT_EQ(Text("todo.read", R"({"id":"b"})"), R"("")");
  EXPECT_EQ(Text("todo.all"), R"("[[\"a\",\"🌊\"]]")");
}

TEST_F(AppHostTest, GivesTheContextOfTheMutation) {
  Start(kBundle);
  EXPECT_THAT(Text("context"),
              AllOf(HasSubstr(R"(\"auth\":{\"sub\":\"u1\"})"), HasSubstr(R"(\"clientID\":\"c1\")"),
                    HasSubstr(R"(\"timestamp\":1700000000123)")));
  const std::string moment = Text("moment");
  EXPECT_THAT(moment, StartsWith(R"("[1700000000123,0.)"));
  EXPECT_EQ(Text("moment"), moment);
  mutation_.seed = "ffeeddccbbaa99887766554433221100";
  EXPECT_NE(Text("moment"), moment);
}

TEST_F(AppHostTest, FailsWithTheFirstFailedWriteWhateverTheMutatorReturns) {
  Start(kBundle);
  const Result<std::string> result = Run("swallow");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kNotFound);
}

TEST_F(AppHostTest, GoesOnAfterAMutatorThatWasStopped) {
  Start(kBundle);
  const Result<std::string> result = Run("spin");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kTimeout);
  EXPECT_EQ(Text("todo.add", R"({"id":"a","title":"b"})"), R"("")");
  EXPECT_THAT(Run("throw").error().message, HasSubstr("TypeError: unexpected"));
  EXPECT_EQ(Text("todo.read", R"({"id":"a"})"), R"("[\"a\",\"b\"]")");
}

TEST_F(AppHostTest, ResolvesQueriesForACaller) {
  Start(kBundle);
  const auto server = mutation::Location::kServer;
  const Result<std::string> ast = host_->Resolve("now", "{}", R"({"sub":"u1"})", server);
  ASSERT_TRUE(ast.ok()) << ast.error().message;
  EXPECT_THAT(*ast, AllOf(HasSubstr(R"("table":"todo")"), HasSubstr(R"(\"sub\":\"u1\")")));
  EXPECT_EQ(host_->Resolve("then", "{}", "null", server).error().code, ErrorCode::kUnknownQuery);
}

TEST_F(AppHostTest, ResolvesQueriesAtTheServersTime) {
  Start(kBundle);
  const auto server = mutation::Location::kServer;
  const Result<std::string> now = host_->Resolve("clock", "{}", "null", server);
  ASSERT_TRUE(now.ok()) << now.error().message;
  EXPECT_GT(std::stoll(*now), 1700000000000) << "milliseconds since 1970";
}

class SampleAppTest : public AppHostTest {
 protected:
  SampleAppTest() { limits_.time = std::chrono::milliseconds(10000); }
  void SetUp() override {
    std::ifstream file(TIDEMARK_SAMPLE_BUNDLE, std::ios::binary);
    ASSERT_TRUE(file.good());
    Start({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
  }
};

TEST_F(SampleAppTest, RunsTheAppOfTheTypeScriptTests) {
  EXPECT_TRUE(host_->Has("todo.add"));
  ASSERT_EQ(Text("todo.add", R"({"id":"t1","boardID":"b1","title":"Grüße"})"), "");
  EXPECT_EQ(rows_->writes.size(), 1u);
  EXPECT_EQ(Text("todo.rename", R"({"id":"t1","title":"later"})"), R"({"renamed":"later"})");
  EXPECT_EQ(Text("todo.vote", R"({"id":"t1","by":{"$bigint":"9007199254740993"}})"),
            R"({"$bigint":"9007199254740993"})");
}

TEST_F(SampleAppTest, ReportsTheErrorsOfTheApp) {
  const Error missing = Run("todo.vote", R"({"id":"t9","by":{"$bigint":"1"}})").error();
  EXPECT_EQ(missing.code, ErrorCode::kApp);
  EXPECT_EQ(missing.app_code, "no-todo");
  EXPECT_EQ(missing.message, "There is no such todo");
  EXPECT_EQ(Run("todo.rename", R"({"id":7})").error().code, ErrorCode::kInvalidArgs);
  EXPECT_EQ(Run("todo.rename", R"({"id":"t9","title":"x"})").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Run("nothing").error().code, ErrorCode::kUnknownMutator);
}

TEST_F(SampleAppTest, ResolvesQueriesWithValidators) {
  const auto server = mutation::Location::kServer;
  const Result<std::string> ranked = host_->Resolve("todo.ranked", R"({"from":1})", "null", server);
  ASSERT_TRUE(ranked.ok()) << ranked.error().message;
  EXPECT_THAT(*ranked, HasSubstr(R"("op":"and")"));
  EXPECT_EQ(host_->Resolve("todo.ranked", R"({"from":"x"})", "null", server).error().code,
            ErrorCode::kInvalidArgs);
}

}  // namespace
}  // namespace tidemark::server
