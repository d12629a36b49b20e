// The queries of the page: subscriptions by query key, and the views on each. A subscription lives
// while it has views; several views of one query share it. Knows what the server said of each
// query, and from it which absent rows are known to be absent.
#ifndef TIDEMARK_CORE_CLIENT_QUERY_SET_H_
#define TIDEMARK_CORE_CLIENT_QUERY_SET_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/client/base_rows.h"
#include "core/client/client.h"
#include "core/client/group_counts.h"
#include "core/client/member_rows.h"
#include "core/client/optimistic_state.h"
#include "core/ivm/view.h"
#include "core/query/ast.h"
#include "core/store/memory_source.h"

namespace tidemark::client {

/// Hash of name and canonical arguments; kInvalidArgs when `args_json` is not JSON.
Result<QueryKey> QueryKeyOf(std::string_view name, std::string_view args_json);

struct Subscription {
  std::string name;
  std::string args_json;
  std::uint32_t views = 0;
  std::uint32_t ttl_s = 0;             // the longest that a view asked for; of a relay only
  query::Query query;                  // as resolved in the page
  PipelineID local_pipeline;           // its hash
  std::optional<PipelineID> pipeline;  // by which the server serves it
  bool complete = false;
  std::optional<Error> error;
};

class QuerySet final : public Coverage {
 public:
  /// `schema` outlives the set.
  explicit QuerySet(const model::Schema& schema) : schema_(schema) {}

  /// Ordered, so that what is sent is the same in every run.
  const std::map<QueryKey, Subscription>& subscriptions() const { return subscriptions_; }
  /// Changes whenever a subscription comes or goes, or is to be kept longer.
  std::uint64_t generation() const { return generation_; }
  Subscription* Find(const QueryKey& key);

  /// kInvalidArgs for a malformed query, kLimit beyond `queries_max` subscriptions. The view's
  /// first flush is in the next Flush.
  Result<ViewID> Watch(const store::MemoryStore& store, std::string name, std::string args_json,
                       std::string_view ast_json, std::size_t queries_max);
  void Unwatch(ViewID view);
  /// The rows of the view's query stay on the disk at least so long behind it.
  void Keep(ViewID view, std::uint32_t ttl_s);
  /// Drops subscriptions without views; the pipelines that served them.
  std::vector<PipelineID> DropUnwatched();

  /// From the last flush to this one; the store is at its new state.
  struct Step {
    model::ChangeSet changes;
    /// Rows that changed in who holds them, or in whether pending mutations wrote them; only when
    /// has_members().
    std::vector<TableKey> moved;
    BaseRows::MovedGroups groups;
    bool connected = false;  // complete views are not stale
    const OptimisticState* state = nullptr;
    BaseRows* base = nullptr;
  };
  std::vector<ViewFlush> Flush(const Step& step);
  /// There are views that see a part of the page's rows only.
  bool has_members() const { return has_members_; }

  bool Covers(model::TableIndex table, const RowKey& key) const override;
  /// A complete query would hold a row like this one.
  bool CoversRow(model::TableIndex table, const model::Row& row) const;
  /// Subscriptions that have not been answered.
  std::set<QueryKey> Waiting() const;

 private:
  struct WatchedView {
    QueryKey key;
    const store::MemoryStore& rows;  // all of the page's
    bool is_answered_by_all_rows;
    bool has_aggregations;
    /// Once the query was complete: its aggregations. Outlives `view`, which takes them from there.
    std::unique_ptr<GroupCounts> groups = nullptr;
    bool groups_failed = false;
    query::Query query;
    /// What it sees, when that is not all: then `view` is on these rows, and outlived by them.
    std::unique_ptr<MemberRows> members = nullptr;
    ivm::View view;
    std::optional<PipelineID> members_of = std::nullopt;  // none: all rows
    /// Why its result cannot be had (a sum that leaves its type); tried again when rows change.
    std::optional<Error> failure = std::nullopt;
    bool shown = false;  // has had its first rows; what the last flush said:
    ViewStatus status = ViewStatus::kPartial;
    bool stale = false;
    std::optional<Error> error = std::nullopt;
  };

  /// A complete query on the table holds all rows that pass its condition, as the page knows it.
  bool AnyCovers(model::TableIndex table, const model::Row& row,
                 const std::vector<bool>& known) const;
  /// The view's aggregations come from where they have to. True: the view begins anew.
  bool PlaceGroups(WatchedView& watched, const Subscription& subscription, const Step& step,
                   bool is_new);
  /// Rows that may be elsewhere in the tree now, or may have changed.
  static std::vector<TableKey> MovedRows(const MemberRows& members, const Step& step,
                                         const std::optional<PipelineID>& pipeline);
  /// What changed for the view.
  model::ChangeSet ChangesFor(WatchedView& watched, const Subscription& subscription,
                              const Step& step);
  /// True when there is something to show.
  static bool Advance(WatchedView& watched, const model::ChangeSet& changes, ViewFlush& flush);

  const model::Schema& schema_;
  std::map<QueryKey, Subscription> subscriptions_;
  std::map<ViewID, WatchedView> views_;
  ViewID last_view_ = 0;
  std::uint64_t generation_ = 0;
  bool has_unwatched_ = false;
  bool has_members_ = false;
};

}  // namespace tidemark::client

#endif  // TIDEMARK_CORE_CLIENT_QUERY_SET_H_
