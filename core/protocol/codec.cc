#include "core/protocol/codec.h"

#include <cstddef>
#include <iterator>
#include <utility>

#include "core/protocol/json_reader.h"
#include "core/protocol/message_fields.h"
#include "core/protocol/message_reader.h"
#include "core/protocol/message_writer.h"

namespace tidemark::protocol {
namespace {

constexpr std::size_t kMessages = std::variant_size_v<Message>;
static_assert(std::size(kMessageNames) == kMessages);
static_assert(std::is_same_v<std::variant_alternative_t<kFirstMessageDown, Message>, Welcome>);

template <std::size_t kIndex>
Message ReadAs(MessageReader& reader) {
  Message message(std::in_place_index<kIndex>);
  reader.ReadMembers(std::get<kIndex>(message));
  return message;
}

template <std::size_t... kIndexes>
Message ReadNamed(std::size_t index, MessageReader& reader, std::index_sequence<kIndexes...>) {
  using Read = Message (*)(MessageReader&);
  static constexpr Read kReads[] = {&ReadAs<kIndexes>...};
  return kReads[index](reader);
}

/// `{"t": name` — the kind comes first, so that nothing has to be read twice.
std::size_t ReadKind(JsonReader& json) {
  std::string_view member;
  std::string name;
  if (!json.BeginObject()) return kMessages;
  if (!json.NextMember(member) || member != "t") {
    json.Fail("the first member must be \"t\"");
    return kMessages;
  }
  if (!json.ReadString(name)) return kMessages;
  for (std::size_t i = 0; i < kMessages; ++i) {
    if (kMessageNames[i] == name) return i;
  }
  json.Fail("an unknown kind of message: '" + name.substr(0, 40) + "'");
  return kMessages;
}

Error TooLarge(std::string_view name, std::size_t max, std::string_view limit) {
  return Error{ErrorCode::kLimit, "a message (" + std::string(name) + ") of more than " +
                                      std::to_string(max) + " bytes (" + std::string(limit) + ")"};
}

}  // namespace

std::string Encode(const Message& message) {
  std::string out = "{\"t\":\"";
  out += kMessageNames[message.index()];
  out += '"';
  MessageWriter writer(out);
  std::visit([&writer](const auto& body) { Fields(writer, body); }, message);
  out += '}';
  return out;
}

Result<Message> Decode(std::string_view bytes, const Limits& limits) {
  if (bytes.size() > limits.segment_bytes_max) {
    return TooLarge("any", limits.segment_bytes_max, "segment_bytes_max");
  }
  JsonReader json(bytes);
  const std::size_t index = ReadKind(json);
  if (!json.ok()) return json.error();
  if (index < kFirstMessageDown && bytes.size() > limits.message_bytes_max) {
    return TooLarge(kMessageNames[index], limits.message_bytes_max, "message_bytes_max");
  }
  MessageReader reader(json, limits);
  Message message = ReadNamed(index, reader, std::make_index_sequence<kMessages>());
  json.AtEnd();
  if (!json.ok()) {
    Error error = json.error();
    error.message = std::string(kMessageNames[index]) + ": " + error.message;
    return error;
  }
  return message;
}

}  // namespace tidemark::protocol
