// The rows of the page at two moments: as the server last confirmed them, and with what pending
// mutations did. Reads only.
#ifndef TIDEMARK_CORE_CLIENT_PAGE_ROWS_H_
#define TIDEMARK_CORE_CLIENT_PAGE_ROWS_H_

#include <cstdint>

#include "core/base/function_ref.h"
#include "core/client/optimistic_state.h"
#include "core/client/table_key.h"
#include "core/ivm/match.h"
#include "core/query/ast.h"

namespace tidemark::client {

enum class Moment : std::uint8_t { kBase, kNow };

class PageRows {
 public:
  /// `state` outlives this.
  explicit PageRows(const OptimisticState& state) : state_(state) {}

  const OptimisticState& state() const { return state_; }
  model::Row Get(const TableKey& address, Moment moment) const;
  /// The rows whose columns hold the values, until told to stop. Null matches nothing.
  void Find(model::TableIndex table, const ivm::Columns& columns, const ivm::Values& values,
            Moment moment, FunctionRef<bool(const model::Row&)> visit) const;
  /// A row of the query's table passes its condition.
  bool Passes(const query::Query& query, const model::Row& row, Moment moment) const;

 private:
  bool Leads(const query::Edge& edge, const model::Row& row, Moment moment) const;

  const OptimisticState& state_;
};

}  // namespace tidemark::client

#endif  // TIDEMARK_CORE_CLIENT_PAGE_ROWS_H_
