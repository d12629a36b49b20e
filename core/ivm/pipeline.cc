#include "core/ivm/pipeline.h"

#include <utility>

#include "core/ivm/filter.h"
#include "core/ivm/source_operator.h"
#include "core/ivm/take.h"

namespace tidemark::ivm {
namespace {

// Columns behind a whole primary key never decide between two rows, but they would between a row
// and what it was before an edit: without them an edit of such a column leaves the row in its
// place.
query::Query WithoutIdleOrder(const model::Schema& schema, query::Query query) {
  const model::Table& table = schema.table(query.table);
  std::size_t key_columns = 0;
  std::size_t used = 0;
  while (used < query.order_by.size() && key_columns < table.primary_key.size()) {
    if (table.IsKeyColumn(query.order_by[used].column)) ++key_columns;
    ++used;
  }
  query.order_by.resize(used);
  return query;
}

// Bottom up: source, then the condition, then the limit.
std::unique_ptr<Operator> BuildChain(const store::Store& store, const query::Query& query) {
  std::unique_ptr<Operator> top = std::make_unique<SourceOperator>(store, query);
  if (query.where) top = std::make_unique<Filter>(std::move(top), query::Predicate(query.where));
  if (query.limit) top = std::make_unique<Take>(std::move(top), store.schema(), query);
  return top;
}

}  // namespace

struct Pipeline::Chain {
  std::unique_ptr<Operator> top;
  bool hydrated = false;
};

Pipeline::Pipeline(const store::Store& store, query::Query query)
    : query_(WithoutIdleOrder(store.schema(), std::move(query))),
      chain_(std::make_unique<Chain>(Chain{BuildChain(store, query_), false})) {}

Pipeline::~Pipeline() = default;
Pipeline::Pipeline(Pipeline&&) noexcept = default;
Pipeline& Pipeline::operator=(Pipeline&&) noexcept = default;

Status Pipeline::Hydrate(FunctionRef<void(const model::Row&)> visit) {
  chain_->hydrated = false;
  TIDEMARK_TRY(chain_->top->Hydrate(visit));
  chain_->hydrated = true;
  return Ok{};
}

Result<model::ChangeSet> Pipeline::Advance(const model::ChangeSet& changes) {
  if (!chain_->hydrated) {
    return Error{ErrorCode::kInternal, "a pipeline must be hydrated before it is advanced"};
  }
  model::ChangeSet result;
  chain_->hydrated = false;
  TIDEMARK_TRY(chain_->top->Advance(
      changes, [&](const model::RowChange& change) { result.push_back(change); }));
  chain_->hydrated = true;
  return result;
}

}  // namespace tidemark::ivm
