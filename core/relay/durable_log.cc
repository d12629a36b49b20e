#include "core/relay/durable_log.h"

#include <algorithm>
#include <string_view>

#include "core/model/error_json.h"
#include "core/relay/log_record.h"

namespace tidemark::relay {

Result<std::unique_ptr<DurableLog>> DurableLog::Open(store::Database& database,
                                                     const ClientGroupID& new_group) {
  std::unique_ptr<DurableLog> log(new DurableLog(database));
  TIDEMARK_TRY(PrepareLogDatabase(database));
  TIDEMARK_TRY(log->Load(new_group));
  return log;
}

void DurableLog::Stage(Change change) {
  staged_.push_back(std::move(change));
  urgent_ = true;
}

// ---- clients ----

void DurableLog::AddClient(const ClientID& client, MutationID confirmed) {
  const auto [position, added] = clients_.try_emplace(client);
  LogClient& known = position->second;
  if (!known.pending.empty()) return;
  known.confirmed = std::max(known.confirmed, confirmed);
  known.last = std::max(known.last, confirmed);
}

void DurableLog::RetireClient(const ClientID& client) {
  const auto known = clients_.find(client);
  if (known == clients_.end() || !known->second.pending.empty()) return;
  const bool waiting =
      std::any_of(results_.begin(), results_.end(),
                  [&](const protocol::MutationResult& result) { return result.client == client; });
  if (waiting) return;
  clients_.erase(known);
  // What it has in the database goes with what base confirms.
  awaiting_base_.push_back(DeleteClient{client});
}

// ---- mutations ----

DurableLog::Appended DurableLog::Append(mutation::Mutation mutation) {
  LogClient& client = clients_[mutation.client];
  if (mutation.id <= client.last) return Appended::kKnown;
  if (mutation.id != client.last + 1) return Appended::kGap;
  const LogSeq seq = ++last_seq_;
  client.last = mutation.id;
  client.pending.emplace(mutation.id, seq);
  Stage(PutMutation{seq});
  Stage(PutClient{mutation.client, client.confirmed, client.last});
  entries_.emplace(seq, std::move(mutation));
  return Appended::kNew;
}

void DurableLog::Confirm(const ClientID& client, MutationID id) {
  const auto known = clients_.find(client);
  if (known == clients_.end() || id <= known->second.confirmed) return;
  LogClient& state = known->second;
  state.confirmed = id;
  state.last = std::max(state.last, id);
  while (!state.pending.empty() && state.pending.begin()->first <= id) {
    entries_.erase(state.pending.begin()->second);
    state.pending.erase(state.pending.begin());
  }
  awaiting_base_.push_back(DeleteMutations{client, id});
  awaiting_base_.push_back(PutClient{client, state.confirmed, state.last});
}

void DurableLog::OnBaseDurable() {
  // Not urgent: until it happens, base itself says what is confirmed.
  for (Change& change : awaiting_base_) staged_.push_back(std::move(change));
  awaiting_base_.clear();
}

// ---- rejections and results ----

void DurableLog::Reject(mutation::Mutation mutation, Error error) {
  for (const protocol::Rejections::Entry& entry : rejections_) {
    if (entry.mutation.client == mutation.client && entry.mutation.id == mutation.id) return;
  }
  rejections_.push_back({std::move(mutation), std::move(error)});
  Stage(PutRejection{rejections_.back()});
}

void DurableLog::Dismiss(const ClientID& client, MutationID id) {
  const auto end = std::remove_if(rejections_.begin(), rejections_.end(), [&](const auto& entry) {
    return entry.mutation.client == client && entry.mutation.id == id;
  });
  if (end == rejections_.end()) return;
  rejections_.erase(end, rejections_.end());
  Stage(DeleteRejection{client, id});
}

void DurableLog::RejectPending(const ClientID& client, const Error& error) {
  const auto known = clients_.find(client);
  if (known == clients_.end()) return;
  LogClient& state = known->second;
  for (const auto& [id, seq] : state.pending) {
    const auto entry = entries_.find(seq);
    Reject(std::move(entry->second), error);
    entries_.erase(entry);
  }
  state.pending.clear();
  state.confirmed = state.last;
  // In one transaction with the rejections: no moment knows neither.
  Stage(DeleteMutations{client, state.last});
  Stage(PutClient{client, state.confirmed, state.last});
}

void DurableLog::StoreResult(protocol::MutationResult result) {
  for (const protocol::MutationResult& known : results_) {
    if (known.client == result.client && known.id == result.id) return;
  }
  Stage(PutResult{result});
  results_.push_back(std::move(result));
  if (results_.size() > kStoredResultsMax) {
    DropResults(ClientID(results_.front().client), results_.front().id);
  }
}

std::vector<protocol::MutationResult> DurableLog::ResultsOf(const ClientID& client,
                                                            MutationID after,
                                                            MutationID upto) const {
  std::vector<protocol::MutationResult> found;
  for (const protocol::MutationResult& result : results_) {
    if (result.client != client || result.id <= after || result.id > upto) continue;
    found.push_back(result);
  }
  return found;
}

void DurableLog::DropResults(const ClientID& client, MutationID upto) {
  const auto end = std::remove_if(results_.begin(), results_.end(), [&](const auto& result) {
    return result.client == client && result.id <= upto;
  });
  if (end == results_.end()) return;
  results_.erase(end, results_.end());
  Stage(DeleteResults{client, upto});
}

void DurableLog::SetAuth(std::string auth_json) {
  if (auth_json == auth_json_) return;
  auth_json_ = std::move(auth_json);
  Stage(PutAuth{});
}

void DurableLog::Clear() {
  entries_.clear();
  clients_.clear();
  rejections_.clear();
  results_.clear();
  staged_.clear();
  awaiting_base_.clear();
  Stage(DeleteAll{});
}

// ---- writing ----

Status DurableLog::Flush() {
  if (!staged_.empty()) {
    TIDEMARK_ASSIGN_OR_RETURN(
        store::SqliteTransaction transaction,
        store::SqliteTransaction::Begin(database_, store::TransactionKind::kWrite));
    for (const Change& change : staged_) TIDEMARK_TRY(Write(change));
    TIDEMARK_TRY(transaction.Commit());
    staged_.clear();
  }
  urgent_ = false;
  durable_ = last_seq_;
  return Ok{};
}

Status DurableLog::WriteMutation(LogSeq seq) {
  const auto entry = entries_.find(seq);
  if (entry == entries_.end()) return Ok{};  // settled before it was written
  TIDEMARK_ASSIGN_OR_RETURN(
      store::Statement * insert,
      database_.Cached(
          "INSERT INTO mutation(seq, client, id, name, args, timestamp, seed, checksum)"
          " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"));
  insert->Bind(1, static_cast<std::int64_t>(seq));
  BindMutation(*insert, 2, entry->second);
  insert->Bind(8, RecordChecksum(seq, entry->second));
  return insert->Run();
}

Status DurableLog::Write(const Change& change) {
  if (const auto* put = std::get_if<PutMutation>(&change)) return WriteMutation(put->seq);

  const auto run = [this](std::string_view sql, auto bind) -> Status {
    TIDEMARK_ASSIGN_OR_RETURN(store::Statement * statement, database_.Cached(sql));
    bind(*statement);
    return statement->Run();
  };
  const auto number = [](MutationID id) { return static_cast<std::int64_t>(id); };

  if (const auto* gone = std::get_if<DeleteMutations>(&change)) {
    return run("DELETE FROM mutation WHERE client = ? AND id <= ?", [&](store::Statement& s) {
      s.Bind(1, gone->client.value).Bind(2, number(gone->upto));
    });
  }
  if (const auto* client = std::get_if<PutClient>(&change)) {
    return run("INSERT OR REPLACE INTO client(client, confirmed, last) VALUES (?, ?, ?)",
               [&](store::Statement& s) {
                 s.Bind(1, client->client.value)
                     .Bind(2, number(client->confirmed))
                     .Bind(3, number(client->last));
               });
  }
  if (const auto* client = std::get_if<DeleteClient>(&change)) {
    if (clients_.contains(client->client)) return Ok{};  // came back meanwhile
    return run("DELETE FROM client WHERE client = ?",
               [&](store::Statement& s) { s.Bind(1, client->client.value); });
  }
  if (const auto* put = std::get_if<PutRejection>(&change)) {
    return run(
        "INSERT OR IGNORE INTO rejection(client, id, name, args, timestamp, seed, error)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [&](store::Statement& s) {
          BindMutation(s, 1, put->entry.mutation);
          s.Bind(7, model::ErrorToJson(put->entry.error));
        });
  }
  if (const auto* gone = std::get_if<DeleteRejection>(&change)) {
    return run("DELETE FROM rejection WHERE client = ? AND id = ?", [&](store::Statement& s) {
      s.Bind(1, gone->client.value).Bind(2, number(gone->id));
    });
  }
  if (const auto* put = std::get_if<PutResult>(&change)) {
    return run(
        "INSERT OR IGNORE INTO result(client, id, result, error) VALUES (?, ?, ?, ?)",
        [&](store::Statement& s) {
          s.Bind(1, put->result.client.value)
              .Bind(2, number(put->result.id))
              .Bind(3, put->result.result_json)
              .Bind(4, put->result.error ? model::ErrorToJson(*put->result.error) : std::string());
        });
  }
  if (const auto* gone = std::get_if<DeleteResults>(&change)) {
    return run("DELETE FROM result WHERE client = ? AND id <= ?", [&](store::Statement& s) {
      s.Bind(1, gone->client.value).Bind(2, number(gone->upto));
    });
  }
  if (std::holds_alternative<PutAuth>(change)) {
    return run("INSERT OR REPLACE INTO meta(key, value) VALUES ('auth', ?)",
               [&](store::Statement& s) { s.Bind(1, auth_json_); });
  }
  return database_.Execute(
      "DELETE FROM mutation; DELETE FROM client; DELETE FROM rejection; DELETE FROM result");
}

}  // namespace tidemark::relay
