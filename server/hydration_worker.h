// Threads that read whole results for the hub: each has a connection of its own to the database
// file in which the tables are, and runs one job at a time on a snapshot that is pinned for it.
// Two, so that a large result does not hold up a small one. Never writes.
#ifndef TIDEMARK_SERVER_HYDRATION_WORKER_H_
#define TIDEMARK_SERVER_HYDRATION_WORKER_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/hub/hydration_job.h"
#include "core/model/schema.h"
#include "core/store/sqlite.h"
#include "server/authority.h"

namespace tidemark::server {

class HydrationWorker {
 public:
  using Done = std::function<void(std::unique_ptr<hub::HydrationJob>)>;

  /// `schema` outlives the worker. The file holds the schema's tables and the version that they are
  /// at, which change together.
  HydrationWorker(const model::Schema& schema, std::string path, PostTask post);
  /// Waits for what runs; drops what waits.
  ~HydrationWorker();

  /// `done` is called on the I/O thread.
  void Add(std::unique_ptr<hub::HydrationJob> job, Done done);

 private:
  struct Task {
    std::unique_ptr<hub::HydrationJob> job;
    Done done;
  };

  void Run();
  bool Take(Task& task);
  Status RunJob(std::optional<store::Database>& database, hub::HydrationJob& job) const;

  const model::Schema& schema_;
  const std::string path_;
  PostTask post_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  bool stopping_ = false;

  std::vector<std::thread> threads_;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_HYDRATION_WORKER_H_
