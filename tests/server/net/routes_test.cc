#include "server/net/routes.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace tidemark::server {
namespace {

namespace fs = std::filesystem;

class Events final : public ConnectionEvents {
 public:
  hub::SessionID OnOpened(std::shared_ptr<Connection>, const std::string&) override { return 1; }
  void OnMessage(hub::SessionID, std::string_view) override {}
  void OnOversized(hub::SessionID) override {}
  void OnCongested(hub::SessionID, bool) override {}
  void OnClosed(hub::SessionID, const std::string&) override {}
  std::string NotReadyReason() const override { return reason; }
  std::string reason;
};

class RoutesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("tidemark-routes-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    Write("site/index.html", "<!doctype html>");
    Write("site/assets/index-4f9a81c2.js", "export {}");
    Write("site/core.wasm", "wasm");
    Write("site/with space.txt", "text");
    Write("site/.env", "secret");
    Write("secret.txt", "secret");
    fs::create_symlink(folder_ / "secret.txt", folder_ / "site/link.txt");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void Write(const std::string& path, const std::string& text) {
    fs::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path) << text;
  }
  Routes Make() {
    return Routes("/tidemark", *StaticFiles::Open((folder_ / "site").string()),
                  OriginPolicy({}, LoopbackOrigins::kAllowed), events_);
  }
  static HttpRequest Get(std::string_view target) {
    HttpRequest request;
    request.method = "GET";
    request.target = target;
    request.host = "127.0.0.1:8787";
    return request;
  }

  fs::path folder_;
  Events events_;
};

TEST_F(RoutesTest, AnswersHealthAndReadiness) {
  const Routes routes = Make();
  EXPECT_EQ(routes.Answer(Get("/healthz"))->status, 200u);
  EXPECT_EQ(routes.Answer(Get("/tidemark/healthz?x=1"))->status, 200u);
  EXPECT_EQ(routes.Answer(Get("/tidemark/readyz"))->status, 200u);
  events_.reason = "the database is away";
  const auto reply = routes.Answer(Get("/tidemark/readyz"));
  EXPECT_EQ(reply->status, 503u);
  EXPECT_EQ(reply->body, "the database is away\n");
}

TEST_F(RoutesTest, GivesTheSyncSocketToWebSocketsOfAllowedOrigins) {
  const Routes routes = Make();
  HttpRequest request = Get("/tidemark/sync");
  EXPECT_EQ(routes.Answer(request)->status, 426u);
  request.wants_websocket = true;
  EXPECT_FALSE(routes.Answer(request).has_value());
  request.origin = "https://evil.example";
  EXPECT_EQ(routes.Answer(request)->status, 403u);
  EXPECT_EQ(routes.Answer(Get("/tidemark/nothing"))->status, 404u);
}

TEST_F(RoutesTest, ServesFilesWithTypesAndCaching) {
  const Routes routes = Make();
  const auto index = routes.Answer(Get("/"));
  ASSERT_TRUE(index->file.has_value());
  EXPECT_EQ(index->content_type, "text/html; charset=utf-8");
  EXPECT_EQ(index->file->cache_control, "no-cache");
  const auto script = routes.Answer(Get("/assets/index-4f9a81c2.js"));
  EXPECT_EQ(script->content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(script->file->cache_control, "public, max-age=31536000, immutable");
  EXPECT_EQ(routes.Answer(Get("/core.wasm"))->content_type, "application/wasm");
  EXPECT_TRUE(routes.Answer(Get("/with%20space.txt"))->file.has_value());

  HttpRequest again = Get("/core.wasm");
  const std::string etag = routes.Answer(again)->file->etag;
  again.if_none_match = etag;
  EXPECT_EQ(routes.Answer(again)->status, 304u);
}

TEST_F(RoutesTest, GivesRoutesOfTheAppItsIndex) {
  const Routes routes = Make();
  EXPECT_EQ(routes.Answer(Get("/boards/17"))->content_type, "text/html; charset=utf-8");
  EXPECT_EQ(routes.Answer(Get("/missing.js"))->status, 404u);
}

TEST_F(RoutesTest, NeverLeavesItsFolder) {
  const Routes routes = Make();
  for (const char* target :
       {"/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "/link.txt",
        "/.env", "/%2eenv", "/a%00.txt", "/%zz.txt", "/..\\secret.txt", "//etc/hosts.txt"}) {
    EXPECT_EQ(routes.Answer(Get(target))->status, 404u) << target;
  }
}

TEST_F(RoutesTest, RefusesOtherMethods) {
  HttpRequest request = Get("/");
  request.method = "POST";
  const auto reply = Make().Answer(request);
  EXPECT_EQ(reply->status, 405u);
  EXPECT_EQ(reply->allow, "GET, HEAD");
}

TEST_F(RoutesTest, SaysThatAFolderDoesNotExist) {
  const auto files = StaticFiles::Open((folder_ / "nowhere").string());
  ASSERT_FALSE(files.ok());
  EXPECT_EQ(files.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace tidemark::server
