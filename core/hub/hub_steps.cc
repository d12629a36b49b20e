#include <algorithm>
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
  for (QueryPipeline* pipeline : with_reset_frame_) pipeline->DropFrames();
  with_reset_frame_.clear();

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
  for (QueryPipeline* pipeline : stepped_) pipeline->EndStep();
  stepped_.clear();
  TrimIdle();
}

void Hub::Impl::JoinQueries(SessionID session, Subscriber& subscriber, protocol::Poke& poke,
                            SegmentMap& segments) {
  for (const QueryKey& key : std::exchange(subscriber.joining, {})) {
    const auto query = subscriber.queries.find(key);
    if (query == subscriber.queries.end()) continue;
    Subscription& subscription = query->second;
    if (subscription.state != Subscription::State::kJoining) continue;
    QueryPipeline* pipeline = subscription.pipeline;
    Result<Frame> frame = JoiningFrame(subscriber, subscription);
    if (!frame.ok()) {
      FailQuery(session, subscriber, key, std::move(frame).error());
      continue;
    }
    if (*frame != nullptr) segments[pipeline] = std::move(*frame);
    subscription.state = Subscription::State::kLive;
    ++subscriber.held[pipeline];
    pipeline->live().insert(session);
    const bool known =
        std::exchange(subscription.told, false) && subscription.have->pipeline == pipeline->id();
    if (!known)
      poke.resolved.push_back(
          protocol::ResolvedQuery{key, pipeline->id(), /*complete=*/true, subscription.ask});
  }
}

/// Of the queries that the session holds already.
void Hub::Impl::AddChanges(SessionID session, Subscriber& subscriber, SegmentMap& segments) {
  const bool behind = std::exchange(subscriber.behind, false);
  for (QueryPipeline* pipeline : std::exchange(subscriber.changed, {})) {
    if (segments.count(pipeline) > 0) continue;
    Result<Frame> frame = behind ? MissedFrame(subscriber, pipeline)
                                 : pipeline->DeltaFrame(*subscriber.schema, version_);
    if (!frame.ok()) {
      FailHeld(session, subscriber, pipeline, frame.error());
    } else if (*frame != nullptr) {
      segments[pipeline] = std::move(*frame);
    }
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
  if (subscriber.first_unresolved > 0 || subscriber.congested) {
    subscriber.behind = subscriber.behind || !subscriber.changed.empty();
    return;
  }
  if (std::exchange(subscriber.tell_claims, false)) {
    Send(session, MakeFrame(protocol::LinkState{"connected", "", subscriber.auth_json}));
  }
  protocol::Poke poke;
  SegmentMap segments;  // a whole result stands for its last delta too
  JoinQueries(session, subscriber, poke, segments);
  AddChanges(session, subscriber, segments);
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
  for (auto& [pipeline, frame] : segments) Send(session, std::move(frame));
  for (const protocol::QueryFailed& failed : lost) Send(session, MakeFrame(failed));
}

}  // namespace tidemark::hub
