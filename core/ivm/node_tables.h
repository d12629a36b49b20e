// Which rows a query holds at which of its nodes, where a table is read by several: a row that came
// as somebody's manager is not a row of the result. Server and page each name the nodes of their
// own tree by the way that leads there, so that a node means the same to both even if the server
// resolved the query to a tree with more conditions.
//
// On the wire: a table `##…` for each node of such a table, with the key of each member that the
// node has as its row, and one row of nulls, which says that the node is told at all.
#ifndef TIDEMARK_CORE_IVM_NODE_TABLES_H_
#define TIDEMARK_CORE_IVM_NODE_TABLES_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/schema.h"
#include "core/query/ast.h"

namespace tidemark::ivm {

// The way from the root ("") to a node. `edge` has no junction (chain.h: DirectEdge): the rows of a
// junction are a node of their own.
std::string RelatedPath(const std::string& parent, const std::string& alias);
std::string JunctionPath(const std::string& related);
std::string WitnessPath(const model::Schema& schema, const std::string& parent,
                        const query::Edge& edge);

bool IsNodeTable(std::string_view name);
/// What travels for the node with that path: the primary key of `table`.
model::Table DescribeNode(const std::string& path, const model::Table& table);
/// The row that says that the node is told, and its key.
model::Row ToldRow(const model::Table& node);
RowKey ToldKey(const model::Table& node);

/// A query and a schema in which no table is read by two of its nodes: further nodes read copies.
class NodeTables {
 public:
  NodeTables(const model::Schema& schema, const query::Query& query);

  struct Node {
    model::Table description;     // what travels for it
    model::TableIndex table = 0;  // of the schema given
    model::TableIndex copy = 0;   // in schema()
  };
  /// Nodes with the same path are one.
  const std::vector<Node>& nodes() const { return nodes_; }
  /// The copies are behind the tables of the schema given.
  const model::Schema& schema() const { return schema_; }
  const query::Query& query() const { return query_; }

 private:
  model::TableIndex Place(const std::string& path, model::TableIndex table);
  void PlaceQuery(const std::string& path, query::Query& query);
  void PlaceExists(const std::string& path, query::Condition& condition);

  const model::Schema& given_;
  std::map<std::string, std::size_t> by_path_;
  std::vector<Node> nodes_;
  model::Schema schema_;
  query::Query query_;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_NODE_TABLES_H_
