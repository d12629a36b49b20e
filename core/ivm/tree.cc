#include "core/ivm/tree.h"

#include <utility>

#include "core/ivm/chain.h"
#include "core/ivm/node_tables.h"

namespace tidemark::ivm {
namespace {

using model::Row;

// The order of an aggregation names columns of the table; that of its groups, their positions.
RowShape ShapeOf(const model::Schema& schema, const query::Query& query) {
  RowShape shape;
  shape.table = query.table;
  if (!query.aggregation) {
    shape.description = &schema.table(query.table);
    shape.ordering = query.order_by;
    return shape;
  }
  const std::vector<model::ColumnIndex>& columns = query.aggregation->group_by;
  shape.group_columns = columns.size();
  for (const query::OrderKey& key : query.order_by) {
    for (model::ColumnIndex i = 0; i < columns.size(); ++i) {
      if (columns[i] == key.column) shape.ordering.push_back({i, key.direction});
    }
  }
  return shape;
}

template <typename F>
void ForEachExists(const query::Condition& condition, const F& visit) {
  if (const auto* exists = std::get_if<query::Exists>(&condition.node)) {
    visit(exists->edge);
  } else if (const auto* junction = std::get_if<query::Junction>(&condition.node)) {
    for (const query::Condition& arg : junction->args) ForEachExists(arg, visit);
  }
}

void VisitNodes(TreeNode& node, FunctionRef<void(TreeNode&)> visit) {
  visit(node);
  for (const auto& child : node.children) VisitNodes(*child, visit);
}

}  // namespace

Tree::Tree(const store::Store& store, query::Query query, const TreeOptions& options)
    : store_(store),
      query_(std::move(query)),
      options_(options),
      groups_(GroupTablesOf(store.schema(), query_)) {
  root_ = MakeNode(query_, nullptr, nullptr, "");
}

std::unique_ptr<TreeNode> Tree::MakeNode(const query::Query& query, const query::Edge* edge,
                                         const TreeNode* parent, std::string path) {
  const model::Schema& schema = store_.schema();
  auto node = std::make_unique<TreeNode>();
  node->query = &query;
  node->path = std::move(path);
  LevelPlan plan;
  plan.shape = ShapeOf(schema, query);
  plan.limit = query.limit;
  if (query.aggregation) node->group = group_count_++;
  const bool counts = options_.groups == nullptr;
  if (counts) plan.aggregation = query.aggregation;
  plan.form = options_.form;
  plan.holds_rows = parent != nullptr || options_.holds_root_rows;
  plan.knows_users = options_.records_edits;
  plan.records_edits = options_.records_edits;
  std::unique_ptr<Feed> feed;
  if (edge != nullptr) {
    plan.own = OwnColumns(edge->match);
    plan.parent_order = parent->query->order_by;
  }
  if (query.aggregation && !counts) {
    feed = std::make_unique<GroupFeed>(
        options_.groups->aggregations[node->group], groups_[node->group],
        static_cast<model::TableIndex>(schema.tables().size() + node->group),
        schema.table(query.table), plan.shape.ordering);
  } else if (edge != nullptr && edge->through) {
    auto through = std::make_unique<ThroughFeed>(store_, *edge, plan.parent_order);
    node->through = through.get();
    node->junction = edge->through->table;
    feed = std::move(through);
  } else {
    feed = std::make_unique<ChainFeed>(BuildChain(store_, query),
                                       edge == nullptr ? Columns() : OtherColumns(edge->match));
  }
  node->level = std::make_unique<Level>(std::move(feed), schema.table(query.table), std::move(plan),
                                        last_list_);
  if (options_.witnesses && !query.aggregation) AddWitnesses(*node);
  for (const query::Related& related : query.related) {
    const std::uint32_t number = ++last_number_;
    node->children.push_back(MakeNode(*related.edge.query, &related.edge, node.get(),
                                      RelatedPath(node->path, related.alias)));
    node->children.back()->number = number;
  }
  return node;
}

// An edge that the condition names twice has the same witnesses twice.
void Tree::AddWitnesses(TreeNode& parent) {
  if (!parent.query->where) return;
  ForEachExists(*parent.query->where, [&](const query::Edge& exists) {
    direct_edges_.push_back(std::make_unique<query::Edge>(DirectEdge(store_.schema(), exists)));
    query::Edge& edge = *direct_edges_.back();
    std::string path = WitnessPath(store_.schema(), parent.path, edge);
    edge.query->limit = options_.witnesses;
    parent.children.push_back(MakeNode(*edge.query, &edge, &parent, std::move(path)));
  });
}

Status Tree::Run(TreeNode& node, const model::ChangeSet& changes, const Deltas& parents,
                 Visitor visit) {
  node.deltas.clear();
  const bool keeps = !node.children.empty();
  TIDEMARK_TRY(node.level->Advance(changes, parents, [&](Delta delta) {
    visit(node, Part::kRows, delta);
    if (keeps) node.deltas.push_back(std::move(delta));
  }));
  if (node.through != nullptr && !node.query->aggregation) {
    for (const Delta& delta : node.through->junction_deltas()) {
      visit(node, Part::kJunction, delta);
    }
  }
  for (const auto& child : node.children) {
    TIDEMARK_TRY(Run(*child, changes, node.deltas, visit));
  }
  return Ok{};
}

Status Tree::Hydrate(Visitor visit) {
  hydrated_ = false;
  ForEachNode([](TreeNode& node) {
    node.level->Clear();
    node.deltas.clear();
  });
  last_list_ = kRootList;
  // The root's one user: a row without columns.
  const Deltas user = {Delta{nullptr, Row(), Row::Make({})}};
  TIDEMARK_TRY(Run(*root_, {}, user, visit));
  hydrated_ = true;
  return Ok{};
}

Status Tree::Advance(const model::ChangeSet& changes, Visitor visit) {
  if (!hydrated_) {
    return Error{ErrorCode::kInternal, "a query must be hydrated before it is advanced"};
  }
  hydrated_ = false;
  TIDEMARK_TRY(Run(*root_, changes, {}, visit));
  hydrated_ = true;
  return Ok{};
}

void Tree::EndBatch() {
  ForEachNode([](TreeNode& node) {
    node.level->EndBatch();
    node.deltas.clear();
  });
}

void Tree::ForEachNode(FunctionRef<void(TreeNode&)> visit) const { VisitNodes(*root_, visit); }

std::size_t Tree::row_count() const {
  std::size_t count = 0;
  ForEachNode([&](TreeNode& node) { count += node.level->row_count(); });
  return count;
}

}  // namespace tidemark::ivm
