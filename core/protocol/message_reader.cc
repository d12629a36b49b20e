#include "core/protocol/message_reader.h"

#include <limits>

#include "core/base/base64url.h"
#include "core/model/error_json.h"

namespace tidemark::protocol {

bool MessageReader::Matches(std::string_view name, bool required) {
  const std::uint32_t bit = std::uint32_t{1} << state_.index++;
  switch (state_.pass) {
    case Pass::kMatched:
      return false;
    case Pass::kMatch:
      if (state_.member != name) return false;
      state_.pass = Pass::kMatched;
      if ((state_.seen & bit) != 0) return json_.Fail("\"" + std::string(name) + "\" twice");
      state_.seen |= bit;
      return true;
    case Pass::kMissing:
      if (required && (state_.seen & bit) == 0) {
        json_.Fail("\"" + std::string(name) + "\" is missing");
      }
      return false;
  }
  return false;
}

void MessageReader::TooMany(std::string_view name, std::size_t max, std::string_view limit) {
  json_.FailWith(Error{ErrorCode::kLimit, "\"" + std::string(name) + "\" has more than " +
                                              std::to_string(max) + " elements (" +
                                              std::string(limit) + ")"});
}

bool MessageReader::Element() {
  if (json_.NextElement()) return true;
  return json_.Fail("an array that is too short");
}

void MessageReader::EndArray() {
  if (json_.NextElement()) json_.Fail("an array that is too long");
}

void MessageReader::ReadBounded(std::string& value) {
  if (!json_.ReadString(value)) return;
  if (value.size() > limits_.name_bytes_max) {
    json_.FailWith(Error{ErrorCode::kLimit, "an id or name of more than " +
                                                std::to_string(limits_.name_bytes_max) +
                                                " bytes (name_bytes_max)"});
  }
}

void MessageReader::ReadJson(std::string& json) {
  std::string_view raw;
  if (json_.ReadRaw(raw)) json.assign(raw);
}

void MessageReader::Read(std::uint32_t& value) {
  std::uint64_t wide = 0;
  if (!json_.ReadUint64(wide)) return;
  if (wide > std::numeric_limits<std::uint32_t>::max()) {
    json_.Fail("a number that is too large");
    return;
  }
  value = static_cast<std::uint32_t>(wide);
}

void MessageReader::Read(Hash128& value) {
  std::string hex;
  if (!json_.ReadString(hex)) return;
  const std::optional<Hash128> hash = HashFromHex(hex);
  if (!hash) {
    json_.Fail("expected a hash of 32 hexadecimal digits");
    return;
  }
  value = *hash;
}

void MessageReader::Read(Version& value) {
  json_.BeginArray();
  if (Element()) ReadBounded(value.epoch);
  if (Element()) Read(value.position);
  EndArray();
}

void MessageReader::Read(ClientState& value) {
  json_.BeginArray();
  if (Element()) Read(value.client);
  if (Element()) Read(value.lmid);
  EndArray();
}

void MessageReader::Read(ResolvedQuery& value) {
  json_.BeginArray();
  if (Element()) Read(value.key);
  if (Element()) Read(value.pipeline);
  if (Element()) Read(value.complete);
  if (!json_.ok() || !json_.NextElement()) return;
  Read(value.ask);
  EndArray();
}

void MessageReader::Read(DesiredQuery::Have& value) {
  json_.BeginArray();
  if (Element()) Read(value.pipeline);
  if (Element()) Read(value.fingerprint);
  EndArray();
}

void MessageReader::Read(Error& value) {
  std::string_view raw;
  if (json_.ReadRaw(raw)) value = model::ErrorFromJson(raw);
}

void MessageReader::ReadPacked(std::vector<std::uint32_t>& values) {
  std::string text;
  if (!json_.ReadString(text)) return;
  const std::optional<std::string> bytes = DecodeBase64Url(text);
  if (!bytes || bytes->size() % 4 != 0) {
    json_.Fail("expected numbers of four bytes in base64url");
    return;
  }
  values.assign(bytes->size() / 4, 0);
  for (std::size_t i = 0; i < bytes->size(); ++i) {
    const auto byte = static_cast<std::uint32_t>(static_cast<unsigned char>((*bytes)[i]));
    values[i / 4] |= byte << (8 * (i % 4));
  }
}

void MessageReader::ReadKey(RowKey& key) {
  std::string_view raw;
  if (!json_.ReadRaw(raw)) return;
  if (raw.front() != '[') {
    json_.Fail("expected a key");
    return;
  }
  key.value.assign(raw);
}

void MessageReader::ReadPatch(SegmentChange& change) {
  json_.BeginArray();
  if (Element()) ReadKey(change.key);
  if (Element()) Read(change.hash_before);
  if (Element()) Read(change.hash_after);
  while (json_.NextElement()) {
    SegmentChange::ColumnValue& column = change.columns.emplace_back();
    json_.BeginArray();
    if (Element()) Read(column.column);
    if (Element()) ReadJson(column.json);
    if (json_.NextElement()) {
      Read(column.is_patch);
      EndArray();
    }
  }
}

/// `[table, [key, row, …], [key, …], [[key, before, after, [column, value, is_patch?]…], …]]`
void MessageReader::ReadTable(std::vector<SegmentChange>& changes) {
  using Kind = SegmentChange::Kind;
  std::string table;
  json_.BeginArray();
  if (Element()) ReadBounded(table);
  const auto add = [&](Kind kind) -> SegmentChange& {
    SegmentChange& change = changes.emplace_back();
    change.kind = kind;
    change.table = table;
    return change;
  };
  if (!Element()) return;
  for (json_.BeginArray(); json_.NextElement();) {
    SegmentChange& change = add(Kind::kPut);
    ReadKey(change.key);
    if (Element()) ReadJson(change.row_json);
  }
  if (!Element()) return;
  for (json_.BeginArray(); json_.NextElement();) ReadKey(add(Kind::kRemove).key);
  if (!Element()) return;
  for (json_.BeginArray(); json_.NextElement();) ReadPatch(add(Kind::kPatch));
  EndArray();
}

void MessageReader::Changes(std::string_view name, std::vector<SegmentChange>& changes) {
  if (!Matches(name, true)) return;
  changes.clear();
  for (json_.BeginArray(); json_.NextElement();) ReadTable(changes);
}

}  // namespace tidemark::protocol
