#include "tests/core/ivm/coverage.h"

#include <set>

namespace tidemark::ivm {
namespace {

using Features = std::vector<std::string>;

// The dimensions, and the features of each. A node has one of each dimension, except of operators.
const std::vector<std::pair<std::string, Features>>& Dimensions() {
  static const std::vector<std::pair<std::string, Features>> kDimensions = {
      {"operator", {"root",  "related", "through", "exists",   "not exists", "exists through",
                    "=",     "!=",      "<",       "<=",       ">",          ">=",
                    "in",    "not in",  "like",    "not like", "ilike",      "not ilike",
                    "is",    "is not",  "path",    "or",       "not",        "start",
                    "count", "sum",     "min",     "max",      "avg",        "group by"}},
      {"nesting", {"depth 0", "depth 1", "depth 2", "depth 3"}},
      {"ordering", {"by key", "ascending", "descending", "mixed"}},
      {"limit", {"no limit", "limit", "one"}},
      {"null", {"no null", "null in match", "null in order", "null literal"}},
  };
  return kDimensions;
}

void AddOperators(const query::Condition& condition, Features& features, bool& null_literal) {
  if (const auto* comparison = std::get_if<query::Comparison>(&condition.node)) {
    features.emplace_back(query::OpName(comparison->op));
    if (!comparison->path.empty()) features.emplace_back("path");
    for (const model::Value& value : comparison->values) {
      null_literal = null_literal || value.is_null();
    }
  } else if (const auto* exists = std::get_if<query::Exists>(&condition.node)) {
    features.emplace_back(exists->negated ? "not exists" : "exists");
    if (exists->edge.through) features.emplace_back("exists through");
  } else {
    const auto& junction = std::get<query::Junction>(condition.node);
    if (junction.connective == query::Connective::kOr) features.emplace_back("or");
    if (junction.connective == query::Connective::kNot) features.emplace_back("not");
    for (const query::Condition& arg : junction.args) AddOperators(arg, features, null_literal);
  }
}

void AddAggregates(const query::Aggregation& aggregation, Features& features) {
  static const Features kNames = {"count", "sum", "min", "max", "avg"};
  for (const query::Aggregate& aggregate : aggregation.aggregates) {
    features.push_back(kNames[static_cast<std::size_t>(aggregate.function)]);
  }
  if (!aggregation.group_by.empty()) features.emplace_back("group by");
}

std::string OrderingOf(const query::Query& query) {
  if (query.order_by.size() < 2) {
    const bool descending =
        !query.order_by.empty() && query.order_by[0].direction == query::Direction::kDescending;
    return descending ? "descending" : "by key";
  }
  std::set<query::Direction> directions;
  for (const query::OrderKey& key : query.order_by) directions.insert(key.direction);
  if (directions.size() > 1) return "mixed";
  return *directions.begin() == query::Direction::kAscending ? "ascending" : "descending";
}

bool AnyNull(const TableRows& rows, model::ColumnIndex column) {
  for (const auto& [key, row] : rows) {
    if (row[column].is_null()) return true;
  }
  return false;
}

// What cannot meet: an aggregation has no start and is not `one`; the root has no edge, and all
// else is below it.
bool CanMeet(const std::string& a, const std::string& b) {
  static const std::set<std::string> kAggregates = {"count", "sum", "min",
                                                    "max",   "avg", "group by"};
  if (kAggregates.count(a) > 0 && b == "one") return false;
  if (a == "root")
    return b != "depth 1" && b != "depth 2" && b != "depth 3" && b != "null in match";
  if (a == "related" || a == "through") return b != "depth 0";
  return !(a == "depth 0" && b == "null in match");
}

}  // namespace

void Coverage::CountNode(const query::Query& query, const query::Edge* edge, int depth,
                         const Rows& rows) {
  std::vector<Features> node(Dimensions().size());
  node[0].emplace_back(edge == nullptr ? "root" : edge->through ? "through" : "related");
  bool null_literal = false;
  if (query.where) AddOperators(*query.where, node[0], null_literal);
  if (query.start) node[0].emplace_back("start");
  if (query.aggregation) AddAggregates(*query.aggregation, node[0]);
  node[1].push_back("depth " + std::to_string(depth));
  node[2].push_back(OrderingOf(query));
  node[3].emplace_back(query.one ? "one" : query.limit ? "limit" : "no limit");
  if (null_literal) node[4].emplace_back("null literal");
  for (const query::OrderKey& key : query.order_by) {
    if (AnyNull(rows[query.table], key.column)) {
      node[4].emplace_back("null in order");
      break;
    }
  }
  if (edge != nullptr) {
    const model::TableIndex other = edge->through ? edge->through->table : query.table;
    for (const auto& [own, column] : edge->match) {
      if (AnyNull(rows[other], column)) {
        node[4].emplace_back("null in match");
        break;
      }
    }
  }
  if (node[4].empty()) node[4].emplace_back("no null");
  for (std::size_t i = 0; i < node.size(); ++i) {
    for (std::size_t j = i + 1; j < node.size(); ++j) {
      for (const std::string& a : node[i]) {
        for (const std::string& b : node[j]) ++pairs_[{a, b}];
      }
    }
  }
}

void Coverage::Count(const model::Schema& schema, const query::Query& query, const Rows& rows) {
  NaiveEvaluator naive(schema, rows);
  naive.Observe([&](const query::Query& node, const query::Edge* edge, int depth) {
    if (!rows[node.table].empty()) CountNode(node, edge, depth, rows);
  });
  (void)naive.ToJson(query);
}

std::string Coverage::Report() const {
  std::string report;
  const auto& dimensions = Dimensions();
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    for (std::size_t j = i + 1; j < dimensions.size(); ++j) {
      report += dimensions[i].first + " x " + dimensions[j].first + ":\n";
      for (const std::string& a : dimensions[i].second) {
        report += "  " + a + ":";
        for (const std::string& b : dimensions[j].second) {
          const auto found = pairs_.find({a, b});
          const std::uint64_t count = found == pairs_.end() ? 0 : found->second;
          report += "  " + b + " " + (CanMeet(a, b) ? std::to_string(count) : "-");
        }
        report += "\n";
      }
    }
  }
  return report;
}

std::string Coverage::Missing() const {
  std::string missing;
  const auto& dimensions = Dimensions();
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    for (std::size_t j = i + 1; j < dimensions.size(); ++j) {
      for (const std::string& a : dimensions[i].second) {
        for (const std::string& b : dimensions[j].second) {
          if (CanMeet(a, b) && pairs_.count({a, b}) == 0) missing += a + " with " + b + "\n";
        }
      }
    }
  }
  return missing;
}

}  // namespace tidemark::ivm
