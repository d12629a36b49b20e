// One query, maintained: `result == fresh evaluation of the query on the store` after Hydrate and
// after every Advance. A chain of operators built from the tree; each operator is a file of its own
// (operator.h is their contract). Without a limit it holds no rows: a change is tested before and
// after, and that is all.
#ifndef TIDEMARK_CORE_IVM_PIPELINE_H_
#define TIDEMARK_CORE_IVM_PIPELINE_H_

#include <cstddef>
#include <memory>

#include "core/base/function_ref.h"
#include "core/base/result.h"
#include "core/model/row_change.h"
#include "core/query/ast.h"
#include "core/store/source.h"

namespace tidemark::ivm {

class Pipeline {
 public:
  /// `store` outlives the pipeline; nothing is read yet.
  Pipeline(const store::Store& store, query::Query query);
  ~Pipeline();
  Pipeline(Pipeline&&) noexcept;
  Pipeline& operator=(Pipeline&&) noexcept;

  /// The query; its order ends where the primary key is complete.
  const query::Query& query() const { return query_; }

  /// Reads the result at the store's state; `visit` gets its rows in order. May be called again at
  /// any time (a repair).
  Status Hydrate(FunctionRef<void(const model::Row&)> visit);

  /// The store is already at the new state; `changes` are net, from the state of the last Hydrate
  /// or Advance. Gives what changed in the result: rows that entered (no `before`), left (no
  /// `after`) or were edited, at most one a key. After an error (storage) the pipeline refuses to
  /// advance until it is hydrated again.
  Result<model::ChangeSet> Advance(const model::ChangeSet& changes);

 private:
  query::Query query_;
  struct Chain;
  std::unique_ptr<Chain> chain_;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_PIPELINE_H_
