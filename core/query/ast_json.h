// Between the query tree and its JSON form (docs/protocol.md). The only parser of queries.
#ifndef TIDEMARK_CORE_QUERY_AST_JSON_H_
#define TIDEMARK_CORE_QUERY_AST_JSON_H_

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/query/ast.h"

namespace tidemark::query {

/// kInvalidArgs names the table, column, operator or value that does not fit the schema; a tree
/// deeper or larger than the limits (core/query/limits.h) is kLimit.
Result<Query> ParseQuery(const model::Schema& schema, std::string_view json);

std::string QueryToJson(const model::Schema& schema, const Query& query);

}  // namespace tidemark::query

#endif  // TIDEMARK_CORE_QUERY_AST_JSON_H_
