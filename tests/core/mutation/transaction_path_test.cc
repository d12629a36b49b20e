// set, unset, merge, increment and splice.

#include "tests/core/mutation/transaction_fixture.h"

namespace tidemark::mutation {
namespace {

class TransactionPathTest : public TransactionFixture {
 protected:
  void SetUp() override {
    Must(
        WriteOp::kInsert,
        R"({"id":"a","title":"Milk","rank":2,"views":"9007199254740993","doc":{"n":1,"list":[1,2,3]}})");
  }
  std::string Column(std::size_t column) {
    std::string json;
    AppendJson(json, rows_.store.Get(0, RowKey(R"(["a"])"))[column]);
    return json;
  }
  static std::string At(std::string_view path, std::string_view rest = "") {
    return R"({"key":{"id":"a"},"path":)" + std::string(path) + std::string(rest) + "}";
  }
};

TEST_F(TransactionPathTest, SetsInsideADocumentAndKeepsTheRest) {
  Must(WriteOp::kSet, At(R"(["doc","nodes","x","position"])", R"(,"value":{"y":2,"x":1})"));
  EXPECT_EQ(Column(6), R"({"list":[1,2,3],"n":1,"nodes":{"x":{"position":{"x":1,"y":2}}}})");
}

TEST_F(TransactionPathTest, SetsAWholeColumnOfAnyType) {
  Must(WriteOp::kSet, At(R"(["title"])", R"(,"value":"Bread")"));
  Must(WriteOp::kSet, At(R"(["doc"])", R"(,"value":[1])"));
  EXPECT_EQ(Column(1), R"("Bread")");
  EXPECT_EQ(Column(6), "[1]");
  EXPECT_EQ(Fails(WriteOp::kSet, At(R"(["title"])", R"(,"value":7)")).code,
            ErrorCode::kInvalidArgs);
}

TEST_F(TransactionPathTest, UnsetsAMemberOrAnOptionalColumn) {
  Must(WriteOp::kUnset, At(R"(["doc","n"])"));
  Must(WriteOp::kUnset, At(R"(["rank"])"));
  EXPECT_EQ(Column(6), R"({"list":[1,2,3]})");
  EXPECT_EQ(Column(3), "null");
  EXPECT_EQ(Fails(WriteOp::kUnset, At(R"(["title"])")).code, ErrorCode::kInvalidArgs);
}

TEST_F(TransactionPathTest, MergesShallowly) {
  Must(WriteOp::kMerge, At(R"(["doc"])", R"(,"value":{"n":null,"list":[9]})"));
  EXPECT_EQ(Column(6), R"({"list":[9],"n":null})");
  EXPECT_EQ(Fails(WriteOp::kMerge, At(R"(["doc"])", R"(,"value":[1])")).code,
            ErrorCode::kInvalidArgs);
  EXPECT_EQ(Fails(WriteOp::kMerge, At(R"(["rank"])", R"(,"value":{})")).code,
            ErrorCode::kInvalidArgs);
}

TEST_F(TransactionPathTest, IncrementsColumnsAndMembers) {
  Must(WriteOp::kIncrement, At(R"(["rank"])", R"(,"by":0.5)"));
  Must(WriteOp::kIncrement, At(R"(["doc","n"])", R"(,"by":-3)"));
  Must(WriteOp::kIncrement, At(R"(["doc","new"])", R"(,"by":1)"));
  Must(WriteOp::kIncrement, At(R"(["due"])", R"(,"by":1000)"));
  EXPECT_EQ(Column(3), "2.5");
  EXPECT_EQ(Column(6), R"({"list":[1,2,3],"n":-2,"new":1})");
  EXPECT_EQ(Column(5), "1000") << "null counts as zero";
}

TEST_F(TransactionPathTest, IncrementsBigintsExactly) {
  Must(WriteOp::kIncrement, At(R"(["views"])", R"(,"by":2)"));
  EXPECT_EQ(Column(4), R"("9007199254740995")");
  Must(WriteOp::kIncrement, At(R"(["views"])", R"(,"by":"-9007199254740995")"));
  EXPECT_EQ(Column(4), R"("0")");
  EXPECT_EQ(Fails(WriteOp::kIncrement, At(R"(["views"])", R"(,"by":0.5)")).code,
            ErrorCode::kInvalidArgs);
  Must(WriteOp::kIncrement, At(R"(["views"])", R"(,"by":1)"));
  EXPECT_EQ(Fails(WriteOp::kIncrement, At(R"(["views"])", R"(,"by":"9223372036854775807")")).code,
            ErrorCode::kConflict);
}

TEST_F(TransactionPathTest, RefusesToIncrementWhatIsNoNumber) {
  EXPECT_EQ(Fails(WriteOp::kIncrement, At(R"(["title"])", R"(,"by":1)")).code,
            ErrorCode::kInvalidArgs);
  EXPECT_EQ(Fails(WriteOp::kIncrement, At(R"(["doc","list"])", R"(,"by":1)")).code,
            ErrorCode::kConflict);
  EXPECT_EQ(Fails(WriteOp::kIncrement, At(R"(["rank"])", R"(,"by":"1")")).code,
            ErrorCode::kInvalidArgs);
  EXPECT_EQ(Fails(WriteOp::kIncrement, At(R"(["rank"])")).code, ErrorCode::kInvalidArgs);
}

TEST_F(TransactionPathTest, SplicesAnArray) {
  Must(WriteOp::kSplice, At(R"(["doc","list"])", R"(,"index":1,"remove":1,"insert":["x",{}])"));
  EXPECT_EQ(Column(6), R"({"list":[1,"x",{},3],"n":1})");
  EXPECT_EQ(
      Fails(WriteOp::kSplice, At(R"(["doc","list"])", R"(,"index":-1,"remove":0,"insert":[])"))
          .code,
      ErrorCode::kInvalidArgs);
}

TEST_F(TransactionPathTest, AStepThroughAScalarIsAConflictThatNamesThePlace) {
  const Error error = Fails(WriteOp::kSet, At(R"(["doc","n","deeper"])", R"(,"value":1)"));
  EXPECT_EQ(error.code, ErrorCode::kConflict);
  EXPECT_NE(error.message.find(R"(todo ["a"], doc)"), std::string::npos) << error.message;
}

TEST_F(TransactionPathTest, RefusesPathsThatLeadNowhere) {
  for (const char* path : {"[]", "[0]", R"(["colour"])", R"(["id"])", R"(["title","x"])", "7"}) {
    EXPECT_EQ(Fails(WriteOp::kSet, At(path, R"(,"value":"x")")).code, ErrorCode::kInvalidArgs)
        << path;
  }
}

}  // namespace
}  // namespace tidemark::mutation
