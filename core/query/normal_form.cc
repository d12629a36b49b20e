#include <algorithm>
#include <string>
#include <utility>

#include "core/base/hash.h"
#include "core/query/ast.h"
#include "core/query/ast_json.h"

namespace tidemark::query {
namespace {

using model::Value;

std::strong_ordering Compare(const Condition& a, const Condition& b);

template <typename T>
std::strong_ordering CompareScalars(T a, T b) {
  if (a < b) return std::strong_ordering::less;
  return b < a ? std::strong_ordering::greater : std::strong_ordering::equal;
}

/// Lexicographic.
template <typename T, typename F>
std::strong_ordering CompareLists(const std::vector<T>& a, const std::vector<T>& b, F compare) {
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    const std::strong_ordering order = compare(a[i], b[i]);
    if (order != 0) return order;
  }
  return CompareScalars(a.size(), b.size());
}

/// Literals of one column at different paths may be of different types.
std::strong_ordering CompareLiterals(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return CompareScalars(a.kind(), b.kind());
  return model::CompareValues(a, b);
}

std::strong_ordering Compare(const Comparison& a, const Comparison& b) {
  if (a.column != b.column) return CompareScalars(a.column, b.column);
  if (a.op != b.op) return CompareScalars(a.op, b.op);
  const std::strong_ordering paths = CompareLists(
      a.path, b.path, [](const auto& x, const auto& y) { return CompareScalars(x, y); });
  if (paths != 0) return paths;
  return CompareLists(a.values, b.values, CompareLiterals);
}

/// The relationship decides what the edge is: both are of one table.
std::strong_ordering Compare(const Exists& a, const Exists& b) {
  if (a.edge.relationship != b.edge.relationship) {
    return CompareScalars(a.edge.relationship, b.edge.relationship);
  }
  if (a.negated != b.negated) return CompareScalars(a.negated, b.negated);
  const std::optional<Condition>& left = a.edge.query->where;
  const std::optional<Condition>& right = b.edge.query->where;
  if (!left || !right) return CompareScalars(left.has_value(), right.has_value());
  return Compare(*left, *right);
}

/// Comparisons come before junctions, and those before exists.
std::strong_ordering Compare(const Condition& a, const Condition& b) {
  if (a.node.index() != b.node.index()) return CompareScalars(a.node.index(), b.node.index());
  if (const Comparison* comparison = std::get_if<Comparison>(&a.node)) {
    return Compare(*comparison, *std::get_if<Comparison>(&b.node));
  }
  if (const Exists* exists = std::get_if<Exists>(&a.node)) {
    return Compare(*exists, *std::get_if<Exists>(&b.node));
  }
  const Junction& left = *std::get_if<Junction>(&a.node);
  const Junction& right = *std::get_if<Junction>(&b.node);
  if (left.connective != right.connective) return CompareScalars(left.connective, right.connective);
  return CompareLists(left.args, right.args,
                      [](const Condition& x, const Condition& y) { return Compare(x, y); });
}

/// Sorts pointers: g++ 12 takes the swaps of a sorted variant for uses of uninitialized memory.
void SortDistinct(std::vector<Condition>& conditions) {
  std::vector<Condition*> order;
  order.reserve(conditions.size());
  for (Condition& condition : conditions) order.push_back(&condition);
  std::sort(order.begin(), order.end(),
            [](const Condition* a, const Condition* b) { return Compare(*a, *b) < 0; });
  std::vector<Condition> sorted;
  sorted.reserve(order.size());
  for (Condition* condition : order) {
    if (sorted.empty() || !(sorted.back() == *condition)) sorted.push_back(std::move(*condition));
  }
  conditions = std::move(sorted);
}

bool ValueLess(const Value& a, const Value& b) { return model::CompareValues(a, b) < 0; }

Condition Constant(bool value) {
  return Condition{Junction{value ? Connective::kAnd : Connective::kOr, {}}};
}

bool IsConstant(const Condition& condition, bool value) {
  const Junction* junction = std::get_if<Junction>(&condition.node);
  return junction != nullptr && junction->args.empty() &&
         junction->connective == (value ? Connective::kAnd : Connective::kOr);
}

// Without negation above it, a condition that is unknown may as well be false: AND and OR never
// turn one of the two into true where the other is not. So what null literals make unknown is false
// here.
Condition NormalList(Comparison comparison) {
  const bool negated = comparison.op == Op::kNotIn;
  std::vector<Value>& values = comparison.values;
  std::sort(values.begin(), values.end(), ValueLess);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  if (!values.empty() && values.front().is_null()) {
    if (negated) return Constant(false);
    values.erase(values.begin());
  }
  if (values.empty()) return Constant(negated);
  if (values.size() == 1) comparison.op = negated ? Op::kNotEqual : Op::kEqual;
  return Condition{std::move(comparison)};
}

Condition NormalComparison(const model::Table& table, Comparison comparison, bool negate) {
  if (negate) comparison.op = Complement(comparison.op);
  if (comparison.op == Op::kIn || comparison.op == Op::kNotIn) {
    return NormalList(std::move(comparison));
  }
  const bool is = comparison.op == Op::kIs;
  const bool null_safe = is || comparison.op == Op::kIsNot;
  const bool nullable = table.columns[comparison.column].optional || !comparison.path.empty();
  if (comparison.values[0].is_null()) {
    if (!null_safe) return Constant(false);
    if (!nullable) return Constant(!is);
  } else if (is) {
    comparison.op = Op::kEqual;  // false and unknown are one here
  } else if (null_safe && !nullable) {
    comparison.op = Op::kNotEqual;
  }
  return Condition{std::move(comparison)};
}

Condition Normal(const model::Schema& schema, const model::Table& table, Condition condition,
                 bool negate);

/// The condition that is left of `where`; none if everything passes.
std::optional<Condition> NormalWhere(const model::Schema& schema, const model::Table& table,
                                     std::optional<Condition> where) {
  if (!where) return std::nullopt;
  std::optional<Condition> normal = Normal(schema, table, std::move(*where), false);
  if (IsConstant(*normal, true)) normal.reset();
  return normal;
}

/// Inside of the edge nothing is negated: it counts the rows where its condition is true.
Condition NormalExists(const model::Schema& schema, Exists exists, bool negate) {
  exists.negated = exists.negated != negate;
  Query& query = *exists.edge.query;
  const model::Table& target = schema.table(query.table);
  Query normal;
  normal.table = query.table;
  normal.where = NormalWhere(schema, target, std::move(query.where));
  normal.order_by = TotalOrdering(target, {});
  if (normal.where && IsConstant(*normal.where, false)) return Constant(exists.negated);
  query = std::move(normal);
  Condition condition;
  condition.node = std::move(exists);
  return condition;
}

Condition NormalJunction(const model::Schema& schema, const model::Table& table, Junction junction,
                         bool negate) {
  if (junction.connective == Connective::kNot) {
    return Normal(schema, table, std::move(junction.args[0]), !negate);
  }
  const bool conjunction = (junction.connective == Connective::kAnd) != negate;
  Junction result{conjunction ? Connective::kAnd : Connective::kOr, {}};
  for (Condition& arg : junction.args) {
    Condition normal = Normal(schema, table, std::move(arg), negate);
    if (IsConstant(normal, conjunction)) continue;
    if (IsConstant(normal, !conjunction)) return Constant(!conjunction);
    Junction* inner = std::get_if<Junction>(&normal.node);
    if (inner == nullptr || inner->connective != result.connective) {
      result.args.push_back(std::move(normal));
      continue;
    }
    for (Condition& nested : inner->args) result.args.push_back(std::move(nested));
  }
  SortDistinct(result.args);
  if (result.args.size() == 1) {
    Condition only = std::move(result.args[0]);
    return only;
  }
  Condition condition;
  condition.node = std::move(result);
  return condition;
}

Condition Normal(const model::Schema& schema, const model::Table& table, Condition condition,
                 bool negate) {
  if (Comparison* comparison = std::get_if<Comparison>(&condition.node)) {
    return NormalComparison(table, std::move(*comparison), negate);
  }
  if (Exists* exists = std::get_if<Exists>(&condition.node)) {
    return NormalExists(schema, std::move(*exists), negate);
  }
  return NormalJunction(schema, table, std::move(*std::get_if<Junction>(&condition.node)), negate);
}

/// The columns that an edge matches, which the query's text does not spell.
void AppendEdge(std::string& text, const model::Schema& schema, const model::Table& parent,
                const Edge& edge) {
  const auto append = [&text](const Match& match, const model::Table& left,
                              const model::Table& right) {
    for (const auto& [own, other] : match) {
      model::AppendJsonString(text, left.columns[own].name);
      model::AppendJsonString(text, right.columns[other].name);
    }
  };
  const model::Table& target = schema.table(edge.query->table);
  if (!edge.through) return append(edge.match, parent, target);
  const model::Table& junction = schema.table(edge.through->table);
  append(edge.match, parent, junction);
  model::AppendJsonString(text, junction.name);
  append(edge.through->match, junction, target);
}

}  // namespace

Query Normalize(const model::Schema& schema, Query query) {
  const model::Table& table = schema.table(query.table);
  query.where = NormalWhere(schema, table, std::move(query.where));
  query.order_by = query.aggregation ? GroupOrdering(*query.aggregation, query.order_by)
                                     : TotalOrdering(table, query.order_by);
  if (query.one) query.limit = 1;
  for (Related& related : query.related) {
    *related.edge.query = Normalize(schema, std::move(*related.edge.query));
  }
  return query;
}

PipelineID HashQuery(const model::Schema& schema, const Query& query) {
  const Query normal = Normalize(schema, query);
  std::string text = QueryToJson(schema, normal);
  const std::vector<Node> nodes = NodesOf(normal);
  for (const Node& node : nodes) {
    if (node.edge == nullptr || node.kind == Node::Kind::kJunction) continue;
    const Node& before = nodes[node.parent];
    const model::TableIndex parent =  // of the edge: a junction is in the middle of its own
        before.kind == Node::Kind::kJunction ? nodes[before.parent].table : before.table;
    AppendEdge(text, schema, schema.table(parent), *node.edge);
  }
  return PipelineID(ToHex(HashBytes(text)));
}

}  // namespace tidemark::query
