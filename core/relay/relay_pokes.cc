// One step of base, from the server to the tabs. Tabs are told before it is durable: a tab that
// knows more than the next leader waits for it.

#include <algorithm>
#include <utility>

#include "core/protocol/codec.h"
#include "core/relay/relay_impl.h"

namespace tidemark::relay {

bool Relay::Impl::IsHere(const protocol::ResolvedQuery& resolved,
                         const std::optional<protocol::DesiredQuery::Have>& have) const {
  const bool is_stored = base_->IsComplete(resolved.pipeline);
  if (!is_stored || !have.has_value() || have->pipeline != resolved.pipeline) return is_stored;
  // Changes that were on their way when it was asked for may have come since.
  return base_->FindPipeline(resolved.pipeline)->fingerprint == have->fingerprint;
}

Status Relay::Impl::Apply(Step step) {
  protocol::Poke& poke = step.poke;
  // What the server said before it knew that the query was given up and is wanted again.
  poke.resolved.erase(std::remove_if(poke.resolved.begin(), poke.resolved.end(),
                                     [this](const protocol::ResolvedQuery& resolved) {
                                       return !IsAnswer(resolved.key, resolved.ask);
                                     }),
                      poke.resolved.end());
  std::set<PipelineID> with_rows;
  for (const protocol::Segment& segment : step.segments) {
    if (segment.reset) with_rows.insert(segment.pipeline);
  }
  std::set<PipelineID> missing;
  std::set<QueryKey> moved;
  for (protocol::ResolvedQuery& resolved : poke.resolved) {
    const auto wanted = wanted_.find(resolved.key);
    if (wanted == wanted_.end()) continue;
    const auto asked = asked_.find(resolved.key);
    const std::optional<protocol::DesiredQuery::Have> have =
        asked == asked_.end() ? std::nullopt : std::exchange(asked->second.have, std::nullopt);
    const bool is_here = with_rows.contains(resolved.pipeline) || IsHere(resolved, have);
    if (!is_here && base_->IsComplete(resolved.pipeline)) {
      // What the server was told to be here is not what is here any more.
      moved.insert(resolved.key);
      continue;
    }
    wanted->second.live = resolved.pipeline;
    if (is_here) continue;
    // The server believes that the rows are here, and they are not (any more).
    missing.insert(resolved.pipeline);
    resolved.complete = false;
  }
  poke.resolved.erase(std::remove_if(poke.resolved.begin(), poke.resolved.end(),
                                     [&moved](const protocol::ResolvedQuery& resolved) {
                                       return moved.contains(resolved.key);
                                     }),
                      poke.resolved.end());
  for (const QueryKey& key : poke.gone) {
    const auto wanted = wanted_.find(key);
    if (wanted != wanted_.end()) wanted->second.live.reset();
  }
  Settle(poke);

  std::vector<protocol::Segment> segments = std::move(step.segments);
  // What Forward needs to know of them.
  step.segments.clear();
  for (const protocol::Segment& segment : segments) {
    protocol::Segment& header = step.segments.emplace_back();
    header.pipeline = segment.pipeline;
    header.reset = segment.reset;
  }
  base_->Stage(
      poke, std::move(segments),
      [this](const QueryKey& key) -> const protocol::DesiredQuery* {
        const auto wanted = wanted_.find(key);
        return wanted == wanted_.end() ? nullptr : &wanted->second.query;
      },
      LivePipelines());
  synced_ = true;
  Forward(step);
  if (!missing.empty()) Refetch(missing, Lack::kWhole);
  AskAgain(moved, Lack::kDifference);
  AdmitHeld();
  if (!poke.lmids.empty() && log_->clients().size() > tabs_.size()) RetireClients(Retire::kDone);
  if (base_->staged_bytes() > kStagedBytesMax) (void)FlushBase();
  return Ok{};
}

/// LMIDs and results: what became of the group's mutations.
void Relay::Impl::Settle(const protocol::Poke& poke) {
  for (const protocol::MutationResult& result : poke.results) {
    MutationID& acknowledged = acknowledge_[result.client];
    acknowledged = std::max(acknowledged, result.id);
    const auto client = log_->clients().find(result.client);
    if (client == log_->clients().end()) continue;
    log_->StoreResult(result);
    if (!result.error) continue;
    const auto seq = client->second.pending.find(result.id);
    if (seq == client->second.pending.end()) continue;
    const mutation::Mutation& mutation = log_->entries().at(seq->second);
    if (mutation.name == kDamagedMutator) continue;  // rejected when it was found
    log_->Reject(mutation, *result.error);
    rejections_changed_ = true;
  }
  for (const protocol::ClientState& client : poke.lmids) {
    log_->Confirm(client.client, client.lmid);
  }
}

void Relay::Impl::Forward(const Step& step) {
  std::map<PipelineID, std::string> read;
  std::set<PipelineID> missing;
  std::vector<TabID> open;
  for (const auto& [tab, session] : tabs_) {
    if (session.state == TabSession::State::kOpen) open.push_back(tab);
  }
  for (const TabID tab : open) ForwardTo(tab, step, read, missing);
  if (!missing.empty()) Refetch(missing, Lack::kWhole);
}

/// What base answered, or the tab brought along, and the server does not maintain yet does not
/// belong to the new version.
void Relay::Impl::TellWhatStayedBehind(TabSession& session, protocol::Poke& poke) const {
  for (auto& [key, query] : session.queries) {
    if (!query.pipeline.has_value()) {
      if (const auto have = std::exchange(query.have, std::nullopt)) {
        poke.resolved.push_back(
            protocol::ResolvedQuery{key, have->pipeline, /*complete=*/false, query.ask});
      }
      continue;
    }
    if (query.stale) continue;
    const auto wanted = wanted_.find(key);
    if (wanted != wanted_.end() && wanted->second.live.has_value()) continue;
    query.stale = true;
    poke.resolved.push_back(
        protocol::ResolvedQuery{key, *query.pipeline, /*complete=*/false, query.ask});
  }
}

void Relay::Impl::ForwardTo(TabID tab, const Step& step, std::map<PipelineID, std::string>& read,
                            std::set<PipelineID>& missing) {
  TabSession& session = tabs_.at(tab);
  protocol::Poke poke;
  poke.from = session.version;
  poke.to = step.poke.to;
  poke.lmids = step.poke.lmids;
  for (const protocol::ClientState& client : step.poke.lmids) {
    if (client.client != session.client || client.lmid <= session.seen) continue;
    // From the log: the server may have been told, before a crash, that they are stored.
    poke.results = log_->ResultsOf(session.client, session.seen, client.lmid);
    session.seen = client.lmid;
  }
  std::vector<const std::string*> frames;
  std::set<PipelineID> sent;
  for (const protocol::ResolvedQuery& resolved : step.poke.resolved) {
    const auto mine = session.queries.find(resolved.key);
    if (mine == session.queries.end()) continue;
    TabQuery& query = mine->second;
    const bool brought =
        std::any_of(step.segments.begin(), step.segments.end(), [&](const auto& segment) {
          return segment.reset && segment.pipeline == resolved.pipeline;
        });
    const bool stale = query.stale && query.pipeline == resolved.pipeline;
    if (!brought && (stale || !session.Holds(resolved.pipeline)) && resolved.complete) {
      const std::string* frame = FrameOf(resolved.pipeline, read);
      const bool is_doubted = frame != nullptr && base_->FindPipeline(resolved.pipeline)->stale;
      if (frame == nullptr) missing.insert(resolved.pipeline);
      if (frame == nullptr || is_doubted) {
        if (query.pipeline.has_value() && !std::exchange(query.stale, true)) {
          poke.resolved.push_back(protocol::ResolvedQuery{resolved.key, *query.pipeline,
                                                          /*complete=*/false, query.ask});
        }
        continue;
      }
      if (sent.insert(resolved.pipeline).second) frames.push_back(frame);
    }
    query.pipeline = resolved.pipeline;
    query.stale = false;
    poke.resolved.push_back(resolved);
    poke.resolved.back().ask = query.ask;
  }
  for (const QueryKey& key : step.poke.gone) {
    const auto mine = session.queries.find(key);
    if (mine == session.queries.end()) continue;
    mine->second.pipeline.reset();
    poke.gone.push_back(key);
  }
  if (poke.from != poke.to) TellWhatStayedBehind(session, poke);
  for (std::size_t i = 0; i < step.segments.size(); ++i) {
    const PipelineID& pipeline = step.segments[i].pipeline;
    if (!sent.contains(pipeline) && session.Holds(pipeline)) frames.push_back(&step.frames[i]);
  }
  if (poke.from == poke.to && poke.lmids.empty() && poke.results.empty() && poke.resolved.empty() &&
      poke.gone.empty() && frames.empty()) {
    return;
  }
  poke.segments = static_cast<std::uint32_t>(frames.size());
  session.version = poke.to;
  Send(tab, poke);
  for (const std::string* frame : frames) output_.to_tabs.push_back({tab, *frame});
}

}  // namespace tidemark::relay
