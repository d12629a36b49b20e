// Trees: related, exists, start, paths and aggregates in the query's JSON form.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "core/query/ast_json.h"
#include "core/query/limits.h"
#include "tests/core/query/tree_schema.h"

namespace tidemark::query {
namespace {

class TreeJsonTest : public ::testing::Test {
 protected:
  Query Parse(std::string_view json) {
    Result<Query> query = ParseQuery(schema_, json);
    EXPECT_TRUE(query.ok()) << query.error().message;
    return query.ok() ? std::move(query).value() : Query();
  }
  std::string ErrorOf(std::string_view json) {
    const Result<Query> query = ParseQuery(schema_, json);
    if (query.ok()) return "no error";
    return std::string(ErrorCodeName(query.error().code)) + " " + query.error().message;
  }
  std::string ErrorOfArtist(const std::string& rest) {
    return ErrorOf(R"({"table":"artist",)" + rest + "}");
  }
  std::string ErrorOfWhere(const std::string& where) {
    return ErrorOfArtist(R"("where":)" + where);
  }

  model::Schema schema_ = testing::TreeSchema();
};

TEST_F(TreeJsonTest, ReadsRelatedQueries) {
  const Query query = Parse(R"({"table":"artist","related":[
      {"relationship":"albums","as":"newest","query":{"table":"album","orderBy":[["day","desc"]],
        "limit":2,"related":[{"relationship":"tracks"}]}},
      {"relationship":"boss"}]})");
  ASSERT_EQ(query.related.size(), 2u);
  const Related& newest = query.related[0];
  EXPECT_EQ(newest.alias, "newest");
  EXPECT_EQ(newest.edge.match, (Match{{0, 1}}));
  EXPECT_EQ(newest.edge.query->limit, 2u);
  EXPECT_EQ(newest.edge.query->order_by,
            (Ordering{{3, Direction::kDescending}, {0, Direction::kAscending}}));
  EXPECT_EQ(newest.edge.query->related[0].alias, "tracks");
  EXPECT_FALSE(newest.edge.query->one);
  EXPECT_EQ(query.related[1].alias, "boss");
  EXPECT_TRUE(query.related[1].edge.query->one);
  EXPECT_EQ(query.related[1].edge.query->limit, 1u);
}

TEST_F(TreeJsonTest, FollowsJunctions) {
  const Query query = Parse(R"({"table":"playlist","related":[{"relationship":"tracks"}]})");
  const Edge& edge = query.related[0].edge;
  ASSERT_TRUE(edge.through.has_value());
  EXPECT_EQ(edge.match, (Match{{0, 1}}));
  EXPECT_EQ(edge.through->table, *schema_.FindTable("entry"));
  EXPECT_EQ(edge.through->match, (Match{{2, 3}, {3, 0}}));
  const std::vector<Node> nodes = NodesOf(query);
  ASSERT_EQ(nodes.size(), 3u);
  EXPECT_EQ(nodes[1].kind, Node::Kind::kJunction);
  EXPECT_EQ(nodes[2].parent, 1u);
  EXPECT_EQ(nodes[2].table, *schema_.FindTable("track"));
}

TEST_F(TreeJsonTest, AnExistsIsItsCondition) {
  const Query query = Parse(R"({"table":"artist","where":{"op":"not","arg":
      {"op":"exists","relationship":"albums","query":{"table":"album","limit":0,
       "orderBy":[["day","desc"]],"related":[{"relationship":"tracks"}],
       "where":{"op":"exists","relationship":"tracks"}}}}})");
  const Exists& exists = std::get<Exists>(std::get<Junction>(query.where->node).args[0].node);
  EXPECT_FALSE(exists.negated);
  EXPECT_FALSE(exists.edge.query->limit.has_value());
  EXPECT_TRUE(exists.edge.query->related.empty());
  EXPECT_EQ(exists.edge.query->order_by, (Ordering{{0, Direction::kAscending}}));
  EXPECT_TRUE(std::holds_alternative<Exists>(exists.edge.query->where->node));
}

