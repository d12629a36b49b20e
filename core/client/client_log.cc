#include <algorithm>
#include <iterator>

#include "core/client/client_impl.h"

namespace tidemark::client {

void Client::Impl::MarkPersisted(MutationID id, bool durable) {
  persisted_ = std::max(persisted_, id);
  output_.mutations.push_back(MutationEvent{
      id, durable ? MutationEvent::Kind::kPersisted : MutationEvent::Kind::kNotDurable, {}});
}

/// Mutations of other tabs got their places in the log: before everything that has none yet.
void Client::Impl::InsertLogged(std::vector<mutation::Mutation> foreign) {
  if (foreign.empty()) return;
  std::vector<PendingMutation> tail = state_.TakeFrom(state_.tail_position());
  std::vector<PendingMutation> mutations;
  mutations.reserve(foreign.size() + tail.size());
  for (mutation::Mutation& mutation : foreign) {
    PendingMutation& pending = mutations.emplace_back();
    pending.mutation = std::move(mutation);
    pending.logged = true;
  }
  std::move(tail.begin(), tail.end(), std::back_inserter(mutations));
  state_.Replay(std::move(mutations));
}

Status Client::Impl::On(protocol::Logged message) {
  std::vector<mutation::Mutation> foreign;
  for (mutation::Mutation& mutation : message.mutations) {
    if (mutation.client != options_.id) {
      const auto lmid = lmids_.find(mutation.client);
      const bool is_confirmed = lmid != lmids_.end() && mutation.id <= lmid->second;
      if (!is_confirmed && !state_.IsPending(mutation.client, mutation.id)) {
        foreign.push_back(std::move(mutation));
      }
      continue;
    }
    InsertLogged(std::exchange(foreign, {}));
    const std::size_t position = state_.tail_position();
    if (position < state_.pending().size() &&
        state_.pending()[position].mutation.id == mutation.id) {
      state_.MarkTailLogged();
    }
    if (mutation.id > persisted_) MarkPersisted(mutation.id, message.durable);
  }
  InsertLogged(std::move(foreign));
  return Ok{};
}

Status Client::Impl::On(protocol::LogState message) {
  if (upstream_.state() != Upstream::State::kWelcomed) {
    return Error{ErrorCode::kInvalidArgs, "a log that was not asked for"};
  }
  MutationID own_logged = std::max(welcome_lmid_, confirmed());
  for (const mutation::Mutation& mutation : message.mutations) {
    if (mutation.client != options_.id) continue;
    own_logged = std::max(own_logged, mutation.id);
    if (mutation.id > persisted_ && mutation.id <= last_id_) {
      MarkPersisted(mutation.id, message.durable);
    }
  }
  AdoptLog(std::move(message.mutations));
  upstream_.SetPushed(own_logged);
  upstream_.SetState(Upstream::State::kReady);
  return Ok{};
}

/// The log's order becomes that of the pending mutations: first those that left the log (they are
/// confirmed, and the poke that says so is on its way), then the log, then what no log holds.
void Client::Impl::AdoptLog(std::vector<mutation::Mutation> log) {
  std::vector<PendingMutation> here = state_.TakeFrom(0);
  std::unordered_map<ClientID, std::unordered_map<MutationID, std::size_t>> places;
  for (std::size_t i = 0; i < here.size(); ++i) {
    places[here[i].mutation.client][here[i].mutation.id] = i;
  }
  std::vector<std::size_t> order;  // of `here`; here.size() + i: log[i]
  std::vector<bool> is_logged(here.size(), false);
  for (std::size_t i = 0; i < log.size(); ++i) {
    const auto lmid = lmids_.find(log[i].client);
    if (lmid != lmids_.end() && log[i].id <= lmid->second) continue;
    const auto client = places.find(log[i].client);
    if (client != places.end() && client->second.count(log[i].id) > 0) {
      order.push_back(client->second.at(log[i].id));
      is_logged[order.back()] = true;
    } else if (log[i].client != options_.id) {
      order.push_back(here.size() + i);
    }
  }
  std::vector<std::size_t> left;
  std::vector<std::size_t> tail;
  for (std::size_t i = 0; i < here.size(); ++i) {
    const mutation::Mutation& mutation = here[i].mutation;
    if (is_logged[i]) continue;
    const bool is_own = mutation.client == options_.id;
    (is_own && mutation.id > welcome_lmid_ ? tail : left).push_back(i);
    if (!is_own) assumed_[mutation.client] = std::max(assumed_[mutation.client], mutation.id);
  }
  for (const std::size_t i : tail) here[i].logged = false;
  for (const std::size_t i : left) here[i].logged = true;
  order.insert(order.begin(), left.begin(), left.end());
  order.insert(order.end(), tail.begin(), tail.end());

  std::vector<PendingMutation> mutations;
  mutations.reserve(order.size());
  std::size_t highest = 0;
  bool is_reordered = false;
  for (const std::size_t i : order) {
    if (i >= here.size()) {
      mutations.emplace_back().mutation = std::move(log[i - here.size()]);
      mutations.back().logged = true;
      continue;
    }
    is_reordered = is_reordered || i < highest;
    highest = std::max(highest, i);
    here[i].logged = here[i].logged || is_logged[i];
    mutations.push_back(std::move(here[i]));
  }
  if (is_reordered) {
    for (PendingMutation& pending : mutations) pending.has_run = false;
  }
  state_.Replay(std::move(mutations));
  // No poke will come if the rows are at the relay's version already.
  if (version_ == welcome_version_) state_.Advance({}, std::exchange(assumed_, {}));
}

void Client::Impl::Reject(const mutation::Mutation& mutation, const Error& error) {
  output_.mutations.push_back(
      MutationEvent{mutation.id, MutationEvent::Kind::kRejected, {}, error});
  if (!is_direct()) return;
  rejections_.push_back(protocol::Rejections::Entry{mutation, error});
  output_.rejections = protocol::Rejections{rejections_};
}

/// This client's mutations will never be replayed: they leave, and say so.
void Client::Impl::Expire(const Error& error) {
  expired_ = error;
  std::vector<PendingMutation> mutations = state_.TakeFrom(0);
  for (PendingMutation& pending : mutations) {
    if (pending.mutation.client != options_.id) continue;
    pending.dropped = true;
    Reject(pending.mutation, error);
  }
  state_.Replay(std::move(mutations));
}

}  // namespace tidemark::client
