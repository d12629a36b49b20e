// What a query means, said as plainly as possible: every row of every table is looked at for every
// row of its parent. What SQL and the operators are held against. Only conditions on a row's own
// columns are not its own (core/query/predicate.h, which has its own tests).
#ifndef TIDEMARK_TESTS_CORE_QUERY_REFERENCE_EVALUATOR_H_
#define TIDEMARK_TESTS_CORE_QUERY_REFERENCE_EVALUATOR_H_

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/model/row.h"
#include "core/query/ast.h"

namespace tidemark::testing {

/// The rows of each table, in any order.
using TableRows = std::vector<std::vector<model::Row>>;

/// The result's JSON (docs/protocol.md). kLimit when a sum leaves its type.
Result<std::string> EvaluateToJson(const TableRows& rows, const query::Query& query);

}  // namespace tidemark::testing

#endif  // TIDEMARK_TESTS_CORE_QUERY_REFERENCE_EVALUATOR_H_
