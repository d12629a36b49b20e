#include "server/postgres/postgres_replay.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "core/model/error_json.h"
#include "core/mutation/transaction.h"
#include "server/replay_rules.h"

namespace tidemark::server {
namespace {

// Serialisation failures and deadlocks of one mutation before `conflict` is its outcome.
constexpr int kConflictsMax = 20;
constexpr std::uint64_t kPauseMinUs = 200;
constexpr std::uint64_t kPauseMaxUs = 20000;

constexpr std::string_view kBegin = "BEGIN ISOLATION LEVEL SERIALIZABLE";
constexpr std::string_view kCommit = "COMMIT";
constexpr std::string_view kRollback = "ROLLBACK";

constexpr std::string_view kAdvance =
    "UPDATE tidemark.client SET lmid = $2::int8, seen_ms = $5::int8 WHERE client = $1 AND "
    "lmid = $2::int8 - 1 AND client_group = $3 AND subject = $4";
constexpr std::string_view kInsert =
    "INSERT INTO tidemark.client (client, lmid, client_group, subject, seen_ms, created_ms) "
    "VALUES ($1, $2::int8, $3, $4, $5::int8, $5::int8) ON CONFLICT DO NOTHING";
constexpr std::string_view kStoreResult =
    "INSERT INTO tidemark.result (client, id, result, error) VALUES ($1, $2::int8, $3, '')";
// The id and the error in one statement, which is one transaction.
constexpr std::string_view kConsume =
    "WITH moved AS (UPDATE tidemark.client SET lmid = $2::int8, seen_ms = $5::int8 WHERE "
    "client = $1 AND lmid = $2::int8 - 1 AND client_group = $3 AND subject = $4 RETURNING client) "
    "INSERT INTO tidemark.result (client, id, result, error) "
    "SELECT client, $2::int8, '', $6 FROM moved";
constexpr std::string_view kConsumeFirst =
    "WITH moved AS (INSERT INTO tidemark.client (client, lmid, client_group, subject, seen_ms, "
    "created_ms) VALUES ($1, $2::int8, $3, $4, $5::int8, $5::int8) ON CONFLICT DO NOTHING "
    "RETURNING client) INSERT INTO tidemark.result (client, id, result, error) "
    "SELECT client, $2::int8, '', $6 FROM moved";
constexpr std::string_view kFindClient =
    "SELECT client_group, subject, lmid FROM tidemark.client WHERE client = $1";
constexpr std::string_view kFindGroup =
    "SELECT count(*), count(*) FILTER (WHERE subject <> $2) FROM tidemark.client "
    "WHERE client_group = $1";
constexpr std::string_view kForget =
    "DELETE FROM tidemark.result r USING tidemark.client c WHERE r.client = $1 AND "
    "r.id <= $2::int8 AND c.client = r.client AND c.client_group = $3";

PgParameters ClientParameters(const PushRequest& push, const mutation::Mutation& mutation,
                              std::int64_t now_ms) {
  return {mutation.client.value, std::to_string(mutation.id), push.group.value, push.subject,
          std::to_string(now_ms)};
}

}  // namespace

PostgresReplay::PostgresReplay(const model::Schema& schema, std::string url,
                               mutation::MutatorHost& host, protocol::Limits limits,
                               std::uint64_t seed)
    : schema_(schema),
      url_(std::move(url)),
      host_(host),
      limits_(limits),
      random_(seed),
      rows_(schema) {}

Status PostgresReplay::Connect() {
  connection_.reset();
  begun_ahead_ = false;
  TIDEMARK_ASSIGN_OR_RETURN(connection_, PgConnection::Open(url_, PgRole::kSql));
  return Ok{};
}

Result<PostgresReplay::Refusal> PostgresReplay::Apply(const PushRequest& push, std::size_t& next,
                                                      std::int64_t now_ms) {
  for (; next < push.mutations.size(); ++next) {
    TIDEMARK_ASSIGN_OR_RETURN(Refusal refusal, ApplyOne(push, next, now_ms));
    if (!refusal.has_value()) continue;
    if (begun_ahead_) {
      (void)connection_->ReadStep();
      begun_ahead_ = false;
      TIDEMARK_TRY(Rollback());
    }
    return refusal;
  }
  return Refusal();
}

Result<PostgresReplay::Refusal> PostgresReplay::ApplyOne(const PushRequest& push, std::size_t next,
                                                         std::int64_t now_ms) {
  const mutation::Mutation& mutation = push.mutations[next];
  if (mutation.id == 1) {
    TIDEMARK_ASSIGN_OR_RETURN(Refusal refusal, AdmitNew(push, mutation, now_ms));
    if (refusal.has_value()) return refusal;
  }
  Attempts attempts;
  while (true) {
    TIDEMARK_ASSIGN_OR_RETURN(const Outcome outcome, Attempt(push, next, now_ms, attempts));
    if (outcome == Outcome::kDone) return Refusal();
    if (outcome == Outcome::kAgain) continue;
    bool duplicate = false;
    TIDEMARK_ASSIGN_OR_RETURN(Refusal refusal, Settle(push, mutation, duplicate));
    if (refusal.has_value() || duplicate) return refusal;
  }
}

/// Whether a client that is not known may begin here; what is known is left to the transaction.
Result<PostgresReplay::Refusal> PostgresReplay::AdmitNew(const PushRequest& push,
                                                         const mutation::Mutation& mutation,
                                                         std::int64_t now_ms) {
  connection_->Queue(kFindClient, {mutation.client.value});
  connection_->Queue(kFindGroup, {push.group.value, push.subject});
  connection_->EndStep();
  const std::vector<PgResult> found = connection_->ReadStep();
  for (const PgResult& result : found) TIDEMARK_TRY(StatusOf(result));
  if (found[0].rows() > 0) return Refusal();
  if (IsBeyondHorizon(mutation.client, now_ms)) return Refusal(ExpiredClient(mutation));
  if (found[1].Unsigned(0, 1) > 0) {
    return Refusal(Error{ErrorCode::kForbidden, "this client group belongs to somebody else"});
  }
  if (found[1].Unsigned(0, 0) >= limits_.clients_per_group_max) {
    return Refusal(Error{ErrorCode::kLimit, "a client group has at most " +
                                                std::to_string(limits_.clients_per_group_max) +
                                                " clients (clients_per_group_max)"});
  }
  return Refusal();
}

/// Why the id did not move. Neither refused nor a duplicate: it moved meanwhile, try again.
Result<PostgresReplay::Refusal> PostgresReplay::Settle(const PushRequest& push,
                                                       const mutation::Mutation& mutation,
                                                       bool& duplicate) {
  const PgResult found = connection_->Query(kFindClient, {mutation.client.value});
  TIDEMARK_TRY(StatusOf(found));
  if (found.rows() == 0) {
    if (mutation.id == 1) return Refusal();
    return Refusal(ExpiredClient(mutation));
  }
  if (found.Text(0, 0) != push.group.value || found.Text(0, 1) != push.subject) {
    return Refusal(ForeignClient(mutation));
  }
  const MutationID lmid = found.Unsigned(0, 2);
  duplicate = lmid >= mutation.id;
  if (duplicate || lmid + 1 == mutation.id) return Refusal();
  return Refusal(Gap(mutation, lmid + 1));
}

void PostgresReplay::QueueBegin(const PushRequest& push, const mutation::Mutation& mutation,
                                std::int64_t now_ms) {
  connection_->Queue(kBegin);
  connection_->Queue(mutation.id == 1 ? kInsert : kAdvance,
                     ClientParameters(push, mutation, now_ms));
  connection_->EndStep();
}

Status PostgresReplay::Rollback() { return StatusOf(connection_->Query(kRollback)); }

Result<PostgresReplay::Outcome> PostgresReplay::Attempt(const PushRequest& push, std::size_t next,
                                                        std::int64_t now_ms, Attempts& attempts) {
  const mutation::Mutation& mutation = push.mutations[next];
  if (!std::exchange(begun_ahead_, false)) QueueBegin(push, mutation, now_ms);
  const std::vector<PgResult> begun = connection_->ReadStep();
  for (const PgResult& result : begun) {
    if (!result.ok()) return OnFault(push, mutation, result.fault(), now_ms, attempts);
  }
  if (begun.back().affected() == 1) return Run(push, next, now_ms, attempts);
  TIDEMARK_TRY(Rollback());
  return Outcome::kNotNext;
}

Result<PostgresReplay::Outcome> PostgresReplay::Run(const PushRequest& push, std::size_t next,
                                                    std::int64_t now_ms, Attempts& attempts) {
  const mutation::Mutation& mutation = push.mutations[next];
  if (!host_.Has(mutation.name)) {
    TIDEMARK_TRY(Rollback());
    return Consume(push, mutation, UnknownMutator(mutation), now_ms);
  }
  rows_.Begin(*connection_);
  mutation::Transaction transaction(schema_, rows_, mutation);
  Result<std::string> returned =
      host_.Run(mutation, ReplayContext(push, mutation, now_ms), transaction);
  if (rows_.fault().has_value()) {
    return OnFault(push, mutation, *rows_.fault(), now_ms, attempts);
  }
  if (returned.ok() && !transaction.doom().has_value()) {
    return Commit(push, next, now_ms, *returned, attempts);
  }
  TIDEMARK_TRY(Rollback());
  const Error error =
      transaction.doom().has_value() ? *transaction.doom() : std::move(returned).error();
  if (MayPassNextTime(error) && ++attempts.runs < kMutatorAttemptsMax) return Outcome::kAgain;
  return Consume(push, mutation, error, now_ms);
}

/// Everything that is left travels in one step, and the next mutation's beginning behind it.
Result<PostgresReplay::Outcome> PostgresReplay::Commit(const PushRequest& push, std::size_t next,
                                                       std::int64_t now_ms,
                                                       const std::string& result_json,
                                                       Attempts& attempts) {
  const mutation::Mutation& mutation = push.mutations[next];
  rows_.QueueWrites();
  if (!result_json.empty()) {
    connection_->Queue(kStoreResult,
                       {mutation.client.value, std::to_string(mutation.id), result_json});
  }
  connection_->Queue(kCommit);
  connection_->EndStep();
  const bool ahead = next + 1 < push.mutations.size() && push.mutations[next + 1].id != 1;
  if (ahead) QueueBegin(push, push.mutations[next + 1], now_ms);
  const std::vector<PgResult> results = connection_->ReadStep();
  for (const PgResult& result : results) {
    if (result.ok()) continue;
    if (ahead) (void)connection_->ReadStep();
    return OnFault(push, mutation, result.fault(), now_ms, attempts);
  }
  begun_ahead_ = ahead;
  return Outcome::kDone;
}

Result<PostgresReplay::Outcome> PostgresReplay::OnFault(const PushRequest& push,
                                                        const mutation::Mutation& mutation,
                                                        const Fault& fault, std::int64_t now_ms,
                                                        Attempts& attempts) {
  if (fault.kind == Fault::Kind::kUnavailable || !connection_->alive()) {
    Disconnect();
    return Error{ErrorCode::kUnavailable, fault.error.message};
  }
  const Fault failed = fault;
  TIDEMARK_TRY(Rollback());
  if (failed.kind == Fault::Kind::kRetry && ++attempts.conflicts < kConflictsMax) {
    PauseAfterConflict(attempts.conflicts);
    return Outcome::kAgain;
  }
  // The key may have been taken by a transaction that this one did not see: then the next run does.
  if (failed.sqlstate == "23505" && ++attempts.unique < 2) return Outcome::kAgain;
  return Consume(push, mutation, failed.error, now_ms);
}

/// The mutation had no effect and this error is its outcome.
Result<PostgresReplay::Outcome> PostgresReplay::Consume(const PushRequest& push,
                                                        const mutation::Mutation& mutation,
                                                        const Error& error, std::int64_t now_ms) {
  PgParameters parameters = ClientParameters(push, mutation, now_ms);
  parameters.emplace_back(model::ErrorToJson(error));
  const PgResult stored =
      connection_->Query(mutation.id == 1 ? kConsumeFirst : kConsume, parameters);
  if (!stored.ok()) {
    if (stored.fault().kind == Fault::Kind::kRetry) return Outcome::kAgain;
    Disconnect();
    return Error{ErrorCode::kUnavailable, stored.fault().error.message};
  }
  return stored.affected() == 1 ? Outcome::kDone : Outcome::kNotNext;
}

void PostgresReplay::PauseAfterConflict(int conflicts) {
  const std::uint64_t most =
      std::min(kPauseMaxUs, kPauseMinUs << static_cast<unsigned>(std::min(conflicts, 16)));
  std::this_thread::sleep_for(std::chrono::microseconds(random_.Below(most) + 1));
}

Status PostgresReplay::Forget(const ClientGroupID& group,
                              const std::vector<protocol::ClientState>& upto) {
  if (upto.empty()) return Ok{};
  for (const protocol::ClientState& client : upto) {
    connection_->Queue(kForget, {client.client.value, std::to_string(client.lmid), group.value});
  }
  connection_->EndStep();
  for (const PgResult& result : connection_->ReadStep()) TIDEMARK_TRY(StatusOf(result));
  return Ok{};
}

}  // namespace tidemark::server
