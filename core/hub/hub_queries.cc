#include <algorithm>
#include <string>
#include <utility>

#include "core/hub/hub_impl.h"
#include "core/hub/poke_writer.h"
#include "core/query/ast_json.h"

namespace tidemark::hub {

// ---- queries ----

void Hub::Impl::ChangeQueries(SessionID session, const protocol::ChangeQueries& change) {
  const auto position = sessions_.find(session);
  if (position == sessions_.end()) return;
  for (const QueryKey& key : change.remove) Unsubscribe(session, position->second, key);
  for (const protocol::DesiredQuery& query : change.put) {
    Subscribe(session, position->second, query, /*first=*/false);
  }
  Queue(session, position->second);
  Flush();
}

void Hub::Impl::Subscribe(SessionID session, Subscriber& subscriber,
                          const protocol::DesiredQuery& query, bool first) {
  Unsubscribe(session, subscriber, query.key);
  if (subscriber.queries.size() >= limits_.queries_per_client_max) {
    Send(
        session,
        MakeFrame(protocol::QueryFailed{
            query.key,
            Error{ErrorCode::kLimit, "more than " + std::to_string(limits_.queries_per_client_max) +
                                         " queries at once (queries_per_client_max)"},
            query.ask}));
    return;
  }
  Subscription& subscription = subscriber.queries[query.key];
  subscription.name = query.name;
  subscription.args_json = query.args_json;
  subscription.ask = query.ask;
  subscription.have = query.have;
  subscription.first = first;
  if (first) ++subscriber.first_pending;
  Resolve(session, subscriber, query.key, subscription);
}

void Hub::Impl::Resolve(SessionID session, const Subscriber& subscriber, const QueryKey& key,
                        Subscription& subscription) {
  subscription.question = ++last_question_;
  output_.resolve.push_back(ResolveRequest{session, key, subscription.name, subscription.args_json,
                                           subscriber.auth_json, subscription.question});
}

/// As if the session had said hello again with what it holds.
void Hub::Impl::SetAuth(SessionID session, std::string auth_json) {
  const auto position = sessions_.find(session);
  if (position == sessions_.end()) return;
  Subscriber& subscriber = position->second;
  subscriber.auth_json = std::move(auth_json);
  subscriber.tell_claims = true;
  for (auto& [key, subscription] : subscriber.queries) {
    if (subscription.state == Subscription::State::kLive) {
      QueryPipeline* pipeline = subscription.pipeline;
      const bool is_behind = subscriber.changed.count(pipeline) > 0;
      const std::optional<Hash128> has =
          is_behind ? pipeline->FingerprintAt(*subscriber.schema, subscriber.version.position)
                    : pipeline->fingerprint(*subscriber.schema);
      LeaveLive(session, subscriber, subscription);
      subscription.told = pipeline->id();
      subscription.have.reset();
      if (has.has_value()) {
        subscription.have = protocol::DesiredQuery::Have{pipeline->id(), *has};
      }
    }
    if (!subscription.is_first_pending()) ++subscriber.first_pending;
    subscription.first = true;
    subscription.state = Subscription::State::kResolving;
    Resolve(session, subscriber, key, subscription);
  }
  subscriber.comparisons.clear();
  Queue(session, subscriber);
  Flush();
}

void Hub::Impl::Unsubscribe(SessionID session, Subscriber& subscriber, const QueryKey& key) {
  const auto position = subscriber.queries.find(key);
  if (position == subscriber.queries.end()) return;
  const Subscription subscription = position->second;
  subscriber.queries.erase(position);
  if (subscription.is_first_pending()) --subscriber.first_pending;
  if (subscription.state == Subscription::State::kLive) {
    LeaveLive(session, subscriber, subscription);
  }
  if (subscription.pipeline == nullptr) return;
  DropComparison(subscriber, subscription.pipeline);
  LeavePipeline(subscription.pipeline, *subscriber.schema);
}

/// No deltas any more.
void Hub::Impl::LeaveLive(SessionID session, Subscriber& subscriber,
                          const Subscription& subscription) {
  QueryPipeline* pipeline = subscription.pipeline;
  const auto held = subscriber.held.find(pipeline);
  if (--held->second > 0) return;
  subscriber.held.erase(held);
  pipeline->live().erase(session);
  subscriber.changed.erase(pipeline);
}

void Hub::Impl::FailQuery(SessionID session, Subscriber& subscriber, const QueryKey& key,
                          Error error) {
  const bool told = !subscriber.queries.at(key).told.empty();
  const std::uint32_t ask = subscriber.queries.at(key).ask;
  Unsubscribe(session, subscriber, key);
  protocol::QueryFailed failed{key, std::move(error), ask};
  if (told) {
    subscriber.lost.push_back(std::move(failed));
    Queue(session, subscriber);
  } else {
    Send(session, MakeFrame(std::move(failed)));
  }
}

void Hub::Impl::OnResolved(SessionID session, const QueryKey& key, std::uint64_t serial,
                           Result<std::string> ast_json) {
  const auto position = sessions_.find(session);
  if (position == sessions_.end()) return;
  Subscriber& subscriber = position->second;
  const auto query = subscriber.queries.find(key);
  // Removed meanwhile, or asked again: with other claims, perhaps.
  if (query == subscriber.queries.end() || query->second.question != serial) return;
  if (query->second.state != Subscription::State::kResolving) return;

  Result<QueryPipeline*> pipeline =
      ast_json.ok() ? JoinPipeline(*subscriber.schema, *ast_json) : std::move(ast_json).error();
  if (!pipeline.ok()) {
    FailQuery(session, subscriber, key, std::move(pipeline).error());
  } else {
    QueryPipeline* before = std::exchange(query->second.pipeline, *pipeline);
    if (before != nullptr) LeavePipeline(before, *subscriber.schema);
    query->second.whole = {};
    Join(session, subscriber, key, query->second);
  }
  Queue(session, subscriber);
  Flush();
}

// ---- pipelines ----

/// A page whose schema is older evaluates what it has the tables for.
Status Hub::Impl::CheckTables(const ClientSchema& schema, const query::Query& query) const {
  for (const query::Node& node : query::NodesOf(query)) {
    if (schema.HasTable(node.table)) continue;
    return Error{ErrorCode::kOutdated, "table " + replica_.schema().table(node.table).name +
                                           " is not in this page's schema: reload the page"};
  }
  return Ok{};
}

Result<QueryPipeline*> Hub::Impl::JoinPipeline(const ClientSchema& schema,
                                               const std::string& ast_json) {
  TIDEMARK_ASSIGN_OR_RETURN(query::Query query, query::ParseQuery(replica_.schema(), ast_json));
  TIDEMARK_TRY(CheckTables(schema, query));
  query = query::Normalize(replica_.schema(), std::move(query));
  PipelineID id = query::HashQuery(replica_.schema(), query);
  std::unique_ptr<QueryPipeline>& place = pipelines_[id];
  if (place == nullptr) {
    place = std::make_unique<QueryPipeline>(std::move(id), ++last_serial_, replica_.schema(),
                                            ast_json, limits_);
  }
  QueryPipeline* pipeline = place.get();
  pipeline->Acquire(schema);
  ++pipeline->subscriptions;
  DropIdleOf(pipeline);
  return pipeline;
}

/// The last one to leave leaves its rendition behind: who comes back finds it up to date.
void Hub::Impl::LeavePipeline(QueryPipeline* pipeline, const ClientSchema& schema) {
  if (--pipeline->subscriptions > 0) return pipeline->Release(schema);
  if (!pipeline->is_ready()) return DropPipeline(pipeline);
  ++schemas_.at(schema.hash()).users;
  idle_.push_back(Idle{pipeline, &schema, now_ms_});
}

/// Between events only: within one, somebody may be on his way through the pipelines.
void Hub::Impl::TrimIdle() {
  while (idle_.size() > limits_.idle_pipelines_max) DropIdle(idle_.begin());
}

void Hub::Impl::DropIdle(const std::deque<Idle>::iterator& position) {
  const Idle idle = *position;
  idle_.erase(position);
  idle.pipeline->Release(*idle.schema);
  ReleaseSchema(idle.schema);
  if (idle.pipeline->subscriptions == 0) DropPipeline(idle.pipeline);
}

void Hub::Impl::DropIdleOf(const QueryPipeline* pipeline) {
  const auto position = std::find_if(idle_.begin(), idle_.end(),
                                     [&](const Idle& idle) { return idle.pipeline == pipeline; });
  if (position != idle_.end()) DropIdle(position);
}

void Hub::Impl::DropPipeline(QueryPipeline* pipeline) {
  if (pipeline->is_ready()) index_.Remove(pipeline, pipeline->query());
  stepped_.erase(pipeline);
  pipelines_.erase(PipelineID(pipeline->id()));
}

void Hub::Impl::Tick(std::uint64_t now_ms) {
  now_ms_ = now_ms;
  while (!idle_.empty() && idle_.front().since_ms + limits_.pipeline_ttl_ms <= now_ms) {
    DropIdle(idle_.begin());
  }
  while (!kept_.empty() && kept_.front().since_ms + limits_.kept_result_ms <= now_ms) DropKept();
}

/// Every query of the session on the pipeline fails.
void Hub::Impl::FailHeld(SessionID session, Subscriber& subscriber, QueryPipeline* pipeline,
                         const Error& error) {
  std::vector<QueryKey> keys;
  for (const auto& [key, subscription] : subscriber.queries) {
    if (subscription.pipeline == pipeline) keys.push_back(key);
  }
  for (const QueryKey& key : keys) FailQuery(session, subscriber, key, error);
}

/// Everybody's; the pipeline is gone afterwards.
void Hub::Impl::FailPipeline(QueryPipeline* pipeline, const Error& error) {
  for (auto& [session, subscriber] : sessions_) FailHeld(session, subscriber, pipeline, error);
  DropIdleOf(pipeline);
}

}  // namespace tidemark::hub