TEST_F(TreeJsonTest, ReadsStartsInTheOrderOfTheQuery) {
  const Query query = Parse(R"({"table":"track","orderBy":[["length","desc"]],
      "start":{"row":{"length":null,"key":"a","part":"9007199254740993"},"inclusive":true}})");
  ASSERT_TRUE(query.start.has_value());
  EXPECT_TRUE(query.start->inclusive);
  EXPECT_EQ(query.start->row[0], model::Value(std::int64_t{9007199254740993}));
  EXPECT_TRUE(query.start->row[4].is_null());
  EXPECT_EQ(query.start->row[3], model::Value("a"));
  const auto error = [&](std::string_view start) {
    return ErrorOf(R"({"table":"track","start":)" + std::string(start) + "}");
  };
  EXPECT_EQ(error(R"({"row":{"key":"a"}})"),
            "invalid_args query: 'start' lacks track.part, which is in the query's order");
  EXPECT_EQ(error(R"({"row":{"key":"a","part":"1","title":"t"}})"),
            "invalid_args query: 'start': track.title is not in the query's order");
  EXPECT_EQ(error(R"({"row":{"nope":1}})"), "invalid_args query: no column 'nope' in track");
  EXPECT_EQ(error(R"({"row":{"key":null,"part":"1"}})"),
            "invalid_args track.key: null in a required column");
  EXPECT_EQ(error("[1]"), R"(invalid_args query: 'start' must be {"row", "inclusive"}, not [1])");
}

TEST_F(TreeJsonTest, ReadsPathsIntoDocuments) {
  const Query query = Parse(R"({"table":"artist","where":
      {"op":"in","column":"doc","path":["nodes",0,"title"],"value":["x",null]}})");
  const Comparison& comparison = std::get<Comparison>(query.where->node);
  EXPECT_EQ(comparison.path, (model::JsonPath{"nodes", 0u, "title"}));
  EXPECT_EQ(comparison.values[0], model::Value("x"));
  EXPECT_EQ(ErrorOfWhere(R"({"op":"=","column":"name","path":["a"],"value":"x"})"),
            "invalid_args query: artist.name: only json columns have paths");
  EXPECT_EQ(ErrorOfWhere(R"({"op":"=","column":"doc","path":[],"value":"x"})"),
            "invalid_args query: artist.doc: 'path' has no steps");
  EXPECT_EQ(ErrorOfWhere(R"({"op":"=","column":"doc","path":[true],"value":"x"})"),
            "invalid_args query: artist.doc: a path step must be a string or an array index, "
            "not true");
  EXPECT_EQ(ErrorOfWhere(R"({"op":"in","column":"doc","path":["a"],"value":["x",1]})"),
            "invalid_args query: artist.doc: the values of one list must be of one type");
  EXPECT_EQ(ErrorOfWhere(R"({"op":"like","column":"doc","path":["a"],"value":1})"),
            "invalid_args query: artist.doc: 'like' needs text, not 1");
  EXPECT_EQ(ErrorOfWhere(R"({"op":"=","column":"doc","path":["a"],"value":{}})"),
            "invalid_args query: artist.doc: a value at a path is compared with a string, a number "
            "or a boolean, not {}");
}

TEST_F(TreeJsonTest, ReadsAggregations) {
  const Query query = Parse(R"({"table":"track","groupBy":["albumID","day"],"limit":3,
      "orderBy":[["day","desc"]],"aggregates":[{"function":"count"},
      {"function":"sum","column":"length"},{"function":"max","column":"at","as":"last"}]})");
  ASSERT_TRUE(query.aggregation.has_value());
  EXPECT_EQ(query.aggregation->group_by, (std::vector<model::ColumnIndex>{1, 5}));
  EXPECT_EQ(query.aggregation->aggregates[0].alias, "count");
  EXPECT_EQ(query.aggregation->aggregates[1].alias, "sum_length");
  EXPECT_EQ(query.aggregation->aggregates[2].alias, "last");
  EXPECT_EQ(query.order_by, (Ordering{{5, Direction::kDescending}, {1, Direction::kAscending}}));
}

