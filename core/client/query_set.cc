#include "core/client/query_set.h"

#include <utility>

#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/model/json_path.h"
#include "core/model/value.h"
#include "core/query/ast_json.h"
#include "core/query/predicate.h"

namespace tidemark::client {
namespace {

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

Result<ViewID> QuerySet::Watch(const store::Store& store, std::string name, std::string args_json,
                               std::string_view ast_json, std::size_t queries_max) {
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
  views_.emplace(id, WatchedView{std::move(key), ivm::View(store, std::move(query))});
  return id;
}

void QuerySet::Unwatch(ViewID view) {
  const auto found = views_.find(view);
  if (found == views_.end()) return;
  if (--subscriptions_.at(found->second.key).views == 0) has_unwatched_ = true;
  views_.erase(found);
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
  if (!watched.shown || (watched.view.rows().empty() && changes.size() > kFirstFillMin)) {
    const bool was_shown = std::exchange(watched.shown, true);
    // Memory does not fail.
    TIDEMARK_CHECK(watched.view.Hydrate().ok());
    if (was_shown && watched.view.rows().empty()) return false;
    flush.reset = true;
    flush.edits = watched.view.Edits();
    return true;
  }
  if (changes.empty()) return false;
  Result<std::vector<ivm::ViewEdit>> edits = watched.view.Advance(changes);
  TIDEMARK_CHECK(edits.ok());
  flush.edits = std::move(edits).value();
  return !flush.edits.empty();
}

std::vector<ViewFlush> QuerySet::Flush(const model::ChangeSet& changes, bool connected) {
  std::vector<ViewFlush> flushes;
  for (auto& [id, watched] : views_) {
    const Subscription& subscription = subscriptions_.at(watched.key);
    ViewFlush flush;
    flush.view = id;
    bool differs = Advance(watched, changes, flush);
    flush.status = subscription.error      ? ViewStatus::kError
                   : subscription.complete ? ViewStatus::kComplete
                                           : ViewStatus::kPartial;
    flush.stale = subscription.complete && !connected;
    flush.error = subscription.error;
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

bool QuerySet::Covers(model::TableIndex table, const RowKey& key) const {
  const model::Table& description = schema_.table(table);
  std::optional<model::Row> known_row;
  std::vector<bool> known;
  for (const auto& [query_key, subscription] : subscriptions_) {
    const query::Query& query = subscription.query;
    if (!subscription.complete || query.table != table || query.limit) continue;
    // The server may have resolved the name to another tree (it knows the caller better): then the
    // tree here does not say what it left out.
    if (subscription.pipeline != subscription.local_pipeline) continue;
    if (!query.where) return true;
    if (!known_row) {
      Result<std::vector<model::Value>> key_values = model::ValuesOfKey(description, key);
      if (!key_values.ok()) return false;
      std::vector<model::Value> values(description.columns.size());
      known.assign(description.columns.size(), false);
      for (std::size_t i = 0; i < description.primary_key.size(); ++i) {
        values[description.primary_key[i]] = std::move((*key_values)[i]);
        known[description.primary_key[i]] = true;
      }
      known_row = model::Row::Make(std::move(values));
    }
    if (query::TestKnownColumns(query.where, *known_row, known).value_or(false)) return true;
  }
  return false;
}

}  // namespace tidemark::client
