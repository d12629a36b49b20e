// What this client's confirmed mutations wrote and no query has brought yet: "create, then
// navigate". A row that a confirmed mutation wrote, that no query holds and that no complete query
// would hold, stays in base until every query that was waiting for its rows at that moment has
// them, or has failed, or is not wanted any more. So what was predicted does not flicker away
// between its confirmation and the first answer of the query that is about to bring it.
//
// Invariant: a provisional row is in base by itself only; content that a query brings replaces it.
#ifndef TIDEMARK_CORE_CLIENT_PROVISIONAL_ROWS_H_
#define TIDEMARK_CORE_CLIENT_PROVISIONAL_ROWS_H_

#include <set>

#include "core/base/ids.h"
#include "core/client/base_rows.h"
#include "core/client/query_set.h"
#include "core/client/table_key.h"
#include "core/model/row_change.h"
#include "core/model/schema.h"

namespace tidemark::client {

class ProvisionalRows {
 public:
  /// All outlive this.
  ProvisionalRows(const model::Schema& schema, const QuerySet& queries, BaseRows& base);

  /// A mutation did this when it ran last, and is confirmed: its row is kept if somebody may be
  /// waiting for it. After the queries' own rows of the same step.
  void Keep(const model::RowChange& effect);
  /// After anything that may have changed what queries are waiting: drops what nobody waits for.
  void Review();

 private:
  struct Kept {
    model::Row row;
    std::set<QueryKey> waiting;  // the queries that it is kept for
  };
  using Rows = TableKeyMap<Kept>;

  void Apply(SegmentRow row);
  void Drop(Rows::iterator row);
  /// A query has the row, or would have it if it were there.
  bool IsSettled(const TableKey& address, const model::Row& row) const;

  const model::Schema& schema_;
  const QuerySet& queries_;
  BaseRows& base_;
  Rows rows_;
};

}  // namespace tidemark::client

#endif  // TIDEMARK_CORE_CLIENT_PROVISIONAL_ROWS_H_
