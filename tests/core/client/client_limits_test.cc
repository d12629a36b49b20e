#include "tests/core/client/test_page.h"

namespace tidemark::client {
namespace {

TEST(ClientLimitsTest, NamesTheLimitOfPendingMutations) {
  protocol::Limits limits;
  limits.pending_mutations_max = 2;
  TestPage page("group", limits);
  page.Mutate("add", R"(["a","Milk"])");
  page.Mutate("add", R"(["b","Bread"])");
  const Error error = page.MutateFails("add", R"(["c","Eggs"])");
  EXPECT_EQ(error.code, ErrorCode::kLimit);
  EXPECT_NE(error.message.find("pending_mutations_max"), std::string::npos);
}

TEST(ClientLimitsTest, RefusesArgumentsThatNoMessageHolds) {
  TestPage page;
  const Error large = page.MutateFails("add", "[\"a\",\"" + std::string(5 << 20, 'x') + "\"]");
  EXPECT_EQ(large.code, ErrorCode::kLimit);
  EXPECT_NE(large.message.find("message_bytes_max"), std::string::npos);
  EXPECT_EQ(page.MutateFails("add", "[\"a\"").code, ErrorCode::kInvalidArgs);
  EXPECT_EQ(page.MutateFails("fly", "[]").code, ErrorCode::kUnknownMutator);
  EXPECT_EQ(page.MutateFails("", "[]").code, ErrorCode::kInvalidArgs);
  EXPECT_EQ(page.pending(), 0u);
}

TEST(ClientLimitsTest, NamesTheLimitOfQueries) {
  protocol::Limits limits;
  limits.queries_per_client_max = 1;
  TestPage page("group", limits);
  page.Watch(kAllTodos, "one");
  const Result<ViewID> second = page.client().Watch("two", "{}", kAllTodos);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kLimit);
  page.Watch(kAllTodos, "one");
}

TEST(ClientLimitsTest, SplitsPushesByNumberAndBytes) {
  protocol::Limits limits;
  limits.push_mutations_max = 2;
  TestPage page("group", limits);
  for (int i = 0; i < 5; ++i) page.Mutate("add", "[\"" + std::to_string(i) + "\",\"x\"]");
  page.Connect();
  const std::vector<protocol::Push> pushes = page.TakeSentOf<protocol::Push>();
  ASSERT_EQ(pushes.size(), 3u);
  EXPECT_EQ(pushes[2].mutations[0].id, 5u);

  limits = {};
  limits.message_bytes_max = 10000;
  TestPage small("group", limits);
  for (int i = 0; i < 3; ++i) {
    small.Mutate("add", "[\"" + std::to_string(i) + "\",\"" + std::string(4000, 'x') + "\"]");
  }
  small.Connect();
  EXPECT_EQ(small.TakeSentOf<protocol::Push>().size(), 3u);
}

}  // namespace
}  // namespace tidemark::client
