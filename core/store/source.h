// Ordered tables: the contract that queries are maintained on. A Source is one table at one state;
// who advances the state is not its readers' business. Contract between a store and the pipelines
// on it:
//   a pipeline is advanced from state U to state V with the net changes from U to V, while the
//   store is already at V.
// So nobody ever reads a state in between, and several commits may be folded into one advance.
#ifndef TIDEMARK_CORE_STORE_SOURCE_H_
#define TIDEMARK_CORE_STORE_SOURCE_H_

#include <cstdint>
#include <optional>
#include <span>

#include "core/base/function_ref.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/model/row.h"
#include "core/model/schema.h"
#include "core/query/ast.h"

namespace tidemark::store {

/// Where a fetch begins in the query's order. `row` is in the query's ordering; it need not exist
/// (any more).
struct Start {
  model::Row row;
  bool inclusive = false;
};

/// Columns that hold given values: what an edge's match demands of the rows it leads to. Null
/// matches nothing. Without columns there is no constraint.
struct Constraint {
  std::span<const model::ColumnIndex> columns = {};
  std::span<const model::Value> values = {};  // one a column
};

struct FetchRequest {
  const query::Query& query;  // where (without exists), order_by and limit of this table
  std::optional<Start> start = std::nullopt;
  Constraint constraint = {};  // besides `where`
};

class Source {
 public:
  virtual ~Source() = default;

  /// The row, or no row. kCorrupt and kUnavailable come from storage; memory never fails.
  virtual Result<model::Row> Get(const RowKey& key) const = 0;

  /// Visits the rows that the request selects, in order, until `visit` returns false. `visit` must
  /// not change the source.
  virtual Status Fetch(const FetchRequest& request,
                       FunctionRef<bool(const model::Row&)> visit) const = 0;
};

class Store {
 public:
  virtual ~Store() = default;
  virtual const model::Schema& schema() const = 0;
  virtual const Source& source(model::TableIndex table) const = 0;
};

}  // namespace tidemark::store

#endif  // TIDEMARK_CORE_STORE_SOURCE_H_
