#include "core/ivm/node_tables.h"

#include <algorithm>
#include <utility>

#include "core/base/hash.h"
#include "core/ivm/chain.h"
#include "core/model/value.h"

namespace tidemark::ivm {
namespace {

constexpr std::string_view kPrefix = "##";
// 64 bits: the nodes of one query only must not be mistaken for one another.
constexpr std::size_t kNameDigits = 16;

}  // namespace

std::string RelatedPath(const std::string& parent, const std::string& alias) {
  std::string path = parent + '.';
  model::AppendJsonString(path, alias);
  return path;
}

std::string JunctionPath(const std::string& related) { return related + '/'; }

/// Edges of one node that differ in their conditions are different nodes.
std::string WitnessPath(const model::Schema& schema, const std::string& parent,
                        const query::Edge& edge) {
  std::string path = parent + '?';
  model::AppendJsonString(path, edge.relationship);
  return path + query::HashQuery(schema, *edge.query).value;
}

bool IsNodeTable(std::string_view name) { return name.starts_with(kPrefix); }

model::Table DescribeNode(const std::string& path, const model::Table& table) {
  model::Table node;
  node.name = std::string(kPrefix) + ToHex(HashBytes(path)).substr(0, kNameDigits);
  for (const model::ColumnIndex column : table.primary_key) {
    node.primary_key.push_back(static_cast<model::ColumnIndex>(node.columns.size()));
    node.columns.push_back(table.columns[column]);
  }
  return node;
}

model::Row ToldRow(const model::Table& node) {
  return model::Row::Make(std::vector<model::Value>(node.columns.size()));
}

RowKey ToldKey(const model::Table& node) { return model::KeyOf(node, ToldRow(node)); }

NodeTables::NodeTables(const model::Schema& schema, const query::Query& query)
    : given_(schema), query_(query) {
  query_.table = Place("", query.table);
  PlaceQuery("", query_);
  std::vector<model::TableIndex> copied;
  for (const Node& node : nodes_) {
    if (node.copy >= schema.tables().size()) copied.push_back(node.table);
  }
  schema_ = schema.WithCopies(copied);
}

model::TableIndex NodeTables::Place(const std::string& path, model::TableIndex table) {
  const auto [known, is_new] = by_path_.try_emplace(path, nodes_.size());
  if (!is_new) return nodes_[known->second].copy;
  auto copy = static_cast<model::TableIndex>(given_.tables().size());
  bool is_first = true;
  for (const Node& node : nodes_) {
    if (node.table == table) is_first = false;
    copy = std::max(copy, node.copy + 1);
  }
  nodes_.push_back(Node{DescribeNode(path, given_.table(table)), table, is_first ? table : copy});
  return nodes_.back().copy;
}

/// The query's own table has its place.
void NodeTables::PlaceQuery(const std::string& path, query::Query& query) {
  if (query.where) PlaceExists(path, *query.where);
  for (query::Related& related : query.related) {
    const std::string below = RelatedPath(path, related.alias);
    query::Edge& edge = related.edge;
    if (edge.through) edge.through->table = Place(JunctionPath(below), edge.through->table);
    edge.query->table = Place(below, edge.query->table);
    PlaceQuery(below, *edge.query);
  }
}

void NodeTables::PlaceExists(const std::string& path, query::Condition& condition) {
  if (auto* junction = std::get_if<query::Junction>(&condition.node)) {
    for (query::Condition& arg : junction->args) PlaceExists(path, arg);
    return;
  }
  auto* exists = std::get_if<query::Exists>(&condition.node);
  if (exists == nullptr) return;
  query::Edge& edge = exists->edge;
  const query::Edge direct = DirectEdge(given_, edge);
  std::string below = WitnessPath(given_, path, direct);
  if (edge.through) {
    edge.through->table = Place(below, edge.through->table);
    const auto& target = std::get<query::Exists>(direct.query->where->node).edge;
    below = WitnessPath(given_, below, target);
  }
  edge.query->table = Place(below, edge.query->table);
  PlaceQuery(below, *edge.query);
}

}  // namespace tidemark::ivm
