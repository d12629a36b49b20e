#include "core/relay/membership.h"

#include <utility>

#include "core/model/schema.h"
#include "core/relay/row_patch.h"

namespace tidemark::relay {

Status Membership::CreateTables(store::Database& database) {
  return database.Execute(R"sql(
    CREATE TABLE IF NOT EXISTS tables(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE IF NOT EXISTS rows(
      id INTEGER PRIMARY KEY, tbl INTEGER NOT NULL, key TEXT NOT NULL, position INTEGER NOT NULL,
      json TEXT NOT NULL, UNIQUE(tbl, key));
    CREATE TABLE IF NOT EXISTS member(
      pipeline INTEGER NOT NULL, row INTEGER NOT NULL, PRIMARY KEY(pipeline, row)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS member_by_row ON member(row);
  )sql");
}

void Membership::Forget() {
  tables_.clear();
  left_.clear();
}

Result<std::int64_t> Membership::TableNumber(const std::string& table) {
  const auto known = tables_.find(table);
  if (known != tables_.end()) return known->second;
  TIDEMARK_ASSIGN_OR_RETURN(store::Statement * insert,
                            database_.Cached("INSERT OR IGNORE INTO tables(name) VALUES (?)"));
  insert->Bind(1, table);
  TIDEMARK_TRY(insert->Run());
  TIDEMARK_ASSIGN_OR_RETURN(store::Statement * select,
                            database_.Cached("SELECT id FROM tables WHERE name = ?"));
  select->Bind(1, table);
  TIDEMARK_ASSIGN_OR_RETURN(const bool found, select->Step());
  if (!found) return Error{ErrorCode::kCorrupt, "table " + table + " has no number in base"};
  const std::int64_t number = select->Int64(0);
  select->Reset();
  tables_.emplace(table, number);
  return number;
}

Status Membership::Apply(PipelineNumber pipeline, const protocol::Segment& segment) {
  if (segment.reset) TIDEMARK_TRY(Empty(pipeline));
  const std::uint64_t position = segment.to.position;
  for (const protocol::SegmentChange& change : segment.changes) {
    TIDEMARK_ASSIGN_OR_RETURN(const std::int64_t table, TableNumber(change.table));
    RowKey own_key;
    if (model::IsSyntheticTable(change.table)) {
      own_key.value = std::to_string(pipeline) + change.key.value;
    }
    const RowKey& key = own_key.empty() ? change.key : own_key;
    switch (change.kind) {
      case protocol::SegmentChange::Kind::kPut:
        TIDEMARK_TRY(Put(pipeline, table, key, change, position));
        break;
      case protocol::SegmentChange::Kind::kPatch:
        TIDEMARK_TRY(Patch(pipeline, table, key, change, position));
        break;
      case protocol::SegmentChange::Kind::kRemove:
        TIDEMARK_TRY(Remove(pipeline, table, key));
        break;
    }
  }
  return Ok{};
}

Status Membership::Empty(PipelineNumber pipeline) {
  TIDEMARK_ASSIGN_OR_RETURN(store::Statement * members,
                            database_.Cached("SELECT row FROM member WHERE pipeline = ?"));
  members->Bind(1, pipeline);
  while (true) {
    TIDEMARK_ASSIGN_OR_RETURN(const bool more, members->Step());
    if (!more) break;
    left_.push_back(members->Int64(0));
  }
  members->Reset();
  TIDEMARK_ASSIGN_OR_RETURN(store::Statement * remove,
                            database_.Cached("DELETE FROM member WHERE pipeline = ?"));
  remove->Bind(1, pipeline);
  return remove->Run();
}

Status Membership::ForgetPositions() { return database_.Execute("UPDATE rows SET position = 0"); }

Status Membership::RemoveOrphans() {
  for (const std::int64_t row : left_) {
    TIDEMARK_ASSIGN_OR_RETURN(
        store::Statement * remove,
        database_.Cached("DELETE FROM rows WHERE id = ?1"
                         " AND NOT EXISTS (SELECT 1 FROM member WHERE row = ?1)"));
    remove->Bind(1, row);
    TIDEMARK_TRY(remove->Run());
  }
  left_.clear();
  return Ok{};
}

Result<Membership::StoredRow> Membership::Find(std::int64_t table, const RowKey& key) {
  TIDEMARK_ASSIGN_OR_RETURN(
      store::Statement * select,
      database_.Cached("SELECT id, position FROM rows WHERE tbl = ? AND key = ?"));
  select->Bind(1, table).Bind(2, key.value);
  TIDEMARK_ASSIGN_OR_RETURN(const bool found, select->Step());
  if (!found) return StoredRow{};
  const StoredRow row{select->Int64(0), static_cast<std::uint64_t>(select->Int64(1))};
  select->Reset();
  return row;
}

Status Membership::Put(PipelineNumber pipeline, std::int64_t table, const RowKey& key,
                       const protocol::SegmentChange& change, std::uint64_t position) {
  // Most puts of a first hydration are new: one statement tries that.
  TIDEMARK_ASSIGN_OR_RETURN(
      store::Statement * insert,
      database_.Cached("INSERT INTO rows(tbl, key, position, json) VALUES (?, ?, ?, ?)"
                       " ON CONFLICT(tbl, key) DO NOTHING RETURNING id"));
  insert->Bind(1, table)
      .Bind(2, key.value)
      .Bind(3, static_cast<std::int64_t>(position))
      .Bind(4, change.row_json);
  TIDEMARK_ASSIGN_OR_RETURN(const bool inserted, insert->Step());
  if (inserted) {
    const std::int64_t row = insert->Int64(0);
    insert->Reset();
    return AddMember(pipeline, row);
  }
  insert->Reset();
  TIDEMARK_ASSIGN_OR_RETURN(const StoredRow row, Find(table, key));
  if (row.position <= position) TIDEMARK_TRY(Write(row.id, change.row_json, position));
  return AddMember(pipeline, row.id);
}

Status Membership::Patch(PipelineNumber pipeline, std::int64_t table, const RowKey& key,
                         const protocol::SegmentChange& change, std::uint64_t position) {
  TIDEMARK_ASSIGN_OR_RETURN(const StoredRow row, Find(table, key));
  if (row.id == 0) {
    return Error{ErrorCode::kConflict, "a patch of row " + change.key.value + " of table " +
                                           change.table + ", which is not here"};
  }
  // Another segment of the same step may have brought it already.
  if (row.position < position) {
    TIDEMARK_ASSIGN_OR_RETURN(store::Statement * select,
                              database_.Cached("SELECT json FROM rows WHERE id = ?"));
    select->Bind(1, row.id);
    TIDEMARK_ASSIGN_OR_RETURN(const bool found, select->Step());
    if (!found) return Error{ErrorCode::kCorrupt, "a row of base is lost"};
    Result<std::string> patched = PatchRow(select->Text(0), change);
    select->Reset();
    if (!patched.ok()) return Error{ErrorCode::kConflict, std::move(patched).error().message};
    TIDEMARK_TRY(Write(row.id, *patched, position));
  }
  return AddMember(pipeline, row.id);
}

Status Membership::Remove(PipelineNumber pipeline, std::int64_t table, const RowKey& key) {
  TIDEMARK_ASSIGN_OR_RETURN(const StoredRow row, Find(table, key));
  if (row.id == 0) return Ok{};
  TIDEMARK_ASSIGN_OR_RETURN(store::Statement * remove,
                            database_.Cached("DELETE FROM member WHERE pipeline = ? AND row = ?"));
  remove->Bind(1, pipeline).Bind(2, row.id);
  TIDEMARK_TRY(remove->Run());
  left_.push_back(row.id);
  return Ok{};
}

Status Membership::AddMember(PipelineNumber pipeline, std::int64_t row) {
  TIDEMARK_ASSIGN_OR_RETURN(
      store::Statement * insert,
      database_.Cached("INSERT OR IGNORE INTO member(pipeline, row) VALUES (?, ?)"));
  insert->Bind(1, pipeline).Bind(2, row);
  return insert->Run();
}

Status Membership::Write(std::int64_t row, std::string_view json, std::uint64_t position) {
  TIDEMARK_ASSIGN_OR_RETURN(
      store::Statement * update,
      database_.Cached("UPDATE rows SET json = ?, position = ? WHERE id = ?"));
  update->Bind(1, json).Bind(2, static_cast<std::int64_t>(position)).Bind(3, row);
  return update->Run();
}

Result<std::vector<protocol::SegmentChange>> Membership::Read(PipelineNumber pipeline) {
  TIDEMARK_ASSIGN_OR_RETURN(
      store::Statement * select,
      database_.Cached("SELECT tables.name, rows.key, rows.json FROM member"
                       " JOIN rows ON rows.id = member.row JOIN tables ON tables.id = rows.tbl"
                       " WHERE member.pipeline = ? ORDER BY member.row"));
  select->Bind(1, pipeline);
  std::vector<protocol::SegmentChange> changes;
  while (true) {
    TIDEMARK_ASSIGN_OR_RETURN(const bool more, select->Step());
    if (!more) return changes;
    protocol::SegmentChange& change = changes.emplace_back();
    change.table = std::string(select->Text(0));
    std::string key(select->Text(1));
    if (model::IsSyntheticTable(change.table)) key.erase(0, key.find('['));
    change.key = RowKey(std::move(key));
    change.row_json = std::string(select->Text(2));
  }
}

}  // namespace tidemark::relay
