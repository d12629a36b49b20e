#include "server/postgres/postgres_worker.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

namespace tidemark::server {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRetryMin{20};
constexpr milliseconds kRetryMax{2000};

std::int64_t NowMs() {
  return std::chrono::duration_cast<milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

PostgresWorker::PostgresWorker(const model::Schema& schema, std::string url,
                               protocol::Limits limits, AppHostFactory make_host, WorkQueue& queue,
                               PostTask post, WorkerEvents events)
    : schema_(schema),
      url_(std::move(url)),
      limits_(limits),
      make_host_(std::move(make_host)),
      queue_(queue),
      post_(std::move(post)),
      events_(std::move(events)) {}

PostgresWorker::~PostgresWorker() {
  if (thread_.joinable()) thread_.join();
}

std::future<Status> PostgresWorker::Start() {
  std::promise<Status> started;
  std::future<Status> status = started.get_future();
  thread_ =
      std::thread([this, promise = std::move(started)]() mutable { Run(std::move(promise)); });
  return status;
}

// ---- on the worker's thread ----

void PostgresWorker::Run(std::promise<Status> started) {
  Result<std::unique_ptr<AppHost>> host = make_host_();
  if (!host.ok()) return started.set_value(std::move(host).error());
  PostgresReplay replay(schema_, url_, **host, limits_, std::random_device()());
  const Status connected = replay.Connect();
  started.set_value(connected);
  if (!connected.ok()) return;
  while (std::optional<Work> work = queue_.Take()) {
    std::visit([&](auto& item) { Serve(**host, replay, std::move(item)); }, *work);
  }
  post_([this] { events_.ended(); });
}

void PostgresWorker::Serve(AppHost& host, PostgresReplay&, ResolveWork work) {
  Result<std::string> resolved =
      host.Resolve(work.name, work.args_json, work.auth_json, mutation::Location::kServer);
  post_([done = std::move(work.done), resolved = std::move(resolved)]() mutable {
    done(std::move(resolved));
  });
}

void PostgresWorker::Serve(AppHost& host, PostgresReplay& replay, PushWork work) {
  std::size_t next = 0;
  Status answer = Ok{};
  const bool settled = UntilAvailable(host, replay, [&]() -> Status {
    TIDEMARK_ASSIGN_OR_RETURN(const PostgresReplay::Refusal refusal,
                              replay.Apply(work.request, next, NowMs()));
    answer = refusal.has_value() ? Status(*refusal) : Status(Ok{});
    return Ok{};
  });
  // Not settled: the server stops, and the client sends again to the next one.
  if (settled) {
    post_([done = std::move(work.done), answer = std::move(answer)] { done(answer); });
  }
  queue_.Finish(work.request.group);
}

void PostgresWorker::Serve(AppHost& host, PostgresReplay& replay, ForgetWork work) {
  UntilAvailable(host, replay, [&] { return replay.Forget(work.group, work.upto); });
  queue_.Finish(work.group);
}

bool PostgresWorker::UntilAvailable(AppHost& host, PostgresReplay& replay,
                                    const std::function<Status()>& attempt) {
  bool away = false;
  for (milliseconds pause = kRetryMin;; pause = std::min(pause * 2, kRetryMax)) {
    Status status = replay.connected() ? Status(Ok{}) : replay.Connect();
    if (status.ok()) status = attempt();
    if (status.ok()) {
      if (away) post_([this] { events_.availability(true, ""); });
      return true;
    }
    replay.Disconnect();
    if (!std::exchange(away, true)) {
      post_([this, reason = status.error().message] { events_.availability(false, reason); });
    }
    const auto deadline = std::chrono::steady_clock::now() + pause;
    while (std::optional<ResolveWork> resolve = queue_.TakeResolve(deadline)) {
      Serve(host, replay, std::move(*resolve));
    }
    if (queue_.closed()) return false;
  }
}

}  // namespace tidemark::server
