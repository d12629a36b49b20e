#include "server/postgres/connection.h"

#include <libpq-fe.h>

#include <array>
#include <charconv>
#include <utility>

#include "core/model/value.h"

namespace tidemark::server {
namespace {

// Texts of statements depend on what apps ask; beyond this many they are not kept prepared.
constexpr std::size_t kPreparedMax = 400;

// Index scans lock a page where a scan of a small table would lock all of it against every other
// serializable transaction.
constexpr const char kSettings[] =
    "SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'; SET extra_float_digits = 1;"
    "SET bytea_output = 'hex'; SET client_min_messages = warning";
constexpr const char kSqlSettings[] =
    "SET enable_seqscan = off; SET jit = off; SET lock_timeout = '10s';"
    "SET statement_timeout = '60s'; SET plan_cache_mode = force_generic_plan;"
    // For a role named tidemark the schema of Tidemark's own tables would come first.
    "SELECT set_config('search_path', coalesce((SELECT string_agg(quote_ident(s), ', ') "
    "FROM unnest(current_schemas(false)) s WHERE s <> 'tidemark'), 'public'), false)";

std::string Trimmed(const char* message) {
  std::string text = message == nullptr ? "" : message;
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  return text;
}

bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

bool IsRetry(std::string_view state) {
  return state == "40001" || state == "40P01" || state == "55P03" || state == "57014" ||
         state == "26000";
}

/// Connection lost, shutting down, out of resources, read-only standby; and what an administrator
/// repairs: a table or column that was taken away.
bool IsUnavailable(std::string_view state) {
  return state.empty() || StartsWith(state, "08") || StartsWith(state, "57P") ||
         StartsWith(state, "53") || StartsWith(state, "58") || state == "25006" ||
         state == "42P01" || state == "42703" || state == "3F000";
}

ErrorCode CodeOf(std::string_view state) {
  if (state == "57014" || state == "55P03") return ErrorCode::kTimeout;
  if (IsRetry(state)) return ErrorCode::kConflict;
  if (state == "23505") return ErrorCode::kAlreadyExists;
  if (state == "23502" || state == "23514" || StartsWith(state, "22")) {
    return ErrorCode::kInvalidArgs;
  }
  if (StartsWith(state, "23") || state == "P0001") return ErrorCode::kConflict;
  if (state == "42501") return ErrorCode::kForbidden;
  return ErrorCode::kInternal;
}

}  // namespace

// ---- results ----

void PgResult::Clear::operator()(pg_result* result) const { PQclear(result); }

std::size_t PgResult::rows() const { return static_cast<std::size_t>(PQntuples(result_.get())); }

bool PgResult::IsNull(std::size_t row, int column) const {
  return PQgetisnull(result_.get(), static_cast<int>(row), column) != 0;
}

std::string_view PgResult::Text(std::size_t row, int column) const {
  const int at = static_cast<int>(row);
  return {PQgetvalue(result_.get(), at, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), at, column))};
}