TEST_F(TreeJsonTest, NamesWhatIsWrongWithAnAggregation) {
  const auto error = [&](const std::string& rest) {
    return ErrorOf(R"({"table":"track",)" + rest + "}");
  };
  const std::string count = R"("aggregates":[{"function":"count"}])";
  EXPECT_EQ(error(R"("groupBy":["day"])"),
            "invalid_args query: track: an aggregation needs 'aggregates', a list");
  EXPECT_EQ(error(R"("aggregates":[{"function":"median"}])"),
            R"(invalid_args query: unknown aggregate "median")");
  EXPECT_EQ(error(R"("aggregates":[{"function":"sum"}])"),
            "invalid_args query: 'sum' needs a 'column'");
  EXPECT_EQ(error(R"("aggregates":[{"function":"avg","column":"title"}])"),
            "invalid_args query: track.title: there is no 'avg' of a string column");
  EXPECT_EQ(error(R"("aggregates":[{"function":"min","column":"tags"}])"),
            "invalid_args query: track.tags: there is no 'min' of a json column");
  EXPECT_EQ(error(R"("groupBy":["tags"],)" + count),
            "invalid_args query: cannot group by the json column track.tags");
  EXPECT_EQ(error(R"("groupBy":["day","day"],)" + count),
            "invalid_args query: 'groupBy' names track.day twice");
  EXPECT_EQ(error(R"("orderBy":[["title","asc"]],"groupBy":["day"],)" + count),
            "invalid_args query: an aggregation is ordered by columns of its 'groupBy', and "
            "track.title is none");
  EXPECT_EQ(error(R"("one":true,)" + count),
            "invalid_args query: track: an aggregation has no 'one'");
  EXPECT_EQ(error(R"("aggregates":[{"function":"count"},{"function":"count"}])"),
            "invalid_args query: track: two aggregates are called 'count'");
  EXPECT_EQ(error(R"("groupBy":["day"],"aggregates":[{"function":"count","as":"day"}])"),
            "invalid_args query: track: an aggregate is called 'day', as a column of 'groupBy' is");
}

TEST_F(TreeJsonTest, NamesWhatIsWrongWithARelationship) {
  EXPECT_EQ(ErrorOfArtist(R"("related":[{"relationship":"songs"}])"),
            R"(invalid_args query: no relationship "songs" in artist)");
  EXPECT_EQ(ErrorOfArtist(R"("related":[{"relationship":"albums","query":{"table":"track"}}])"),
            "invalid_args query: artist.albums leads to album, not to track");
  EXPECT_EQ(ErrorOfArtist(R"("related":[{"relationship":"albums"},{"relationship":"albums"}])"),
            "invalid_args query: artist: two related are called 'albums'");
  EXPECT_EQ(ErrorOfArtist(R"("related":[{"relationship":"albums","as":"name"}])"),
            "invalid_args query: artist: related as 'name', which is the name of a column");
  EXPECT_EQ(ErrorOfArtist(R"("related":[{"relationship":"albums","query":{"table":"album",
                "orderBy":[["nope","asc"]]}}])"),
            "invalid_args query: no column 'nope' in album");
  EXPECT_EQ(ErrorOfWhere(R"({"op":"exists","relationship":"albums","query":{"table":"album",
                "start":{"row":{"id":"1"}}}})"),
            "invalid_args query: artist.albums: 'start' has no place in 'exists'");
  EXPECT_EQ(ErrorOfWhere(R"({"op":"exists"})"),
            "invalid_args query: artist: 'relationship' must be a relationship's name");
}

TEST_F(TreeJsonTest, RefusesTreesThatAreTooLarge) {
  std::string deep = R"({"table":"artist"})";
  for (std::size_t i = 0; i < kQueryDepthMax; ++i) {
    deep = R"({"table":"artist","related":[{"relationship":"band","query":)" + deep + "}]}";
  }
  EXPECT_EQ(ErrorOf(deep), "no error");
  EXPECT_EQ(ErrorOfArtist(R"("related":[{"relationship":"band","query":)" + deep + "}]"),
            "limit query: related and exists nest deeper than 10 (query_depth_max)");
  std::string entries;
  for (std::size_t i = 0; i < kRelatedMax; ++i) {
    entries += (i > 0 ? "," : "") + std::string(R"({"relationship":"albums","as":"a)") +
               std::to_string(i) + "\"}";
  }
  EXPECT_EQ(ErrorOfArtist(R"("related":[)" + entries + "]"), "no error");
  EXPECT_EQ(ErrorOfArtist(R"("related":[)" + entries + R"(,{"relationship":"band"}])"),
            "limit query: artist: more than 32 related (related_max)");
  std::string exists = R"({"op":"exists","relationship":"albums"})";
  for (std::size_t i = 2; i < kQueryNodesMax; ++i) {
    exists += R"(,{"op":"exists","relationship":"albums"})";
  }
  EXPECT_EQ(ErrorOfWhere(R"({"op":"or","args":[)" + exists + "]}"), "no error");
  EXPECT_EQ(ErrorOfArtist(R"("related":[{"relationship":"band"}],"where":{"op":"or","args":[)" +
                          exists + "]}"),
            "limit query: more than 64 tables: related, exists, and what lies between "
            "(query_nodes_max)");
}

