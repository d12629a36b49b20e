#include "server/embedded/replay_worker.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

namespace tidemark::server {
namespace {

// Mutations in one transaction: bounds how long its first one waits for the last.
constexpr std::size_t kBatchMutationsMax = 2000;
// The same in time, for mutators that take theirs.
constexpr std::chrono::milliseconds kBatchTimeMax{50};
// Pages in the write-ahead log before it is copied back (16 MB at SQLite's 4 KB pages).
constexpr std::int64_t kLogPagesMax = 4000;
constexpr std::chrono::milliseconds kRetryMin{20};
constexpr std::chrono::milliseconds kRetryMax{2000};

std::int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

ReplayWorker::ReplayWorker(const model::Schema& schema, store::Database database,
                           protocol::Limits limits, AppHostFactory make_host, PostTask post,
                           ReplayEvents events)
    : schema_(schema),
      database_(std::move(database)),
      limits_(limits),
      make_host_(std::move(make_host)),
      post_(std::move(post)),
      events_(std::move(events)) {}

ReplayWorker::~ReplayWorker() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    abandoned_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Status ReplayWorker::Start() {
  TIDEMARK_ASSIGN_OR_RETURN(const Version version, ReadVersion(database_));
  pinned_ = version.position;
  std::promise<Status> promise;
  std::future<Status> started = promise.get_future();
  thread_ = std::thread([this, promise = std::move(promise)]() mutable {
    Run([&promise](Status status) { promise.set_value(std::move(status)); });
  });
  return started.get();
}

void ReplayWorker::Stop(std::function<void()> done) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    stopped_ = std::move(done);
  }
  changed_.notify_all();
}

void ReplayWorker::Push(PushRequest request, std::function<void(Status)> done) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    queue_.mutations += request.mutations.size();
    queue_.batch.pushes.push_back(std::move(request));
    queue_.push_done.push_back(std::move(done));
  }
  changed_.notify_all();
}

void ReplayWorker::Acknowledge(Acknowledgement acknowledgement) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    queue_.batch.acknowledgements.push_back(std::move(acknowledgement));
  }
  changed_.notify_all();
}

void ReplayWorker::Resolve(std::string name, std::string args_json, std::string auth_json,
                           std::function<void(Result<std::string>)> done) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    queue_.resolves.push_back(
        ResolveTask{std::move(name), std::move(args_json), std::move(auth_json), std::move(done)});
  }
  changed_.notify_all();
}

void ReplayWorker::Pinned(std::uint64_t position) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    pinned_ = position;
  }
  changed_.notify_all();
}

void ReplayWorker::Repinned() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++repins_;
  }
  changed_.notify_all();
}

// ---- on the worker's thread ----

void ReplayWorker::Run(const std::function<void(Status)>& started) {
  Result<std::unique_ptr<AppHost>> host = make_host_();
  if (!host.ok()) return started(std::move(host).error());
  Result<std::unique_ptr<SqliteReplay>> replay =
      SqliteReplay::Open(schema_, database_, **host, limits_);
  if (!replay.ok()) return started(std::move(replay).error());
  started(Ok{});
  Work work;
  while (TakeWork(work)) Serve(**host, **replay, std::exchange(work, {}));
}

/// Waits for work; false when there is none and none will come.
bool ReplayWorker::TakeWork(Work& work) {
  std::unique_lock<std::mutex> lock(mutex_);
  const auto has_work = [this] {
    return !queue_.resolves.empty() || !queue_.push_done.empty() ||
           !queue_.batch.acknowledgements.empty();
  };
  changed_.wait(lock, [&] { return stopping_ || has_work(); });
  if (abandoned_ || !has_work()) {
    if (stopped_) post_(std::exchange(stopped_, nullptr));
    return false;
  }
  work.resolves = std::exchange(queue_.resolves, {});
  work.batch.acknowledgements = std::exchange(queue_.batch.acknowledgements, {});
  std::size_t pushes = 0;
  while (pushes < queue_.push_done.size() && work.mutations < kBatchMutationsMax) {
    work.mutations += queue_.batch.pushes[pushes].mutations.size();
    ++pushes;
  }
  const auto count = static_cast<std::ptrdiff_t>(pushes);
  auto& waiting = queue_.batch.pushes;
  auto& done = queue_.push_done;
  work.batch.pushes.assign(std::make_move_iterator(waiting.begin()),
                           std::make_move_iterator(waiting.begin() + count));
  work.push_done.assign(std::make_move_iterator(done.begin()),
                        std::make_move_iterator(done.begin() + count));
  waiting.erase(waiting.begin(), waiting.begin() + count);
  done.erase(done.begin(), done.begin() + count);
  queue_.mutations -= work.mutations;
  return true;
}

