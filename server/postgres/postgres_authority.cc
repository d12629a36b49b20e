#include "server/postgres/postgres_authority.h"

#include <chrono>
#include <future>
#include <utility>

#include "core/base/hash.h"
#include "server/embedded/sqlite_state.h"
#include "server/hydration_worker.h"
#include "server/postgres/catalog.h"
#include "server/postgres/connection.h"
#include "server/postgres/migration.h"
#include "server/postgres/postgres_worker.h"
#include "server/postgres/replica.h"
#include "server/postgres/replication.h"
#include "server/postgres/work_queue.h"

namespace tidemark::server {
namespace {

std::int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Status CheckServer(PgConnection& connection) {
  const PgResult level = connection.Query("SELECT current_setting('wal_level')");
  TIDEMARK_TRY(StatusOf(level));
  if (level.Text(0, 0) == "logical") return Ok{};
  return Error{ErrorCode::kInvalidArgs,
               "Postgres: wal_level is " + std::string(level.Text(0, 0)) +
                   ", Tidemark follows changes by logical replication; set wal_level = logical in "
                   "postgresql.conf and restart Postgres"};
}

}  // namespace

PostgresAuthority::PostgresAuthority(const model::Schema& schema, PostgresOptions options)
    : schema_(schema), options_(std::move(options)), queue_(std::make_unique<WorkQueue>()) {
  if (options_.replica.empty()) {
    options_.replica = ".tidemark/replica-" + ToHex(HashBytes(options_.url)).substr(0, 16) + ".db";
  }
}

PostgresAuthority::~PostgresAuthority() {
  queue_->Abandon();
  workers_.clear();
  replication_.reset();
}

Status PostgresAuthority::Start(CommitListener& listener) {
  listener_ = &listener;
  TIDEMARK_TRY(StartReplication());
  return StartWorkers();
}

Status PostgresAuthority::StartReplication() {
  TIDEMARK_ASSIGN_OR_RETURN(const std::unique_ptr<PgConnection> connection,
                            PgConnection::Open(options_.url, PgRole::kSql));
  TIDEMARK_TRY(CheckServer(*connection));
  if (options_.migrate) TIDEMARK_TRY(MigratePostgres(*connection, schema_));
  TIDEMARK_TRY(PrepareState(*connection, NowMs()));
  TIDEMARK_ASSIGN_OR_RETURN(Catalog catalog, ReadCatalog(*connection, schema_));
  TIDEMARK_ASSIGN_OR_RETURN(const bool extended, PreparePublication(*connection, catalog));
  TIDEMARK_ASSIGN_OR_RETURN(replica_, Replica::Open(options_.replica, schema_));
  ReplicationEvents events;
  events.arrived = [this] { OnArrived(); };
  events.availability = [this](bool available, const std::string& reason) {
    OnAvailability(available, reason);
  };
  events.fatal = [this](const Error& error) { listener_->OnFatal(error); };
  replication_ =
      std::make_unique<Replication>(options_.url, "tidemark_" + replica_->id(), std::move(catalog),
                                    options_.post, std::move(events));
  TIDEMARK_TRY(replication_->Start(*connection, *replica_, extended));
  version_ = replica_->version();
  hydration_ = std::make_unique<HydrationWorker>(schema_, options_.replica, options_.post);
  return Ok{};
}

Status PostgresAuthority::StartWorkers() {
  std::vector<std::future<Status>> started;
  for (std::size_t i = 0; i < options_.workers; ++i) {
    WorkerEvents events;
    events.availability = [this](bool available, const std::string& reason) {
      OnAvailability(available, reason);
    };
    events.ended = [this] { OnWorkerEnded(); };
    workers_.push_back(std::make_unique<PostgresWorker>(schema_, options_.url, options_.limits,
                                                        options_.make_host, *queue_, options_.post,
                                                        std::move(events)));
    started.push_back(workers_.back()->Start());
  }
  Status status = Ok{};
  for (std::future<Status>& each : started) {
    Status one = each.get();
    if (status.ok()) status = std::move(one);
  }
  return status;
}

void PostgresAuthority::Stop(std::function<void()> done) {
  stopped_ = std::move(done);
  queue_->Close();
}

void PostgresAuthority::OnWorkerEnded() {
  if (++ended_ < workers_.size() || !stopped_) return;
  workers_.clear();
  hydration_.reset();
  replication_->Stop();
  std::exchange(stopped_, nullptr)();
}

const store::Store& PostgresAuthority::replica() const { return replica_->store(); }

void PostgresAuthority::OnArrived() {
  std::vector<DecodedTransaction> transactions = replication_->Take();
  if (transactions.empty()) return;
  Result<hub::Commit> commit = replica_->Apply(replication_->catalog(), std::move(transactions));
  if (!commit.ok()) return listener_->OnFatal(commit.error());
  replication_->Confirm(commit->to.position);
  if (commit->changes.empty() && commit->lmids.empty() && commit->results.empty()) return;
  version_ = commit->to;
  listener_->OnCommit(std::move(*commit));
}

void PostgresAuthority::OnAvailability(bool available, const std::string& reason) {
  const bool was_available = away_ == 0;
  away_ += available ? std::size_t(-1) : 1;
  if (was_available != (away_ == 0)) listener_->OnAvailability(away_ == 0, reason);
}

void PostgresAuthority::LoadGroup(const ClientGroupID& group, const std::string& subject,
                                  const std::vector<protocol::ClientState>& clients,
                                  std::function<void(Result<GroupState>)> done) {
  if (clients.size() > options_.limits.clients_per_group_max) {
    return done(Error{ErrorCode::kLimit, "a client group has at most " +
                                             std::to_string(options_.limits.clients_per_group_max) +
                                             " clients (clients_per_group_max)"});
  }
  done(ReadGroup(replica_->database(), group, subject, clients, NowMs()));
}

void PostgresAuthority::Push(PushRequest request, std::function<void(Status)> done) {
  const ClientGroupID group = request.group;
  queue_->Add(group, PushWork{std::move(request), std::move(done)});
}

void PostgresAuthority::AckResults(const ClientGroupID& group,
                                   const std::vector<protocol::ClientState>& upto) {
  queue_->Add(group, ForgetWork{group, upto});
}

void PostgresAuthority::Resolve(std::string name, std::string args_json, std::string auth_json,
                                std::function<void(Result<std::string>)> done) {
  queue_->Add(
      ResolveWork{std::move(name), std::move(args_json), std::move(auth_json), std::move(done)});
}

/// Here the replica is where its last commit has brought it, and everything of that was told. What
/// the snapshot held beyond version() is therefore nothing that a query could see.
void PostgresAuthority::Hydrate(std::unique_ptr<hub::HydrationJob> job,
                                std::function<void(std::unique_ptr<hub::HydrationJob>)> done) {
  hydration_->Add(std::move(job),
                  [this, done = std::move(done)](std::unique_ptr<hub::HydrationJob> finished) {
                    finished->ShowsNoMoreThan(version_);
                    done(std::move(finished));
                  });
}

}  // namespace tidemark::server
