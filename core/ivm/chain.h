// Builds the chain of operators for one node of a query: the rows of its table that pass its
// condition, at or behind its start, in its order. Source, then what the store can test too, then
// exists, then the start. Limits are the levels' (level.h): they hold for each list.
#ifndef TIDEMARK_CORE_IVM_CHAIN_H_
#define TIDEMARK_CORE_IVM_CHAIN_H_

#include <memory>

#include "core/ivm/operator.h"

namespace tidemark::ivm {

/// `store` outlives the chain. `query.order_by` is total.
std::unique_ptr<Operator> BuildChain(const store::Store& store, const query::Query& query);

/// An edge without a junction: one through a junction leads to the junction's rows for which there
/// is a row of the target.
query::Edge DirectEdge(const model::Schema& schema, const query::Edge& edge);

/// Orders of all nodes made total, limits of `one` set.
query::Query WithTotalOrder(const model::Schema& schema, query::Query query);

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_CHAIN_H_
