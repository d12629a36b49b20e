#include "tests/sim/server.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "core/model/json.h"
#include "tests/sim/app.h"

namespace tidemark::sim {

using server::GroupState;
using server::PushRequest;

// ---- the app's code ----

class SimServer::App final : public server::AppHost {
 public:
  App() { RegisterMutators(registry_); }
  bool Has(std::string_view name) const override { return registry_.Has(name); }
  Result<std::string> Run(const mutation::Mutation& mutation,
                          const mutation::MutatorContext& context,
                          mutation::Transaction& transaction) override {
    return registry_.Run(mutation, context, transaction);
  }
  Result<std::string> Resolve(std::string_view name, std::string_view args_json, std::string_view,
                              mutation::Location) override {
    return ResolveQuery(name, args_json);
  }

 private:
  mutation::MutatorRegistry registry_;
};

// ---- the authority ----

SimAuthority::SimAuthority(store::Database& database, server::AppHost& app, History& history,
                           Random& random)
    : database_(database), app_(app), history_(history), random_(random) {}

Status SimAuthority::Start(server::CommitListener& listener) {
  listener_ = &listener;
  TIDEMARK_TRY(server::PrepareDatabase(database_, AppSchema(), "epoch", kNowMs));
  store_ = std::make_unique<store::SqliteStore>(AppSchema(), database_);
  TIDEMARK_ASSIGN_OR_RETURN(replay_, server::SqliteReplay::Open(AppSchema(), database_, app_));
  version_ = replay_->version();
  return Ok{};
}

void SimAuthority::LoadGroup(const ClientGroupID& group, const std::string& subject,
                             const std::vector<protocol::ClientState>& clients,
                             std::function<void(Result<GroupState>)> done) {
  auto answer = [this, group, subject, clients, done = std::move(done)] {
    done(server::ReadGroup(database_, group, subject, clients, kNowMs));
  };
  if (random_.OneIn(2)) return answer();
  tasks_.push_back(std::move(answer));
}

void SimAuthority::Push(PushRequest request, std::function<void(Status)> done) {
  pushes_.emplace_back(std::move(request), std::move(done));
}

void SimAuthority::AckResults(const ClientGroupID& group,
                              const std::vector<protocol::ClientState>& upto) {
  acknowledgements_.push_back(server::Acknowledgement{group, upto});
}

void SimAuthority::Resolve(std::string name, std::string args_json, std::string auth_json,
                           std::function<void(Result<std::string>)> done) {
  auto answer = [this, name = std::move(name), args_json = std::move(args_json),
                 auth_json = std::move(auth_json), done = std::move(done)] {
    done(app_.Resolve(name, args_json, auth_json, mutation::Location::kServer));
  };
  if (random_.OneIn(2)) return answer();
  tasks_.push_back(std::move(answer));
}

bool SimAuthority::has_work() const {
  return !tasks_.empty() || !pushes_.empty() || !acknowledgements_.empty() || !hydrations_.empty();
}

void SimAuthority::Work() {
  if (!hydrations_.empty() && random_.OneIn(3)) {
    return StepHydration(random_.Below(hydrations_.size()));
  }
  if (!tasks_.empty() && (pushes_.empty() || random_.OneIn(2))) {
    const auto task = std::move(tasks_.front());
    tasks_.pop_front();
    return task();
  }
  Batch batch = TakeBatch();
  if (batch.replay.pushes.empty() && batch.replay.acknowledgements.empty()) return;
  std::optional<server::ReplayOutcome> outcome = Apply(batch.replay);
  if (!outcome) return;
  // The rest of a batch that ended early goes first the next time.
  for (std::size_t i = batch.replay.pushes.size(); i > outcome->pushes.size(); --i) {
    pushes_.emplace_front(std::move(batch.replay.pushes[i - 1]), std::move(batch.done[i - 1]));
  }
  if (outcome->commit) Told(std::move(*outcome->commit));
  for (std::size_t i = 0; i < outcome->pushes.size(); ++i) batch.done[i](outcome->pushes[i]);
}

// ---- whole results: read at some time, and given back at some later time ----

void SimAuthority::Hydrate(std::unique_ptr<hub::HydrationJob> job,
                           std::function<void(std::unique_ptr<hub::HydrationJob>)> done) {
  hydrations_.push_back(Hydration{std::move(job), std::move(done)});
}

void SimAuthority::RunHydration(Hydration& hydration) {
  const Result<Version> version = server::ReadVersion(database_);
  history_.Require(version.ok(), "the version cannot be read");
  if (!version.ok()) return;
  hydration.job->Run(*store_, *version);
  hydration.was_run = true;
}

void SimAuthority::StepHydration(std::size_t index) {
  if (!hydrations_[index].was_run) return RunHydration(hydrations_[index]);
  Hydration finished = std::move(hydrations_[index]);
  hydrations_.erase(hydrations_.begin() + static_cast<std::ptrdiff_t>(index));
  finished.done(std::move(finished.job));
}

/// The database has a commit that the hub has not been told of: some see it before the hub does.
void SimAuthority::HydrateAhead() {
  if (hydrations_.empty() || random_.OneIn(2)) return;
  const std::size_t index = random_.Below(hydrations_.size());
  RunHydration(hydrations_[index]);
  if (random_.OneIn(2)) StepHydration(index);
}

SimAuthority::Batch SimAuthority::TakeBatch() {
  Batch batch;
  batch.replay.acknowledgements = std::exchange(acknowledgements_, {});
  for (std::uint64_t left = 1 + random_.Below(4); left > 0 && !pushes_.empty(); --left) {
    batch.replay.pushes.push_back(std::move(pushes_.front().first));
    batch.done.push_back(std::move(pushes_.front().second));
    pushes_.pop_front();
  }
  return batch;
}

std::optional<server::ReplayOutcome> SimAuthority::Apply(const server::ReplayBatch& batch) {
  const auto enough = [this] { return random_.OneIn(8); };
  const auto nothing = [] {};
  Result<server::ReplayOutcome> outcome =
      replay_->Apply(batch, kNowMs, server::ReplayHooks{enough, nothing});
  history_.Require(outcome.ok(), outcome.ok() ? "" : "replay: " + outcome.error().message);
  if (!outcome.ok()) return std::nullopt;
  if (outcome->commit) history_.OnCommit(*outcome->commit, *store_);
  return std::move(*outcome);
}

void SimAuthority::Told(hub::Commit commit) {
  HydrateAhead();
  version_ = commit.to;
  listener_->OnCommit(std::move(commit));
}

void SimAuthority::CommitUnheard() {
  const Batch batch = TakeBatch();
  if (!batch.replay.pushes.empty()) (void)Apply(batch.replay);
}

Status SimAuthority::WriteOutside(model::NetChanges& changes) {
  model::RowChange change;
  if (random_.OneIn(3)) {
    change.table = *AppSchema().FindTable("counter");
    const std::string id = "c" + std::to_string(random_.Below(3));
    change.key = RowKey("[\"" + id + "\"]");
    TIDEMARK_ASSIGN_OR_RETURN(change.before, store_->Get(change.table, change.key));
    const int by = 100;
    const int total =
        change.before
            ? model::ParseJson(model::RowJson(change.before))->as_array().at(1).to_number<int>()
            : 0;
    TIDEMARK_ASSIGN_OR_RETURN(
        change.after,
        model::RowFromJsonText(AppSchema().table(change.table),
                               "[\"" + id + "\"," + std::to_string(total + by) + "]"));
    history_.OnOutside(id, by);
  } else {
    change.table = *AppSchema().FindTable("item");
    const std::string id = "i" + std::to_string(random_.Below(12));
    change.key = RowKey("[\"" + id + "\"]");
    TIDEMARK_ASSIGN_OR_RETURN(change.before, store_->Get(change.table, change.key));
    if (!change.before || !random_.OneIn(3)) {
      TIDEMARK_ASSIGN_OR_RETURN(
          change.after,
          model::RowFromJsonText(AppSchema().table(change.table),
                                 "[\"" + id + "\",\"l" + std::to_string(random_.Below(3)) +
                                     "\",\"outside " + std::to_string(random_.Below(100)) +
                                     "\",false," + std::to_string(random_.Below(20)) + ",null]"));
    }
  }
  if (change.after) {
    TIDEMARK_TRY(store_->Put(change.table, change.after));
  } else {
    TIDEMARK_TRY(store_->Delete(change.table, change.key));
  }
  changes.Add(std::move(change));
  return Ok{};
}

void SimAuthority::CommitOutside() {
  model::NetChanges changes;
  Version to = version_;
  to.position += 1 + random_.Below(3);  // positions need not be consecutive
  const Status written = [&]() -> Status {
    TIDEMARK_ASSIGN_OR_RETURN(
        store::SqliteTransaction transaction,
        store::SqliteTransaction::Begin(database_, store::TransactionKind::kWrite));
    for (std::uint64_t left = random_.Below(3); left > 0; --left) {
      TIDEMARK_TRY(WriteOutside(changes));
    }
    TIDEMARK_TRY(
        database_.Execute("UPDATE tidemark_version SET position = " + std::to_string(to.position)));
    return transaction.Commit();
  }();
  history_.Require(written.ok(), written.ok() ? "" : "outside: " + written.error().message);
  if (!written.ok()) return;
  hub::Commit commit;
  commit.to = std::move(to);
  commit.changes = changes.Take();
  history_.OnCommit(commit, *store_);
  Told(std::move(commit));
}

// ---- the process ----

namespace {

class SimConnection final : public server::Connection {
 public:
  void Attach(const ChannelPtr& channel) { channel_ = channel; }
  void Send(hub::Frame frame, bool) override {
    if (const ChannelPtr channel = channel_.lock()) channel->SendDown(*frame);
  }
  void Close(server::CloseCode, std::string) override {
    if (const ChannelPtr channel = channel_.lock()) channel->CloseFromAbove();
  }
  void PauseReading() override {
    if (const ChannelPtr channel = channel_.lock()) channel->SetPaused(true);
  }
  void ResumeReading() override {
    if (const ChannelPtr channel = channel_.lock()) channel->SetPaused(false);
  }

