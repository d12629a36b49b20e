#include "core/mutation/mutator.h"

#include "tests/core/mutation/transaction_fixture.h"

namespace tidemark::mutation {
namespace {

class MutatorTest : public TransactionFixture {
 protected:
  Result<std::string> Run(std::string name) {
    mutation_.name = std::move(name);
    return registry_.Run(mutation_, MutatorContext{}, transaction_);
  }
  MutatorRegistry registry_;
};

TEST_F(MutatorTest, RunsByName) {
  registry_.Register(
      "todo.add",
      [](Transaction& tx, std::string_view, const MutatorContext&) -> Result<std::string> {
        TIDEMARK_TRY(tx.Write(WriteOp::kInsert, "todo", R"({"id":"a","title":"Milk"})"));
        return std::string("7");
      });
  EXPECT_TRUE(registry_.Has("todo.add"));
  const Result<std::string> result = Run("todo.add");
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(*result, "7");
  EXPECT_EQ(Row(), R"(["a","Milk",false,null,null,null,null])");
}

TEST_F(MutatorTest, NamesTheUnknownMutator) {
  const Result<std::string> result = Run("todo.fly");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kUnknownMutator);
  EXPECT_NE(result.error().message.find("todo.fly"), std::string::npos);
}

TEST_F(MutatorTest, FailsWithAWriteErrorThatTheMutatorSwallowed) {
  registry_.Register(
      "swallow",
      [](Transaction& tx, std::string_view, const MutatorContext&) -> Result<std::string> {
        (void)tx.Write(WriteOp::kUpdate, "todo", R"({"id":"a","title":"Milk"})").ok();
        return std::string("fine");
      });
  const Result<std::string> result = Run("swallow");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kNotFound);
}

TEST_F(MutatorTest, WritesTheContextAsJson) {
  MutatorContext context;
  context.auth_json = R"({"sub":"u"})";
  context.reason = Reason::kRebase;
  context.timestamp_ms = 5;
  EXPECT_EQ(
      ContextToJson(mutation_, context),
      R"({"auth":{"sub":"u"},"clientID":"c","location":"client","reason":"rebase","timestamp":5})");
}

}  // namespace
}  // namespace tidemark::mutation
