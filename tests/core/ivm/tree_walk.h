// The law of views and pipelines on whole trees: for any schema, rows, query and writes, what is
// maintained over memory and over SQLite is what fresh evaluations give (by looking at every row;
// by operators; by one statement of SQL), at every depth, order included, after every batch; a
// reader of the edits sees the same, and so does a page that has a pipeline's members alone. A case
// that fails is made smaller before it is shown.
#ifndef TIDEMARK_TESTS_CORE_IVM_TREE_WALK_H_
#define TIDEMARK_TESTS_CORE_IVM_TREE_WALK_H_

#include <cstdint>
#include <string>

#include "core/base/random.h"
#include "core/base/result.h"
#include "core/model/row_change.h"
#include "core/model/schema.h"
#include "core/query/ast.h"
#include "tests/core/ivm/coverage.h"

namespace tidemark::ivm {

/// Somebody else who is asked for the same results, such as another database. Errors of its own
/// business are its tests' failures.
class Oracle {
 public:
  virtual ~Oracle() = default;
  virtual const char* name() const = 0;
  /// The tables, without rows. `schema` outlives what follows, until the next Begin.
  virtual void Begin(const model::Schema& schema) = 0;
  virtual void Apply(const model::ChangeSet& changes) = 0;
  /// As View::ToJson.
  virtual Result<std::string> Run(const query::Query& query) = 0;
};

/// `cases` schemas with a query and six batches of writes each. Gives what went wrong first, or
/// nothing. `more` may be null.
std::string WalkTrees(Random& random, std::uint64_t cases, Oracle* more, Coverage& coverage);

}  // namespace tidemark::ivm

#endif  // TIDEMARK_TESTS_CORE_IVM_TREE_WALK_H_
