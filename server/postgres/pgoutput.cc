#include "server/postgres/pgoutput.h"

#include <algorithm>
#include <utility>

namespace tidemark::server {
namespace {

Error Corrupt() { return Error{ErrorCode::kCorrupt, "a replication message does not decode"}; }

}  // namespace

/// Big-endian numbers and texts; past the end everything is empty and `failed`.
class PgOutput::Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t Number(std::size_t size) {
    const std::string_view digits = Bytes(size);
    std::uint64_t number = 0;
    for (const char digit : digits) number = number << 8 | static_cast<unsigned char>(digit);
    return number;
  }
  char Char() { return static_cast<char>(Number(1)); }
  std::string_view Bytes(std::size_t size) {
    if (bytes_.size() < size) {
      failed_ = true;
      return {};
    }
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  std::string_view Name() {
    const std::string_view name = Bytes(std::min(bytes_.find('\0'), bytes_.size()));
    Bytes(1);
    return name;
  }
  bool failed() const { return failed_; }

 private:
  std::string_view bytes_;
  bool failed_ = false;
};

Result<std::optional<DecodedTransaction>> PgOutput::Decode(std::string_view message) {
  Reader reader(message);
  const char kind = reader.Char();
  open_.bytes += message.size();
  Status status = Ok{};
  switch (kind) {
    case 'B':
      open_ = DecodedTransaction();
      in_transaction_ = true;
      break;
    case 'R':
      status = ReadRelation(reader);
      break;
    case 'I':
    case 'U':
    case 'D':
      status = ReadChange(kind, reader);
      break;
    case 'T':
      status = ReadTruncate(reader);
      break;
    case 'C': {
      reader.Bytes(1 + 8);  // flags, LSN of the commit
      open_.end_lsn = reader.Number(8);
      if (reader.failed()) return Corrupt();
      in_transaction_ = false;
      return std::optional<DecodedTransaction>(std::exchange(open_, DecodedTransaction()));
    }
    default:  // origin, type, message
      break;
  }
  if (!status.ok()) return std::move(status).error();
  if (reader.failed()) return Corrupt();
  return std::optional<DecodedTransaction>();
}

Status PgOutput::ReadRelation(Reader& reader) {
  const auto oid = static_cast<std::uint32_t>(reader.Number(4));
  const std::string_view pg_schema = reader.Name();
  const std::string_view pg_name = reader.Name();
  reader.Bytes(1);  // replica identity
  const std::size_t count = reader.Number(2);
  std::unordered_map<std::string_view, std::size_t> positions;
  for (std::size_t i = 0; i < count && !reader.failed(); ++i) {
    reader.Bytes(1);  // flags
    positions.emplace(reader.Name(), i);
    reader.Bytes(4 + 4);  // type and modifier: checked at start
  }
  for (std::size_t i = 0; i < catalog_.tables.size(); ++i) {
    const ReplicatedTable& table = catalog_.tables[i];
    if (table.pg_schema != pg_schema || table.pg_name != pg_name) continue;
    Relation relation{i, {}};
    for (const model::Column& column : table.table->columns) {
      const auto position = positions.find(column.db_name);
      if (position == positions.end()) {
        return Error{ErrorCode::kInvalidArgs, "Postgres: the column " + table.pg_name + "." +
                                                  column.db_name +
                                                  " was dropped or renamed while it was in use"};
      }
      relation.positions.push_back(position->second);
    }
    relations_[oid] = std::move(relation);
  }
  return Ok{};
}

Status PgOutput::ReadTruncate(Reader& reader) {
  const std::size_t count = reader.Number(4);
  reader.Bytes(1);  // CASCADE, RESTART IDENTITY
  for (std::size_t i = 0; i < count && !reader.failed(); ++i) {
    const auto relation = relations_.find(static_cast<std::uint32_t>(reader.Number(4)));
    if (relation == relations_.end()) continue;
    open_.changes.push_back(
        DecodedChange{DecodedChange::Kind::kTruncate, relation->second.table, {}, {}});
  }
  return Ok{};
}

Status PgOutput::ReadChange(char kind, Reader& reader) {
  const auto found = relations_.find(static_cast<std::uint32_t>(reader.Number(4)));
  if (found == relations_.end()) return Ok{};
  const Relation& relation = found->second;
  DecodedChange change{DecodedChange::Kind::kPut, relation.table, {}, {}};
  char part = reader.Char();
  if (part == 'K' || part == 'O') {
    TIDEMARK_ASSIGN_OR_RETURN(change.old_key, ReadKey(reader, relation));
    part = kind == 'D' ? '\0' : reader.Char();
  }
  if (kind == 'D') {
    if (!change.old_key.has_value()) return Corrupt();
    change.kind = DecodedChange::Kind::kDelete;
  } else {
    if (part != 'N') return Corrupt();
    TIDEMARK_ASSIGN_OR_RETURN(change.row, ReadTuple(reader, relation));
  }
  open_.changes.push_back(std::move(change));
  return Ok{};
}

Result<DecodedRow> PgOutput::ReadTuple(Reader& reader, const Relation& relation) const {
  struct Field {
    char kind = 'n';
    std::string_view text;
  };
  std::vector<Field> fields(reader.Number(2));
  for (Field& field : fields) {
    field.kind = reader.Char();
    if (field.kind == 't') field.text = reader.Bytes(reader.Number(4));
    if (reader.failed() || field.kind == 'b') return Corrupt();
  }
  const ReplicatedTable& table = catalog_.tables[relation.table];
  DecodedRow row;
  row.reserve(relation.positions.size());
  for (std::size_t i = 0; i < relation.positions.size(); ++i) {
    if (relation.positions[i] >= fields.size()) return Corrupt();
    const Field& field = fields[relation.positions[i]];
    if (field.kind == 'u') {
      row.push_back(std::nullopt);
    } else if (field.kind == 'n') {
      row.push_back(NullFromPostgres(table.table->columns[i]));
    } else {
      row.push_back(ValueFromPostgres(table.table->columns[i], table.forms[i], field.text));
    }
  }
  return row;
}

Result<std::vector<model::Value>> PgOutput::ReadKey(Reader& reader,
                                                    const Relation& relation) const {
  TIDEMARK_ASSIGN_OR_RETURN(const DecodedRow row, ReadTuple(reader, relation));
  std::vector<model::Value> key;
  for (const model::ColumnIndex column : catalog_.tables[relation.table].table->primary_key) {
    if (!row[column].has_value()) return Corrupt();
    key.push_back(*row[column]);
  }
  return key;
}

}  // namespace tidemark::server
