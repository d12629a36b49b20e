// Reads a message's members from JSON text: types, bounds and required members. Members that are
// not described are skipped, so that a later version may add some. Included by codec.cc only.
#ifndef TIDEMARK_CORE_PROTOCOL_MESSAGE_READER_H_
#define TIDEMARK_CORE_PROTOCOL_MESSAGE_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/protocol/json_reader.h"
#include "core/protocol/limits.h"
#include "core/protocol/message_fields.h"

namespace tidemark::protocol {

class MessageReader {
 public:
  /// Both outlive the reader.
  MessageReader(JsonReader& json, const Limits& limits) : json_(json), limits_(limits) {}

  /// The members of an object whose '{' has been read, up to its '}'.
  template <typename T>
  void ReadMembers(T& object) {
    const State outer = state_;
    state_ = State{};
    while (json_.NextMember(state_.member)) {
      state_.pass = Pass::kMatch;
      state_.index = 0;
      Fields(*this, object);
      if (state_.pass == Pass::kMatch) {
        std::string_view skipped;
        json_.ReadRaw(skipped);
      }
    }
    state_.pass = Pass::kMissing;
    state_.index = 0;
    if (json_.ok()) Fields(*this, object);
    state_ = outer;
  }

  // What Fields() calls. In the pass kMatch, the field whose name is that of the member takes its
  // value; in kMissing, the required ones that had no member fail.
  const Limits& limits() const { return limits_; }
  template <typename T>
  void Field(std::string_view name, T& value) {
    if (Matches(name, /*required=*/true)) Read(value);
  }
  void Name(std::string_view name, std::string& value) {
    if (Matches(name, true)) ReadBounded(value);
  }
  void NameIfAny(std::string_view name, std::string& value) {
    if (Matches(name, false)) ReadBounded(value);
  }
  void TextIfAny(std::string_view name, std::string& value) {
    if (Matches(name, false)) Read(value);
  }
  void Json(std::string_view name, std::string& json) {
    if (Matches(name, true)) ReadJson(json);
  }
  void JsonIfAny(std::string_view name, std::string& json) {
    if (Matches(name, false)) ReadJson(json);
  }
  void NumberIfAny(std::string_view name, std::uint32_t& value) {
    if (Matches(name, false)) Read(value);
  }
  /// Many numbers: the base64url of their bytes, little-endian.
  void Packed(std::string_view name, std::vector<std::uint32_t>& values) {
    if (Matches(name, true)) ReadPacked(values);
  }
  void PackedIfAny(std::string_view name, std::vector<std::uint32_t>& values) {
    if (Matches(name, false)) ReadPacked(values);
  }
  template <typename T>
  void Optional(std::string_view name, std::optional<T>& value) {
    if (Matches(name, false)) Read(value.emplace());
  }
  template <typename T>
  void List(std::string_view name, std::vector<T>& values, std::size_t max = SIZE_MAX,
            std::string_view limit = {}) {
    if (!Matches(name, true)) return;
    values.clear();
    for (json_.BeginArray(); json_.NextElement();) {
      if (values.size() == max) {
        TooMany(name, max, limit);
        return;
      }
      Read(values.emplace_back());
    }
  }
  void Changes(std::string_view name, std::vector<SegmentChange>& changes);

 private:
  enum class Pass : std::uint8_t { kMatch, kMatched, kMissing };
  struct State {
    Pass pass = Pass::kMatch;
    std::string_view member;
    std::uint32_t index = 0;  // of the field being described
    std::uint32_t seen = 0;   // fields that had a member, by bit
  };

  bool Matches(std::string_view name, bool required);
  void TooMany(std::string_view name, std::size_t max, std::string_view limit);
  /// The next element of an array that must have one.
  bool Element();
  void EndArray();

  void ReadBounded(std::string& value);
  void ReadJson(std::string& json);
  void Read(std::string& value) { json_.ReadString(value); }
  void Read(bool& value) { json_.ReadBool(value); }
  void Read(std::uint32_t& value);
  void Read(std::uint64_t& value) { json_.ReadUint64(value); }
  void Read(std::int64_t& value) { json_.ReadInt64(value); }
  void Read(Hash128& value);
  void Read(Version& value);
  void Read(ClientState& value);
  void Read(ResolvedQuery& value);
  void Read(DesiredQuery::Have& value);
  void Read(Error& value);
  template <typename Tag>
  void Read(StringId<Tag>& value) {
    ReadBounded(value.value);
  }
  template <typename T>
  void Read(T& value) {
    if (json_.BeginObject()) ReadMembers(value);
  }
  void ReadPacked(std::vector<std::uint32_t>& values);
  void ReadKey(RowKey& key);
  void ReadPatch(SegmentChange& change);
  void ReadTable(std::vector<SegmentChange>& changes);

  JsonReader& json_;
  const Limits& limits_;
  State state_;
};

}  // namespace tidemark::protocol

#endif  // TIDEMARK_CORE_PROTOCOL_MESSAGE_READER_H_
