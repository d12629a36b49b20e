// How a mutation ends: confirmed with a result, rejected with an error, expired.

#include "core/protocol/version.h"
#include "tests/core/client/test_page.h"

namespace tidemark::client {
namespace {

using Kind = MutationEvent::Kind;

class ClientSettleTest : public ::testing::Test {
 protected:
  ClientSettleTest() {
    page_.Watch();
    page_.Connect();
    page_.ServeAllTodos({PutTodo("a", "Milk")});
  }
  std::vector<MutationEvent> Settled() {
    std::vector<MutationEvent> settled;
    for (MutationEvent& event : page_.TakeEvents()) {
      if (event.kind == Kind::kConfirmed || event.kind == Kind::kRejected) {
        settled.push_back(std::move(event));
      }
    }
    return settled;
  }
  TestPage page_;
};

TEST_F(ClientSettleTest, ConfirmsWithTheServersResult) {
  page_.Mutate("rename", R"(["a","Beer"])");
  page_.Mutate("rename", R"(["a","Wine"])");
  page_.TakeSent();
  page_.Receive({{PutTodo("a", "Wine")},
                 {page_.Lmid(2)},
                 {{page_.client().id(), 2, R"({"renamed":true})", std::nullopt}}});
  const std::vector<MutationEvent> events = Settled();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].kind, Kind::kConfirmed);
  EXPECT_EQ(events[0].result_json, "");
  EXPECT_EQ(events[1].id, 2u);
  EXPECT_EQ(events[1].result_json, R"({"renamed":true})");
  const std::vector<protocol::AckResults> acks = page_.TakeSentOf<protocol::AckResults>();
  ASSERT_EQ(acks.size(), 1u);
  EXPECT_EQ(acks[0].upto, std::vector<protocol::ClientState>{page_.Lmid(2)});
}

TEST_F(ClientSettleTest, RejectsWithTheServersErrorAndUndoesTheEffect) {
  page_.Mutate("rename", R"(["a","Beer"])");
  page_.Mutate("add", R"(["b","Bread"])");
  const Error error{ErrorCode::kApp, "no alcohol here", "dry", "{}"};
  page_.Receive({{}, {page_.Lmid(1)}, {{page_.client().id(), 1, "", error}}});
  const std::vector<MutationEvent> events = Settled();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, Kind::kRejected);
  EXPECT_EQ(events[0].error, error);
  EXPECT_EQ(page_.Titles(), "Milk, Bread") << "later mutations go on";
  ASSERT_TRUE(page_.rejections().has_value());
  ASSERT_EQ(page_.rejections()->entries.size(), 1u);
  EXPECT_EQ(page_.rejections()->entries[0].mutation.args_json, R"(["a","Beer"])");
  page_.client().Dismiss(page_.client().id(), 1);
  page_.Drain();
  EXPECT_TRUE(page_.rejections()->entries.empty());
}

TEST_F(ClientSettleTest, AcknowledgesAgainAResultThatComesAgain) {
  page_.Mutate("rename", R"(["a","Beer"])");
  const protocol::MutationResult result{page_.client().id(), 1, "7", std::nullopt};
  page_.Receive({{PutTodo("a", "Beer")}, {page_.Lmid(1)}, {result}});
  EXPECT_EQ(Settled().size(), 1u);
  page_.Close();
  page_.Connect(1);
  page_.TakeSent();
  page_.Receive({{}, {}, {result}});
  EXPECT_TRUE(Settled().empty());
  EXPECT_EQ(page_.TakeSentOf<protocol::AckResults>().size(), 1u);
}

TEST_F(ClientSettleTest, IgnoresTheResultsOfOtherClients) {
  page_.Mutate("rename", R"(["a","Beer"])");
  page_.Receive({{},
                 {{ClientID("tab-2"), 9}},
                 {{ClientID("tab-2"), 9, "", Error{ErrorCode::kConflict, "not ours"}}}});
  EXPECT_TRUE(Settled().empty());
  EXPECT_EQ(page_.pending(), 1u);
}

TEST_F(ClientSettleTest, AnExpiredClientsMutationsAreRejectedVisibly) {
  page_.Mutate("rename", R"(["a","Beer"])");
  page_.Close();
  page_.TakeSent();
  page_.Open();
  protocol::Welcome welcome;
  welcome.protocol = protocol::kProtocolVersion;
  welcome.expired = {page_.client().id()};
  page_.Receive(welcome);
  const std::vector<MutationEvent> events = Settled();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, Kind::kRejected);
  EXPECT_EQ(events[0].error->code, ErrorCode::kExpired);
  EXPECT_EQ(page_.Titles(), "Milk");
  EXPECT_TRUE(page_.TakeSentOf<protocol::Push>().empty());
  EXPECT_EQ(page_.MutateFails("rename", R"(["a","Wine"])").code, ErrorCode::kExpired);
}

TEST_F(ClientSettleTest, ARestoredDatabaseIsNoticed) {
  page_.Mutate("rename", R"(["a","Beer"])");
  page_.Receive({{PutTodo("a", "Beer")}, {page_.Lmid(1)}});
  page_.Mutate("rename", R"(["a","Wine"])");
  page_.TakeEvents();
  page_.Close();
  page_.Connect(/*lmid=*/0);
  const std::vector<MutationEvent> events = Settled();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].error->code, ErrorCode::kExpired);
}

TEST_F(ClientSettleTest, AcknowledgesNoResultThatIsAheadOfItsLmid) {
  page_.Mutate("rename", R"(["a","Beer"])");
  page_.TakeSent();
  page_.Receive({{}, {}, {{page_.client().id(), 1, "", Error{ErrorCode::kApp, "no"}}}});
  EXPECT_TRUE(Settled().empty());
  EXPECT_TRUE(page_.TakeSentOf<protocol::AckResults>().empty());
}

}  // namespace
}  // namespace tidemark::client
