// With a relay above: its log is the order of the group, other tabs' mutations are seen here.

#include "core/protocol/version.h"
#include "tests/core/client/test_page.h"

namespace tidemark::client {
namespace {

using Kind = MutationEvent::Kind;

class ClientLogTest : public ::testing::Test {
 protected:
  ClientLogTest() {
    page_.Watch();
    page_.Connect();
    page_.ServeAllTodos({PutTodo("a", "Milk")});
  }
  static mutation::Mutation Own(MutationID id) {
    return mutation::Mutation{ClientID("tab-1"), id, "", "", 0, ""};
  }
  static mutation::Mutation OwnWhole(MutationID id, std::string name, std::string args) {
    return mutation::Mutation{ClientID("tab-1"), id,   std::move(name),
                              std::move(args),   1000, "00112233445566778899aabbccddeeff"};
  }
  std::vector<Kind> Kinds() {
    std::vector<Kind> kinds;
    for (const MutationEvent& event : page_.TakeEvents()) kinds.push_back(event.kind);
    return kinds;
  }
  TestPage page_{""};
};

TEST_F(ClientLogTest, SaysThatAMutationIsPersistedWhenTheLogHasIt) {
  page_.Mutate("rename", R"(["a","Beer"])");
  EXPECT_TRUE(Kinds().empty());
  page_.Receive(protocol::Logged{{Own(1)}, true});
  EXPECT_EQ(Kinds(), std::vector<Kind>{Kind::kPersisted});
  page_.Mutate("rename", R"(["a","Wine"])");
  page_.Receive(protocol::Logged{{Own(2)}, false});
  EXPECT_EQ(Kinds(), std::vector<Kind>{Kind::kNotDurable});
}

TEST_F(ClientLogTest, WhatTheServerConfirmedIsPersistedToo) {
  page_.Mutate("rename", R"(["a","Beer"])");
  page_.Receive({{PutTodo("a", "Beer")}, {page_.Lmid(1)}});
  EXPECT_EQ(Kinds(), (std::vector<Kind>{Kind::kPersisted, Kind::kConfirmed}));
}

TEST_F(ClientLogTest, ShowsTheWorkOfAnotherTab) {
  page_.Receive(protocol::Logged{{Foreign(1, "add", R"(["b","Bread"])")}, true});
  EXPECT_EQ(page_.Titles(), "Milk, Bread");
  EXPECT_EQ(page_.pending(), 1u);
  page_.Receive({{PutTodo("b", "Bread")}, {{ClientID("tab-2"), 1}}});
  EXPECT_EQ(page_.Titles(), "Milk, Bread");
  EXPECT_EQ(page_.pending(), 0u);
  EXPECT_TRUE(Kinds().empty()) << "nothing of our own happened";
}

TEST_F(ClientLogTest, OwnMutationsThatNoLogHoldsComeLast) {
  page_.Mutate("rename", R"(["a","Ours"])");
  page_.Receive(protocol::Logged{{Foreign(1, "rename", R"(["a","Theirs"])")}, true});
  EXPECT_EQ(page_.Titles(), "Ours") << "theirs has a place in the log, ours will be behind it";
  page_.Receive(protocol::Logged{{Own(1), Foreign(2, "rename", R"(["a","Last"])")}, true});
  EXPECT_EQ(page_.Titles(), "Last");
}

TEST_F(ClientLogTest, DoesNotTakeAMutationTwice) {
  page_.Receive(protocol::Logged{{Foreign(1, "raise", R"(["a",1])")}, true});
  page_.Receive(protocol::Logged{{Foreign(1, "raise", R"(["a",1])")}, true});
  EXPECT_EQ(page_.pending(), 1u);
  page_.Receive({{PutTodo("a", "Milk", 1)}, {{ClientID("tab-2"), 1}}});
  page_.Receive(protocol::Logged{{Foreign(1, "raise", R"(["a",1])")}, true});
  EXPECT_EQ(page_.pending(), 0u);
}

TEST_F(ClientLogTest, StartsWithTheLogThatIsThere) {
  TestPage late("");
  late.Watch();
  late.Connect(0, {Foreign(1, "add", R"(["b","Bread"])"), Foreign(2, "add", R"(["c","Eggs"])")});
  EXPECT_EQ(late.Titles(), "Bread, Eggs");
  EXPECT_EQ(late.pending(), 2u);
}

TEST_F(ClientLogTest, ANewLeaderGetsWhatTheOldOneLost) {
  page_.Mutate("rename", R"(["a","Beer"])");
  page_.Mutate("rename", R"(["a","Wine"])");
  page_.Receive(protocol::Logged{{Own(1)}, true});
  page_.Close();
  page_.TakeSent();
  page_.Connect(0, {OwnWhole(1, "rename", R"(["a","Beer"])")});
  const std::vector<protocol::Push> pushes = page_.TakeSentOf<protocol::Push>();
  ASSERT_EQ(pushes.size(), 1u);
  ASSERT_EQ(pushes[0].mutations.size(), 1u);
  EXPECT_EQ(pushes[0].mutations[0].id, 2u);
  EXPECT_EQ(page_.Titles(), "Wine");
}

TEST_F(ClientLogTest, TakesOverTheOrderOfTheLog) {
  page_.Receive(protocol::Logged{{Foreign(1, "rename", R"(["a","Theirs"])")}, true});
  page_.Mutate("rename", R"(["a","Ours"])");
  EXPECT_EQ(page_.Titles(), "Ours");
  page_.Close();
  page_.Connect(
      0, {OwnWhole(1, "rename", R"(["a","Ours"])"), Foreign(1, "rename", R"(["a","Theirs"])")});
  EXPECT_EQ(page_.Titles(), "Theirs");
  EXPECT_EQ(page_.pending(), 2u);
}

TEST_F(ClientLogTest, WhatLeftTheLogLeavesWithThePokeThatConfirmsIt) {
  page_.Receive(protocol::Logged{{Foreign(1, "add", R"(["b","Bread"])")}, true});
  page_.Close();
  page_.upstream();
  page_.Open();
  protocol::Welcome welcome;
  welcome.protocol = protocol::kProtocolVersion;
  welcome.version = Version{"db", 2};  // ahead of the rows here
  page_.Receive(welcome);
  page_.Receive(protocol::LogState{{}, true});
  EXPECT_EQ(page_.Titles(), "Milk, Bread") << "nothing flickers away";
  page_.Receive({{PutTodo("b", "Bread")}});
  EXPECT_EQ(page_.Titles(), "Milk, Bread");
  EXPECT_EQ(page_.pending(), 0u);
}

TEST_F(ClientLogTest, HandsOnDismissals) {
  page_.Receive(protocol::Rejections{{{Foreign(1, "add", "[]"), Error{ErrorCode::kApp, "no"}}}});
  ASSERT_TRUE(page_.rejections().has_value());
  EXPECT_EQ(page_.rejections()->entries.size(), 1u);
  page_.TakeSent();
  page_.client().Dismiss(ClientID("tab-2"), 1);
  page_.Drain();
  const std::vector<protocol::Dismiss> sent = page_.TakeSentOf<protocol::Dismiss>();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].client.value, "tab-2");
}

}  // namespace
}  // namespace tidemark::client
