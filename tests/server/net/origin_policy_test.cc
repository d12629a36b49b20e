#include "server/net/origin_policy.h"

#include <gtest/gtest.h>

namespace tidemark::server {
namespace {

TEST(OriginPolicyTest, AllowsPagesOfTheSameHostByDefault) {
  const OriginPolicy policy({}, LoopbackOrigins::kRefused);
  EXPECT_TRUE(policy.Allows("https://app.example", "app.example"));
  EXPECT_TRUE(policy.Allows("http://App.Example:8787", "app.example:8787"));
  EXPECT_FALSE(policy.Allows("https://evil.example", "app.example"));
  EXPECT_FALSE(policy.Allows("http://localhost:5173", "app.example"));
  EXPECT_FALSE(policy.Allows("null", "app.example"));
}

TEST(OriginPolicyTest, AllowsAPeerThatIsNoBrowser) {
  EXPECT_TRUE(OriginPolicy({}, LoopbackOrigins::kRefused).Allows("", "app.example"));
}

TEST(OriginPolicyTest, AllowsLoopbackPagesWhenListeningThere) {
  const OriginPolicy policy({}, LoopbackOrigins::kAllowed);
  EXPECT_TRUE(policy.Allows("http://localhost:5173", "127.0.0.1:8787"));
  EXPECT_TRUE(policy.Allows("http://127.0.0.1:1", "localhost:8787"));
  EXPECT_TRUE(policy.Allows("http://[::1]:5173", "127.0.0.1:8787"));
  EXPECT_FALSE(policy.Allows("http://localhost.evil.example", "127.0.0.1:8787"));
  EXPECT_FALSE(policy.Allows("http://127.0.0.1.evil.example", "127.0.0.1:8787"));
}

TEST(OriginPolicyTest, AllowsOnlyWhatIsListedWhenThereIsAList) {
  const OriginPolicy policy({"https://App.example/"}, LoopbackOrigins::kRefused);
  EXPECT_TRUE(policy.Allows("https://app.example", "api.example"));
  EXPECT_FALSE(policy.Allows("https://api.example", "api.example"));
  EXPECT_TRUE(OriginPolicy({"*"}, LoopbackOrigins::kRefused).Allows("https://x", "y"));
}

}  // namespace
}  // namespace tidemark::server
