#include "core/relay/base_store.h"

#include <algorithm>
#include <string_view>

#include "core/base/check.h"
#include "core/store/reset_database.h"

namespace tidemark::relay {
namespace {

constexpr std::string_view kFormat = "4";
constexpr std::int64_t kIncrementalVacuum = 2;

}  // namespace

Result<std::unique_ptr<BaseStore>> BaseStore::Open(store::Database& database) {
  std::unique_ptr<BaseStore> base(new BaseStore(database));
  Status ready = base->CreateTables();
  if (ready.ok()) ready = base->Load();
  if (!ready.ok()) {
    // No space and no access are no damage; anything else can be fetched again.
    const ErrorCode code = ready.error().code;
    if (code == ErrorCode::kLimit || code == ErrorCode::kUnavailable) return ready.error();
    base->Reset("", Version{}, {});
    TIDEMARK_TRY(base->EmptyDatabase());
  }
  return base;
}

Status BaseStore::CreateTables() {
  // Exclusive before anything else: the browser's VFS has no shared memory for WAL.
  TIDEMARK_TRY(database_.Execute("PRAGMA locking_mode=EXCLUSIVE; PRAGMA page_size=8192;"));
  // Setting it writes, even where it is set.
  TIDEMARK_ASSIGN_OR_RETURN(store::Statement * vacuum, database_.Cached("PRAGMA auto_vacuum"));
  TIDEMARK_ASSIGN_OR_RETURN(const bool known, vacuum->Step());
  const bool is_incremental = known && vacuum->Int64(0) == kIncrementalVacuum;
  vacuum->Reset();
  if (!is_incremental) TIDEMARK_TRY(database_.Execute("PRAGMA auto_vacuum=INCREMENTAL"));
  // A cache in which a first hydration fits: what spills out of it is written twice.
  TIDEMARK_TRY(
      database_.Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                        "PRAGMA cell_size_check=ON; PRAGMA cache_size=-16000;"));
  TIDEMARK_ASSIGN_OR_RETURN(
      store::SqliteTransaction transaction,
      store::SqliteTransaction::Begin(database_, store::TransactionKind::kWrite));
  TIDEMARK_TRY(database_.Execute(R"sql(
    CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS pipeline(
      id TEXT PRIMARY KEY, number INTEGER NOT NULL, fingerprint TEXT NOT NULL,
      sum INTEGER NOT NULL, stale INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS query(
      key TEXT PRIMARY KEY, name TEXT NOT NULL, args TEXT NOT NULL, pipeline TEXT NOT NULL,
      complete INTEGER NOT NULL, used INTEGER NOT NULL, ttl INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS lmid(client TEXT PRIMARY KEY, id INTEGER NOT NULL) WITHOUT ROWID;
    INSERT OR IGNORE INTO meta(key, value) VALUES ('format', '4');
  )sql"));
  TIDEMARK_TRY(Membership::CreateTables(database_));
  return transaction.Commit();
}

Status BaseStore::Load() {
  const auto each = [this](std::string_view sql, auto visit) -> Status {
    TIDEMARK_ASSIGN_OR_RETURN(store::Statement * select, database_.Cached(sql));
    while (true) {
      TIDEMARK_ASSIGN_OR_RETURN(const bool more, select->Step());
      if (!more) return Ok{};
      visit(*select);
    }
  };
  std::string format;
  TIDEMARK_TRY(each("SELECT key, value FROM meta", [&](const store::Statement& row) {
    if (row.Text(0) == "format") format = std::string(row.Text(1));
    if (row.Text(0) == "schema") schema_hash_ = std::string(row.Text(1));
    if (row.Text(0) == "epoch") version_.epoch = std::string(row.Text(1));
    if (row.Text(0) == "position") version_.position = static_cast<std::uint64_t>(row.Int64(1));
  }));
  if (format != kFormat) return Error{ErrorCode::kOutdated, "base has format " + format};
  TIDEMARK_TRY(each("SELECT id, number, fingerprint, sum, stale FROM pipeline",
                    [this](const store::Statement& row) {
                      StoredPipeline& pipeline = pipelines_[PipelineID(std::string(row.Text(0)))];
                      pipeline.number = row.Int64(1);
                      pipeline.fingerprint = HashFromHex(row.Text(2)).value_or(Hash128{});
                      pipeline.sum = static_cast<std::uint64_t>(row.Int64(3));
                      pipeline.stale = row.Int64(4) != 0;
                      last_number_ = std::max(last_number_, pipeline.number);
                    }));
  TIDEMARK_TRY(each("SELECT key, name, args, pipeline, complete, used, ttl FROM query",
                    [this](const store::Statement& row) {
                      StoredQuery& query = queries_[QueryKey(std::string(row.Text(0)))];
                      query.name = std::string(row.Text(1));
                      query.args_json = std::string(row.Text(2));
                      query.pipeline = PipelineID(std::string(row.Text(3)));
                      query.complete = row.Int64(4) != 0;
                      query.used = static_cast<std::uint64_t>(row.Int64(5));
                      query.ttl_s = static_cast<std::uint32_t>(row.Int64(6));
                      last_used_ = std::max(last_used_, query.used);
                    }));
  for (const auto& [key, query] : queries_) {
    if (!pipelines_.contains(query.pipeline)) {
      return Error{ErrorCode::kCorrupt, "query " + query.name + " of base has no pipeline"};
    }
  }
  return each("SELECT client, id FROM lmid", [this](const store::Statement& row) {
    lmids_[ClientID(std::string(row.Text(0)))] = static_cast<MutationID>(row.Int64(1));
  });
}

void BaseStore::Forget() {
  rows_.Forget();
  queries_.clear();
  pipelines_.clear();
  staged_.clear();
  staged_bytes_ = 0;
  changed_queries_.clear();
  changed_pipelines_.clear();
  changed_clients_.clear();
  doubted_.clear();
}

void BaseStore::Reset(std::string schema_hash, Version version,
                      std::map<ClientID, MutationID> lmids) {
  Forget();
  to_be_emptied_ = true;
  schema_hash_ = std::move(schema_hash);
  version_ = std::move(version);
  lmids_ = std::move(lmids);
  for (const auto& [client, id] : lmids_) changed_clients_.insert(client);
  urgent_ = true;
}

Status BaseStore::EmptyDatabase() {
  if (!to_be_emptied_) return Ok{};
  rows_.Forget();
  TIDEMARK_TRY(store::ResetDatabase(database_));
  TIDEMARK_TRY(CreateTables());
  to_be_emptied_ = false;
  return Ok{};
}

void BaseStore::SetSchema(std::string schema_hash) {
  TIDEMARK_CHECK(queries_.empty());
  schema_hash_ = std::move(schema_hash);
  urgent_ = true;
}

const StoredQuery* BaseStore::FindQuery(const QueryKey& key) const {
  const auto found = queries_.find(key);
  return found == queries_.end() ? nullptr : &found->second;
}

const StoredPipeline* BaseStore::FindPipeline(const PipelineID& id) const {
  const auto found = pipelines_.find(id);
  return found == pipelines_.end() ? nullptr : &found->second;
}

bool BaseStore::IsComplete(const PipelineID& id) const {
  return std::any_of(queries_.begin(), queries_.end(), [&id](const auto& query) {
    return query.second.pipeline == id && query.second.complete;
  });
}

// ---- staging ----

StoredPipeline& BaseStore::AddPipeline(const PipelineID& id) {
  const auto [position, added] = pipelines_.try_emplace(id);
  if (added) {
    position->second.number = ++last_number_;
    changed_pipelines_.insert(id);
  }
  return position->second;
}

void BaseStore::DropPipelineIfUnused(const PipelineID& id) {
  const auto found = pipelines_.find(id);
  if (found == pipelines_.end()) return;
  const bool used = std::any_of(queries_.begin(), queries_.end(),
                                [&](const auto& query) { return query.second.pipeline == id; });
  if (used) return;
  staged_.emplace_back(DropRows{found->second.number});
  pipelines_.erase(found);
  changed_pipelines_.insert(id);
}

void BaseStore::StageSegment(protocol::Segment segment) {
  const auto found = pipelines_.find(segment.pipeline);
  // A change of rows that are not here (any more): there is nothing to keep up to date.
  if (found == pipelines_.end()) return;
  found->second.fingerprint = segment.fingerprint;
  if (segment.reset) found->second.stale = false;
  changed_pipelines_.insert(segment.pipeline);
  for (const protocol::SegmentChange& change : segment.changes) {
    staged_bytes_ += change.row_json.size() + change.key.value.size() + sizeof(change);
  }
  staged_.emplace_back(ApplySegment{segment.pipeline, found->second.number, std::move(segment)});
}

void BaseStore::Stage(const protocol::Poke& poke, std::vector<protocol::Segment> segments,
                      FunctionRef<const protocol::DesiredQuery*(const QueryKey&)> wanted,
                      const std::set<PipelineID>& live) {
  urgent_ = true;
  if (poke.to.epoch != version_.epoch) staged_.emplace_back(ForgetPositions{});
  std::vector<PipelineID> left;
  for (const protocol::ResolvedQuery& resolved : poke.resolved) {
    const protocol::DesiredQuery* desired = wanted(resolved.key);
    if (desired == nullptr) continue;
    AddPipeline(resolved.pipeline).stale = false;
    changed_pipelines_.insert(resolved.pipeline);
    StoredQuery& query = queries_[resolved.key];
    if (!query.pipeline.empty() && query.pipeline != resolved.pipeline) {
      left.push_back(query.pipeline);
    }
    query.name = desired->name;
    query.args_json = desired->args_json;
    query.pipeline = resolved.pipeline;
    query.complete = resolved.complete;
    query.used = NextUse();
    query.ttl_s = desired->ttl;
    changed_queries_.insert(resolved.key);
  }
  for (protocol::Segment& segment : segments) StageSegment(std::move(segment));
  for (const PipelineID& pipeline : left) DropPipelineIfUnused(pipeline);
  for (const QueryKey& key : poke.gone) DropQuery(key);
  for (const protocol::ClientState& client : poke.lmids) {
    MutationID& lmid = lmids_[client.client];
    lmid = std::max(lmid, client.lmid);
    changed_clients_.insert(client.client);
  }
  if (poke.to != version_) {
    for (auto& [id, pipeline] : pipelines_) {
      if (pipeline.stale || live.contains(id)) continue;
      pipeline.stale = true;
      changed_pipelines_.insert(id);
    }
  }
  version_ = poke.to;
  while (queries_.size() > kStoredQueriesMax &&
         Evict([&](const QueryKey& key) { return wanted(key) != nullptr; })) {
  }
}

void BaseStore::DropQuery(const QueryKey& key) {
  const auto found = queries_.find(key);
  if (found == queries_.end()) return;
  const PipelineID pipeline = found->second.pipeline;
  queries_.erase(found);
  changed_queries_.insert(key);
  urgent_ = true;
  DropPipelineIfUnused(pipeline);
}

/// A time that also tells the order of uses.
std::uint64_t BaseStore::NextUse() { return last_used_ = std::max(last_used_ + 1, now_ms_); }

void BaseStore::Touch(const QueryKey& key, std::uint32_t ttl_s) {
  const auto found = queries_.find(key);
  if (found == queries_.end()) return;
  found->second.used = NextUse();
  found->second.ttl_s = ttl_s;
  changed_queries_.insert(key);
  urgent_ = true;
}

bool BaseStore::DropExpired(FunctionRef<bool(const QueryKey&)> keep) {
  std::vector<QueryKey> expired;
  for (const auto& [key, query] : queries_) {
    // Whoever wanted it last may have gone without a word, up to a tick after it was noted.
    const std::uint64_t until = query.used + 1000 * std::uint64_t{query.ttl_s} + kTickMs;
    if (until <= now_ms_ && !keep(key)) expired.push_back(key);
  }
  for (const QueryKey& key : expired) DropQuery(key);
  return !expired.empty();
}

void BaseStore::Distrust(const PipelineID& id) {
  for (auto& [key, query] : queries_) {
    if (query.pipeline != id || !query.complete) continue;
    query.complete = false;
    changed_queries_.insert(key);
    urgent_ = true;
  }
}

void BaseStore::Abandon() {
  staged_.clear();
  staged_bytes_ = 0;
  while (!queries_.empty()) DropQuery(QueryKey(queries_.begin()->first));
}

void BaseStore::KeepClients(FunctionRef<bool(const ClientID&)> wanted) {
  for (auto entry = lmids_.begin(); entry != lmids_.end();) {
    if (wanted(entry->first)) {
      ++entry;
      continue;
    }
    changed_clients_.insert(entry->first);
    entry = lmids_.erase(entry);
  }
}

bool BaseStore::Evict(FunctionRef<bool(const QueryKey&)> keep) {
  auto oldest = queries_.end();
  for (auto query = queries_.begin(); query != queries_.end(); ++query) {
    if (keep(query->first)) continue;
    if (oldest == queries_.end() || query->second.used < oldest->second.used) oldest = query;
  }
  if (oldest == queries_.end()) return false;
  DropQuery(QueryKey(oldest->first));
  return true;
}

Status BaseStore::Shrink() {
  return database_.Execute("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)");
}

}  // namespace tidemark::relay
