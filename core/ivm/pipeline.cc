#include "core/ivm/pipeline.h"

#include <algorithm>
#include <utility>

#include "core/ivm/chain.h"
#include "core/ivm/membership.h"
#include "core/ivm/tree.h"

namespace tidemark::ivm {
namespace {

using model::Row;

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
        tree(store, query,
             TreeOptions{kWitnessesMax, /*holds_root_rows=*/false, /*records_edits=*/false,
                         GroupForm::kStates}),
        schema(store.schema()),
        is_flat(tree.root().children.empty()) {}

  model::RowChange ChangeOf(const TreeNode& node, model::TableIndex table,
                            const Delta& delta) const;

  query::Query query;
  std::vector<model::TableIndex> tables;
  Tree tree;
  Membership members;
  const model::Schema& schema;
  bool is_flat;  // each member is in one list: that of the root
};

model::RowChange Pipeline::Impl::ChangeOf(const TreeNode& node, model::TableIndex table,
                                          const Delta& delta) const {
  model::RowChange change{table, {}, delta.before, delta.after};
  if (node.query->aggregation) {
    const GroupTable& groups = tree.groups()[node.group];
    change.table = static_cast<model::TableIndex>(schema.tables().size() + node.group);
    change.before = groups.RowOf(*delta.list->values, delta.before);
    change.after = groups.RowOf(*delta.list->values, delta.after);
    change.key = model::KeyOf(groups.description, change.after ? change.after : change.before);
  } else {
    change.key = model::KeyOf(schema.table(table), change.after ? change.after : change.before);
  }
  return change;
}

Pipeline::Pipeline(const store::Store& store, query::Query query)
    : impl_(std::make_unique<Impl>(store, std::move(query))) {}

Pipeline::~Pipeline() = default;
Pipeline::Pipeline(Pipeline&&) noexcept = default;
Pipeline& Pipeline::operator=(Pipeline&&) noexcept = default;

const query::Query& Pipeline::query() const { return impl_->query; }
const std::vector<model::TableIndex>& Pipeline::tables() const { return impl_->tables; }

const model::Table& Pipeline::table(model::TableIndex index) const {
  const std::vector<model::Table>& tables = impl_->schema.tables();
  if (index < tables.size()) return tables[index];
  return impl_->tree.groups()[index - tables.size()].description;
}

Status Pipeline::Hydrate(FunctionRef<void(model::TableIndex, const Row&)> visit) {
  Impl& impl = *impl_;
  impl.members.Clear();
  TIDEMARK_TRY(
      impl.tree.Hydrate([&](const TreeNode& node, model::TableIndex table, const Delta& delta) {
        const model::RowChange change = impl.ChangeOf(node, table, delta);
        if (impl.is_flat) return visit(change.table, change.after);
        impl.members.Add(change);
      }));
  impl.tree.EndBatch();
  for (const model::RowChange& change : impl.members.Take()) visit(change.table, change.after);
  return Ok{};
}

Result<model::ChangeSet> Pipeline::Advance(const model::ChangeSet& changes) {
  Impl& impl = *impl_;
  model::ChangeSet result;
  TIDEMARK_TRY(impl.tree.Advance(
      changes, [&](const TreeNode& node, model::TableIndex table, const Delta& delta) {
        model::RowChange change = impl.ChangeOf(node, table, delta);
        if (!impl.is_flat) return impl.members.Add(change);
        result.push_back(std::move(change));
      }));
  impl.tree.EndBatch();
  if (!impl.is_flat) result = impl.members.Take();
  return result;
}

std::size_t Pipeline::row_count() const { return impl_->members.size() + impl_->tree.row_count(); }

}  // namespace tidemark::ivm
