#include "server/config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <variant>
#include <vector>

namespace tidemark::server {
namespace {

Result<std::variant<Config, Information>> Parse(std::vector<const char*> flags) {
  flags.insert(flags.begin(), "tidemark-server");
  return ParseConfig(static_cast<int>(flags.size()), flags.data());
}

std::string ErrorOf(std::vector<const char*> flags) {
  const auto parsed = Parse(std::move(flags));
  if (parsed.ok()) return "";
  EXPECT_EQ(parsed.error().message.find('\n'), std::string::npos);
  return parsed.error().message;
}

TEST(ConfigTest, HasDefaultsForEverythingButTheApp) {
  const auto parsed = Parse({"--app", "app.js"});
  ASSERT_TRUE(parsed.ok());
  const Config& config = std::get<Config>(*parsed);
  EXPECT_EQ(config.db, ".tidemark/data.db");
  EXPECT_EQ(config.listen.host, "127.0.0.1");
  EXPECT_EQ(config.listen.port, 8787);
  EXPECT_EQ(config.base_path, "/tidemark");
  EXPECT_FALSE(config.is_postgres());
  EXPECT_NE(ErrorOf({}).find("--app"), std::string::npos);
}

TEST(ConfigTest, ReadsFlagsBeforeTheEnvironment) {
  setenv("TIDEMARK_APP", "env.js", 1);
  setenv("TIDEMARK_LISTEN", "[::1]:0", 1);
  const auto parsed = Parse({"--app", "flag.js", "--db", "postgres://localhost/app", "--origin",
                             "https://a.example,https://b.example", "--rows-per-query-max", "7"});
  unsetenv("TIDEMARK_APP");
  unsetenv("TIDEMARK_LISTEN");
  ASSERT_TRUE(parsed.ok());
  const Config& config = std::get<Config>(*parsed);
  EXPECT_EQ(config.app, "flag.js");
  EXPECT_EQ(config.listen.host, "::1");
  EXPECT_TRUE(config.is_postgres());
  EXPECT_EQ(config.origins.size(), 2u);
  EXPECT_EQ(config.limits.rows_per_query_max, 7u);
}

TEST(ConfigTest, RefusesToListenToOthersWithoutAuthentication) {
  EXPECT_NE(ErrorOf({"--app", "a", "--listen", "0.0.0.0:80"}).find("--insecure-open"),
            std::string::npos);
  EXPECT_TRUE(Parse({"--app", "a", "--listen", "0.0.0.0:80", "--insecure-open"}).ok());
  EXPECT_TRUE(Parse({"--app", "a", "--listen", "0.0.0.0:80", "--auth", "hs256:key"}).ok());
}

TEST(ConfigTest, ReadsHowClientsAuthenticate) {
  setenv("TIDEMARK_AUTH", "es256:keys.json", 1);
  const auto parsed = Parse({"--app", "a", "--auth-audience", "app", "--auth-issuer",
                             "https://issuer.example", "--token-bytes-max", "9000"});
  unsetenv("TIDEMARK_AUTH");
  ASSERT_TRUE(parsed.ok());
  const Config& config = std::get<Config>(*parsed);
  EXPECT_EQ(config.auth, "es256:keys.json");
  EXPECT_EQ(config.auth_audience, "app");
  EXPECT_EQ(config.auth_issuer, "https://issuer.example");
  EXPECT_EQ(config.limits.token_bytes_max, 9000u);
  EXPECT_NE(ErrorOf({"--app", "a", "--auth-issuer", "x"}).find("without --auth"),
            std::string::npos);
}

TEST(ConfigTest, NamesTheFlagThatIsWrong) {
  EXPECT_NE(ErrorOf({"--app", "a", "--no-such-flag", "x"}).find("--no-such-flag"),
            std::string::npos);
  EXPECT_NE(ErrorOf({"--app", "a", "--listen", "nowhere"}).find("--listen"), std::string::npos);
  EXPECT_NE(ErrorOf({"--app", "a", "--listen", "127.0.0.1:70000"}).find("--listen"),
            std::string::npos);
  EXPECT_NE(ErrorOf({"--app", "a", "--workers", "many"}).find("--workers"), std::string::npos);
  EXPECT_NE(ErrorOf({"--app", "a", "--workers", "0"}).find("--workers"), std::string::npos);
  EXPECT_NE(ErrorOf({"--app", "a", "--base-path", "x"}).find("--base-path"), std::string::npos);
}

TEST(ConfigTest, DescribesEveryFlagWithItsVariable) {
  const auto parsed = Parse({"--help"});
  ASSERT_TRUE(parsed.ok());
  const std::string& help = std::get<Information>(*parsed).text;
  for (const char* variable :
       {"TIDEMARK_APP", "TIDEMARK_DB", "TIDEMARK_LISTEN", "TIDEMARK_STATIC", "TIDEMARK_BASE_PATH",
        "TIDEMARK_ORIGIN", "TIDEMARK_WORKERS", "TIDEMARK_AUTH", "TIDEMARK_AUTH_AUDIENCE",
        "TIDEMARK_AUTH_ISSUER", "TIDEMARK_TOKEN_BYTES_MAX"}) {
    EXPECT_NE(help.find(variable), std::string::npos) << variable;
  }
}

}  // namespace
}  // namespace tidemark::server