std::uint64_t PgResult::Unsigned(std::size_t row, int column) const {
  const std::string_view text = Text(row, column);
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::size_t PgResult::affected() const {
  const std::string_view text = PQcmdTuples(result_.get());
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Status StatusOf(const PgResult& result) {
  if (result.ok()) return Ok{};
  return result.fault().error;
}

// ---- connection ----

Result<std::unique_ptr<PgConnection>> PgConnection::Open(const std::string& url, PgRole role) {
  const bool replication = role == PgRole::kReplication;
  const std::array<const char*, 6> keys = {"dbname",          "application_name",
                                           "connect_timeout", replication ? "replication" : nullptr,
                                           nullptr,           nullptr};
  const std::array<const char*, 6> values = {
      url.c_str(), "tidemark", "10", replication ? "database" : nullptr, nullptr, nullptr};
  PGconn* handle = PQconnectdbParams(keys.data(), values.data(), 1);
  std::unique_ptr<PgConnection> connection(new PgConnection(handle));
  if (PQstatus(handle) != CONNECTION_OK) {
    return Error{ErrorCode::kUnavailable,
                 "cannot connect to Postgres (check --db and that it "
                 "runs): " +
                     Trimmed(PQerrorMessage(handle))};
  }
  TIDEMARK_TRY(StatusOf(connection->Execute(kSettings)));
  if (!replication) TIDEMARK_TRY(StatusOf(connection->Execute(kSqlSettings)));
  return connection;
}

PgConnection::~PgConnection() { PQfinish(connection_); }

bool PgConnection::alive() const { return !broken_ && PQstatus(connection_) == CONNECTION_OK; }

Fault PgConnection::FaultOf(const pg_result* result) const {
  const char* state_text =
      result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string state = state_text == nullptr ? "" : state_text;
  const char* primary =
      result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  Fault fault;
  fault.sqlstate = state;
  fault.error.message =
      primary == nullptr ? Trimmed(PQerrorMessage(connection_)) : std::string(primary);
  if (fault.error.message.empty()) fault.error.message = "the connection to Postgres was lost";
  // A prepared statement of a table that was altered meanwhile: a new connection has new ones.
  const bool stale = state == "0A000" && StartsWith(fault.error.message, "cached plan");
  if (PQstatus(connection_) != CONNECTION_OK || IsUnavailable(state) || stale) {
    fault.kind = Fault::Kind::kUnavailable;
    fault.error.code = ErrorCode::kUnavailable;
    return fault;
  }
  fault.kind = IsRetry(state) ? Fault::Kind::kRetry : Fault::Kind::kRejected;
  fault.error.code = CodeOf(state);
  fault.error.details_json = "{\"sqlstate\":\"" + state + "\"";
  const char* constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
  if (constraint != nullptr) {
    fault.error.details_json += ",\"constraint\":";
    model::AppendJsonString(fault.error.details_json, constraint);
  }
  fault.error.details_json += "}";
  return fault;
}

PgResult PgConnection::Wrap(pg_result* result) const {
  switch (result == nullptr ? PGRES_FATAL_ERROR : PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_COPY_BOTH:
    case PGRES_EMPTY_QUERY:
      return PgResult(result);
    default:
      break;
  }
  PgResult failed(FaultOf(result));
  PQclear(result);
  return failed;
}

PgResult PgConnection::Execute(const std::string& sql) {
  LeavePipeline();
  return Wrap(PQexec(connection_, sql.c_str()));
}

PgResult PgConnection::Query(std::string_view sql, const PgParameters& parameters) {
  Queue(sql, parameters);
  EndStep();
  std::vector<PgResult> results = ReadStep();
  return std::move(results.front());
}

// ---- steps ----

void PgConnection::LeavePipeline() {
  if (!in_pipeline_) return;
  if (PQexitPipelineMode(connection_) == 0) broken_ = true;
  in_pipeline_ = false;
}

void PgConnection::Queue(std::string_view sql, const PgParameters& parameters) {
  if (!in_pipeline_) {
    if (PQenterPipelineMode(connection_) == 0) broken_ = true;
    in_pipeline_ = true;
  }
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const auto& parameter : parameters) {
    values.push_back(parameter.has_value() ? parameter->c_str() : nullptr);
  }
  const int count = static_cast<int>(values.size());
  const std::string text(sql);
  auto known = prepared_.find(sql);
  if (known == prepared_.end() && prepared_.size() < kPreparedMax) {
    const std::string name = "s" + std::to_string(++last_name_);
    if (PQsendPrepare(connection_, name.c_str(), text.c_str(), 0, nullptr) == 0) broken_ = true;
    sent_.push_back(Sent{Sent::Kind::kPrepare, text});
    known = prepared_.emplace(text, name).first;
  }
  const int queued = known == prepared_.end()
                         ? PQsendQueryParams(connection_, text.c_str(), count, nullptr,
                                             values.data(), nullptr, nullptr, 0)
                         : PQsendQueryPrepared(connection_, known->second.c_str(), count,
                                               values.data(), nullptr, nullptr, 0);
  if (queued == 0) broken_ = true;
  sent_.push_back(Sent{Sent::Kind::kQuery});
}

void PgConnection::EndStep() {
  if (PQpipelineSync(connection_) == 0) broken_ = true;
  sent_.push_back(Sent{Sent::Kind::kStep});
}

std::vector<PgResult> PgConnection::ReadStep() {
  std::vector<PgResult> results;
  std::optional<Fault> fault;
  while (!sent_.empty()) {
    const Sent sent = std::move(sent_.front());
    sent_.pop_front();
    if (!alive()) {
      if (!fault.has_value()) {
        fault = FaultOf(nullptr);
        fault->kind = Fault::Kind::kUnavailable;
        fault->error.code = ErrorCode::kUnavailable;
      }
      if (sent.kind == Sent::Kind::kStep) break;
      if (sent.kind == Sent::Kind::kQuery) results.push_back(PgResult(*fault));
      continue;
    }
    pg_result* raw = PQgetResult(connection_);
    if (sent.kind == Sent::Kind::kStep) {
      PQclear(raw);
      break;
    }
    const bool skipped = raw != nullptr && PQresultStatus(raw) == PGRES_PIPELINE_ABORTED;
    if (skipped && !fault.has_value()) fault = FaultOf(raw);
    PgResult result = skipped ? PgResult(*fault) : Wrap(raw);
    if (skipped) PQclear(raw);
    if (!result.ok() && !fault.has_value()) fault = result.fault();
    // Each command's results end with a null.
    while (alive()) {
      pg_result* more = PQgetResult(connection_);
      if (more == nullptr) break;
      PQclear(more);
    }
    if (sent.kind == Sent::Kind::kQuery) {
      results.push_back(std::move(result));
    } else if (!result.ok()) {
      prepared_.erase(sent.text);
    }
  }
  return results;
}

}  // namespace tidemark::server
