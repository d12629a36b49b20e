#include "core/protocol/codec.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/core/protocol/sample_messages.h"

namespace tidemark::protocol {
namespace {

Error ErrorOf(std::string_view bytes, const Limits& limits = {}) {
  Result<Message> message = Decode(bytes, limits);
  return message.ok() ? Error{ErrorCode::kInternal, "it decoded"} : message.error();
}

template <typename T>
T Take(std::string_view bytes) {
  Result<Message> message = Decode(bytes);
  EXPECT_TRUE(message.ok()) << message.error().message;
  return std::get<T>(std::move(message).value());
}

TEST(CodecTest, GivesBackEveryMessageAsItWas) {
  const std::vector<Message> messages = SampleMessages();
  ASSERT_EQ(messages.size(), std::variant_size_v<Message>);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    ASSERT_EQ(messages[i].index(), i);
    const std::string bytes = Encode(messages[i]);
    Result<Message> decoded = Decode(bytes);
    ASSERT_TRUE(decoded.ok()) << bytes << "\n" << decoded.error().message;
    EXPECT_TRUE(*decoded == messages[i]) << bytes << "\n" << Encode(*decoded);
  }
}

TEST(CodecTest, GivesBackEmptyMembers) {
  EXPECT_EQ(Take<Push>(Encode(Push{})), Push{});
  EXPECT_EQ(Take<Segment>(Encode(Segment{})), Segment{});
  EXPECT_EQ(Take<Poke>(Encode(Poke{})), Poke{});
}

TEST(CodecTest, GroupsTheChangesOfASegmentByTableAndKind) {
  using Kind = SegmentChange::Kind;
  Segment segment;
  segment.changes = {{Kind::kRemove, "a", RowKey("[1]")},
                     {Kind::kPut, "b", RowKey("[2]"), "[2]"},
                     {Kind::kPut, "a", RowKey("[3]"), "[3]"}};
  const Segment decoded = Take<Segment>(Encode(segment));
  ASSERT_EQ(decoded.changes.size(), 3u);
  EXPECT_EQ(decoded.changes[0], segment.changes[2]);
  EXPECT_EQ(decoded.changes[1], segment.changes[0]);
  EXPECT_EQ(decoded.changes[2], segment.changes[1]);
}

TEST(CodecTest, KeepsEmbeddedDocumentsByteForByte) {
  const std::string bytes =
      R"({"t":"push","mutations":[{"client":"c","id":1,"name":"m","args": { "a" : [1.0E2, "é"] } ,"timestamp":5,"seed":"00"}]})";
  EXPECT_EQ(Take<Push>(bytes).mutations[0].args_json, R"({ "a" : [1.0E2, "é"] })");
}

TEST(CodecTest, SkipsMembersItDoesNotKnow) {
  EXPECT_EQ(Take<SetAuth>(R"({"t":"auth","new":{"deep":[1,{"x":null}]},"auth":"tok"})").auth_token,
            "tok");
}

TEST(CodecTest, NamesWhatIsMissing) {
  const Error error = ErrorOf(R"({"t":"dismiss","client":"c"})");
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgs);
  EXPECT_EQ(error.message, "dismiss: malformed message: \"id\" is missing at byte 28");
}

TEST(CodecTest, RefusesWhatIsNotAMessage) {
  for (const char* bytes : {"",
                            "null",
                            "[]",
                            "{}",
                            "{\"t\":1}",
                            R"({"t":"nonsense"})",
                            R"({"x":1,"t":"ping"})",
                            R"({"t":"ping"} x)",
                            R"({"t":"ping",})",
                            R"({"t":"ping")",
                            R"({"t":"auth","auth":"a","auth":"b"})",
                            R"({"t":"clear","discardPending":1})",
                            R"({"t":"dismiss","client":"c","id":-1})",
                            R"({"t":"dismiss","client":"c","id":1.5})",
                            R"({"t":"dismiss","client":"c","id":01})",
                            R"({"t":"dismiss","client":"c","id":18446744073709551616})",
                            R"({"t":"dismiss","client":7,"id":1})",
                            R"({"t":"ack","upto":[["c"]]})",
                            R"({"t":"ack","upto":[["c",1,2]]})",
                            R"({"t":"ack","upto":{}})",
                            R"({"t":"link","connection":"x","auth":{"a":}})"}) {
    EXPECT_EQ(ErrorOf(bytes).code, ErrorCode::kInvalidArgs) << bytes;
  }
}

TEST(CodecTest, NamesTheLimitThatAMessageBreaks) {
  Limits limits;
  limits.push_mutations_max = 1;
  const Error many = ErrorOf(Encode(Push{{SampleMutation(), SampleMutation()}}), limits);
  EXPECT_EQ(many.code, ErrorCode::kLimit);
  EXPECT_NE(many.message.find("push_mutations_max"), std::string::npos) << many.message;

  limits = {};
  limits.message_bytes_max = 100;
  const Error large = ErrorOf(Encode(SetAuth{std::string(100, 'x')}), limits);
  EXPECT_EQ(large.code, ErrorCode::kLimit);
  EXPECT_NE(large.message.find("message_bytes_max"), std::string::npos) << large.message;
  EXPECT_TRUE(Decode(Encode(SampleSegment()), limits).ok()) << "segments have a bound of their own";

  const Error name = ErrorOf(Encode(Dismiss{ClientID(std::string(257, 'x')), 1}));
  EXPECT_EQ(name.code, ErrorCode::kLimit);
}

}  // namespace
}  // namespace tidemark::protocol
