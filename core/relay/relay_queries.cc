// Queries: what tabs want, what the server is asked for, what base answers.

#include <algorithm>
#include <utility>

#include "core/protocol/codec.h"
#include "core/relay/relay_impl.h"

namespace tidemark::relay {

void Relay::Impl::Want(TabID tab, const protocol::DesiredQuery& query) {
  WantedQuery& wanted = wanted_[query.key];
  if (wanted.tabs.empty()) {
    wanted.query = query;
    wanted.query.have.reset();
    wanted.query.ask = 0;
    wanted.query.ttl = 0;
  }
  wanted.tabs.insert(tab);
  Keep(wanted, query.ttl);
  if (std::exchange(wanted.failed, false)) asked_.erase(query.key);
  TabQuery& mine = tabs_.at(tab).queries[query.key];
  mine.have = query.have;
  mine.ask = query.ask;
}

void Relay::Impl::Keep(WantedQuery& wanted, std::uint32_t ttl_s) {
  wanted.query.ttl = std::max(wanted.query.ttl, ttl_s == 0 ? options_.limits.query_ttl_s : ttl_s);
  base_->Touch(wanted.query.key, wanted.query.ttl);
}

void Relay::Impl::Unwant(TabID tab, const QueryKey& key) {
  const auto wanted = wanted_.find(key);
  if (wanted == wanted_.end()) return;
  wanted->second.tabs.erase(tab);
  if (!wanted->second.tabs.empty()) return;
  base_->Touch(key, wanted->second.query.ttl);
  wanted_.erase(wanted);
}

protocol::DesiredQuery Relay::Impl::WithHave(const WantedQuery& wanted) const {
  protocol::DesiredQuery query = wanted.query;
  const StoredQuery* stored = base_->FindQuery(query.key);
  if (stored != nullptr && stored->complete) {
    query.have = protocol::DesiredQuery::Have{stored->pipeline,
                                              base_->FindPipeline(stored->pipeline)->fingerprint};
  }
  return query;
}

protocol::DesiredQuery Relay::Impl::Ask(protocol::DesiredQuery query) {
  query.ask = ++last_ask_;
  query.ttl = 0;  // of this disk
  asked_[query.key] = Asked{query.ask, query.have};
  return query;
}

bool Relay::Impl::IsAnswer(const QueryKey& key, std::uint32_t ask) const {
  if (ask == 0) return true;
  const auto asked = asked_.find(key);
  return asked != asked_.end() && asked->second.ask == ask;
}

void Relay::Impl::AskServer() {
  if (link_ != Link::kReady) return;
  protocol::ChangeQueries change;
  for (const auto& [key, asked] : asked_) {
    if (!wanted_.contains(key)) change.remove.push_back(key);
  }
  for (const QueryKey& key : change.remove) asked_.erase(key);
  for (const auto& [key, wanted] : wanted_) {
    if (!asked_.contains(key)) change.put.push_back(Ask(WithHave(wanted)));
  }
  if (!change.put.empty() || !change.remove.empty()) SendUp(change);
}

void Relay::Impl::Refetch(const std::set<PipelineID>& pipelines, Lack lack) {
  std::set<QueryKey> keys;
  for (const auto& [key, wanted] : wanted_) {
    if (wanted.live.has_value() && pipelines.contains(*wanted.live)) keys.insert(key);
  }
  if (lack == Lack::kWhole) {
    for (const PipelineID& pipeline : pipelines) base_->Distrust(pipeline);
  }
  AskAgain(keys, lack);
}

void Relay::Impl::AskAgain(const std::set<QueryKey>& keys, Lack lack) {
  protocol::ChangeQueries change;
  for (const QueryKey& key : keys) {
    WantedQuery& wanted = wanted_.at(key);
    wanted.live.reset();
    // All of a pipeline's queries leave, or the server would say that the rows are here.
    change.remove.push_back(key);
    change.put.push_back(Ask(lack == Lack::kWhole ? wanted.query : WithHave(wanted)));
  }
  if (!change.put.empty() && link_ == Link::kReady) SendUp(change);
}

/// First for the difference, then for all of it, and then not until an answer comes out: a
/// difference that does not go away must not become a loop.
void Relay::Impl::Repair() {
  const std::set<PipelineID> live = LivePipelines();
  std::set<PipelineID> difference;
  std::set<PipelineID> whole;
  for (const PipelineID& pipeline : base_->TakeDoubted()) {
    if (!live.contains(pipeline)) continue;  // asked for already, or when the link is there
    const auto [asked, is_first] = repairs_.try_emplace(pipeline, Lack::kDifference);
    if (is_first) {
      difference.insert(pipeline);
    } else if (std::exchange(asked->second, Lack::kWhole) != Lack::kWhole) {
      whole.insert(pipeline);
    }
  }
  Refetch(difference, Lack::kDifference);
  Refetch(whole, Lack::kWhole);
}

bool Relay::Impl::IsReadable(const PipelineID& pipeline) {
  // Writing may show that what came is not what the server says.
  return (!base_->has_staged() || FlushBase().ok()) && base_->IsComplete(pipeline);
}

std::set<PipelineID> Relay::Impl::LivePipelines() const {
  std::set<PipelineID> live;
  for (const auto& [key, wanted] : wanted_) {
    if (wanted.live.has_value()) live.insert(*wanted.live);
  }
  return live;
}

const std::string* Relay::Impl::FrameOf(const PipelineID& pipeline,
                                        std::map<PipelineID, std::string>& frames) {
  const auto known = frames.find(pipeline);
  if (known != frames.end()) return &known->second;
  if (!IsReadable(pipeline)) return nullptr;
  Result<protocol::Segment> segment = base_->Read(pipeline);
  Repair();
  if (!segment.ok()) {
    if (segment.error().code == ErrorCode::kCorrupt) RebuildBase();
    return nullptr;
  }
  // Rows of another time than the poke's must not stand in the way of those that follow.
  if (base_->FindPipeline(pipeline)->stale) segment->to.position = 0;
  return &frames.emplace(pipeline, protocol::Encode(std::move(*segment))).first->second;
}

void Relay::Impl::AnswerFromBase(TabID tab, const std::vector<QueryKey>& keys, Answer answer) {
  std::map<PipelineID, std::string> frames;
  std::set<PipelineID> missing;
  std::vector<const std::string*> segments;
  std::set<PipelineID> sent;
  TabSession& session = tabs_.at(tab);
  protocol::Poke poke;
  // The rows that the tab brought along are not of the version that it gets.
  const auto tell_older = [&](const QueryKey& key) {
    TabQuery& query = session.queries.at(key);
    if (!query.have.has_value() || session.version == base_->version()) return;
    poke.resolved.push_back(
        protocol::ResolvedQuery{key, query.have->pipeline, /*complete=*/false, query.ask});
    query.have.reset();
  };
  for (const QueryKey& key : keys) {
    const StoredQuery* stored = base_->FindQuery(key);
    const WantedQuery& wanted = wanted_.at(key);
    if (stored == nullptr || !stored->complete) {
      // The server answers; if it believes that it has, it is asked again.
      if (wanted.live.has_value()) missing.insert(*wanted.live);
      tell_older(key);
      continue;
    }
    const PipelineID pipeline = stored->pipeline;
    TabQuery& query = session.queries.at(key);
    const bool has_it = session.Holds(pipeline) ||
                        (query.have && query.have->pipeline == pipeline &&
                         query.have->fingerprint == base_->FindPipeline(pipeline)->fingerprint);
    if (!has_it) {
      const std::string* frame = FrameOf(pipeline, frames);
      if (frame == nullptr) {
        if (wanted.live.has_value()) missing.insert(*wanted.live);
        tell_older(key);
        continue;
      }
      if (sent.insert(pipeline).second) segments.push_back(frame);
    }
    query.pipeline = pipeline;
    query.stale = base_->FindPipeline(pipeline)->stale;
    poke.resolved.push_back(protocol::ResolvedQuery{key, pipeline, !query.stale, query.ask});
  }
  if (answer == Answer::kFirst) {
    for (const auto& [client, state] : log_->clients()) {
      if (state.confirmed > 0) poke.lmids.push_back({client, state.confirmed});
    }
    // What was stored with an LMID that base lost again travels when that comes again.
    const auto own = log_->clients().find(session.client);
    if (own != log_->clients().end() && own->second.confirmed > session.seen) {
      poke.results = log_->ResultsOf(session.client, session.seen, own->second.confirmed);
      session.seen = own->second.confirmed;
    }
  }
  poke.from = session.version;
  poke.to = base_->version();
  poke.segments = static_cast<std::uint32_t>(segments.size());
  const bool says_something = poke.from != poke.to || !poke.resolved.empty() ||
                              !poke.lmids.empty() || !poke.results.empty();
  if (says_something) {
    session.version = poke.to;
    Send(tab, poke);
    for (const std::string* segment : segments) output_.to_tabs.push_back({tab, *segment});
  }
  if (!missing.empty()) Refetch(missing, Lack::kWhole);
}

}  // namespace tidemark::relay
