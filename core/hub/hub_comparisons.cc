#include <algorithm>
#include <utility>

#include "core/hub/hub_impl.h"
#include "core/hub/poke_writer.h"

namespace tidemark::hub {
namespace {

// Sessions that one job compares: what they lack is in memory at once.
constexpr std::size_t kComparedAtOnceMax = 32;

}  // namespace

// ---- what sessions hold of an older result ----

/// True if the query waits for what the session says of what it holds: where that is of another
/// time than what the hub remembers, and so much that it is cheaper asked for than sent.
bool Hub::Impl::Compare(SessionID session, Subscriber& subscriber, Subscription& subscription) {
  QueryPipeline* pipeline = subscription.pipeline;
  const ClientSchema& schema = *subscriber.schema;
  const auto under_way = subscriber.comparisons.find(pipeline);
  if (under_way != subscriber.comparisons.end()) {
    if (under_way->second.is_over()) return false;
    subscription.state = Subscription::State::kComparing;
    return true;
  }
  const auto& have = subscription.have;
  const std::optional<Hash128> now = pipeline->fingerprint(schema);
  if (!now.has_value() || !have.has_value() || have->pipeline != pipeline->id() ||
      have->fingerprint == *now || subscriber.held.count(pipeline) > 0 ||
      pipeline->row_count() < limits_.compared_rows_min) {
    return false;
  }
  if (subscriber.version.epoch == version_.epoch &&
      pipeline->FingerprintAt(schema, subscriber.version.position) == have->fingerprint) {
    return false;
  }
  const std::vector<std::uint32_t>* sums = pipeline->BucketSums(schema);
  if (sums == nullptr) {
    Await(session, subscriber, subscription);
    return true;
  }
  const SetComparison comparison(++last_comparison_, static_cast<std::uint32_t>(sums->size()));
  subscriber.comparisons.emplace(pipeline, comparison);
  subscription.state = Subscription::State::kComparing;
  Send(session,
       MakeFrame(protocol::Compare{comparison.number(), pipeline->id(), comparison.buckets()}));
  return true;
}

std::optional<std::pair<Subscriber*, Hub::Impl::UnderWay>> Hub::Impl::FindComparison(
    SessionID session, std::uint32_t number) {
  const auto position = sessions_.find(session);
  if (position == sessions_.end()) return std::nullopt;
  Subscriber& subscriber = position->second;
  const auto found =
      std::find_if(subscriber.comparisons.begin(), subscriber.comparisons.end(),
                   [number](const auto& entry) { return entry.second.number() == number; });
  // Of a query that was given up, or resolved anew.
  if (found == subscriber.comparisons.end() || found->second.is_over()) return std::nullopt;
  return std::pair(&subscriber, found);
}

void Hub::Impl::OnSums(SessionID session, const protocol::Sums& message) {
  const auto found = FindComparison(session, message.comparison);
  if (!found) return;
  auto& [pipeline, comparison] = *found->second;
  const std::vector<std::uint32_t>* sums = pipeline->BucketSums(*found->first->schema);
  if (comparison.state() == SetComparison::State::kSums && sums != nullptr) {
    comparison.TakeSums(message.sums, *sums, version_.position);
  } else {
    comparison.GiveUp();
  }
  if (comparison.state() == SetComparison::State::kMembers) {
    Send(session, MakeFrame(protocol::Want{comparison.number(), pipeline->id(),
                                           comparison.buckets(), comparison.wanted()}));
  }
  JoinCompared(session, *found->first, pipeline);
  Flush();
}

void Hub::Impl::OnMembers(SessionID session, protocol::Members message) {
  const auto found = FindComparison(session, message.comparison);
  if (!found) return;
  auto& [pipeline, comparison] = *found->second;
  if (comparison.state() == SetComparison::State::kMembers) {
    comparison.TakeMembers(std::move(message.hashes));
  } else {
    comparison.GiveUp();
  }
  if (comparison.state() == SetComparison::State::kReading) {
    const RenditionID rendition(pipeline->id(), found->first->schema->hash());
    const auto [waiting, is_free] = to_compare_.try_emplace(rendition);
    waiting->second.emplace_back(session, comparison.number());
    if (is_free) OrderComparison(rendition);
  }
  JoinCompared(session, *found->first, pipeline);
  Flush();
}

/// A crowd that comes back at once is served by few readings: one job at a time for each rendition,
/// for all who wait by then, within bounds.
void Hub::Impl::OrderComparison(const RenditionID& rendition) {
  std::vector<std::pair<SessionID, std::uint32_t>>& waiting = to_compare_.at(rendition);
  HydrationJob::Order order{rendition.first, {}, {}, limits_.rows_per_query_max};
  auto next = waiting.begin();
  while (next != waiting.end() && order.compared.size() < kComparedAtOnceMax) {
    const auto [session, number] = *next++;
    const auto found = FindComparison(session, number);
    if (!found) continue;
    order.ast_json = found->second->first->ast_json();
    order.client = *found->first->schema;
    order.compared.push_back({session, found->second->second});
    found->second->first->RememberMore();
  }
  waiting.erase(waiting.begin(), next);
  if (order.compared.empty()) {
    to_compare_.erase(rendition);
    return;
  }
  output_.jobs.push_back(std::make_unique<HydrationJob>(replica_.schema(), std::move(order)));
}

/// Of a version that is not later than the hub's.
void Hub::Impl::TakeLacks(HydrationJob& job) {
  for (std::size_t i = 0; i < job.order().compared.size(); ++i) {
    const HydrationJob::Order::Compared& compared = job.order().compared[i];
    const auto found = FindComparison(compared.session, compared.comparison.number());
    if (!found) continue;
    auto& [pipeline, comparison] = *found->second;
    if (job.result().ok()) {
      comparison.TakeLack(std::move(job.result()->lacks[i]), job.result()->version.position);
    } else {
      comparison.GiveUp();
    }
    JoinCompared(compared.session, *found->first, pipeline);
  }
  OrderComparison(RenditionID(job.order().pipeline, job.order().client.hash()));
}

void Hub::Impl::JoinCompared(SessionID session, Subscriber& subscriber, QueryPipeline* pipeline) {
  const SetComparison& comparison = subscriber.comparisons.at(pipeline);
  if (!comparison.is_over()) return;
  for (auto& [key, subscription] : subscriber.queries) {
    if (subscription.pipeline != pipeline) continue;
    if (subscription.state != Subscription::State::kComparing) continue;
    // What it said that it has does not count any more.
    if (comparison.state() == SetComparison::State::kWhole) subscription.have.reset();
    Join(session, subscriber, key, subscription);
  }
  Queue(session, subscriber);
}

/// With the last query that waits for it.
void Hub::Impl::DropComparison(Subscriber& subscriber, QueryPipeline* pipeline) {
  for (const auto& [key, subscription] : subscriber.queries) {
    if (subscription.pipeline == pipeline && subscription.state != Subscription::State::kLive &&
        subscription.state != Subscription::State::kResolving) {
      return;
    }
  }
  subscriber.comparisons.erase(pipeline);
}

}  // namespace tidemark::hub
