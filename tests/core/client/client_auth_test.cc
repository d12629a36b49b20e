// Whose page it is: claims as the server tells them, and what depends on them.

#include "core/protocol/codec.h"
#include "core/protocol/version.h"
#include "tests/core/client/test_page.h"

namespace tidemark::client {
namespace {

constexpr char kAdmin[] = R"({"role":"admin"})";
constexpr std::string_view kOpenTodos =
    R"({"table":"todo","where":{"op":"=","column":"done","value":false}})";

TEST(ClientAuthTest, SwapsTheTokenOnAnOpenChannel) {
  TestPage page;
  page.Connect();
  page.TakeSent();
  page.client().SetAuthToken("second");
  page.Drain();
  const auto sent = page.TakeSentOf<protocol::SetAuth>();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].auth_token, "second");
}

TEST(ClientAuthTest, TellsTheClaimsThatAServerGreetsWith) {
  TestPage page;
  page.Open();
  protocol::Welcome welcome;
  welcome.protocol = protocol::kProtocolVersion;
  welcome.auth_json = kAdmin;
  ASSERT_TRUE(page.client().OnMessage(protocol::Encode(welcome)).ok());
  const Output output = page.client().TakeOutput();
  ASSERT_TRUE(output.link.has_value());
  EXPECT_EQ(output.link->auth_json, kAdmin);
  EXPECT_EQ(output.link->connection, "connected");
}

TEST(ClientAuthTest, TakesAnotherTreeOfAQueryWithoutAskingForItAgain) {
  TestPage page;
  const ViewID before = page.Watch();
  page.Connect();
  page.ServeAllTodos({PutTodo("a", "Milk"), PutTodo("b", "Bread", 1)});
  page.TakeSent();
  const ViewID after = page.Watch(kOpenTodos);
  page.Unwatch(before);
  EXPECT_TRUE(page.TakeSentOf<protocol::ChangeQueries>().empty());
  EXPECT_EQ(page.Titles(after), "Milk, Bread");
  EXPECT_EQ(page.Last(after).status, ViewStatus::kComplete);
}

}  // namespace
}  // namespace tidemark::client