TEST_F(TreeJsonTest, WritesWhatItReads) {
  for (
      const char* json :
      {R"({"table":"artist","where":{"op":"and","args":[{"op":"=","column":"doc","path":["a",0],"value":1.5},{"op":"not","arg":{"op":"exists","relationship":"albums","query":{"table":"album","where":{"op":"=","column":"title","value":"x"}}}}]},"orderBy":[["id","asc"]],"limit":2,"start":{"row":{"id":"x"},"inclusive":false},"related":[{"relationship":"albums","as":"newest","query":{"table":"album","orderBy":[["day","desc"],["id","asc"]]}},{"relationship":"boss","as":"boss","query":{"table":"artist","orderBy":[["id","asc"]],"limit":1,"one":true}}]})",
       R"({"table":"track","orderBy":[["day","desc"]],"aggregates":[{"function":"avg","column":"length","as":"mean"}],"groupBy":["day"]})"}) {
    const Query query = Parse(json);
    EXPECT_EQ(QueryToJson(schema_, query), json);
    EXPECT_EQ(Parse(QueryToJson(schema_, query)), query);
  }
}

TEST_F(TreeJsonTest, TheNormalFormNegatesExistsItself) {
  const auto normal = [&](const std::string& where) {
    return QueryToJson(schema_,
                       Normalize(schema_, Parse(R"({"table":"artist","where":)" + where + "}")));
  };
  const std::string exists = R"({"op":"exists","relationship":"albums","query":{"table":"album"}})";
  const std::string never = R"({"op":"or","args":[]})";
  const std::string order = R"(,"orderBy":[["id","asc"]]})";
  const auto of_never =
      R"({"op":"exists","relationship":"albums","query":{"table":"album","where":)" + never + "}}";
  const auto negate = [](const std::string& arg) { return R"({"op":"not","arg":)" + arg + "}"; };
  EXPECT_EQ(normal(negate(negate(exists))), R"({"table":"artist","where":)" + exists + order);
  EXPECT_EQ(normal(negate(exists)), R"({"table":"artist","where":)" + negate(exists) + order);
  const Query negated =
      Normalize(schema_, Parse(R"({"table":"artist","where":)" + negate(exists) + "}"));
  EXPECT_TRUE(std::get<Exists>(negated.where->node).negated);
  EXPECT_EQ(normal(negate(of_never)), R"({"table":"artist")" + order);
  EXPECT_EQ(normal(of_never), R"({"table":"artist","where":)" + never + order);
  EXPECT_EQ(normal(R"({"op":"and","args":[)" + exists + "," + exists + "]}"), normal(exists));
  // At a path there may always be nothing.
  const std::string is_not = R"({"op":"is not","column":"doc","path":["a"],"value":"x"})";
  EXPECT_EQ(normal(is_not), R"({"table":"artist","where":)" + is_not + order);
}

TEST_F(TreeJsonTest, TheHashCoversTheWholeTree) {
  const auto hash = [&](const std::string& rest) {
    return HashQuery(schema_, Parse(R"({"table":"artist")" + rest + "}"));
  };
  const PipelineID albums = hash(R"(,"related":[{"relationship":"albums"}])");
  EXPECT_EQ(hash(R"(,"related":[{"relationship":"albums","query":{"table":"album",
                "where":{"op":"and","args":[]}}}])"),
            albums);
  EXPECT_NE(hash(""), albums);
  EXPECT_NE(hash(R"(,"related":[{"relationship":"band"}])"), albums);
  EXPECT_NE(hash(R"(,"related":[{"relationship":"albums","query":{"table":"album","limit":1}}])"),
            albums);
  std::string other(testing::kTreeSchema);
  const std::string match = R"("match":{"id":"artistID"})";
  other.replace(other.find(match), match.size(), R"("match":{"name":"artistID"})");
  const model::Schema changed = *model::Schema::Parse(other);
  EXPECT_NE(HashQuery(changed,
                      *ParseQuery(changed,
                                  R"({"table":"artist","related":[{"relationship":"albums"}]})")),
            albums);
}

}  // namespace
}  // namespace tidemark::query