void ReplayWorker::Serve(AppHost& host, SqliteReplay& replay, Work work) {
  ServeResolves(host, std::move(work.resolves));
  ReplayBatch& batch = work.batch;
  while (!batch.pushes.empty() || !batch.acknowledgements.empty()) {
    std::optional<ReplayOutcome> outcome = ApplyUntilDone(host, replay, batch);
    if (!outcome.has_value()) return;
    const bool committed = outcome->commit.has_value();
    const auto finished = static_cast<std::ptrdiff_t>(outcome->pushes.size());
    batch.acknowledgements.clear();
    batch.pushes.erase(batch.pushes.begin(), batch.pushes.begin() + finished);
    const auto first = std::make_move_iterator(work.push_done.begin());
    std::vector<std::function<void(Status)>> push_done(first, first + finished);
    work.push_done.erase(work.push_done.begin(), work.push_done.begin() + finished);
    Finish(std::move(*outcome), std::move(push_done));
    if (committed) CheckpointIfLong(replay.version().position);
    ServeResolves(host, TakeResolves());
  }
}

void ReplayWorker::ServeResolves(AppHost& host, std::vector<ResolveTask> tasks) {
  for (ResolveTask& task : tasks) {
    Result<std::string> resolved =
        host.Resolve(task.name, task.args_json, task.auth_json, mutation::Location::kServer);
    post_([done = std::move(task.done), resolved = std::move(resolved)]() mutable {
      done(std::move(resolved));
    });
  }
}

std::vector<ReplayWorker::ResolveTask> ReplayWorker::TakeResolves() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return std::exchange(queue_.resolves, {});
}

void ReplayWorker::Finish(ReplayOutcome outcome,
                          std::vector<std::function<void(Status)>> push_done) {
  // The rows of the commit leave this thread here, once and for all; the function object that
  // carries them must be copyable, hence the box.
  auto box = std::make_shared<ReplayOutcome>(std::move(outcome));
  post_([this, box = std::move(box), push_done = std::move(push_done)]() mutable {
    if (box->commit.has_value()) events_.committed(std::move(*box->commit));
    for (std::size_t i = 0; i < push_done.size(); ++i) push_done[i](box->pushes[i]);
  });
}

/// Nothing: the worker was abandoned, or cannot go on.
std::optional<ReplayOutcome> ReplayWorker::ApplyUntilDone(AppHost& host, SqliteReplay& replay,
                                                          const ReplayBatch& batch) {
  bool away = false;
  for (std::chrono::milliseconds pause = kRetryMin;; pause = std::min(pause * 2, kRetryMax)) {
    const auto begin = std::chrono::steady_clock::now();
    const auto enough = [begin] {
      return std::chrono::steady_clock::now() - begin > kBatchTimeMax;
    };
    const auto before_commit = [this, &replay] { WaitForPinned(replay.version().position); };
    Result<ReplayOutcome> outcome =
        replay.Apply(batch, NowMs(), ReplayHooks{enough, before_commit});
    if (outcome.ok()) {
      if (away) post_([this] { events_.availability(true, ""); });
      return std::move(*outcome);
    }
    const Error& error = outcome.error();
    if (error.code != ErrorCode::kUnavailable && error.code != ErrorCode::kLimit) {
      post_([this, error] { events_.fatal(error); });
      const std::lock_guard<std::mutex> lock(mutex_);
      abandoned_ = true;
      return std::nullopt;
    }
    if (!std::exchange(away, true)) {
      post_([this, reason = error.message] { events_.availability(false, reason); });
    }
    {
      std::unique_lock<std::mutex> lock(mutex_);
      // A stop does not wait for a database that is away: its clients send again.
      if (changed_.wait_for(lock, pause, [this] { return stopping_; })) {
        abandoned_ = true;
        return std::nullopt;
      }
    }
    ServeResolves(host, TakeResolves());  // reading goes on meanwhile
  }
}

bool ReplayWorker::WaitForPinned(std::uint64_t position) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [&] { return abandoned_ || pinned_ >= position; });
  return !abandoned_;
}

/// SQLite starts its log over only when everything in it is copied back and no reader is in it. The
/// replica's snapshot always is, so the two connections do it hand in hand: with the snapshot at
/// the end of the log everything can be copied; taken again after that, it is outside.
void ReplayWorker::CheckpointIfLong(std::uint64_t position) {
  const Result<store::Statement*> pages = database_.Cached("PRAGMA wal_checkpoint(NOOP)");
  if (!pages.ok()) return;
  const Result<bool> found = (*pages)->Step();
  const bool is_long = found.ok() && *found && (*pages)->Int64(1) > kLogPagesMax;
  (*pages)->Reset();
  if (!is_long || !WaitForPinned(position)) return;
  // A failure (a full disk) is met again by the next commit, which reports it.
  (void)database_.Execute("PRAGMA wal_checkpoint(PASSIVE)");
  std::uint64_t wanted = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    wanted = repins_ + 1;
  }
  post_([this] { events_.repin(); });
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [&] { return abandoned_ || repins_ >= wanted; });
}

}  // namespace tidemark::server
