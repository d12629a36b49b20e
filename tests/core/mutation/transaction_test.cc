#include "core/mutation/transaction.h"

#include "tests/core/mutation/transaction_fixture.h"

namespace tidemark::mutation {
namespace {

using TransactionTest = TransactionFixture;

TEST_F(TransactionTest, InsertFillsInDefaultsAndNulls) {
  Must(WriteOp::kInsert, R"({"id":"a","title":"Milk"})");
  EXPECT_EQ(Row(), R"(["a","Milk",false,null,null,null,null])");
}

TEST_F(TransactionTest, InsertOfAKnownKeyFails) {
  Must(WriteOp::kInsert, R"({"id":"a","title":"Milk"})");
  const Error error = Fails(WriteOp::kInsert, R"({"id":"a","title":"Bread"})");
  EXPECT_EQ(error.code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(error.message, R"(todo ["a"] exists already)");
}

TEST_F(TransactionTest, NamesTheColumnThatDoesNotFit) {
  const struct {
    const char* payload;
    const char* named;
  } cases[] = {{R"({"id":"a"})", "todo.title"},
               {R"({"title":"Milk"})", "todo.id"},
               {R"({"id":"a","title":7})", "todo.title"},
               {R"({"id":"a","title":null})", "todo.title"},
               {R"({"id":"a","title":"x","colour":"red"})", "todo.colour"},
               {R"({"id":"a","title":"x","views":"1.5"})", "todo.views"}};
  for (const auto& c : cases) {
    const Error error = Fails(WriteOp::kInsert, c.payload);
    EXPECT_EQ(error.code, ErrorCode::kInvalidArgs) << c.payload;
    EXPECT_NE(error.message.find(c.named), std::string::npos) << error.message;
  }
  EXPECT_EQ(Fails(WriteOp::kInsert, "[1]").code, ErrorCode::kInvalidArgs);
  EXPECT_EQ(Fails(WriteOp::kInsert, "{").code, ErrorCode::kInvalidArgs);
  EXPECT_NE(Fails(WriteOp::kInsert, "{}", "nothing").message.find("nothing"), std::string::npos);
}

TEST_F(TransactionTest, UpdateChangesTheGivenColumnsOnly) {
  Must(WriteOp::kInsert, R"({"id":"a","title":"Milk","rank":2})");
  Must(WriteOp::kUpdate, R"({"id":"a","done":true})");
  EXPECT_EQ(Row(), R"(["a","Milk",true,2,null,null,null])");
  const RowWrite& write = rows_.writes.back();
  EXPECT_EQ(write.kind, RowWrite::Kind::kUpdate);
  EXPECT_EQ(write.changed, std::vector<model::ColumnIndex>{2});
}

TEST_F(TransactionTest, AWriteThatChangesNothingWritesNothing) {
  Must(WriteOp::kInsert, R"({"id":"a","title":"Milk"})");
  Must(WriteOp::kUpdate, R"({"id":"a","title":"Milk","rank":null})");
  Must(WriteOp::kUpsert, R"({"id":"a","title":"Milk"})");
  EXPECT_EQ(rows_.writes.size(), 1u);
}

TEST_F(TransactionTest, UpdateOfAMissingRowFailsAndDeleteDoesNot) {
  EXPECT_EQ(Fails(WriteOp::kUpdate, R"({"id":"a","title":"x"})").code, ErrorCode::kNotFound);
  EXPECT_EQ(Fails(WriteOp::kSet, R"({"key":{"id":"a"},"path":["title"],"value":"x"})").code,
            ErrorCode::kNotFound);
  Must(WriteOp::kDelete, R"({"id":"a"})");
  EXPECT_TRUE(rows_.writes.empty());
}

TEST_F(TransactionTest, PredictsNothingForAnUnknownRow) {
  rows_.knows_all = false;
  Must(WriteOp::kUpdate, R"({"id":"a","title":"x"})");
  Must(WriteOp::kSet, R"({"key":{"id":"a"},"path":["title"],"value":"x"})");
  Must(WriteOp::kDelete, R"({"id":"a"})");
  EXPECT_TRUE(rows_.writes.empty());
  EXPECT_EQ(Fails(WriteOp::kUpdate, R"({"id":"a","title":7})").code, ErrorCode::kInvalidArgs)
      << "what is malformed fails, known or not";
  Must(WriteOp::kUpsert, R"({"id":"a","title":"x"})");
  EXPECT_EQ(Row(), R"(["a","x",false,null,null,null,null])");
}

TEST_F(TransactionTest, UpsertKeepsTheColumnsThatAreNotGiven) {
  Must(WriteOp::kUpsert, R"({"id":"a","title":"Milk","rank":5})");
  Must(WriteOp::kUpsert, R"({"id":"a","title":"Bread"})");
  EXPECT_EQ(Row(), R"(["a","Bread",false,5,null,null,null])");
}

TEST_F(TransactionTest, DeleteRemovesTheRow) {
  Must(WriteOp::kInsert, R"({"id":"a","title":"Milk"})");
  Must(WriteOp::kDelete, R"({"id":"a"})");
  EXPECT_EQ(Row(), "");
  EXPECT_EQ(Fails(WriteOp::kDelete, R"({"id":"a","title":"Milk"})").code, ErrorCode::kInvalidArgs);
}

TEST_F(TransactionTest, AddressesCompoundKeys) {
  Must(WriteOp::kInsert, R"({"list":"l","user":7})", "member");
  Must(WriteOp::kUpdate, R"({"user":7,"list":"l","role":"owner"})", "member");
  EXPECT_EQ(Row(R"(["l",7])", "member"), R"(["l",7,"owner"])");
  EXPECT_EQ(Row(R"({"user":7,"list":"l"})", "member"), R"(["l",7,"owner"])");
  EXPECT_EQ(Fails(WriteOp::kUpdate, R"({"list":"l","role":"owner"})", "member").code,
            ErrorCode::kInvalidArgs);
  EXPECT_EQ(Fails(WriteOp::kInsert, R"({"list":"l","user":8,"role":"boss"})", "member").code,
            ErrorCode::kInvalidArgs);
}

TEST_F(TransactionTest, AFailedWriteDoomsTheMutation) {
  Must(WriteOp::kInsert, R"({"id":"a","title":"Milk"})");
  EXPECT_FALSE(Write(WriteOp::kUpdate, R"({"id":"b","title":"x"})").ok());
  const Status later = Write(WriteOp::kUpdate, R"({"id":"a","title":"x"})");
  ASSERT_FALSE(later.ok());
  EXPECT_EQ(later.error().code, ErrorCode::kNotFound) << "the first failure stays";
  EXPECT_EQ(rows_.writes.size(), 1u);
  ASSERT_TRUE(transaction_.doom().has_value());
  EXPECT_EQ(transaction_.doom()->code, ErrorCode::kNotFound);
}

TEST_F(TransactionTest, AReadThatTheDatabaseFailsDoomsTheMutation) {
  rows_.failure = Error{ErrorCode::kUnavailable, "the database is away"};
  EXPECT_FALSE(transaction_.Get("todo", R"(["a"])").ok());
  ASSERT_TRUE(transaction_.doom().has_value());
  EXPECT_EQ(transaction_.doom()->code, ErrorCode::kUnavailable);
}

TEST_F(TransactionTest, AMalformedReadDoesNotDoom) {
  EXPECT_FALSE(transaction_.Get("todo", R"(["a","b"])").ok());
  EXPECT_FALSE(transaction_.Run(R"({"table":"nothing"})").ok());
  EXPECT_FALSE(transaction_.doom().has_value());
}

TEST_F(TransactionTest, RunsQueriesOverItsOwnWrites) {
  Must(WriteOp::kInsert, R"({"id":"a","title":"Milk","rank":2})");
  Must(WriteOp::kInsert, R"({"list":"l","user":1})", "member");
  Must(WriteOp::kInsert, R"({"id":"b","title":"Bread","rank":1})");
  const Result<std::string> rows =
      transaction_.Run(R"({"table":"todo","orderBy":[["rank","asc"]]})");
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  EXPECT_EQ(*rows, R"([["b","Bread",false,1,null,null,null],["a","Milk",false,2,null,null,null]])");
}

TEST(WriteOpTest, IsFoundByName) {
  EXPECT_EQ(WriteOpFromName("splice"), WriteOp::kSplice);
  EXPECT_EQ(WriteOpFromName("drop"), std::nullopt);
}

}  // namespace
}  // namespace tidemark::mutation
