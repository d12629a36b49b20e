// Whole results: jobs are handed out for them, what comes back is brought to the hub's version, and
// whoever waits for it joins. One job serves all who wait for the same pipeline in the same
// columns.

#include <algorithm>
#include <utility>

#include "core/hub/hub_impl.h"

namespace tidemark::hub {

// ---- joining ----

/// What brings a joining session to the result of its query.
Update Hub::Impl::JoiningUpdate(const Subscriber& subscriber, Subscription& subscription) const {
  QueryPipeline* pipeline = subscription.pipeline;
  const ClientSchema& schema = *subscriber.schema;
  const std::optional<Hash128> now = pipeline->fingerprint(schema);
  if (!now.has_value()) return {};
  const auto compared = subscriber.comparisons.find(pipeline);
  if (compared != subscriber.comparisons.end() &&
      compared->second.state() == SetComparison::State::kKnown) {
    Update lack = pipeline->Lack(schema, version_, compared->second);
    if (lack.possible) return lack;
  }
  if (subscription.have.has_value() && subscription.have->pipeline == pipeline->id()) {
    const Hash128& have = subscription.have->fingerprint;
    const std::uint64_t position = subscriber.version.position;
    if (have == *now) return Update{true, nullptr, nullptr};
    if (subscriber.version.epoch == version_.epoch &&
        pipeline->FingerprintAt(schema, position) == have) {
      return pipeline->ChangesSince(schema, version_, position);
    }
  }
  if (pipeline->whole(schema).frame != nullptr) subscription.whole = pipeline->whole(schema);
  return pipeline->WholeWithChanges(schema, version_, subscription.whole);
}

/// The subscription has its pipeline: joins as soon as there is what it takes.
void Hub::Impl::Join(SessionID session, Subscriber& subscriber, const QueryKey& key,
                     Subscription& subscription) {
  if (Compare(session, subscriber, subscription)) return;
  if (!JoiningUpdate(subscriber, subscription).possible) {
    return Await(session, subscriber, subscription);
  }
  if (subscription.first) --subscriber.first_pending;
  subscription.state = Subscription::State::kJoining;
  subscriber.joining.push_back(key);
}

void Hub::Impl::Await(SessionID session, const Subscriber& subscriber, Subscription& subscription) {
  subscription.state = Subscription::State::kHydrating;
  subscription.pipeline->waiting(*subscriber.schema).insert(session);
  OrderRows(subscription.pipeline, *subscriber.schema);
}

/// The session missed more of a query that it holds than is remembered. It is told nothing until
/// the whole result is there.
void Hub::Impl::Rejoin(SessionID session, Subscriber& subscriber, QueryPipeline* pipeline) {
  for (auto& [key, subscription] : subscriber.queries) {
    if (subscription.pipeline != pipeline) continue;
    if (subscription.state != Subscription::State::kLive) continue;
    LeaveLive(session, subscriber, subscription);
    subscription.told = pipeline->id();
    subscription.have.reset();
    subscription.first = true;
    ++subscriber.first_pending;
    Join(session, subscriber, key, subscription);
  }
}

// ---- jobs ----

void Hub::Impl::OrderRows(QueryPipeline* pipeline, const ClientSchema& schema) {
  if (jobs_out_.empty()) {
    commits_ = RecentChanges(version_.position, RecentChanges::kHeldRowChangesMax);
  }
  if (!jobs_out_.emplace(pipeline->id(), schema.hash()).second) return;
  pipeline->RememberMore();
  output_.jobs.push_back(std::make_unique<HydrationJob>(
      replica_.schema(),
      HydrationJob::Order{pipeline->id(), pipeline->ast_json(), schema, limits_.rows_per_query_max,
                          /*keeps_pipeline=*/!pipeline->is_ready()}));
}

bool Hub::Impl::HasJobsOut(const QueryPipeline* pipeline) const {
  const RenditionID first(pipeline->id(), "");
  const auto read = jobs_out_.lower_bound(first);
  if (read != jobs_out_.end() && read->first == pipeline->id()) return true;
  const auto compared = to_compare_.lower_bound(first);
  return compared != to_compare_.end() && compared->first.first == pipeline->id();
}

Status Hub::Impl::OnHydrated(std::unique_ptr<HydrationJob> job) {
  if (job->result().ok() && job->result()->version.position > version_.position) {
    early_.push_back(std::move(job));
    return Ok{};
  }
  TIDEMARK_TRY(TakeHydration(*job));
  if (jobs_out_.empty()) commits_ = RecentChanges(0);
  Flush();
  return Ok{};
}

Status Hub::Impl::TakeEarlyJobs() {
  if (early_.empty()) return Ok{};
  for (std::unique_ptr<HydrationJob>& job : std::exchange(early_, {})) {
    if (job->result()->version.position > version_.position) {
      early_.push_back(std::move(job));
    } else {
      TIDEMARK_TRY(TakeHydration(*job));
    }
  }
  if (jobs_out_.empty()) commits_ = RecentChanges(0);
  return Ok{};
}

/// Of a version that is not later than the hub's.
Status Hub::Impl::TakeHydration(HydrationJob& job) {
  if (!job.order().compared.empty()) {
    TakeLacks(job);
    return Ok{};
  }
  const RenditionID id(job.order().pipeline, job.order().client.hash());
  jobs_out_.erase(id);
  const auto pipeline = pipelines_.find(id.first);
  const auto use = schemas_.find(id.second);
  // Nobody waits for it any more.
  if (pipeline == pipelines_.end() || use == schemas_.end()) return Ok{};
  QueryPipeline* reader = pipeline->second.get();
  const ClientSchema& schema = *use->second.schema;
  if (!reader->HasRendition(schema)) return Ok{};
  stepped_.insert(reader);
  if (!job.result().ok()) {
    FailWaiting(reader, schema, job.result().error());
    return Ok{};
  }
  const Result<bool> taken = TakeRows(reader, schema, *job.result());
  if (!taken.ok()) {
    if (taken.error().code != ErrorCode::kLimit) return taken.error();
    FailPipeline(reader, taken.error());
    return Ok{};
  }
  if (!*taken) {
    OrderRows(reader, schema);
    return Ok{};
  }
  WakeWaiting(reader, schema);
  Keep(id, job.result()->frame);
  return Ok{};
}

/// False: too much has happened since, or the pipeline is not the one that the job was made for.
Result<bool> Hub::Impl::TakeRows(QueryPipeline* pipeline, const ClientSchema& schema,
                                 Hydration& hydration) {
  if (!pipeline->is_ready()) {
    if (hydration.pipeline == nullptr) return false;
    const std::optional<model::ChangeSet> changes =
        commits_.Since(hydration.version.position, hydration.pipeline->tables());
    if (!changes.has_value()) return false;
    index_.Add(pipeline, hydration.pipeline->query());
    TIDEMARK_TRY(pipeline->TakeOver(hydration, replica_, *changes, version_.position));
  }
  return pipeline->TakeRendition(schema, hydration);
}

void Hub::Impl::WakeWaiting(QueryPipeline* pipeline, const ClientSchema& schema) {
  for (const SessionID session : std::exchange(pipeline->waiting(schema), {})) {
    const auto position = sessions_.find(session);
    if (position == sessions_.end()) continue;
    Subscriber& subscriber = position->second;
    for (auto& [key, subscription] : subscriber.queries) {
      if (subscription.pipeline != pipeline) continue;
      if (subscription.state == Subscription::State::kHydrating) {
        Join(session, subscriber, key, subscription);
      }
    }
    Queue(session, subscriber);
  }
}

void Hub::Impl::FailWaiting(QueryPipeline* pipeline, const ClientSchema& schema,
                            const Error& error) {
  for (const SessionID session : std::exchange(pipeline->waiting(schema), {})) {
    const auto position = sessions_.find(session);
    if (position == sessions_.end()) continue;
    Subscriber& subscriber = position->second;
    std::vector<QueryKey> keys;
    for (const auto& [key, subscription] : subscriber.queries) {
      if (subscription.pipeline != pipeline) continue;
      if (subscription.state == Subscription::State::kHydrating) keys.push_back(key);
    }
    for (const QueryKey& key : keys) FailQuery(session, subscriber, key, error);
    Queue(session, subscriber);
  }
}

// ---- whole results for those who come next ----

void Hub::Impl::Keep(const RenditionID& rendition, const Frame& frame) {
  kept_.push_back(Kept{rendition, frame, now_ms_});
  kept_bytes_ += frame->size();
  while (kept_bytes_ > limits_.kept_result_bytes_max) DropKept();
}

void Hub::Impl::DropKept() {
  const Kept kept = std::move(kept_.front());
  kept_.pop_front();
  kept_bytes_ -= kept.frame->size();
  const auto pipeline = pipelines_.find(kept.rendition.first);
  const auto schema = schemas_.find(kept.rendition.second);
  if (pipeline == pipelines_.end() || schema == schemas_.end()) return;
  if (!pipeline->second->HasRendition(*schema->second.schema)) return;
  pipeline->second->ForgetWhole(*schema->second.schema, kept.frame);
}

}  // namespace tidemark::hub
