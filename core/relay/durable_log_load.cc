// Reading the log back: DurableLog::Load and what it does about damaged records.

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "core/model/error_json.h"
#include "core/relay/durable_log.h"
#include "core/relay/log_record.h"

namespace tidemark::relay {
namespace {

constexpr char kFormat[] = "1";

Error DamagedError() {
  return Error{ErrorCode::kCorrupt,
               "the stored record of this mutation is damaged; it was not run and is kept aside"};
}

}  // namespace

Status DurableLog::Load(const ClientGroupID& new_group) {
  TIDEMARK_ASSIGN_OR_RETURN(
      store::SqliteTransaction transaction,
      store::SqliteTransaction::Begin(database_, store::TransactionKind::kWrite));
  TIDEMARK_TRY(LoadMeta(new_group));
  TIDEMARK_TRY(LoadRejections());
  TIDEMARK_TRY(LoadResults());
  TIDEMARK_TRY(LoadClients());
  std::vector<LogSeq> damaged;
  TIDEMARK_TRY(LoadMutations(damaged));
  TIDEMARK_TRY(SetAside(damaged));
  TIDEMARK_TRY(FillHoles(std::move(damaged)));
  for (const Change& change : staged_) TIDEMARK_TRY(Write(change));
  TIDEMARK_TRY(transaction.Commit());
  staged_.clear();
  urgent_ = false;
  durable_ = last_seq_;
  return Ok{};
}

Status DurableLog::LoadMeta(const ClientGroupID& new_group) {
  TIDEMARK_ASSIGN_OR_RETURN(
      store::Statement * insert,
      database_.Cached("INSERT OR IGNORE INTO meta(key, value) VALUES (?, ?)"));
  insert->Bind(1, "format").Bind(2, kFormat);
  TIDEMARK_TRY(insert->Run());
  insert->Bind(1, "group").Bind(2, new_group.value);
  TIDEMARK_TRY(insert->Run());

  TIDEMARK_ASSIGN_OR_RETURN(store::Statement * select,
                            database_.Cached("SELECT key, value FROM meta"));
  while (true) {
    TIDEMARK_ASSIGN_OR_RETURN(const bool more, select->Step());
    if (!more) break;
    const std::string value(select->Text(1));
    if (select->Text(0) == "group") group_ = ClientGroupID(value);
    if (select->Text(0) == "auth") auth_json_ = value;
    if (select->Text(0) == "format" && value != kFormat) {
      return Error{ErrorCode::kOutdated,
                   "the mutation log has format " + value + ", this build reads format " + kFormat};
    }
  }
  return Ok{};
}

Status DurableLog::LoadClients() {
  TIDEMARK_ASSIGN_OR_RETURN(store::Statement * select,
                            database_.Cached("SELECT client, confirmed, last FROM client"));
  while (true) {
    TIDEMARK_ASSIGN_OR_RETURN(const bool more, select->Step());
    if (!more) return Ok{};
    LogClient& client = clients_[ClientID(std::string(select->Text(0)))];
    client.confirmed = static_cast<MutationID>(select->Int64(1));
    client.last = static_cast<MutationID>(select->Int64(2));
  }
}

Status DurableLog::LoadMutations(std::vector<LogSeq>& damaged) {
  TIDEMARK_ASSIGN_OR_RETURN(
      store::Statement * select,
      database_.Cached("SELECT seq, checksum, client, id, name, args, timestamp, seed FROM mutation"
                       " ORDER BY seq"));
  while (true) {
    TIDEMARK_ASSIGN_OR_RETURN(const bool more, select->Step());
    if (!more) return Ok{};
    const LogSeq seq = static_cast<LogSeq>(select->Int64(0));
    last_seq_ = seq;
    mutation::Mutation mutation = MutationAt(*select, 2);
    if (RecordChecksum(seq, mutation) != select->Int64(1)) {
      damaged.push_back(seq);
      Reject(std::move(mutation), DamagedError());
      continue;
    }
    LogClient& client = clients_[mutation.client];
    if (client.last == 0) client.confirmed = mutation.id - 1;
    client.last = std::max(client.last, mutation.id);
    client.pending.emplace(mutation.id, seq);
    entries_.emplace(seq, std::move(mutation));
  }
}

Status DurableLog::SetAside(const std::vector<LogSeq>& damaged) {
  for (const LogSeq seq : damaged) {
    TIDEMARK_ASSIGN_OR_RETURN(
        store::Statement * copy,
        database_.Cached("INSERT INTO damaged(seq, client, id, name, args, timestamp, seed,"
                         " checksum) SELECT seq, client, id, name, args, timestamp, seed, checksum"
                         " FROM mutation WHERE seq = ?"));
    copy->Bind(1, static_cast<std::int64_t>(seq));
    TIDEMARK_TRY(copy->Run());
    TIDEMARK_ASSIGN_OR_RETURN(store::Statement * remove,
                              database_.Cached("DELETE FROM mutation WHERE seq = ?"));
    remove->Bind(1, static_cast<std::int64_t>(seq));
    TIDEMARK_TRY(remove->Run());
  }
  return Ok{};
}

// A client's ids must be consecutive, or the server refuses all that follow: where a record was
// taken away, one that the server consumes without effect takes its place in the order.
Status DurableLog::FillHoles(std::vector<LogSeq> free_seqs) {
  for (auto& [id, client] : clients_) {
    for (MutationID next = client.confirmed + 1; next <= client.last; ++next) {
      if (client.pending.contains(next)) continue;
      const auto after = client.pending.lower_bound(next);
      const LogSeq before = after == client.pending.begin() ? 0 : std::prev(after)->second;
      const LogSeq limit = after == client.pending.end() ? last_seq_ + 1 : after->second;
      const auto seq = std::find_if(free_seqs.begin(), free_seqs.end(), [&](LogSeq candidate) {
        return candidate > before && candidate < limit;
      });
      if (seq == free_seqs.end()) {
        return Error{ErrorCode::kCorrupt, "the mutation log has lost mutation " +
                                              std::to_string(next) + " of client " + id.value};
      }
      mutation::Mutation placeholder;
      placeholder.client = id;
      placeholder.id = next;
      placeholder.name = kDamagedMutator;
      placeholder.args_json = "null";
      placeholder.seed = std::string(32, '0');
      Stage(PutMutation{*seq});
      client.pending.emplace(next, *seq);
      entries_.emplace(*seq, std::move(placeholder));
      free_seqs.erase(seq);
    }
  }
  return Ok{};
}

Status DurableLog::LoadRejections() {
  TIDEMARK_ASSIGN_OR_RETURN(
      store::Statement * select,
      database_.Cached("SELECT error, client, id, name, args, timestamp, seed FROM rejection"
                       " ORDER BY seq"));
  while (true) {
    TIDEMARK_ASSIGN_OR_RETURN(const bool more, select->Step());
    if (!more) return Ok{};
    rejections_.push_back({MutationAt(*select, 1), model::ErrorFromJson(select->Text(0))});
  }
}

Status DurableLog::LoadResults() {
  TIDEMARK_ASSIGN_OR_RETURN(
      store::Statement * select,
      database_.Cached("SELECT client, id, result, error FROM result ORDER BY seq"));
  while (true) {
    TIDEMARK_ASSIGN_OR_RETURN(const bool more, select->Step());
    if (!more) return Ok{};
    protocol::MutationResult result;
    result.client = ClientID(std::string(select->Text(0)));
    result.id = static_cast<MutationID>(select->Int64(1));
    result.result_json = std::string(select->Text(2));
    if (!select->Text(3).empty()) result.error = model::ErrorFromJson(select->Text(3));
    results_.push_back(std::move(result));
  }
}

}  // namespace tidemark::relay
