// One query, maintained: the rows of all its tables that it holds, and the groups of its
// aggregations. Invariant after Hydrate and after every Advance: members == fresh evaluation of the
// query on the store, where a row is a member if
//   - it is in the result, at any depth: of a related query what its parent's rows lead to, cut at
//     the limit; of a junction every row of a parent row's value;
//   - an exists edge of a row of some node leads to it: of each value the first kWitnessesMax rows
//     that pass, also through a junction, also of a negated edge (whose parents pass without any).
// Where several nodes have rows of one table, it is a member too, of which of them each row is one
// (node_tables.h). So whoever has the members can evaluate the query without the rest of the
// database. A group of an aggregation is a member as a row of a table of its own (group_table.h);
// the rows that it counts are none. A query without edges and limit holds no rows: a change is
// tested before and after, and that is all.
#ifndef TIDEMARK_CORE_IVM_PIPELINE_H_
#define TIDEMARK_CORE_IVM_PIPELINE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/function_ref.h"
#include "core/base/result.h"
#include "core/model/row_change.h"
#include "core/query/ast.h"
#include "core/store/source.h"

namespace tidemark::ivm {

/// Rows that witness an exists edge, of each value: enough that a page which deletes some of them
/// still knows, and few however many there are.
inline constexpr std::uint32_t kWitnessesMax = 3;

class Pipeline {
 public:
  /// `store` outlives the pipeline; nothing is read yet.
  Pipeline(const store::Store& store, query::Query query);
  ~Pipeline();
  Pipeline(Pipeline&&) noexcept;
  Pipeline& operator=(Pipeline&&) noexcept;

  /// The query; orders end where the primary key is complete.
  const query::Query& query() const;
  /// The tables that it reads: changes of others change nothing.
  const std::vector<model::TableIndex>& tables() const;
  /// A table of the schema, or one of groups or nodes behind them.
  const model::Table& table(model::TableIndex index) const;

  /// Reads the members at the store's state; `visit` gets each of them once, those of the query's
  /// own table first and in order. May be called again at any time (a repair).
  Status Hydrate(FunctionRef<void(model::TableIndex, const model::Row&)> visit);

  /// The store is already at the new state; `changes` are net, from the state of the last Hydrate
  /// or Advance. Gives what changed in the members: rows that entered (no `before`), left (no
  /// `after`) or were edited, at most one a table and key. After an error (storage) the pipeline
  /// refuses to advance until it is hydrated again.
  Result<model::ChangeSet> Advance(const model::ChangeSet& changes);

  /// Members, and rows that it holds to know them: what it costs in memory.
  std::size_t row_count() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_PIPELINE_H_
