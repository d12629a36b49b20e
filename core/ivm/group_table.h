// The groups of a query's aggregations as rows of tables of their own, which are no part of the
// schema: `[match values of the parent's row…, values of the group…, state…]`. Server and page each
// describe them from their own tree; the table's name says what it counts, so that a page whose
// tree counts something else does not misread them.
#ifndef TIDEMARK_CORE_IVM_GROUP_TABLE_H_
#define TIDEMARK_CORE_IVM_GROUP_TABLE_H_

#include <cstddef>
#include <vector>

#include "core/ivm/group_state.h"
#include "core/model/schema.h"
#include "core/query/ast.h"

namespace tidemark::ivm {

struct GroupTable {
  const query::Query* query = nullptr;  // the aggregation's node
  const query::Edge* edge = nullptr;    // that leads to it; null for the root
  std::size_t match_columns = 0;        // the first ones
  std::size_t key_columns = 0;          // with those of the group
  model::Table description;

  /// `list_row` begins with the values of the group.
  model::Row RowOf(const Values& match, const model::Row& list_row) const;
  /// Without the match values.
  model::Row ListRow(const model::Row& row) const;
  Values MatchOf(const model::Row& row) const;
};

/// One an aggregation, in the order of the related queries, parents first. They point into `query`;
/// the first one's index is the number of the schema's tables.
std::vector<GroupTable> GroupTablesOf(const model::Schema& schema, const query::Query& query);

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_GROUP_TABLE_H_
