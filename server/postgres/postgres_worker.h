// A thread with the app's code in an engine of its own and a connection of its own: takes work from
// the queue, posts outcomes to the I/O thread. Never drops a mutation: while Postgres is away it
// tries again until it works or the server stops.
#ifndef TIDEMARK_SERVER_POSTGRES_POSTGRES_WORKER_H_
#define TIDEMARK_SERVER_POSTGRES_POSTGRES_WORKER_H_

#include <functional>
#include <future>
#include <string>
#include <thread>

#include "core/model/schema.h"
#include "core/protocol/limits.h"
#include "server/authority.h"
#include "server/postgres/postgres_replay.h"
#include "server/postgres/work_queue.h"

namespace tidemark::server {

/// Called on the I/O thread.
struct WorkerEvents {
  std::function<void(bool available, std::string reason)> availability;
  std::function<void()> ended;
};

class PostgresWorker {
 public:
  /// `schema` and `queue` outlive the worker.
  PostgresWorker(const model::Schema& schema, std::string url, protocol::Limits limits,
                 AppHostFactory make_host, WorkQueue& queue, PostTask post, WorkerEvents events);
  /// The queue was closed or abandoned before.
  ~PostgresWorker();

  /// Loads the app and connects on the thread; wait for the future.
  std::future<Status> Start();

 private:
  void Run(std::promise<Status> started);
  void Serve(AppHost& host, PostgresReplay& replay, ResolveWork work);
  void Serve(AppHost& host, PostgresReplay& replay, PushWork work);
  void Serve(AppHost& host, PostgresReplay& replay, ForgetWork work);
  /// False: the server stops.
  bool UntilAvailable(AppHost& host, PostgresReplay& replay,
                      const std::function<Status()>& attempt);

  const model::Schema& schema_;
  const std::string url_;
  const protocol::Limits limits_;
  AppHostFactory make_host_;
  WorkQueue& queue_;
  PostTask post_;
  WorkerEvents events_;
  std::thread thread_;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_POSTGRES_POSTGRES_WORKER_H_
