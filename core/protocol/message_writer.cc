#include "core/protocol/message_writer.h"

#include <algorithm>
#include <array>

#include "core/base/base64url.h"
#include "core/base/check.h"
#include "core/model/error_json.h"
#include "core/model/value.h"

namespace tidemark::protocol {

void MessageWriter::Begin(std::string_view name) {
  if (!first_) out_ += ',';
  first_ = false;
  out_ += '"';
  out_ += name;
  out_ += "\":";
}

void MessageWriter::Write(const std::string& value) { model::AppendJsonString(out_, value); }
void MessageWriter::Write(bool value) { out_ += value ? "true" : "false"; }
void MessageWriter::Write(std::uint32_t value) { out_ += std::to_string(value); }
void MessageWriter::Write(std::uint64_t value) { out_ += std::to_string(value); }
void MessageWriter::Write(std::int64_t value) { out_ += std::to_string(value); }

void MessageWriter::Write(const Hash128& value) {
  out_ += '"';
  out_ += ToHex(value);
  out_ += '"';
}

void MessageWriter::Write(const Version& value) {
  out_ += '[';
  Write(value.epoch);
  out_ += ',';
  Write(value.position);
  out_ += ']';
}

void MessageWriter::Write(const ClientState& value) {
  out_ += '[';
  Write(value.client);
  out_ += ',';
  Write(value.lmid);
  out_ += ']';
}

void MessageWriter::Write(const ResolvedQuery& value) {
  out_ += '[';
  Write(value.key);
  out_ += ',';
  Write(value.pipeline);
  out_ += ',';
  Write(value.complete);
  if (value.ask != 0) {
    out_ += ',';
    Write(value.ask);
  }
  out_ += ']';
}

void MessageWriter::Write(const DesiredQuery::Have& value) {
  out_ += '[';
  Write(value.pipeline);
  out_ += ',';
  Write(value.fingerprint);
  out_ += ']';
}

void MessageWriter::Write(const Error& value) { out_ += model::ErrorToJson(value); }

void MessageWriter::Packed(std::string_view name, const std::vector<std::uint32_t>& values) {
  std::string bytes;
  bytes.reserve(values.size() * 4);
  for (const std::uint32_t value : values) {
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>((value >> shift) & 0xff);
  }
  Begin(name);
  out_ += '"';
  out_ += EncodeBase64Url(bytes);
  out_ += '"';
}

void MessageWriter::WriteColumn(const SegmentChange::ColumnValue& column) {
  TIDEMARK_CHECK(!column.json.empty());
  out_ += '[';
  Write(column.column);
  out_ += ',';
  out_ += column.json;
  if (column.is_patch) out_ += ",true";
  out_ += ']';
}

void MessageWriter::WriteChange(const SegmentChange& change) {
  TIDEMARK_CHECK(!change.key.empty());
  switch (change.kind) {
    case SegmentChange::Kind::kPut:
      TIDEMARK_CHECK(!change.row_json.empty());
      out_ += change.key.value;
      out_ += ',';
      out_ += change.row_json;
      break;
    case SegmentChange::Kind::kRemove:
      out_ += change.key.value;
      break;
    case SegmentChange::Kind::kPatch:
      out_ += '[';
      out_ += change.key.value;
      out_ += ',';
      Write(change.hash_before);
      out_ += ',';
      Write(change.hash_after);
      for (const SegmentChange::ColumnValue& column : change.columns) {
        out_ += ',';
        WriteColumn(column);
      }
      out_ += ']';
      break;
  }
}

void MessageWriter::Changes(std::string_view name, const std::vector<SegmentChange>& changes) {
  static constexpr std::array<SegmentChange::Kind, 3> kKinds = {
      SegmentChange::Kind::kPut, SegmentChange::Kind::kRemove, SegmentChange::Kind::kPatch};
  std::vector<std::string_view> tables;  // in the order in which they first occur
  std::size_t bytes = 0;
  for (const SegmentChange& change : changes) {
    bytes += change.key.value.size() + change.row_json.size() + 2;
    if (!tables.empty() && tables.back() == change.table) continue;
    if (std::find(tables.begin(), tables.end(), change.table) == tables.end()) {
      tables.push_back(change.table);
    }
  }
  out_.reserve(out_.size() + bytes + 64);
  Begin(name);
  out_ += '[';
  for (std::size_t t = 0; t < tables.size(); ++t) {
    out_ += t == 0 ? "[" : ",[";
    model::AppendJsonString(out_, tables[t]);
    for (const SegmentChange::Kind kind : kKinds) {
      out_ += ",[";
      const std::size_t begin = out_.size();
      for (const SegmentChange& change : changes) {
        if (change.kind != kind || change.table != tables[t]) continue;
        if (out_.size() > begin) out_ += ',';
        WriteChange(change);
      }
      out_ += ']';
    }
    out_ += ']';
  }
  out_ += ']';
}

}  // namespace tidemark::protocol
