// Base on disk: what is staged goes there in one transaction, is held against the server's
// fingerprints on the way, and is checked when it comes back.

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/base/check.h"
#include "core/relay/base_store.h"

namespace tidemark::relay {
namespace {

std::int64_t Signed(std::uint64_t number) { return static_cast<std::int64_t>(number); }

}  // namespace

// ---- writing ----

/// Whole or not at all, what memory says of the pipelines included.
Status BaseStore::InTransaction(FunctionRef<Status()> write) {
  const std::map<PipelineID, StoredPipeline> before = pipelines_;
  const auto write_and_commit = [&]() -> Status {
    TIDEMARK_ASSIGN_OR_RETURN(
        store::SqliteTransaction transaction,
        store::SqliteTransaction::Begin(database_, store::TransactionKind::kWrite));
    TIDEMARK_TRY(write());
    return transaction.Commit();
  };
  Status written = write_and_commit();
  if (!written.ok()) {
    rows_.Forget();
    pipelines_ = before;
  }
  return written;
}

Status BaseStore::FlushDrops() {
  TIDEMARK_TRY(EmptyDatabase());
  std::set<PipelineNumber> dropped;
  for (const Change& change : staged_) {
    if (const auto* drop = std::get_if<DropRows>(&change)) dropped.insert(drop->number);
  }
  const auto write = [&]() -> Status {
    for (const PipelineNumber number : dropped) {
      TIDEMARK_TRY(rows_.Empty(number));
      for (const std::string_view sql :
           {std::string_view("DELETE FROM query WHERE pipeline IN"
                             " (SELECT id FROM pipeline WHERE number = ?)"),
            std::string_view("DELETE FROM pipeline WHERE number = ?")}) {
        TIDEMARK_ASSIGN_OR_RETURN(store::Statement * remove, database_.Cached(sql));
        remove->Bind(1, number);
        TIDEMARK_TRY(remove->Run());
      }
    }
    (void)rows_.TakeMoves();  // of pipelines that are gone
    return rows_.RemoveOrphans();
  };
  TIDEMARK_TRY(InTransaction(write));
  const auto is_done = [&dropped](const Change& change) {
    if (const auto* drop = std::get_if<DropRows>(&change)) return dropped.contains(drop->number);
    const auto* apply = std::get_if<ApplySegment>(&change);
    return apply != nullptr && dropped.contains(apply->number);
  };
  staged_.erase(std::remove_if(staged_.begin(), staged_.end(), is_done), staged_.end());
  return Ok{};
}

Status BaseStore::Flush() {
  TIDEMARK_TRY(EmptyDatabase());
  std::set<PipelineID> broken;
  const auto write = [&]() -> Status {
    std::set<PipelineID> written;
    for (const Change& change : staged_) {
      TIDEMARK_TRY(WriteChange(change, broken));
      if (const auto* apply = std::get_if<ApplySegment>(&change)) written.insert(apply->pipeline);
    }
    TIDEMARK_TRY(rows_.RemoveOrphans());
    MoveSums();
    for (const PipelineID& id : written) {
      const StoredPipeline* pipeline = FindPipeline(id);
      if (pipeline != nullptr && pipeline->sum != pipeline->fingerprint.low) broken.insert(id);
    }
    for (const PipelineID& id : broken) Doubt(id);
    return WriteCatalog();
  };
  TIDEMARK_TRY(InTransaction(write));
  staged_.clear();
  staged_bytes_ = 0;
  changed_queries_.clear();
  changed_pipelines_.clear();
  changed_clients_.clear();
  urgent_ = false;
  return Ok{};
}

void BaseStore::MoveSums() {
  const std::unordered_map<PipelineNumber, std::uint64_t> moves = rows_.TakeMoves();
  if (moves.empty()) return;
  for (auto& [id, pipeline] : pipelines_) {
    const auto move = moves.find(pipeline.number);
    if (move == moves.end()) continue;
    pipeline.sum += move->second;
    changed_pipelines_.insert(id);
  }
}

/// The pipeline does not hold what the server says: from here on it says what it does hold.
void BaseStore::Doubt(const PipelineID& id) {
  const auto found = pipelines_.find(id);
  if (found == pipelines_.end()) return;
  found->second.stale = true;
  // The server's, if nothing but the other half was wrong, must not come out.
  if (found->second.fingerprint.low == found->second.sum) ++found->second.fingerprint.high;
  found->second.fingerprint.low = found->second.sum;
  changed_pipelines_.insert(id);
  doubted_.insert(id);
}

Status BaseStore::RemoveDamaged(const PipelineID& id, const std::vector<std::int64_t>& rows) {
  return InTransaction([&]() -> Status {
    TIDEMARK_TRY(rows_.RemoveDamaged(pipelines_.at(id).number, rows));
    TIDEMARK_TRY(rows_.RemoveOrphans());
    std::set<PipelineID> doubted = {id};
    for (const auto& [number, move] : rows_.TakeMoves()) {
      for (auto& [other, pipeline] : pipelines_) {
        if (pipeline.number != number) continue;
        pipeline.sum += move;
        doubted.insert(other);
      }
    }
    TIDEMARK_ASSIGN_OR_RETURN(pipelines_.at(id).sum, rows_.Sum(pipelines_.at(id).number));
    for (const PipelineID& other : doubted) {
      Doubt(other);
      TIDEMARK_TRY(WritePipeline(other));
    }
    return Ok{};
  });
}

Status BaseStore::WriteChange(const Change& change, std::set<PipelineID>& broken) {
  if (std::holds_alternative<ForgetPositions>(change)) return rows_.ForgetPositions();
  if (const auto* drop = std::get_if<DropRows>(&change)) return rows_.Empty(drop->number);
  const auto& apply = std::get<ApplySegment>(change);
  if (apply.segment.reset) broken.erase(apply.pipeline);
  if (broken.contains(apply.pipeline)) return Ok{};
  Status applied = rows_.Apply(apply.number, apply.segment);
  if (applied.ok() || applied.error().code != ErrorCode::kConflict) return applied;
  broken.insert(apply.pipeline);
  return Ok{};
}

Status BaseStore::WriteCatalog() {
  for (const QueryKey& key : changed_queries_) TIDEMARK_TRY(WriteQuery(key));
  for (const PipelineID& id : changed_pipelines_) TIDEMARK_TRY(WritePipeline(id));
  for (const ClientID& client : changed_clients_) {
    const auto lmid = lmids_.find(client);
    const bool gone = lmid == lmids_.end();
    TIDEMARK_ASSIGN_OR_RETURN(
        store::Statement * write,
        database_.Cached(gone ? "DELETE FROM lmid WHERE client = ?"
                              : "INSERT OR REPLACE INTO lmid(client, id) VALUES (?, ?)"));
    write->Bind(1, client.value);
    if (!gone) write->Bind(2, Signed(lmid->second));
    TIDEMARK_TRY(write->Run());
  }
  return WriteMeta();
}

Status BaseStore::WriteQuery(const QueryKey& key) {
  const StoredQuery* query = FindQuery(key);
  TIDEMARK_ASSIGN_OR_RETURN(
      store::Statement * write,
      database_.Cached(query == nullptr
                           ? "DELETE FROM query WHERE key = ?"
                           : "INSERT OR REPLACE INTO query(key, name, args, pipeline, complete,"
                             " used, ttl) VALUES (?, ?, ?, ?, ?, ?, ?)"));
  write->Bind(1, key.value);
  if (query != nullptr) {
    write->Bind(2, query->name)
        .Bind(3, query->args_json)
        .Bind(4, query->pipeline.value)
        .Bind(5, std::int64_t{query->complete ? 1 : 0})
        .Bind(6, Signed(query->used))
        .Bind(7, std::int64_t{query->ttl_s});
  }
  return write->Run();
}

Status BaseStore::WritePipeline(const PipelineID& id) {
  const StoredPipeline* pipeline = FindPipeline(id);
  TIDEMARK_ASSIGN_OR_RETURN(
      store::Statement * write,
      database_.Cached(pipeline == nullptr
                           ? "DELETE FROM pipeline WHERE id = ?"
                           : "INSERT OR REPLACE INTO pipeline(id, number, fingerprint, sum,"
                             " stale) VALUES (?, ?, ?, ?, ?)"));
  write->Bind(1, id.value);
  if (pipeline != nullptr) {
    write->Bind(2, pipeline->number)
        .Bind(3, ToHex(pipeline->fingerprint))
        .Bind(4, Signed(pipeline->sum))
        .Bind(5, std::int64_t{pipeline->stale ? 1 : 0});
  }
  return write->Run();
}

Status BaseStore::WriteMeta() {
  TIDEMARK_ASSIGN_OR_RETURN(
      store::Statement * write,
      database_.Cached("INSERT OR REPLACE INTO meta(key, value) VALUES ('schema', ?),"
                       " ('epoch', ?), ('position', ?)"));
  write->Bind(1, schema_hash_).Bind(2, version_.epoch).Bind(3, Signed(version_.position));
  return write->Run();
}

// ---- reading ----

Result<protocol::Segment> BaseStore::Read(const PipelineID& id) {
  TIDEMARK_CHECK(staged_.empty());
  const StoredPipeline* pipeline = FindPipeline(id);
  TIDEMARK_CHECK(pipeline != nullptr);
  TIDEMARK_ASSIGN_OR_RETURN(Membership::Contents contents, rows_.Read(pipeline->number));
  if (contents.sum != pipeline->sum) TIDEMARK_TRY(RemoveDamaged(id, contents.damaged));
  protocol::Segment segment;
  segment.pipeline = id;
  segment.to = version_;
  segment.reset = true;
  segment.fingerprint = FindPipeline(id)->fingerprint;
  segment.changes = std::move(contents.puts);
  return segment;
}

Result<std::vector<std::uint32_t>> BaseStore::Sums(const PipelineID& id, std::uint32_t buckets) {
  TIDEMARK_CHECK(staged_.empty());
  return rows_.Sums(pipelines_.at(id).number, buckets);
}

Result<std::vector<std::uint32_t>> BaseStore::MembersIn(const protocol::Want& want) {
  TIDEMARK_CHECK(staged_.empty());
  return rows_.MembersIn(pipelines_.at(want.pipeline).number, want);
}

}  // namespace tidemark::relay
