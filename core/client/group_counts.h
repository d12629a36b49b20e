// The groups of a complete view's aggregations: what the server counted, and what pending mutations
// change of it.
//
// Invariant after Sync and SyncAll: each group is the server's state of it (nothing, if it has
// none), minus the base version, plus the version of now, of each row that pending mutations wrote
// or led elsewhere (by writing a junction's row), as far as that version is here and passes the
// aggregation's condition. Extremes only widen: rows that nobody here knows may have the old ones.
// A group of no rows is not there. The server counts for parents that it has: for one that is only
// pending there is no state, and what is pending alone is counted.
#ifndef TIDEMARK_CORE_CLIENT_GROUP_COUNTS_H_
#define TIDEMARK_CORE_CLIENT_GROUP_COUNTS_H_

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "core/base/result.h"
#include "core/client/base_rows.h"
#include "core/client/page_rows.h"
#include "core/ivm/group_feed.h"
#include "core/model/row_change.h"
#include "core/query/ast.h"

namespace tidemark::client {

class GroupCounts {
 public:
  /// `state` and `base` outlive this. `pipeline` serves the query.
  GroupCounts(const OptimisticState& state, const BaseRows& base, PipelineID pipeline,
              query::Query query);

  /// What the view takes its aggregations from; stays where it is.
  const ivm::GroupLists& lists() const { return lists_; }
  const PipelineID& pipeline() const { return pipeline_; }

  /// What changed in the lists because of `rows`, that changed or that pending mutations wrote or
  /// gave up, and of `groups` of the pipeline.
  model::ChangeSet Sync(const std::vector<TableKey>& rows, const std::vector<GroupAddress>& groups);
  /// The same from the beginning.
  model::ChangeSet SyncAll();
  /// Why a group cannot be had: it is not in the lists.
  std::optional<Error> failure() const;

 private:
  /// One row at one moment, and the groups that it is counted in.
  struct Version {
    model::Row row;
    std::map<RowKey, ivm::Values> groups;  // match values and those of the group
  };
  struct Written {
    Version base;
    Version now;
  };
  struct Aggregation {
    model::TableIndex index = 0;  // of the groups' table
    ivm::GroupTable table;
    ivm::GroupArithmetic arithmetic;
    std::set<model::TableIndex> reads;
    bool is_plain = false;  // what a row counts for depends on that row alone
    std::unordered_map<RowKey, Written> written;
    std::unordered_map<RowKey, std::set<RowKey>> writers;  // by group
    std::unordered_map<RowKey, model::Row> shown;
    std::map<RowKey, Error> failures;
    std::set<RowKey> dirty;
  };

  void NoteGroup(const GroupAddress& address);
  void SyncRows(Aggregation& aggregation, const std::vector<TableKey>& rows);
  /// Rows that count otherwise because of what pending mutations wrote.
  std::set<RowKey> Affected(const Aggregation& aggregation) const;
  void SyncRow(Aggregation& aggregation, const RowKey& key);
  Version VersionOf(const Aggregation& aggregation, const RowKey& key, Moment moment) const;
  std::vector<ivm::Values> MatchesOf(const Aggregation& aggregation, const model::Row& row,
                                     Moment moment) const;
  void Recount(Aggregation& aggregation, const RowKey& group, model::ChangeSet& changes);
  Result<model::Row> Count(const Aggregation& aggregation, const RowKey& group) const;
  model::ChangeSet RecountDirty();

  PageRows rows_;
  const BaseRows& base_;
  PipelineID pipeline_;
  query::Query query_;
  std::vector<Aggregation> aggregations_;
  ivm::GroupLists lists_;
  std::set<std::pair<std::string, RowKey>> strangers_;  // groups of something else
};

}  // namespace tidemark::client

#endif  // TIDEMARK_CORE_CLIENT_GROUP_COUNTS_H_
