// Writes a message's members as JSON text (docs/protocol.md). Embedded documents are copied as they
// are: they were made, or checked, by the core. Included by codec.cc only.
#ifndef TIDEMARK_CORE_PROTOCOL_MESSAGE_WRITER_H_
#define TIDEMARK_CORE_PROTOCOL_MESSAGE_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/protocol/limits.h"
#include "core/protocol/message_fields.h"

namespace tidemark::protocol {

class MessageWriter {
 public:
  explicit MessageWriter(std::string& out) : out_(out) {}
  const Limits& limits() const { return limits_; }

  template <typename T>
  void Field(std::string_view name, const T& value) {
    Begin(name);
    Write(value);
  }
  void Name(std::string_view name, const std::string& value) { Field(name, value); }
  void NameIfAny(std::string_view name, const std::string& value) { TextIfAny(name, value); }
  void TextIfAny(std::string_view name, const std::string& value) {
    if (!value.empty()) Field(name, value);
  }
  void Json(std::string_view name, const std::string& json) {
    Begin(name);
    out_ += json.empty() ? std::string_view("null") : std::string_view(json);
  }
  void JsonIfAny(std::string_view name, const std::string& json) {
    if (!json.empty()) Json(name, json);
  }
  void NumberIfAny(std::string_view name, std::uint32_t value) {
    if (value != 0) Field(name, value);
  }
  void Packed(std::string_view name, const std::vector<std::uint32_t>& values);
  void PackedIfAny(std::string_view name, const std::vector<std::uint32_t>& values) {
    if (!values.empty()) Packed(name, values);
  }
  template <typename T>
  void Optional(std::string_view name, const std::optional<T>& value) {
    if (value) Field(name, *value);
  }
  template <typename T>
  void List(std::string_view name, const std::vector<T>& values, std::size_t = 0,
            std::string_view = {}) {
    Begin(name);
    out_ += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out_ += ',';
      Write(values[i]);
    }
    out_ += ']';
  }
  void Changes(std::string_view name, const std::vector<SegmentChange>& changes);

 private:
  void Begin(std::string_view name);
  void Write(const std::string& value);
  void Write(bool value);
  void Write(std::uint32_t value);
  void Write(std::uint64_t value);
  void Write(std::int64_t value);
  void Write(const Hash128& value);
  void Write(const Version& value);
  void Write(const ClientState& value);
  void Write(const ResolvedQuery& value);
  void Write(const DesiredQuery::Have& value);
  void Write(const Error& value);
  template <typename Tag>
  void Write(const StringId<Tag>& value) {
    Write(value.value);
  }
  /// An object with members of its own.
  template <typename T>
  void Write(const T& value) {
    const bool first = first_;
    first_ = true;
    out_ += '{';
    Fields(*this, value);
    out_ += '}';
    first_ = first;
  }
  void WriteChange(const SegmentChange& change);
  void WriteColumn(const SegmentChange::ColumnValue& column);

  std::string& out_;
  Limits limits_;
  bool first_ = false;  // the next member is its object's first
};

}  // namespace tidemark::protocol

#endif  // TIDEMARK_CORE_PROTOCOL_MESSAGE_WRITER_H_
