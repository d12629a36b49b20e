#include "core/client/upstream.h"

#include "core/protocol/codec.h"

namespace tidemark::client {
namespace {

// What a mutation's ids, time, seed and member names take in a message, generously.
constexpr std::size_t kMutationOverheadBytes = 1024;

std::size_t BytesOf(const mutation::Mutation& mutation) {
  return mutation.args_json.size() + 2 * mutation.name.size() + kMutationOverheadBytes;
}

}  // namespace

protocol::DesiredQuery Desired(const QueryKey& key, const Subscription& subscription) {
  protocol::DesiredQuery query{key, subscription.name, subscription.args_json};
  query.ttl = subscription.ttl_s;
  return query;
}

protocol::DesiredQuery Upstream::Ask(protocol::DesiredQuery query) {
  query.ask = ++last_ask_;
  announced_[query.key] = Announced{query.ask, query.ttl};
  return query;
}

bool Upstream::IsAnswer(const QueryKey& key, std::uint32_t ask) const {
  if (ask == 0) return true;
  const auto asked = announced_.find(key);
  return asked != announced_.end() && asked->second.ask == ask;
}

void Upstream::Open(protocol::Hello hello, std::uint64_t generation) {
  Close();
  state_ = State::kGreeting;
  for (protocol::DesiredQuery& query : hello.queries) query = Ask(std::move(query));
  announced_generation_ = generation;
  Send(hello);
}

void Upstream::Close() {
  state_ = State::kClosed;
  announced_.clear();
  pushed_ = 0;
  messages_.clear();
}

void Upstream::Send(const protocol::Message& message) {
  if (state_ != State::kClosed) messages_.push_back(protocol::Encode(message));
}

void Upstream::SyncQueries(const QuerySet& queries) {
  if (state_ != State::kWelcomed && state_ != State::kReady) return;
  if (announced_generation_ == queries.generation()) return;
  announced_generation_ = queries.generation();
  protocol::ChangeQueries change;
  for (const auto& [key, announced] : announced_) {
    if (queries.subscriptions().count(key) == 0) change.remove.push_back(key);
  }
  for (const QueryKey& key : change.remove) announced_.erase(key);
  for (const auto& [key, subscription] : queries.subscriptions()) {
    const auto announced = announced_.find(key);
    if (announced == announced_.end()) {
      change.put.push_back(Ask(Desired(key, subscription)));
    } else if (announced->second.ttl != subscription.ttl_s) {
      // The same asking: only what it says about the disk is new.
      change.put.push_back(Desired(key, subscription));
      change.put.back().ask = announced->second.ask;
      announced->second.ttl = subscription.ttl_s;
    }
  }
  if (!change.put.empty() || !change.remove.empty()) Send(change);
}

void Upstream::PushPending(const ClientID& client, const std::deque<PendingMutation>& pending) {
  if (state_ != State::kReady) return;
  auto begin = pending.end();
  while (begin != pending.begin()) {
    const PendingMutation& last = *std::prev(begin);
    if (last.logged || (last.mutation.client == client && last.mutation.id <= pushed_)) break;
    --begin;
  }
  protocol::Push push;
  std::size_t bytes = kMutationOverheadBytes;
  const auto flush = [&] {
    if (!push.mutations.empty()) Send(std::exchange(push, {}));
    bytes = kMutationOverheadBytes;
  };
  for (; begin != pending.end(); ++begin) {
    const mutation::Mutation& mutation = begin->mutation;
    if (mutation.client != client || mutation.id <= pushed_) continue;
    if (push.mutations.size() == limits_.push_mutations_max ||
        bytes + BytesOf(mutation) > limits_.message_bytes_max) {
      flush();
    }
    bytes += BytesOf(mutation);
    pushed_ = mutation.id;
    push.mutations.push_back(mutation);
  }
  flush();
}

}  // namespace tidemark::client
