// The rows that a view may see when all rows of the page are more than its query's: at each node
// those that the server counts as members of it there, and those that pending mutations wrote. Rows
// that other queries or nodes hold would make `not exists` true of what was never sent, and show
// what the server left out.
//
// Invariant after Sync and SyncAll: store() == at each node the rows of the page's store that
// `sees` claims there.
#ifndef TIDEMARK_CORE_CLIENT_MEMBER_ROWS_H_
#define TIDEMARK_CORE_CLIENT_MEMBER_ROWS_H_

#include <cstddef>
#include <vector>

#include "core/base/function_ref.h"
#include "core/client/table_key.h"
#include "core/ivm/node_tables.h"
#include "core/model/row_change.h"
#include "core/query/ast.h"
#include "core/store/memory_source.h"

namespace tidemark::client {

class MemberRows {
 public:
  /// Of a row at a node (its number in nodes()).
  using Sees = FunctionRef<bool(const TableKey&, std::size_t node)>;

  /// `all` are the page's rows; it outlives this.
  MemberRows(const store::MemoryStore& all, const query::Query& query);

  /// The query and its tables as they are in store().
  const query::Query& query() const { return nodes_.query(); }
  const std::vector<ivm::NodeTables::Node>& nodes() const { return nodes_.nodes(); }
  const store::Store& store() const { return rows_; }
  /// What changed here because any of `moved` changed in value or in what `sees` says of it.
  model::ChangeSet Sync(const std::vector<TableKey>& moved, Sees sees);
  /// The same when `sees` may have become another altogether.
  model::ChangeSet SyncAll(Sees sees);

 private:
  const store::MemoryStore& all_;
  ivm::NodeTables nodes_;
  store::MemoryStore rows_;
};

}  // namespace tidemark::client

#endif  // TIDEMARK_CORE_CLIENT_MEMBER_ROWS_H_