 private:
  std::weak_ptr<Channel> channel_;
};

}  // namespace

SimServer::SimServer(History& history, Random& random)
    : history_(history),
      random_(random),
      database_(store::Database::Open(":memory:").value()),
      app_(std::make_unique<App>()) {
  Start();
  reader_ = std::make_unique<store::SqliteStore>(AppSchema(), database_);
  history_.OnStart(authority_->version(), *reader_);
}

SimServer::~SimServer() { Crash(); }

/// The server remembers little, so that coming back is mostly a matter of comparing.
protocol::Limits SimServer::Limits() {
  protocol::Limits limits;
  limits.recent_row_changes_max = 5;
  limits.compared_rows_min = 1;
  return limits;
}

void SimServer::Start() {
  const auto on_fatal = [this](const Error& error) {
    history_.Require(false, "the server cannot go on: " + error.message);
  };
  authority_ = std::make_unique<SimAuthority>(database_, *app_, history_, random_);
  service_ = std::make_unique<server::SyncService>(
      *authority_, auth_, server::SyncServiceOptions{"sim", Limits(), on_fatal});
  const Status started = authority_->Start(*service_);
  history_.Require(started.ok(), started.ok() ? "" : "start: " + started.error().message);
  service_->Open();
}

void SimServer::Crash() {
  service_.reset();
  authority_.reset();
}

ChannelPtr SimServer::Connect(Channel::Side lower) {
  auto connection = std::make_shared<SimConnection>();
  const hub::SessionID session = service_->OnOpened(connection, "peer");
  // A channel that outlives the process is cut before anything is said to it.
  Channel::Side upper{[this, session](std::string_view bytes) {
                        if (bytes.find(R"({"t":"members")") == 0) history_.OnCompared();
                        service_->OnMessage(session, bytes);
                      },
                      [this, session] {
                        if (service_ != nullptr) service_->OnClosed(session, "network");
                      }};
  auto channel = std::make_shared<Channel>(std::move(lower), std::move(upper));
  connection->Attach(channel);
  return channel;
}

}  // namespace tidemark::sim
