#include "server/embedded/sqlite_replay.h"

#include <utility>

#include "core/model/error_json.h"
#include "core/mutation/transaction.h"
#include "server/replay_rules.h"

namespace tidemark::server {
namespace {

using store::Statement;

// Clients whose row is kept at hand between batches.
constexpr std::size_t kKnownClientsMax = 20000;

}  // namespace

Result<std::unique_ptr<SqliteReplay>> SqliteReplay::Open(const model::Schema& schema,
                                                         store::Database& database,
                                                         mutation::MutatorHost& host,
                                                         protocol::Limits limits) {
  TIDEMARK_ASSIGN_OR_RETURN(Version version, ReadVersion(database));
  return std::unique_ptr<SqliteReplay>(
      new SqliteReplay(schema, database, host, limits, std::move(version)));
}

SqliteReplay::SqliteReplay(const model::Schema& schema, store::Database& database,
                           mutation::MutatorHost& host, protocol::Limits limits, Version version)
    : schema_(schema),
      database_(database),
      host_(host),
      limits_(limits),
      version_(std::move(version)),
      store_(schema, database),
      rows_(database, store_) {}

Result<ReplayOutcome> SqliteReplay::Apply(const ReplayBatch& batch, std::int64_t now_ms,
                                          const ReplayHooks& hooks) {
  if (clients_.size() > kKnownClientsMax) clients_.clear();
  Result<ReplayOutcome> outcome = [&]() -> Result<ReplayOutcome> {
    TIDEMARK_ASSIGN_OR_RETURN(
        store::SqliteTransaction transaction,
        store::SqliteTransaction::Begin(database_, store::TransactionKind::kWrite));
    TIDEMARK_ASSIGN_OR_RETURN(ReplayOutcome done, ApplyInTransaction(batch, now_ms, hooks.enough));
    hooks.before_commit();
    TIDEMARK_TRY(transaction.Commit());
    return done;
  }();
  // After a failure the database is asked again: its answer settles even an unknown commit.
  if (!outcome.ok()) clients_.clear();
  if (outcome.ok() && outcome->commit.has_value()) version_ = outcome->commit->to;
  return outcome;
}

Result<ReplayOutcome> SqliteReplay::ApplyInTransaction(const ReplayBatch& batch,
                                                       std::int64_t now_ms,
                                                       FunctionRef<bool()> enough) {
  (void)net_.Take();
  changed_clients_.clear();
  results_.clear();
  ended_early_ = false;
  TIDEMARK_ASSIGN_OR_RETURN(Version version, ReadVersion(database_));
  ReplayOutcome outcome;
  for (const Acknowledgement& acknowledgement : batch.acknowledgements) {
    TIDEMARK_TRY(Forget(acknowledgement));
  }
  for (const PushRequest& push : batch.pushes) {
    TIDEMARK_ASSIGN_OR_RETURN(Refusal refusal, ApplyPush(push, now_ms, enough));
    if (ended_early_) break;
    outcome.pushes.push_back(refusal.has_value() ? Status(std::move(*refusal)) : Status(Ok{}));
    if (&push != &batch.pushes.back() && enough()) break;
  }
  if (changed_clients_.empty()) return outcome;

  hub::Commit commit;
  TIDEMARK_TRY(StoreClients(now_ms, commit));
  ++version.position;
  TIDEMARK_ASSIGN_OR_RETURN(Statement * advance,
                            database_.Cached("UPDATE tidemark_version SET position = ?1"));
  advance->Bind(1, static_cast<std::int64_t>(version.position));
  TIDEMARK_TRY(advance->Run());
  commit.to = std::move(version);
  commit.changes = net_.Take();
  commit.results = std::move(results_);
  outcome.commit = std::move(commit);
  return outcome;
}

Result<SqliteReplay::Refusal> SqliteReplay::ApplyPush(const PushRequest& push, std::int64_t now_ms,
                                                      FunctionRef<bool()> enough) {
  for (const mutation::Mutation& mutation : push.mutations) {
    TIDEMARK_ASSIGN_OR_RETURN(Client * client, FindClient(mutation.client));
    if (client->row.has_value() && client->row->group == push.group &&
        client->row->subject == push.subject && mutation.id <= client->row->lmid) {
      continue;  // resent
    }
    TIDEMARK_ASSIGN_OR_RETURN(Refusal refusal, Admit(push, mutation, now_ms, *client));
    if (refusal.has_value()) return refusal;
    TIDEMARK_TRY(Replay(push, mutation, now_ms));
    client->row->lmid = mutation.id;
    if (!client->changed) {
      client->changed = true;
      changed_clients_.push_back(mutation.client);
    }
    if (&mutation != &push.mutations.back() && enough()) {
      ended_early_ = true;
      break;
    }
  }
  return Refusal();
}

/// Whether the mutation is the next one of a client that may write; makes the row of a new client.
Result<SqliteReplay::Refusal> SqliteReplay::Admit(const PushRequest& push,
                                                  const mutation::Mutation& mutation,
                                                  std::int64_t now_ms, Client& client) {
  if (!client.row.has_value()) {
    if (mutation.id != 1 || IsBeyondHorizon(mutation.client, now_ms)) {
      return Refusal(ExpiredClient(mutation));
    }
    const Status allowed =
        CheckNewClient(database_, push.group, push.subject, limits_.clients_per_group_max);
    if (!allowed.ok()) {
      const ErrorCode code = allowed.error().code;
      if (code != ErrorCode::kForbidden && code != ErrorCode::kLimit) return allowed.error();
      return Refusal(allowed.error());
    }
    client.row = ClientRow{push.group, push.subject, 0, now_ms};
    return Refusal();
  }
  if (client.row->group != push.group || client.row->subject != push.subject) {
    return Refusal(ForeignClient(mutation));
  }
  if (mutation.id != client.row->lmid + 1) {
    return Refusal(Gap(mutation, client.row->lmid + 1));
  }
  return Refusal();
}

Status SqliteReplay::Replay(const PushRequest& push, const mutation::Mutation& mutation,
                            std::int64_t now_ms) {
  const mutation::MutatorContext context = ReplayContext(push, mutation, now_ms);
  protocol::MutationResult result;
  result.client = mutation.client;
  result.id = mutation.id;
  if (host_.Has(mutation.name)) {
    TIDEMARK_TRY(RunMutator(mutation, context, result));
  } else {
    result.error = UnknownMutator(mutation);
  }
  if (!result.error.has_value() && result.result_json.empty()) return Ok{};
  TIDEMARK_TRY(StoreResult(result));
  results_.push_back(std::move(result));
  return Ok{};
}

Status SqliteReplay::RunMutator(const mutation::Mutation& mutation,
                                const mutation::MutatorContext& context,
                                protocol::MutationResult& result) {
  for (int attempt = 1;; ++attempt) {
    rows_.Begin();
    mutation::Transaction transaction(schema_, rows_, mutation);
    Result<std::string> returned = host_.Run(mutation, context, transaction);
    if (rows_.fault().has_value()) return *rows_.fault();
    if (returned.ok() && !transaction.doom().has_value()) {
      result.result_json = std::move(*returned);
      return rows_.Accept(net_);
    }
    TIDEMARK_TRY(rows_.Undo());
    Error error =
        transaction.doom().has_value() ? *transaction.doom() : std::move(returned).error();
    if (MayPassNextTime(error) && attempt < kMutatorAttemptsMax) continue;
    result.error = std::move(error);
    return Ok{};
  }
}

Status SqliteReplay::StoreResult(const protocol::MutationResult& result) {
  TIDEMARK_ASSIGN_OR_RETURN(
      Statement * insert, database_.Cached("INSERT INTO tidemark_result(client, id, result, error) "
                                           "VALUES (?1, ?2, ?3, ?4)"));
  insert->Bind(1, result.client.value)
      .Bind(2, static_cast<std::int64_t>(result.id))
      .Bind(3, result.result_json)
      .Bind(4, result.error.has_value() ? model::ErrorToJson(*result.error) : std::string());
  return insert->Run();
}

Status SqliteReplay::StoreClients(std::int64_t now_ms, hub::Commit& commit) {
  TIDEMARK_ASSIGN_OR_RETURN(
      Statement * upsert,
      database_.Cached("INSERT INTO tidemark_client"
                       "(client, client_group, subject, lmid, created_ms, seen_ms) "
                       "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (client) DO UPDATE "
                       "SET lmid = excluded.lmid, seen_ms = excluded.seen_ms"));
  for (const ClientID& id : changed_clients_) {
    Client& client = clients_.at(id);
    client.changed = false;
    upsert->Bind(1, id.value)
        .Bind(2, client.row->group.value)
        .Bind(3, client.row->subject)
        .Bind(4, static_cast<std::int64_t>(client.row->lmid))
        .Bind(5, client.row->created_ms)
        .Bind(6, now_ms);
    TIDEMARK_TRY(upsert->Run());
    commit.lmids.push_back(protocol::ClientState{id, client.row->lmid});
  }
  return Ok{};
}

Status SqliteReplay::Forget(const Acknowledgement& acknowledgement) {
  for (const protocol::ClientState& upto : acknowledgement.upto) {
    TIDEMARK_ASSIGN_OR_RETURN(const Client* client, FindClient(upto.client));
    if (!client->row.has_value() || client->row->group != acknowledgement.group) continue;
    TIDEMARK_ASSIGN_OR_RETURN(
        Statement * remove,
        database_.Cached("DELETE FROM tidemark_result WHERE client = ?1 AND id <= ?2"));
    remove->Bind(1, upto.client.value).Bind(2, static_cast<std::int64_t>(upto.lmid));
    TIDEMARK_TRY(remove->Run());
  }
  return Ok{};
}

Result<SqliteReplay::Client*> SqliteReplay::FindClient(const ClientID& id) {
  const auto known = clients_.find(id);
  if (known != clients_.end()) return &known->second;
  TIDEMARK_ASSIGN_OR_RETURN(std::optional<ClientRow> row, ReadClient(database_, id));
  Client& client = clients_[id];
  client.row = std::move(row);
  return &client;
}

}  // namespace tidemark::server
