#include "core/ivm/pipeline.h"

#include <algorithm>
#include <utility>

#include "core/ivm/chain.h"
#include "core/ivm/membership.h"
#include "core/ivm/tree.h"

namespace tidemark::ivm {
namespace {

using model::Row;

// An aggregation stands for the rows that it counts.
void RowsOfAggregations(query::Query& query) {
  if (query.aggregation) {
    query.aggregation.reset();
    query.order_by.clear();
    query.limit.reset();
  }
  for (query::Related& related : query.related) RowsOfAggregations(*related.edge.query);
}

query::Query Prepared(const model::Schema& schema, query::Query query) {
  RowsOfAggregations(query);
  return WithTotalOrder(schema, std::move(query));
}

std::vector<model::TableIndex> TablesOf(const query::Query& query) {
  std::vector<model::TableIndex> tables;
  for (const query::Node& node : query::NodesOf(query)) tables.push_back(node.table);
  std::sort(tables.begin(), tables.end());
  tables.erase(std::unique(tables.begin(), tables.end()), tables.end());
  return tables;
}

}  // namespace

struct Pipeline::Impl {
  Impl(const store::Store& store, query::Query given)
      : query(WithTotalOrder(store.schema(), std::move(given))),
        tables(TablesOf(query)),
        tree(store, Prepared(store.schema(), query),
             TreeOptions{kWitnessesMax, /*holds_root_rows=*/false, /*records_edits=*/false}),
        members(store.schema()),
        schema(store.schema()),
        is_flat(tree.root().children.empty()) {}

  query::Query query;
  std::vector<model::TableIndex> tables;
  Tree tree;
  Membership members;
  const model::Schema& schema;
  bool is_flat;  // each member is in one list: that of the root
};

Pipeline::Pipeline(const store::Store& store, query::Query query)
    : impl_(std::make_unique<Impl>(store, std::move(query))) {}

Pipeline::~Pipeline() = default;
Pipeline::Pipeline(Pipeline&&) noexcept = default;
Pipeline& Pipeline::operator=(Pipeline&&) noexcept = default;

const query::Query& Pipeline::query() const { return impl_->query; }
const std::vector<model::TableIndex>& Pipeline::tables() const { return impl_->tables; }

Status Pipeline::Hydrate(FunctionRef<void(model::TableIndex, const Row&)> visit) {
  Impl& impl = *impl_;
  impl.members.Clear();
  TIDEMARK_TRY(impl.tree.Hydrate([&](model::TableIndex table, const Delta& delta) {
    if (impl.is_flat) return visit(table, delta.after);
    impl.members.Add(table, delta.before, delta.after);
  }));
  impl.tree.EndBatch();
  for (const model::RowChange& change : impl.members.Take()) visit(change.table, change.after);
  return Ok{};
}

Result<model::ChangeSet> Pipeline::Advance(const model::ChangeSet& changes) {
  Impl& impl = *impl_;
  model::ChangeSet result;
  TIDEMARK_TRY(impl.tree.Advance(changes, [&](model::TableIndex table, const Delta& delta) {
    if (!impl.is_flat) return impl.members.Add(table, delta.before, delta.after);
    RowKey key = model::KeyOf(impl.schema.table(table), delta.before ? delta.before : delta.after);
    result.push_back(model::RowChange{table, std::move(key), delta.before, delta.after});
  }));
  impl.tree.EndBatch();
  if (!impl.is_flat) result = impl.members.Take();
  return result;
}

std::size_t Pipeline::row_count() const { return impl_->members.size() + impl_->tree.row_count(); }

}  // namespace tidemark::ivm
