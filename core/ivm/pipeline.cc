#include "core/ivm/pipeline.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "core/ivm/chain.h"
#include "core/ivm/membership.h"
#include "core/ivm/node_tables.h"
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
        is_flat(tree.root().children.empty()) {
    DescribeNodes();
  }

  using Part = Tree::Part;

  /// Those of tables that several nodes have rows of.
  void DescribeNodes();
  model::RowChange ChangeOf(const TreeNode& node, Part part, const Delta& delta) const;
  void Note(const TreeNode& node, Part part, const Delta& delta);
  model::TableIndex node_index(std::size_t node) const {
    return static_cast<model::TableIndex>(schema.tables().size() + tree.groups().size() + node);
  }

  query::Query query;
  std::vector<model::TableIndex> tables;
  Tree tree;
  Membership members;
  const model::Schema& schema;
  bool is_flat;  // each member is in one list: that of the root
  std::vector<model::Table> nodes;
  std::map<std::pair<const TreeNode*, Part>, std::size_t> numbers;  // in `nodes`
};

void Pipeline::Impl::DescribeNodes() {
  struct Seen {
    model::TableIndex table;
    std::vector<std::pair<const TreeNode*, Part>> at;
  };
  std::map<std::string, Seen> by_path;
  std::map<model::TableIndex, std::size_t> paths;  // of a table
  const auto see = [&](const TreeNode& node, Part part) {
    const bool is_junction = part == Part::kJunction;
    const model::TableIndex table = is_junction ? node.junction : node.query->table;
    const auto [seen, is_new] =
        by_path.try_emplace(is_junction ? JunctionPath(node.path) : node.path, Seen{table, {}});
    seen->second.at.emplace_back(&node, part);
    if (is_new) ++paths[table];
  };
  tree.ForEachNode([&](const TreeNode& node) {
    if (node.query->aggregation) return;
    see(node, Part::kRows);
    if (node.through != nullptr) see(node, Part::kJunction);
  });
  for (const auto& [path, seen] : by_path) {
    if (paths.at(seen.table) == 1) continue;
    for (const auto& at : seen.at) numbers.emplace(at, nodes.size());
    nodes.push_back(DescribeNode(path, schema.table(seen.table)));
  }
}

model::RowChange Pipeline::Impl::ChangeOf(const TreeNode& node, Part part,
                                          const Delta& delta) const {
  model::RowChange change{node.query->table, {}, delta.before, delta.after};
  if (node.query->aggregation) {
    const GroupTable& groups = tree.groups()[node.group];
    change.table = static_cast<model::TableIndex>(schema.tables().size() + node.group);
    change.before = groups.RowOf(*delta.list->values, delta.before);
    change.after = groups.RowOf(*delta.list->values, delta.after);
    change.key = model::KeyOf(groups.description, change.after ? change.after : change.before);
  } else {
    if (part == Part::kJunction) change.table = node.junction;
    change.key =
        model::KeyOf(schema.table(change.table), change.after ? change.after : change.before);
  }
  return change;
}

void Pipeline::Impl::Note(const TreeNode& node, Part part, const Delta& delta) {
  model::RowChange change = ChangeOf(node, part, delta);
  const auto number = numbers.find({&node, part});
  if (number != numbers.end() && (!delta.before || !delta.after)) {
    const Row& row = delta.after ? delta.after : delta.before;
    std::vector<model::Value> key;
    for (const model::ColumnIndex column : schema.table(change.table).primary_key) {
      key.push_back(row[column]);
    }
    Row at = Row::Make(std::move(key));
    members.Add(model::RowChange{node_index(number->second), change.key, delta.before ? at : Row(),
                                 delta.after ? at : Row()});
  }
  members.Add(change);
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
  const std::vector<GroupTable>& groups = impl_->tree.groups();
  const std::size_t behind = index - tables.size();
  return behind < groups.size() ? groups[behind].description : impl_->nodes[behind - groups.size()];
}

Status Pipeline::Hydrate(FunctionRef<void(model::TableIndex, const Row&)> visit) {
  Impl& impl = *impl_;
  impl.members.Clear();
  TIDEMARK_TRY(impl.tree.Hydrate([&](const TreeNode& node, Tree::Part part, const Delta& delta) {
    if (!impl.is_flat) return impl.Note(node, part, delta);
    const model::RowChange change = impl.ChangeOf(node, part, delta);
    visit(change.table, change.after);
  }));
  impl.tree.EndBatch();
  const model::ChangeSet members = impl.members.Take();
  const model::TableIndex first_node = impl.node_index(0);
  for (const model::RowChange& change : members) {
    if (change.table < first_node) visit(change.table, change.after);
  }
  for (std::size_t i = 0; i < impl.nodes.size(); ++i) {
    visit(impl.node_index(i), ToldRow(impl.nodes[i]));
  }
  for (const model::RowChange& change : members) {
    if (change.table >= first_node) visit(change.table, change.after);
  }
  return Ok{};
}

Result<model::ChangeSet> Pipeline::Advance(const model::ChangeSet& changes) {
  Impl& impl = *impl_;
  model::ChangeSet result;
  TIDEMARK_TRY(
      impl.tree.Advance(changes, [&](const TreeNode& node, Tree::Part part, const Delta& delta) {
        if (!impl.is_flat) return impl.Note(node, part, delta);
        result.push_back(impl.ChangeOf(node, part, delta));
      }));
  impl.tree.EndBatch();
  if (!impl.is_flat) result = impl.members.Take();
  return result;
}

std::size_t Pipeline::row_count() const { return impl_->members.size() + impl_->tree.row_count(); }

}  // namespace tidemark::ivm
