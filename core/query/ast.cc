#include "core/query/ast.h"

#include <array>
#include <cstddef>

namespace tidemark::query {
namespace {

constexpr std::array<std::string_view, 14> kOpNames = {
    "=",      "!=",   "<",        "<=",    ">",         ">=", "in",
    "not in", "like", "not like", "ilike", "not ilike", "is", "is not"};

void AddQuery(std::vector<Node>& nodes, const Query& query, Node self);

void AddEdge(std::vector<Node>& nodes, const Edge& edge, Node::Kind kind, std::uint32_t parent) {
  if (edge.through) {
    nodes.push_back(Node{Node::Kind::kJunction, edge.through->table, parent, nullptr, &edge});
    parent = static_cast<std::uint32_t>(nodes.size() - 1);
  }
  AddQuery(nodes, *edge.query, Node{kind, edge.query->table, parent, &*edge.query, &edge});
}

void AddExists(std::vector<Node>& nodes, const Condition& condition, std::uint32_t parent) {
  if (const Exists* exists = std::get_if<Exists>(&condition.node)) {
    AddEdge(nodes, exists->edge, Node::Kind::kExists, parent);
  } else if (const Junction* junction = std::get_if<Junction>(&condition.node)) {
    for (const Condition& arg : junction->args) AddExists(nodes, arg, parent);
  }
}

void AddQuery(std::vector<Node>& nodes, const Query& query, Node self) {
  const auto index = static_cast<std::uint32_t>(nodes.size());
  nodes.push_back(self);
  if (query.where) AddExists(nodes, *query.where, index);
  for (const Related& related : query.related) {
    AddEdge(nodes, related.edge, Node::Kind::kRelated, index);
  }
}

}  // namespace

std::vector<Node> NodesOf(const Query& query) {
  std::vector<Node> nodes;
  AddQuery(nodes, query, Node{Node::Kind::kRoot, query.table, 0, &query, nullptr});
  return nodes;
}

std::string_view OpName(Op op) { return kOpNames[static_cast<std::size_t>(op)]; }

std::optional<Op> OpFromName(std::string_view name) {
  for (std::size_t i = 0; i < kOpNames.size(); ++i) {
    if (kOpNames[i] == name) return static_cast<Op>(i);
  }
  return std::nullopt;
}

Op Complement(Op op) {
  switch (op) {
    case Op::kEqual:
      return Op::kNotEqual;
    case Op::kNotEqual:
      return Op::kEqual;
    case Op::kLess:
      return Op::kGreaterOrEqual;
    case Op::kLessOrEqual:
      return Op::kGreater;
    case Op::kGreater:
      return Op::kLessOrEqual;
    case Op::kGreaterOrEqual:
      return Op::kLess;
    case Op::kIn:
      return Op::kNotIn;
    case Op::kNotIn:
      return Op::kIn;
    case Op::kLike:
      return Op::kNotLike;
    case Op::kNotLike:
      return Op::kLike;
    case Op::kIlike:
      return Op::kNotIlike;
    case Op::kNotIlike:
      return Op::kIlike;
    case Op::kIs:
      return Op::kIsNot;
    case Op::kIsNot:
      return Op::kIs;
  }
  return op;
}

bool operator==(const Edge& a, const Edge& b) {
  return a.relationship == b.relationship && a.match == b.match && a.through == b.through &&
         a.query == b.query;
}

bool operator==(const Condition& a, const Condition& b) {
  if (a.node.index() != b.node.index()) return false;
  if (const Comparison* comparison = std::get_if<Comparison>(&a.node)) {
    return *comparison == *std::get_if<Comparison>(&b.node);
  }
  if (const Exists* exists = std::get_if<Exists>(&a.node)) {
    return *exists == *std::get_if<Exists>(&b.node);
  }
  const Junction& left = *std::get_if<Junction>(&a.node);
  const Junction& right = *std::get_if<Junction>(&b.node);
  return left.connective == right.connective && left.args == right.args;
}

Ordering TotalOrdering(const model::Table& table, const Ordering& keys) {
  Ordering total;
  std::size_t missing = table.primary_key.size();
  const auto add = [&](OrderKey key) {
    for (const OrderKey& known : total) {
      if (known.column == key.column) return;
    }
    if (missing == 0) return;
    total.push_back(key);
    if (table.IsKeyColumn(key.column)) --missing;
  };
  for (const OrderKey& key : keys) add(key);
  for (const model::ColumnIndex column : table.primary_key) {
    add(OrderKey{column, Direction::kAscending});
  }
  return total;
}

Ordering GroupOrdering(const Aggregation& aggregation, const Ordering& keys) {
  Ordering ordering;
  const auto add = [&](OrderKey key) {
    for (const OrderKey& known : ordering) {
      if (known.column == key.column) return;
    }
    ordering.push_back(key);
  };
  for (const OrderKey& key : keys) add(key);
  for (const model::ColumnIndex column : aggregation.group_by) {
    add(OrderKey{column, Direction::kAscending});
  }
  return ordering;
}

std::strong_ordering CompareRows(const Ordering& ordering, const model::Row& a,
                                 const model::Row& b) {
  for (const OrderKey& key : ordering) {
    const std::strong_ordering order = model::CompareValues(a[key.column], b[key.column]);
    if (order == 0) continue;
    if (key.direction == Direction::kAscending) return order;
    return order < 0 ? std::strong_ordering::greater : std::strong_ordering::less;
  }
  return std::strong_ordering::equal;
}

}  // namespace tidemark::query
