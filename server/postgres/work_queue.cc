#include "server/postgres/work_queue.h"

#include <utility>

namespace tidemark::server {

void WorkQueue::Add(const ClientGroupID& group, GroupWork work) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::deque<GroupWork>& line = groups_[group];
    if (line.empty() && served_.count(group) == 0) ready_.push_back(group);
    line.push_back(std::move(work));
  }
  changed_.notify_one();
}

void WorkQueue::Add(ResolveWork work) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    resolves_.push_back(std::move(work));
  }
  changed_.notify_all();
}

std::optional<Work> WorkQueue::Take() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] {
    return abandoned_ || !resolves_.empty() || !ready_.empty() || (closed_ && served_.empty());
  });
  if (abandoned_) return std::nullopt;
  if (!resolves_.empty()) {
    Work work = std::move(resolves_.front());
    resolves_.pop_front();
    return work;
  }
  if (ready_.empty()) return std::nullopt;
  const ClientGroupID group = std::move(ready_.front());
  ready_.pop_front();
  served_.insert(group);
  std::deque<GroupWork>& line = groups_[group];
  Work work = std::visit([](auto& item) { return Work(std::move(item)); }, line.front());
  line.pop_front();
  if (line.empty()) groups_.erase(group);
  return work;
}

void WorkQueue::Finish(const ClientGroupID& group) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    served_.erase(group);
    if (groups_.count(group) > 0) ready_.push_back(group);
  }
  changed_.notify_all();
}

void WorkQueue::Close() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

void WorkQueue::Abandon() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    closed_ = true;
    abandoned_ = true;
  }
  changed_.notify_all();
}

std::optional<ResolveWork> WorkQueue::TakeResolve(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait_until(lock, deadline, [this] { return closed_ || !resolves_.empty(); });
  if (resolves_.empty() || abandoned_) return std::nullopt;
  ResolveWork work = std::move(resolves_.front());
  resolves_.pop_front();
  return work;
}

bool WorkQueue::closed() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return closed_;
}

}  // namespace tidemark::server
