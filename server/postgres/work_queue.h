// What waits for the worker threads: pushes and acknowledgements in one line per client group, and
// queries to resolve. Invariant: a group is with one worker at a time, so its mutations keep their
// order. Shared by the I/O thread and the workers.
#ifndef TIDEMARK_SERVER_POSTGRES_WORK_QUEUE_H_
#define TIDEMARK_SERVER_POSTGRES_WORK_QUEUE_H_

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "server/authority.h"

namespace tidemark::server {

struct PushWork {
  PushRequest request;
  std::function<void(Status)> done;
};
struct ForgetWork {
  ClientGroupID group;
  std::vector<protocol::ClientState> upto;
};
struct ResolveWork {
  std::string name;
  std::string args_json;
  std::string auth_json;
  std::function<void(Result<std::string>)> done;
};
using GroupWork = std::variant<PushWork, ForgetWork>;
using Work = std::variant<PushWork, ForgetWork, ResolveWork>;

class WorkQueue {
 public:
  void Add(const ClientGroupID& group, GroupWork work);
  void Add(ResolveWork work);

  /// Waits. Nothing: the worker is to end. After group work comes Finish.
  std::optional<Work> Take();
  void Finish(const ClientGroupID& group);

  /// No more is added; what is there is still handed out.
  void Close();
  /// Nothing is handed out any more.
  void Abandon();
  /// For a worker that cannot go on: waits until `deadline` or the queue is closed, and meanwhile
  /// hands out what needs no database. Nothing: the time is over.
  std::optional<ResolveWork> TakeResolve(std::chrono::steady_clock::time_point deadline);
  bool closed();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<ResolveWork> resolves_;
  std::unordered_map<ClientGroupID, std::deque<GroupWork>> groups_;
  std::deque<ClientGroupID> ready_;           // have work and are with nobody
  std::unordered_set<ClientGroupID> served_;  // are with a worker
  bool closed_ = false;
  bool abandoned_ = false;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_POSTGRES_WORK_QUEUE_H_
