#include "server/embedded/sqlite_authority.h"

#include <chrono>
#include <random>
#include <utility>

#include "core/base/check.h"
#include "core/base/hash.h"
#include "server/embedded/database_lock.h"
#include "server/embedded/replay_worker.h"
#include "server/embedded/sqlite_state.h"
#include "server/hydration_worker.h"

namespace tidemark::server {
namespace {

std::int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string NewEpoch() {
  std::random_device device;
  const auto word = [&device] { return std::uint64_t{device()} << 32 | device(); };
  return ToHex(Hash128{word(), word()});
}

}  // namespace

SqliteAuthority::SqliteAuthority(const model::Schema& schema, EmbeddedOptions options)
    : schema_(schema), options_(std::move(options)) {}

SqliteAuthority::~SqliteAuthority() = default;

Status SqliteAuthority::Start(CommitListener& listener) {
  listener_ = &listener;
  TIDEMARK_ASSIGN_OR_RETURN(lock_, DatabaseLock::Take(options_.path));
  TIDEMARK_TRY(OpenDatabases());
  TIDEMARK_TRY(Pin());
  replica_ = std::make_unique<store::SqliteStore>(schema_, *reader_);
  hydration_ = std::make_unique<HydrationWorker>(schema_, options_.path, options_.post);
  return worker_->Start();
}

Status SqliteAuthority::OpenDatabases() {
  TIDEMARK_ASSIGN_OR_RETURN(store::Database writer, store::Database::Open(options_.path));
  // Acknowledged means on disk: every commit is flushed. The log is copied back by the worker.
  TIDEMARK_TRY(
      writer.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                     "PRAGMA wal_autocheckpoint = 0; PRAGMA busy_timeout = 2000"));
  Status prepared = PrepareDatabase(writer, schema_, NewEpoch(), NowMs());
  if (!prepared.ok()) {
    Error error = std::move(prepared).error();
    if (error.code == ErrorCode::kConflict) {
      error.message += "; change the schema back, or pass another --db";
    }
    return error;
  }
  TIDEMARK_TRY(writer.Execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  TIDEMARK_ASSIGN_OR_RETURN(store::Database reader, store::Database::Open(options_.path));
  TIDEMARK_TRY(reader.Execute("PRAGMA query_only = ON; PRAGMA busy_timeout = 2000"));
  reader_ = std::move(reader);
  ReplayEvents events;
  events.committed = [this](hub::Commit commit) { OnCommitted(std::move(commit)); };
  events.repin = [this] { OnRepin(); };
  events.availability = [this](bool available, const std::string& reason) {
    listener_->OnAvailability(available, reason);
  };
  events.fatal = [this](const Error& error) { listener_->OnFatal(error); };
  worker_ = std::make_unique<ReplayWorker>(schema_, std::move(writer), options_.limits,
                                           options_.make_host, options_.post, std::move(events));
  return Ok{};
}

Status SqliteAuthority::Pin() {
  snapshot_.reset();
  TIDEMARK_ASSIGN_OR_RETURN(
      store::SqliteTransaction snapshot,
      store::SqliteTransaction::Begin(*reader_, store::TransactionKind::kRead));
  snapshot_.emplace(std::move(snapshot));
  TIDEMARK_ASSIGN_OR_RETURN(version_, ReadVersion(*reader_));
  return Ok{};
}

void SqliteAuthority::OnCommitted(hub::Commit commit) {
  const Status pinned = Pin();
  if (!pinned.ok()) return listener_->OnFatal(pinned.error());
  TIDEMARK_CHECK(version_ == commit.to);
  worker_->Pinned(version_.position);
  listener_->OnCommit(std::move(commit));
}

void SqliteAuthority::OnRepin() {
  const Status pinned = Pin();
  if (!pinned.ok()) return listener_->OnFatal(pinned.error());
  worker_->Repinned();
}

void SqliteAuthority::Stop(std::function<void()> done) {
  worker_->Stop([this, done = std::move(done)] {
    worker_.reset();
    hydration_.reset();
    snapshot_.reset();
    done();
  });
}

void SqliteAuthority::LoadGroup(const ClientGroupID& group, const std::string& subject,
                                const std::vector<protocol::ClientState>& clients,
                                std::function<void(Result<GroupState>)> done) {
  if (clients.size() > options_.limits.clients_per_group_max) {
    return done(Error{ErrorCode::kLimit, "a client group has at most " +
                                             std::to_string(options_.limits.clients_per_group_max) +
                                             " clients (clients_per_group_max)"});
  }
  done(ReadGroup(*reader_, group, subject, clients, NowMs()));
}

void SqliteAuthority::Push(PushRequest request, std::function<void(Status)> done) {
  worker_->Push(std::move(request), std::move(done));
}

void SqliteAuthority::AckResults(const ClientGroupID& group,
                                 const std::vector<protocol::ClientState>& upto) {
  worker_->Acknowledge(Acknowledgement{group, upto});
}

void SqliteAuthority::Resolve(std::string name, std::string args_json, std::string auth_json,
                              std::function<void(Result<std::string>)> done) {
  worker_->Resolve(std::move(name), std::move(args_json), std::move(auth_json), std::move(done));
}

void SqliteAuthority::Hydrate(std::unique_ptr<hub::HydrationJob> job,
                              std::function<void(std::unique_ptr<hub::HydrationJob>)> done) {
  hydration_->Add(std::move(job), std::move(done));
}

}  // namespace tidemark::server
