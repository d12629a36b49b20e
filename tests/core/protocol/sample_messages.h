// One message of every kind with every member set, for tests of the codec.
#ifndef TIDEMARK_TESTS_CORE_PROTOCOL_SAMPLE_MESSAGES_H_
#define TIDEMARK_TESTS_CORE_PROTOCOL_SAMPLE_MESSAGES_H_

#include <string>
#include <vector>

#include "core/protocol/messages.h"

namespace tidemark::protocol {

inline mutation::Mutation SampleMutation() {
  return mutation::Mutation{ClientID("0kz3m1abc-AAAAAAAAAAAAAAAAAAAAAA"),
                            7,
                            "todo.rename",
                            R"({"id":"a","title":"Milk \"and\" brød"})",
                            1700000000000,
                            "00112233445566778899aabbccddeeff"};
}

inline Error SampleError() {
  return Error{ErrorCode::kApp, "Title is too long", "title-too-long", R"({"max":100})"};
}

inline Segment SampleSegment() {
  using Kind = SegmentChange::Kind;
  Segment segment{PipelineID("aaaabbbbccccddddaaaabbbbccccdddd"),
                  Version{"db1", 42},
                  false,
                  HashBytes("fingerprint"),
                  {}};
  segment.changes.push_back(SegmentChange{Kind::kPut, "todo", RowKey(R"(["a"])"),
                                          R"(["a","Milk",false,1.5,{"k":[1,2,{}]}])"});
  segment.changes.push_back(
      SegmentChange{Kind::kPut, "todo", RowKey(R"(["b"])"), R"(["b","ü\n",true,null,[]])"});
  segment.changes.push_back(SegmentChange{Kind::kRemove, "todo", RowKey(R"(["c"])")});
  SegmentChange patch{Kind::kPatch, "todo", RowKey(R"(["d"])")};
  patch.columns = {{1, R"("Bread")", false}, {4, R"([[["nodes","n1"],{"x":1}]])", true}};
  patch.hash_before = 0xffffffffffffffffu;
  patch.hash_after = 1;
  segment.changes.push_back(patch);
  segment.changes.push_back(
      SegmentChange{Kind::kPut, "list", RowKey(R"(["l",1])"), R"(["l",1,"12345678901234567890"])"});
  segment.left = {0, 0xffffffffu, 77};
  return segment;
}

inline std::vector<Message> SampleMessages() {
  const ClientID client("0kz3m1abc-AAAAAAAAAAAAAAAAAAAAAA");
  const DesiredQuery query{QueryKey("q1"), "open", R"({"limit":3})",
                           DesiredQuery::Have{PipelineID("p1"), HashBytes("x")}, 3};
  const DesiredQuery bare{QueryKey("q2"), "all", ""};
  Hello hello{
      1,        "0.1.0",           "abc",        R"({"tables":[]})", ClientGroupID("g"), "token",
      {"e", 9}, {{client, 12345}}, {query, bare}};
  Poke poke;
  poke.from = Version{"e", 9};
  poke.to = Version{"e", 0xffffffffffffffffu};
  poke.lmids = {{client, 8}};
  poke.results = {{client, 7, "", SampleError()}, {client, 8, R"({"n":1})", std::nullopt}};
  poke.resolved = {{QueryKey("q1"), PipelineID("p1"), true, 3},
                   {QueryKey("q2"), PipelineID("p2"), false}};
  poke.gone = {QueryKey("q3")};
  poke.segments = 2;
  return {hello,
          ChangeQueries{{query}, {QueryKey("q9")}},
          Push{{SampleMutation()}},
          AckResults{{{client, 3}}},
          SetAuth{"a.b.c"},
          Ping{},
          Sums{9, {1, 0xfffffffeu, 0}},
          Members{9, {0x01020304u, 5}},
          Dismiss{client, 4},
          Clear{true},
          Welcome{1, "0.1.0", R"({"sub":"u42"})", {"e", 10}, {{client, 5}}, {ClientID("old")}},
          poke,
          SampleSegment(),
          QueryFailed{QueryKey("q1"), Error{ErrorCode::kInvalidArgs, "no column x"}, 7},
          Refused{Error{ErrorCode::kOutdated, "protocol 1 is not served"}},
          Pong{},
          Compare{9, PipelineID("p1"), 4096},
          Want{9, PipelineID("p1"), 4096, {0, 4095}},
          LogState{{SampleMutation()}, true},
          Logged{{SampleMutation(), mutation::Mutation{client, 8, "", "", 0, ""}}, false},
          LinkState{"offline", "no server", R"({"sub":"u"})"},
          Rejections{{{SampleMutation(), SampleError()}}}};
}

}  // namespace tidemark::protocol

#endif  // TIDEMARK_TESTS_CORE_PROTOCOL_SAMPLE_MESSAGES_H_
