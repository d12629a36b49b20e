#include "server/hydration_worker.h"

#include <utility>

#include "core/store/sqlite_source.h"
#include "server/embedded/sqlite_state.h"

namespace tidemark::server {
namespace {

constexpr int kThreads = 2;

}  // namespace

HydrationWorker::HydrationWorker(const model::Schema& schema, std::string path, PostTask post)
    : schema_(schema), path_(std::move(path)), post_(std::move(post)) {
  for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this] { Run(); });
}

HydrationWorker::~HydrationWorker() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void HydrationWorker::Add(std::unique_ptr<hub::HydrationJob> job, Done done) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    tasks_.push_back(Task{std::move(job), std::move(done)});
  }
  changed_.notify_one();
}

bool HydrationWorker::Take(Task& task) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
  if (stopping_) return false;
  task = std::move(tasks_.front());
  tasks_.pop_front();
  return true;
}

void HydrationWorker::Run() {
  std::optional<store::Database> database;  // opened for the first job, and again after a failure
  Task task;
  while (Take(task)) {
    Status run = RunJob(database, *task.job);
    if (!run.ok()) {
      database.reset();
      task.job->Fail(std::move(run).error());
    }
    // The rows that the job has read leave this thread here; the function object that carries them
    // must be copyable, hence the box.
    auto box = std::make_shared<Task>(std::move(task));
    post_([box = std::move(box)] { box->done(std::move(box->job)); });
  }
}

Status HydrationWorker::RunJob(std::optional<store::Database>& database,
                               hub::HydrationJob& job) const {
  if (!database.has_value()) {
    TIDEMARK_ASSIGN_OR_RETURN(store::Database opened, store::Database::Open(path_));
    TIDEMARK_TRY(opened.Execute("PRAGMA query_only = ON; PRAGMA busy_timeout = 2000"));
    database = std::move(opened);
  }
  TIDEMARK_ASSIGN_OR_RETURN(
      const store::SqliteTransaction snapshot,
      store::SqliteTransaction::Begin(*database, store::TransactionKind::kRead));
  TIDEMARK_ASSIGN_OR_RETURN(const Version version, ReadVersion(*database));
  // A store of the job's own: what it keeps between requests (queries hold rows) ends here.
  const store::SqliteStore tables(schema_, *database);
  job.Run(tables, version);
  return Ok{};
}

}  // namespace tidemark::server
