// A query's levels, one a node: what pipeline and view are made of. A batch goes through them
// parents first, because what becomes of a node's rows decides which lists its children have.
#ifndef TIDEMARK_CORE_IVM_TREE_H_
#define TIDEMARK_CORE_IVM_TREE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/ivm/group_feed.h"
#include "core/ivm/group_table.h"
#include "core/ivm/level.h"
#include "core/ivm/through_feed.h"
#include "core/query/ast.h"
#include "core/store/source.h"

namespace tidemark::ivm {

struct TreeNode {
  const query::Query* query = nullptr;
  std::uint32_t number = 0;  // of related nodes: preorder, the root 0
  std::size_t group = 0;     // of aggregations: its number in GroupTablesOf
  std::unique_ptr<Level> level;
  std::string path;                      // node_tables.h; where witnesses are nodes
  const ThroughFeed* through = nullptr;  // the level's feed, if the edge has a junction
  model::TableIndex junction = 0;        // with `through`
  std::vector<std::unique_ptr<TreeNode>> children;
  Deltas deltas;  // of the batch under way, where children need them
};

struct TreeOptions {
  /// Exists edges are nodes too, whose lists have as many rows at most.
  std::optional<std::uint32_t> witnesses;
  bool holds_root_rows = true;
  bool records_edits = false;
  /// Of all aggregations.
  GroupForm form = GroupForm::kValues;
  /// Not null: aggregations are not counted here but taken from there. They outlive the tree.
  const GroupLists* groups = nullptr;
};

class Tree {
 public:
  enum class Part : std::uint8_t { kRows, kJunction };
  /// Told of every row that a batch makes enter, leave or change, node by node: a row of the node's
  /// query, or of its junction. What an aggregation is of is not told.
  using Visitor = FunctionRef<void(const TreeNode&, Part, const Delta&)>;

  /// `store` outlives the tree. The orders in `query` are total.
  Tree(const store::Store& store, query::Query query, const TreeOptions& options);
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  const query::Query& query() const { return query_; }
  const std::vector<GroupTable>& groups() const { return groups_; }
  TreeNode& root() const { return *root_; }
  /// Parents first.
  void ForEachNode(FunctionRef<void(TreeNode&)> visit) const;

  /// Starts over: everything enters. The batch stays under way until EndBatch.
  Status Hydrate(Visitor visit);
  /// A batch, which stays under way until EndBatch. After an error it must be hydrated again.
  Status Advance(const model::ChangeSet& changes, Visitor visit);
  void EndBatch();

  /// Rows that it holds, all levels together.
  std::size_t row_count() const;

 private:
  std::unique_ptr<TreeNode> MakeNode(const query::Query& query, const query::Edge* edge,
                                     const TreeNode* parent, std::string path);
  void AddWitnesses(TreeNode& parent);
  Status Run(TreeNode& node, const model::ChangeSet& changes, const Deltas& parents, Visitor visit);

  const store::Store& store_;
  query::Query query_;
  TreeOptions options_;
  std::vector<GroupTable> groups_;
  std::vector<std::unique_ptr<query::Edge>> direct_edges_;  // made here for witnesses
  ListID last_list_ = kRootList;
  std::uint32_t last_number_ = 0;
  std::size_t group_count_ = 0;  // of the nodes that are made
  std::unique_ptr<TreeNode> root_;
  bool hydrated_ = false;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_TREE_H_
