#include <algorithm>
#include <iterator>
#include <utility>

#include "core/hub/hub_impl.h"
#include "core/hub/poke_writer.h"

namespace tidemark::hub {

// ---- steps ----

void Hub::Impl::NoteClients(Commit& commit) {
  for (const protocol::ClientState& client : commit.lmids) {
    const auto sessions = by_client_.find(client.client);
    if (sessions == by_client_.end()) continue;
    for (const SessionID session : sessions->second) {
      Subscriber& subscriber = sessions_.at(session);
      MutationID& lmid = subscriber.lmids[client.client];
      lmid = std::max(lmid, client.lmid);
      Queue(session, subscriber);
    }
  }
  for (const protocol::MutationResult& result : commit.results) {
    const auto sessions = by_client_.find(result.client);
    if (sessions == by_client_.end()) continue;
    for (const SessionID session : sessions->second) {
      sessions_.at(session).results.push_back(result);
    }
  }
}

Status Hub::Impl::Advance(Commit commit) {
  version_ = std::move(commit.to);
  if (!jobs_out_.empty()) commits_.Add(version_.position, commit.changes);
  for (QueryPipeline* pipeline : index_.Find(commit.changes)) {
    stepped_.insert(pipeline);
    const Result<bool> advanced = pipeline->Advance(commit.changes, version_.position);
    if (!advanced.ok()) {
      if (advanced.error().code != ErrorCode::kLimit) return advanced.error();
      FailPipeline(pipeline, advanced.error());
      continue;
    }
    if (!*advanced) continue;
    for (const SessionID session : pipeline->live()) {
      Subscriber& subscriber = sessions_.at(session);
      subscriber.changed.insert(pipeline);
      Queue(session, subscriber);
    }
  }
  TIDEMARK_TRY(TakeEarlyJobs());
  NoteClients(commit);
  Flush();
  return Ok{};
}

void Hub::Impl::Queue(SessionID session, Subscriber& subscriber) {
  if (subscriber.queued) return;
  subscriber.queued = true;
  queue_.push_back(session);
}

/// Ends every event: what the queued sessions have to be told leaves in one poke each.
void Hub::Impl::Flush() {
  for (const SessionID session : std::exchange(queue_, {})) {
    const auto position = sessions_.find(session);
    if (position == sessions_.end()) continue;
    position->second.queued = false;
    FlushSession(session, position->second);
  }
  for (QueryPipeline* pipeline : stepped_) pipeline->EndStep(HasJobsOut(pipeline));
  stepped_.clear();
  TrimIdle();
}

/// What the next poke brings of the queries that join, and of those whose changes were missed.
/// False: something must be read first, and nothing can be told before.
bool Hub::Impl::Gather(SessionID session, Subscriber& subscriber, UpdateMap& updates) {
  if (subscriber.behind) {
    for (QueryPipeline* pipeline : PipelineSet(subscriber.changed)) {
      Update missed =
          pipeline->ChangesSince(*subscriber.schema, version_, subscriber.version.position);
      if (!missed.possible) {
        Rejoin(session, subscriber, pipeline);
      } else {
        updates[pipeline] = std::move(missed);
      }
    }
  }
  for (const QueryKey& key : std::exchange(subscriber.joining, {})) {
    const auto query = subscriber.queries.find(key);
    if (query == subscriber.queries.end()) continue;
    Subscription& subscription = query->second;
    if (subscription.state != Subscription::State::kJoining) continue;
    Update update = JoiningUpdate(subscriber, subscription);
    if (!update.possible) {
      subscription.have.reset();  // too much has happened to compare it
      if (subscription.first) ++subscriber.first_pending;
      Await(session, subscriber, subscription);
      continue;
    }
    subscriber.joining.push_back(key);
    // A whole result stands for its last changes too.
    if (update.whole != nullptr || update.changes != nullptr) {
      updates[subscription.pipeline] = std::move(update);
    }
  }
  return subscriber.first_pending == 0;
}

void Hub::Impl::JoinQueries(SessionID session, Subscriber& subscriber, protocol::Poke& poke) {
  for (const QueryKey& key : std::exchange(subscriber.joining, {})) {
    const auto query = subscriber.queries.find(key);
    if (query == subscriber.queries.end()) continue;
    Subscription& subscription = query->second;
    if (subscription.state != Subscription::State::kJoining) continue;
    QueryPipeline* pipeline = subscription.pipeline;
    subscription.state = Subscription::State::kLive;
    subscription.whole = {};
    ++subscriber.held[pipeline];
    pipeline->live().insert(session);
    if (std::exchange(subscription.told, {}) == pipeline->id()) continue;
    poke.resolved.push_back(
        protocol::ResolvedQuery{key, pipeline->id(), /*complete=*/true, subscription.ask});
  }
  for (auto entry = subscriber.comparisons.begin(); entry != subscriber.comparisons.end();) {
    entry = entry->second.is_over() ? subscriber.comparisons.erase(entry) : std::next(entry);
  }
}

/// Of the queries that the session holds already.
void Hub::Impl::AddChanges(Subscriber& subscriber, UpdateMap& updates) {
  const bool behind = std::exchange(subscriber.behind, false);
  for (QueryPipeline* pipeline : std::exchange(subscriber.changed, {})) {
    if (behind || updates.count(pipeline) > 0) continue;
    updates[pipeline].changes = pipeline->DeltaFrame(*subscriber.schema, version_);
  }
}

/// A header that concerns nobody in particular is the same for all who were at the same version.
Frame Hub::Impl::HeaderFrame(protocol::Poke poke) {
  if (!poke.lmids.empty() || !poke.results.empty() || !poke.resolved.empty() ||
      !poke.gone.empty()) {
    return MakeFrame(std::move(poke));
  }
  if (shared_header_ == nullptr || !(shared_poke_ == poke)) {
    shared_poke_ = poke;
    shared_header_ = MakeFrame(std::move(poke));
  }
  return shared_header_;
}

/// A session that does not take what it is sent is told nothing more until it does; then what it
/// missed comes in one poke, folded, however much that was.
void Hub::Impl::SetCongested(SessionID session, bool congested) {
  const auto position = sessions_.find(session);
  if (position == sessions_.end()) return;
  position->second.congested = congested;
  Queue(session, position->second);
  Flush();
}

void Hub::Impl::FlushSession(SessionID session, Subscriber& subscriber) {
  UpdateMap updates;
  if (subscriber.first_pending > 0 || subscriber.congested ||
      !Gather(session, subscriber, updates)) {
    subscriber.behind = subscriber.behind || !subscriber.changed.empty();
    return;
  }
  if (std::exchange(subscriber.tell_claims, false)) {
    Send(session, MakeFrame(protocol::LinkState{"connected", "", subscriber.auth_json}));
  }
  protocol::Poke poke;
  JoinQueries(session, subscriber, poke);
  AddChanges(subscriber, updates);
  // Patches come before whole results, which may be older than what they are to be applied to.
  std::vector<Frame> segments;
  for (auto& [pipeline, update] : updates) {
    if (update.whole == nullptr && update.changes != nullptr) segments.push_back(update.changes);
  }
  for (auto& [pipeline, update] : updates) {
    if (update.whole == nullptr) continue;
    segments.push_back(update.whole);
    if (update.changes != nullptr) segments.push_back(update.changes);
  }
  for (const auto& [client, lmid] : std::exchange(subscriber.lmids, {})) {
    poke.lmids.push_back(protocol::ClientState{client, lmid});
  }
  poke.results = std::exchange(subscriber.results, {});
  const std::vector<protocol::QueryFailed> lost = std::exchange(subscriber.lost, {});
  for (const protocol::QueryFailed& failed : lost) poke.gone.push_back(failed.key);
  if (poke.lmids.empty() && poke.results.empty() && poke.resolved.empty() && poke.gone.empty() &&
      segments.empty()) {
    return;
  }
  poke.from = subscriber.version;
  poke.to = version_;
  poke.segments = static_cast<std::uint32_t>(segments.size());
  subscriber.version = version_;
  Send(session, HeaderFrame(std::move(poke)));
  for (Frame& frame : segments) Send(session, std::move(frame));
  for (const protocol::QueryFailed& failed : lost) Send(session, MakeFrame(failed));
}

}  // namespace tidemark::hub
