#include "core/hub/pipeline_index.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/query/ast_json.h"

namespace tidemark::hub {
namespace {

using model::Row;
using model::RowChange;
using model::Value;

constexpr char kSchema[] = R"({"tables":[
  {"name":"board","columns":[{"name":"id","type":"string"}],"primaryKey":["id"],
   "indexes":[],"uniques":[],"relationships":[
     {"name":"todos","kind":"many","table":"todo","match":{"id":"board"}}]},
  {"name":"todo","columns":[{"name":"id","type":"string"},{"name":"board","type":"string"}],
   "primaryKey":["id"],"indexes":[],"uniques":[],"relationships":[
     {"name":"home","kind":"one","table":"board","match":{"board":"id"}}]}]})";

class PipelineIndexTest : public testing::Test {
 protected:
  QueryPipeline* Add(const std::string& json) {
    query::Query query = query::Normalize(schema_, query::ParseQuery(schema_, json).value());
    const PipelineID id = query::HashQuery(schema_, query);
    pipelines_.push_back(
        std::make_unique<QueryPipeline>(id, ++serial_, schema_, json, protocol::Limits{}));
    QueryPipeline* pipeline = pipelines_.back().get();
    index_.Add(pipeline, query);
    queries_.emplace(pipeline, std::move(query));
    return pipeline;
  }
  QueryPipeline* AddBoard(const std::string& id) {
    return Add(R"({"table":"board","where":{"op":"=","column":"id","value":")" + id +
               R"("},"related":[{"relationship":"todos","query":{"table":"todo"}}]})");
  }
  PipelineSet Touched(const std::string& board_before, const std::string& board_after) const {
    return index_.Find({RowChange{1, RowKey("[\"t\"]"), Todo(board_before), Todo(board_after)}});
  }
  static Row Todo(const std::string& board) { return Row::Make({Value("t"), Value(board)}); }

  model::Schema schema_ = model::Schema::Parse(kSchema).value();
  PipelineIndex index_{schema_};
  std::vector<std::unique_ptr<QueryPipeline>> pipelines_;
  std::map<QueryPipeline*, query::Query> queries_;
  std::uint64_t serial_ = 0;
};

TEST_F(PipelineIndexTest, FindsThroughARelationshipOnlyTheBoardsThatAChangeTouches) {
  QueryPipeline* a = AddBoard("a");
  QueryPipeline* b = AddBoard("b");
  AddBoard("c");
  EXPECT_EQ(Touched("a", "a"), (PipelineSet{a}));
  EXPECT_EQ(Touched("a", "b"), (PipelineSet{a, b}));
  EXPECT_TRUE(Touched("x", "x").empty());
}

TEST_F(PipelineIndexTest, FindsEveryQueryThatDemandsNothing) {
  QueryPipeline* all = Add(R"({"table":"todo"})");
  QueryPipeline* exists = Add(
      R"({"table":"board","where":{"op":"exists","relationship":"todos","query":{"table":"todo"}}})");
  EXPECT_EQ(Touched("x", "x"), (PipelineSet{all, exists}));
}

TEST_F(PipelineIndexTest, ForgetsWhatIsRemoved) {
  QueryPipeline* a = AddBoard("a");
  index_.Remove(a, queries_.at(a));
  EXPECT_TRUE(Touched("a", "a").empty());
}

}  // namespace
}  // namespace tidemark::hub
