// The rows that a view may see when all rows of the page are more than its query's: those that the
// server counts as members of it, and those that pending mutations wrote. Rows that other queries
// hold would make `not exists` true of what was never sent, and show what the server left out.
//
// Invariant after Sync and SyncAll: store() == the rows of the page's store that `sees` claims, of
// the query's tables.
#ifndef TIDEMARK_CORE_CLIENT_MEMBER_ROWS_H_
#define TIDEMARK_CORE_CLIENT_MEMBER_ROWS_H_

#include <set>
#include <vector>

#include "core/base/function_ref.h"
#include "core/client/table_key.h"
#include "core/model/row_change.h"
#include "core/query/ast.h"
#include "core/store/memory_source.h"

namespace tidemark::client {

class MemberRows {
 public:
  using Sees = FunctionRef<bool(const TableKey&)>;

  /// `all` are the page's rows; it outlives this.
  MemberRows(const store::MemoryStore& all, const query::Query& query);

  const store::Store& store() const { return rows_; }
  /// What changed here because any of `moved` changed in value or in what `sees` says of it.
  model::ChangeSet Sync(const std::vector<TableKey>& moved, Sees sees);
  /// The same when `sees` may have become another altogether.
  model::ChangeSet SyncAll(Sees sees);

 private:
  void Compare(const TableKey& address, Sees sees, model::ChangeSet& changes) const;

  const store::MemoryStore& all_;
  std::set<model::TableIndex> tables_;
  store::MemoryStore rows_;
};

}  // namespace tidemark::client

#endif  // TIDEMARK_CORE_CLIENT_MEMBER_ROWS_H_
