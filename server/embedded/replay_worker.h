// The thread that writes an embedded database: owns the app's code and the writing connection,
// takes whatever has been queued as one batch, and posts outcomes to the I/O thread. Requests come
// in from the I/O thread; everything that is shared is in one queue behind one lock. Never drops a
// mutation: a database that fails is tried again until it works or the worker is stopped.
#ifndef TIDEMARK_SERVER_EMBEDDED_REPLAY_WORKER_H_
#define TIDEMARK_SERVER_EMBEDDED_REPLAY_WORKER_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/hub/hub.h"
#include "core/model/schema.h"
#include "core/protocol/limits.h"
#include "core/store/sqlite.h"
#include "server/authority.h"
#include "server/embedded/sqlite_replay.h"

namespace tidemark::server {

/// What the worker tells the I/O thread, in order; each call is made there.
struct ReplayEvents {
  std::function<void(hub::Commit)> committed;  // must end in Pinned(position)
  std::function<void()> repin;                 // must end in Repinned()
  std::function<void(bool available, std::string reason)> availability;
  std::function<void(Error)> fatal;
};

class ReplayWorker {
 public:
  /// `schema` outlives the worker; `database` is prepared.
  ReplayWorker(const model::Schema& schema, store::Database database, protocol::Limits limits,
               AppHostFactory make_host, PostTask post, ReplayEvents events);
  /// Abandons what is queued.
  ~ReplayWorker();

  /// Starts the thread and loads the app there.
  Status Start();
  /// Finishes what is queued, then calls `done` on the I/O thread.
  void Stop(std::function<void()> done);

  void Push(PushRequest request, std::function<void(Status)> done);
  void Acknowledge(Acknowledgement acknowledgement);
  void Resolve(std::string name, std::string args_json, std::string auth_json,
               std::function<void(Result<std::string>)> done);

  /// The I/O thread's snapshot is at this position (the next commit may follow).
  void Pinned(std::uint64_t position);
  void Repinned();

 private:
  struct ResolveTask {
    std::string name;
    std::string args_json;
    std::string auth_json;
    std::function<void(Result<std::string>)> done;
  };
  struct Work {
    std::vector<ResolveTask> resolves;
    ReplayBatch batch;
    std::vector<std::function<void(Status)>> push_done;  // one for each push of the batch
    std::size_t mutations = 0;
  };

  void Run(const std::function<void(Status)>& started);
  bool TakeWork(Work& work);
  void Serve(AppHost& host, SqliteReplay& replay, Work work);
  void ServeResolves(AppHost& host, std::vector<ResolveTask> tasks);
  void Finish(ReplayOutcome outcome, std::vector<std::function<void(Status)>> push_done);
  std::optional<ReplayOutcome> ApplyUntilDone(AppHost& host, SqliteReplay& replay,
                                              const ReplayBatch& batch);
  std::vector<ResolveTask> TakeResolves();
  bool WaitForPinned(std::uint64_t position);
  void CheckpointIfLong(std::uint64_t position);

  const model::Schema& schema_;
  store::Database database_;
  protocol::Limits limits_;
  AppHostFactory make_host_;
  PostTask post_;
  ReplayEvents events_;

  std::mutex mutex_;  // guards everything below
  std::condition_variable changed_;
  Work queue_;
  bool stopping_ = false;
  bool abandoned_ = false;
  std::uint64_t pinned_ = 0;
  std::uint64_t repins_ = 0;
  std::function<void()> stopped_;

  std::thread thread_;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_EMBEDDED_REPLAY_WORKER_H_
