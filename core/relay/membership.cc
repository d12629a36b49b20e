#include "core/relay/membership.h"

#include <string_view>
#include <unordered_set>
#include <utility>

#include "core/model/row.h"
#include "core/model/schema.h"
#include "core/protocol/member_hash.h"
#include "core/relay/row_patch.h"

namespace tidemark::relay {

Status Membership::CreateTables(store::Database& database) {
  return database.Execute(R"sql(
    CREATE TABLE IF NOT EXISTS tables(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE IF NOT EXISTS rows(
      id INTEGER PRIMARY KEY, tbl INTEGER NOT NULL, key TEXT NOT NULL, position INTEGER NOT NULL,
      json TEXT NOT NULL, hash INTEGER NOT NULL, UNIQUE(tbl, key));
    CREATE TABLE IF NOT EXISTS member(
      pipeline INTEGER NOT NULL, row INTEGER NOT NULL, key_hash INTEGER NOT NULL,
      hash INTEGER NOT NULL, PRIMARY KEY(pipeline, row)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS member_by_row ON member(row);
  )sql");
}

void Membership::Forget() {
  tables_.clear();
  left_.clear();
  moves_.clear();
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
  if (!segment.left.empty()) TIDEMARK_TRY(RemoveHashed(pipeline, segment.left));
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

Status Membership::EachMember(PipelineNumber pipeline,
                              FunctionRef<void(std::int64_t row, const Hashes& hashes)> visit) {
  TIDEMARK_ASSIGN_OR_RETURN(
      store::Statement * select,
      database_.Cached("SELECT row, key_hash, hash FROM member WHERE pipeline = ?"));
  select->Bind(1, pipeline);
  while (true) {
    TIDEMARK_ASSIGN_OR_RETURN(const bool more, select->Step());
    if (!more) return Ok{};
    visit(select->Int64(0), Hashes{static_cast<std::uint32_t>(select->Int64(1)),
                                   static_cast<std::uint64_t>(select->Int64(2))});
  }
}

Status Membership::Empty(PipelineNumber pipeline) {
  std::uint64_t& move = moves_[pipeline];
  TIDEMARK_TRY(EachMember(pipeline, [&](std::int64_t row, const Hashes& hashes) {
    left_.push_back(row);
    move -= hashes.row;
  }));
  TIDEMARK_ASSIGN_OR_RETURN(store::Statement * remove,
                            database_.Cached("DELETE FROM member WHERE pipeline = ?"));
  remove->Bind(1, pipeline);
  return remove->Run();
}

Status Membership::RemoveMember(PipelineNumber pipeline, std::int64_t row) {
  TIDEMARK_ASSIGN_OR_RETURN(
      store::Statement * remove,
      database_.Cached("DELETE FROM member WHERE pipeline = ? AND row = ? RETURNING hash"));
  remove->Bind(1, pipeline).Bind(2, row);
  TIDEMARK_ASSIGN_OR_RETURN(const bool removed, remove->Step());
  if (removed) {
    moves_[pipeline] -= static_cast<std::uint64_t>(remove->Int64(0));
    left_.push_back(row);
  }
  remove->Reset();
  return Ok{};
}

Status Membership::RemoveHashed(PipelineNumber pipeline,
                                const std::vector<std::uint32_t>& key_hashes) {
  const std::unordered_set<std::uint32_t> hashed(key_hashes.begin(), key_hashes.end());
  std::vector<std::int64_t> rows;
  TIDEMARK_TRY(EachMember(pipeline, [&](std::int64_t row, const Hashes& hashes) {
    if (hashed.contains(hashes.key)) rows.push_back(row);
  }));
  for (const std::int64_t row : rows) TIDEMARK_TRY(RemoveMember(pipeline, row));
  return Ok{};
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
  const Hashes hashes{protocol::HashKey(change.table, change.key),
                      model::HashRowText(change.table, change.row_json).low};
  TIDEMARK_ASSIGN_OR_RETURN(
      store::Statement * insert,
      database_.Cached("INSERT INTO rows(tbl, key, position, json, hash) VALUES (?, ?, ?, ?, ?)"
                       " ON CONFLICT(tbl, key) DO NOTHING RETURNING id"));
  insert->Bind(1, table)
      .Bind(2, key.value)
      .Bind(3, static_cast<std::int64_t>(position))
      .Bind(4, change.row_json)
      .Bind(5, static_cast<std::int64_t>(hashes.row));
  TIDEMARK_ASSIGN_OR_RETURN(const bool inserted, insert->Step());
  if (inserted) {
    const std::int64_t row = insert->Int64(0);
    insert->Reset();
    return AddNewMember(pipeline, row, hashes);
  }
  insert->Reset();
  TIDEMARK_ASSIGN_OR_RETURN(const StoredRow row, Find(table, key));
  if (row.position <= position) {
    TIDEMARK_TRY(Write(row.id, change.row_json, hashes.row, position));
  }
  return AddMember(pipeline, row.id, hashes);
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
    TIDEMARK_TRY(Write(row.id, *patched, change.hash_after, position));
  }
  return AddMember(pipeline, row.id,
                   Hashes{protocol::HashKey(change.table, change.key), change.hash_after});
}

Status Membership::Remove(PipelineNumber pipeline, std::int64_t table, const RowKey& key) {
  TIDEMARK_ASSIGN_OR_RETURN(const StoredRow row, Find(table, key));
  if (row.id == 0) return Ok{};
  return RemoveMember(pipeline, row.id);
}

Status Membership::AddNewMember(PipelineNumber pipeline, std::int64_t row, const Hashes& hashes) {
  TIDEMARK_ASSIGN_OR_RETURN(
      store::Statement * insert,
      database_.Cached("INSERT INTO member(pipeline, row, key_hash, hash) VALUES (?, ?, ?, ?)"));
  insert->Bind(1, pipeline)
      .Bind(2, row)
      .Bind(3, std::int64_t{hashes.key})
      .Bind(4, static_cast<std::int64_t>(hashes.row));
  moves_[pipeline] += hashes.row;
  return insert->Run();
}

Status Membership::AddMember(PipelineNumber pipeline, std::int64_t row, const Hashes& hashes) {
  TIDEMARK_ASSIGN_OR_RETURN(
      store::Statement * select,
      database_.Cached("SELECT hash FROM member WHERE pipeline = ? AND row = ?"));
  select->Bind(1, pipeline).Bind(2, row);
  TIDEMARK_ASSIGN_OR_RETURN(const bool is_member, select->Step());
  if (!is_member) return AddNewMember(pipeline, row, hashes);
  const auto before = static_cast<std::uint64_t>(select->Int64(0));
  select->Reset();
  TIDEMARK_ASSIGN_OR_RETURN(
      store::Statement * update,
      database_.Cached("UPDATE member SET hash = ? WHERE pipeline = ? AND row = ?"));
  update->Bind(1, static_cast<std::int64_t>(hashes.row)).Bind(2, pipeline).Bind(3, row);
  moves_[pipeline] += hashes.row - before;
  return update->Run();
}

Status Membership::Write(std::int64_t row, std::string_view json, std::uint64_t hash,
                         std::uint64_t position) {
  TIDEMARK_ASSIGN_OR_RETURN(
      store::Statement * update,
      database_.Cached("UPDATE rows SET json = ?, hash = ?, position = ? WHERE id = ?"));
  update->Bind(1, json)
      .Bind(2, static_cast<std::int64_t>(hash))
      .Bind(3, static_cast<std::int64_t>(position))
      .Bind(4, row);
  return update->Run();
}

// ---- reading ----

Result<Membership::Contents> Membership::Read(PipelineNumber pipeline) {
  TIDEMARK_ASSIGN_OR_RETURN(
      store::Statement * select,
      database_.Cached("SELECT tables.name, rows.key, rows.json, rows.hash, member.row,"
                       " member.key_hash, member.hash FROM member"
                       " JOIN rows ON rows.id = member.row JOIN tables ON tables.id = rows.tbl"
                       " WHERE member.pipeline = ? ORDER BY member.row"));
  select->Bind(1, pipeline);
  Contents contents;
  while (true) {
    TIDEMARK_ASSIGN_OR_RETURN(const bool more, select->Step());
    if (!more) return contents;
    protocol::SegmentChange change;
    change.table = std::string(select->Text(0));
    std::string key(select->Text(1));
    if (model::IsSyntheticTable(change.table)) key.erase(0, key.find('['));
    change.key = RowKey(std::move(key));
    change.row_json = std::string(select->Text(2));
    const std::uint64_t hash = model::HashRowText(change.table, change.row_json).low;
    if (hash != static_cast<std::uint64_t>(select->Int64(3)) ||
        protocol::HashKey(change.table, change.key) !=
            static_cast<std::uint32_t>(select->Int64(5))) {
      contents.damaged.push_back(select->Int64(4));
      continue;
    }
    contents.sum += static_cast<std::uint64_t>(select->Int64(6));
    contents.puts.push_back(std::move(change));
  }
}

Status Membership::RemoveDamaged(PipelineNumber pipeline, const std::vector<std::int64_t>& rows) {
  const auto remove_all = [this](std::string_view sql, std::int64_t argument) -> Status {
    TIDEMARK_ASSIGN_OR_RETURN(store::Statement * remove, database_.Cached(sql));
    remove->Bind(1, argument);
    while (true) {
      TIDEMARK_ASSIGN_OR_RETURN(const bool more, remove->Step());
      if (!more) return Ok{};
      moves_[remove->Int64(0)] -= static_cast<std::uint64_t>(remove->Int64(1));
    }
  };
  for (const std::int64_t row : rows) {
    TIDEMARK_TRY(remove_all("DELETE FROM member WHERE row = ? RETURNING pipeline, hash", row));
    left_.push_back(row);
  }
  return remove_all(
      "DELETE FROM member WHERE pipeline = ? AND row NOT IN (SELECT id FROM rows)"
      " RETURNING pipeline, hash",
      pipeline);
}

Result<std::uint64_t> Membership::Sum(PipelineNumber pipeline) {
  std::uint64_t sum = 0;
  TIDEMARK_TRY(
      EachMember(pipeline, [&](std::int64_t, const Hashes& hashes) { sum += hashes.row; }));
  return sum;
}

Result<std::vector<std::uint32_t>> Membership::Sums(PipelineNumber pipeline,
                                                    std::uint32_t buckets) {
  std::vector<std::uint32_t> sums(buckets, 0);
  TIDEMARK_TRY(EachMember(pipeline, [&](std::int64_t, const Hashes& hashes) {
    sums[protocol::BucketOf(hashes.key, buckets)] += protocol::ShortRowHash(hashes.row);
  }));
  return sums;
}

Result<std::vector<std::uint32_t>> Membership::MembersIn(PipelineNumber pipeline,
                                                         const protocol::Want& want) {
  const std::vector<bool> wanted = protocol::WantedBuckets(want.wanted, want.buckets);
  std::vector<std::uint32_t> members;
  TIDEMARK_TRY(EachMember(pipeline, [&](std::int64_t, const Hashes& hashes) {
    if (!wanted[protocol::BucketOf(hashes.key, want.buckets)]) return;
    members.push_back(hashes.key);
    members.push_back(protocol::ShortRowHash(hashes.row));
  }));
  return members;
}

}  // namespace tidemark::relay
