#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/client/client_impl.h"

namespace tidemark::client {

void Client::Impl::StepBase(const Lmids& lmids) {
  provisional_.Review();
  state_.Advance(base_.TakeChanges(queries_.has_members() ? &moved_ : nullptr), lmids);
}

Result<std::vector<SegmentRows>> Client::Impl::ReadSegments(Assembly& assembly) const {
  std::set<PipelineID> resolved;
  for (const protocol::ResolvedQuery& query : assembly.poke.resolved) {
    if (queries_.subscriptions().count(query.key) > 0 && upstream_.IsAnswer(query.key, query.ask)) {
      resolved.insert(query.pipeline);
    }
  }
  std::vector<SegmentRows> segments;
  for (protocol::Segment& segment : std::exchange(assembly.segments, {})) {
    // Of a query that is not wanted any more.
    if (!base_.Holds(segment.pipeline) && resolved.count(segment.pipeline) == 0) continue;
    TIDEMARK_ASSIGN_OR_RETURN(
        SegmentRows rows, ReadSegment(schema_, std::move(segment), [this](const TableKey& address) {
          return state_.BaseRow(address);
        }));
    segments.push_back(std::move(rows));
  }
  return segments;
}

std::set<PipelineID> Client::Impl::Resolve(const protocol::Poke& poke,
                                           std::vector<PipelineID>& released) {
  std::set<PipelineID> entered;
  for (const protocol::ResolvedQuery& resolved : poke.resolved) {
    Subscription* subscription = queries_.Find(resolved.key);
    if (subscription == nullptr || !upstream_.IsAnswer(resolved.key, resolved.ask)) continue;
    subscription->complete = resolved.complete;
    subscription->error.reset();
    if (subscription->pipeline == resolved.pipeline) continue;
    if (resolved.complete && !base_.Holds(resolved.pipeline)) entered.insert(resolved.pipeline);
    base_.Hold(resolved.pipeline);
    if (subscription->pipeline) released.push_back(*subscription->pipeline);
    subscription->pipeline = resolved.pipeline;
  }
  for (const QueryKey& key : poke.gone) {
    Subscription* subscription = queries_.Find(key);
    if (subscription == nullptr) continue;
    subscription->complete = false;
    if (subscription->pipeline) released.push_back(*subscription->pipeline);
    subscription->pipeline.reset();
  }
  return entered;
}

Status Client::Impl::ApplyPoke(Assembly assembly) {
  const protocol::Poke& poke = assembly.poke;
  // Everything that can fail comes first: a poke is applied whole or not at all.
  TIDEMARK_ASSIGN_OR_RETURN(std::vector<SegmentRows> segments, ReadSegments(assembly));

  if (poke.to.epoch != version_.epoch) base_.ForgetPositions();
  std::vector<PipelineID> released;
  std::set<PipelineID> missing = Resolve(poke, released);
  // The last segment of a pipeline says what its result is at the end.
  std::map<PipelineID, Hash128> fingerprints;
  for (SegmentRows& segment : segments) {
    if (!base_.Holds(segment.pipeline)) continue;
    if (segment.reset) missing.erase(segment.pipeline);
    fingerprints[segment.pipeline] = segment.fingerprint;
    base_.Apply(std::move(segment));
  }
  for (const PipelineID& pipeline : released) base_.Release(pipeline);
  // The other side believes that these rows are here: they were, when it was told so.
  for (const PipelineID& pipeline : missing) AskAgain(pipeline, Repair::kWhole);

  version_ = poke.to;
  const MutationID confirmed_before = confirmed();
  Lmids lmids = std::exchange(assumed_, {});
  for (const protocol::ClientState& client : poke.lmids) {
    MutationID& known = lmids_[client.client];
    known = std::max(known, client.lmid);
    lmids[client.client] = std::max(lmids[client.client], client.lmid);
  }
  Settle(poke, confirmed_before);
  KeepWritten(poke);
  StepBase(lmids);
  Verify(fingerprints);
  return Ok{};
}

/// What became of this client's mutations. Before the step of base: their text is still here.
void Client::Impl::Settle(const protocol::Poke& poke, MutationID from) {
  std::unordered_map<MutationID, const protocol::MutationResult*> results;
  MutationID acknowledged = 0;
  for (const protocol::MutationResult& result : poke.results) {
    if (result.client != options_.id) continue;
    results[result.id] = &result;
    // One that is ahead of its LMID has not been delivered.
    if (result.id <= confirmed()) acknowledged = std::max(acknowledged, result.id);
  }
  const MutationID upto = std::min(confirmed(), last_id_);
  for (MutationID id = from + 1; id <= upto; ++id) {
    if (id > persisted_) MarkPersisted(id, /*durable=*/true);
    const auto found = results.find(id);
    if (found == results.end() || !found->second->error) {
      output_.mutations.push_back(
          MutationEvent{id, MutationEvent::Kind::kConfirmed,
                        found == results.end() ? std::string() : found->second->result_json});
      continue;
    }
    for (const PendingMutation& pending : state_.pending()) {
      if (pending.mutation.client != options_.id || pending.mutation.id != id) continue;
      Reject(pending.mutation, *found->second->error);
      break;
    }
  }
  if (acknowledged > 0) {
    upstream_.Send(protocol::AckResults{{protocol::ClientState{options_.id, acknowledged}}});
  }
}

/// The rows that mutations of this client wrote which the poke confirms. (Of other tabs' it does
/// not say whether they failed.) Before the step of base: what they did is still here.
void Client::Impl::KeepWritten(const protocol::Poke& poke) {
  std::set<MutationID> failed;
  for (const protocol::MutationResult& result : poke.results) {
    if (result.client == options_.id && result.error) failed.insert(result.id);
  }
  for (const PendingMutation& pending : state_.pending()) {
    const mutation::Mutation& mutation = pending.mutation;
    if (mutation.client != options_.id || failed.count(mutation.id) > 0) continue;
    if (mutation.id > confirmed()) break;
    for (const model::RowChange& effect : pending.effects) provisional_.Keep(effect);
  }
}

/// A result that is not the server's is asked for again.
void Client::Impl::Verify(const std::map<PipelineID, Hash128>& fingerprints) {
  for (const auto& [pipeline, fingerprint] : fingerprints) {
    const std::optional<Hash128> here = base_.Fingerprint(pipeline);
    if (!here || *here == fingerprint) {
      repairing_.erase(pipeline);
      continue;
    }
    const bool is_complete =
        std::any_of(queries_.subscriptions().begin(), queries_.subscriptions().end(),
                    [&id = pipeline](const auto& entry) {
                      return entry.second.pipeline == id && entry.second.complete;
                    });
    if (!is_complete) continue;
    const bool is_first = repairing_.count(pipeline) == 0;
    AskAgain(pipeline, is_first ? Repair::kDifference : Repair::kWhole);
  }
}

/// First for the difference, then for all of it, and then not until an answer fits: a difference
/// that does not go away must not become a loop.
void Client::Impl::AskAgain(const PipelineID& pipeline, Repair repair) {
  const auto [asked, is_first] = repairing_.try_emplace(pipeline, repair);
  if (!is_first && std::exchange(asked->second, Repair::kWhole) == Repair::kWhole) return;
  protocol::ChangeQueries change;
  for (const auto& [key, subscription] : queries_.subscriptions()) {
    if (subscription.pipeline != pipeline) continue;
    protocol::DesiredQuery query = upstream_.Ask(Desired(key, subscription));
    if (repair == Repair::kDifference) {
      query.have = protocol::DesiredQuery::Have{pipeline, *base_.Fingerprint(pipeline)};
    }
    change.put.push_back(std::move(query));
  }
  for (const protocol::DesiredQuery& query : change.put) {
    queries_.Find(query.key)->complete = false;
  }
  if (!change.put.empty()) upstream_.Send(change);
}

}  // namespace tidemark::client
