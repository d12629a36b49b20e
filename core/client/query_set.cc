#include "core/client/query_set.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/model/json_path.h"
#include "core/model/value.h"
#include "core/query/ast_json.h"
#include "core/query/predicate.h"

namespace tidemark::client {

using ivm::NodeTables;

namespace {

/// At most one row (for each row of the parent): its primary key is given.
bool HasGivenKey(const model::Schema& schema, const query::Node& node) {
  const auto is_given = [&](model::ColumnIndex column) {
    if (node.edge != nullptr && !node.edge->through) {
      for (const auto& [own, other] : node.edge->match) {
        if (other == column) return true;
      }
    }
    return query::RequiredValue(node.query->where, column).has_value();
  };
  const std::vector<model::ColumnIndex>& key = schema.table(node.table).primary_key;
  return std::all_of(key.begin(), key.end(), is_given);
}

/// Rows that other queries brought change nothing of the result: they are in it by themselves or
/// not. With exists they are in it by what else is here, where a limit cut something off, they are
/// not what comes next, and what an aggregation counts is not here.
bool IsAnsweredByAllRows(const model::Schema& schema, const query::Query& query) {
  for (const query::Node& node : query::NodesOf(query)) {
    if (node.kind == query::Node::Kind::kExists) return false;
    if (node.query == nullptr) continue;
    if (node.query->aggregation) return false;
    if (node.query->limit && !HasGivenKey(schema, node)) return false;
  }
  return true;
}

bool HasAggregations(const query::Query& query) {
  if (query.aggregation) return true;
  return std::any_of(query.related.begin(), query.related.end(), [](const query::Related& related) {
    return HasAggregations(*related.edge.query);
  });
}

// A view that shows nothing yet takes more changes than this by being read anew.
constexpr std::size_t kFirstFillMin = 64;

}  // namespace

Result<QueryKey> QueryKeyOf(std::string_view name, std::string_view args_json) {
  std::string text = "[";
  model::AppendJsonString(text, name);
  text += ',';
  if (args_json.empty()) {
    text += "null";
  } else {
    TIDEMARK_ASSIGN_OR_RETURN(const std::string args, model::CanonicalJsonText(args_json));
    text += args;
  }
  text += ']';
  return QueryKey(ToHex(HashBytes(text)));
}

Subscription* QuerySet::Find(const QueryKey& key) {
  const auto found = subscriptions_.find(key);
  return found == subscriptions_.end() ? nullptr : &found->second;
}

Result<ViewID> QuerySet::Watch(const store::MemoryStore& store, std::string name,
                               std::string args_json, std::string_view ast_json,
                               std::size_t queries_max) {
  TIDEMARK_ASSIGN_OR_RETURN(query::Query query, query::ParseQuery(schema_, ast_json));
  TIDEMARK_ASSIGN_OR_RETURN(QueryKey key, QueryKeyOf(name, args_json));
  auto found = subscriptions_.find(key);
  if (found == subscriptions_.end()) {
    if (subscriptions_.size() >= queries_max) {
      return Error{ErrorCode::kLimit, "more than " + std::to_string(queries_max) +
                                          " queries at once (queries_per_client_max)"};
    }
    Subscription subscription;
    subscription.name = std::move(name);
    subscription.args_json = std::move(args_json);
    subscription.local_pipeline = query::HashQuery(schema_, query);
    subscription.query = query;
    found = subscriptions_.emplace(key, std::move(subscription)).first;
    ++generation_;
  } else if (query != found->second.query) {
    // Other claims give another tree: the page's last word on it holds.
    found->second.local_pipeline = query::HashQuery(schema_, query);
    found->second.query = query;
  }
  ++found->second.views;
  const ViewID id = ++last_view_;
  const bool answered = IsAnsweredByAllRows(schema_, query);
  const bool counts = HasAggregations(query);
  ivm::View view(store, query);
  views_.emplace(id, WatchedView{std::move(key), store, answered, counts, nullptr, false,
                                 std::move(query), nullptr, std::move(view)});
  return id;
}

void QuerySet::Unwatch(ViewID view) {
  const auto found = views_.find(view);
  if (found == views_.end()) return;
  if (--subscriptions_.at(found->second.key).views == 0) has_unwatched_ = true;
  views_.erase(found);
}

void QuerySet::Keep(ViewID view, std::uint32_t ttl_s) {
  const auto found = views_.find(view);
  if (found == views_.end()) return;
  std::uint32_t& longest = subscriptions_.at(found->second.key).ttl_s;
  if (ttl_s <= longest) return;
  longest = ttl_s;
  ++generation_;
}

std::vector<PipelineID> QuerySet::DropUnwatched() {
  std::vector<PipelineID> pipelines;
  if (!std::exchange(has_unwatched_, false)) return pipelines;
  for (auto at = subscriptions_.begin(); at != subscriptions_.end();) {
    if (at->second.views > 0) {
      ++at;
      continue;
    }
    if (at->second.pipeline) pipelines.push_back(*at->second.pipeline);
    at = subscriptions_.erase(at);
    ++generation_;
  }
  return pipelines;
}

bool QuerySet::Advance(WatchedView& watched, const model::ChangeSet& changes, ViewFlush& flush) {
  if (watched.groups != nullptr) {
    if (std::optional<Error> failure = watched.groups->failure()) {
      watched.failure = std::move(failure);
      watched.groups_failed = true;
      return false;
    }
    // What happened meanwhile has passed the view by.
    if (std::exchange(watched.groups_failed, false)) watched.shown = false;
  }
  const bool anew = !watched.shown || watched.failure;
  if (watched.shown && watched.failure && changes.empty()) return false;
  if (anew || (watched.view.rows().empty() && changes.size() > kFirstFillMin)) {
    const Status read = watched.view.Hydrate();
    watched.failure.reset();
    if (!read.ok()) watched.failure = read.error();
    if (watched.failure || (!anew && watched.view.rows().empty())) return false;
    watched.shown = true;
    flush.reset = true;
    flush.edits = watched.view.Edits();
    return true;
  }
  if (changes.empty()) return false;
  Result<std::vector<ivm::ViewEdit>> edits = watched.view.Advance(changes);
  if (!edits.ok()) {
    watched.failure = std::move(edits).error();
    return false;
  }
  flush.edits = std::move(edits).value();
  return !flush.edits.empty();
}

bool QuerySet::PlaceGroups(WatchedView& watched, const Subscription& subscription, const Step& step,
                           bool is_new) {
  std::unique_ptr<GroupCounts>& groups = watched.groups;
  const bool fits = groups != nullptr && groups->pipeline() == subscription.pipeline;
  // What was counted once is better than the rows that happen to be here.
  const bool wanted =
      watched.has_aggregations && subscription.pipeline && (subscription.complete || fits);
  if (!is_new && (wanted ? fits : groups == nullptr)) return false;
  std::unique_ptr<GroupCounts> placed;
  if (wanted) {
    placed = std::make_unique<GroupCounts>(*step.state, *step.base, *subscription.pipeline,
                                           watched.query);
  }
  watched.view = ivm::View(watched.members->store(), watched.members->query(),
                           placed == nullptr ? nullptr : &placed->lists());
  groups = std::move(placed);
  watched.shown = false;
  return true;
}

std::vector<TableKey> QuerySet::MovedRows(const MemberRows& members, const Step& step,
                                          const std::optional<PipelineID>& pipeline) {
  std::vector<TableKey> moved = step.moved;
  for (const model::RowChange& change : step.changes) {
    moved.push_back(TableKey{change.table, change.key});
  }
  if (!pipeline) return moved;
  const auto groups = step.groups.find(*pipeline);
  if (groups == step.groups.end()) return moved;
  for (const GroupAddress& address : groups->second) {
    for (const NodeTables::Node& node : members.nodes()) {
      if (node.description.name != address.table) continue;
      moved.push_back(TableKey{node.table, address.key});
    }
  }
  return moved;
}

model::ChangeSet QuerySet::ChangesFor(WatchedView& watched, const Subscription& subscription,
                                      const Step& step) {
  const bool is_new = watched.members == nullptr;
  if (is_new) {
    watched.members = std::make_unique<MemberRows>(watched.rows, watched.query);
    has_members_ = true;
  }
  const bool anew = PlaceGroups(watched, subscription, step, is_new);
  std::optional<PipelineID> pipeline;
  if (subscription.complete) pipeline = subscription.pipeline;
  const std::vector<NodeTables::Node>& nodes = watched.members->nodes();
  std::vector<bool> told(nodes.size(), false);
  for (std::size_t i = 0; i < nodes.size() && pipeline; ++i) {
    const model::Table& node = nodes[i].description;
    told[i] = step.base->FindGroup(*pipeline, {node.name, ivm::ToldKey(node)}) != nullptr;
  }
  const auto sees = [&](const TableKey& address, std::size_t node) {
    if (!pipeline || step.state->IsTouched(address)) return true;
    if (!step.base->IsMember(*pipeline, address)) return false;
    if (!told[node]) return true;  // all that the query has of the table are of that node
    const GroupAddress at{nodes[node].description.name, address.key};
    return step.base->FindGroup(*pipeline, at) != nullptr;
  };
  const std::vector<TableKey> moved = MovedRows(*watched.members, step, pipeline);
  const bool sees_otherwise = std::exchange(watched.members_of, pipeline) != pipeline;
  model::ChangeSet changes = is_new || sees_otherwise ? watched.members->SyncAll(sees)
                                                      : watched.members->Sync(moved, sees);
  if (watched.groups == nullptr) return changes;
  const auto groups = step.groups.find(watched.groups->pipeline());
  model::ChangeSet counted =
      anew ? watched.groups->SyncAll()
           : watched.groups->Sync(
                 moved, groups == step.groups.end() ? std::vector<GroupAddress>() : groups->second);
  // Tables of groups are behind all others.
  const std::size_t copies =
      watched.members->store().schema().tables().size() - schema_.tables().size();
  for (model::RowChange& change : counted) {
    change.table += static_cast<model::TableIndex>(copies);
    changes.push_back(std::move(change));
  }
  return changes;
}

std::vector<ViewFlush> QuerySet::Flush(const Step& step) {
  std::vector<ViewFlush> flushes;
  for (auto& [id, watched] : views_) {
    const Subscription& subscription = subscriptions_.at(watched.key);
    ViewFlush flush;
    flush.view = id;
    const bool is_part = watched.members != nullptr || !watched.is_answered_by_all_rows ||
                         (subscription.pipeline.value_or(subscription.local_pipeline) !=
                          subscription.local_pipeline);
    bool differs = is_part ? Advance(watched, ChangesFor(watched, subscription, step), flush)
                           : Advance(watched, step.changes, flush);
    flush.error = subscription.error ? subscription.error : watched.failure;
    flush.status = flush.error             ? ViewStatus::kError
                   : subscription.complete ? ViewStatus::kComplete
                                           : ViewStatus::kPartial;
    flush.stale = subscription.complete && !step.connected;
    differs = differs || flush.status != watched.status || flush.stale != watched.stale ||
              flush.error != watched.error;
    if (!differs) continue;
    watched.status = flush.status;
    watched.stale = flush.stale;
    watched.error = flush.error;
    flushes.push_back(std::move(flush));
  }
  return flushes;
}

bool QuerySet::AnyCovers(model::TableIndex table, const model::Row& row,
                         const std::vector<bool>& known) const {
  for (const auto& [query_key, subscription] : subscriptions_) {
    const query::Query& query = subscription.query;
    if (!subscription.complete || query.table != table) continue;
    // Not all rows that pass are there, or none of them.
    if (query.limit || query.start || query.aggregation) continue;
    // The server may have resolved the name to another tree (it knows the caller better): then the
    // tree here does not say what it left out.
    if (subscription.pipeline != subscription.local_pipeline) continue;
    if (query::TestKnownColumns(query.where, row, known).value_or(false)) return true;
  }
  return false;
}

bool QuerySet::Covers(model::TableIndex table, const RowKey& key) const {
  const model::Table& description = schema_.table(table);
  Result<std::vector<model::Value>> key_values = model::ValuesOfKey(description, key);
  if (!key_values.ok()) return false;
  std::vector<model::Value> values(description.columns.size());
  std::vector<bool> known(description.columns.size(), false);
  for (std::size_t i = 0; i < description.primary_key.size(); ++i) {
    values[description.primary_key[i]] = std::move((*key_values)[i]);
    known[description.primary_key[i]] = true;
  }
  return AnyCovers(table, model::Row::Make(std::move(values)), known);
}

bool QuerySet::CoversRow(model::TableIndex table, const model::Row& row) const {
  return AnyCovers(table, row, std::vector<bool>(row.size(), true));
}

std::set<QueryKey> QuerySet::Waiting() const {
  std::set<QueryKey> waiting;
  for (const auto& [key, subscription] : subscriptions_) {
    if (!subscription.complete && !subscription.error) waiting.insert(key);
  }
  return waiting;
}

}  // namespace tidemark::client
