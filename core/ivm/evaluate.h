// A query's result, once: through the operators that also maintain it, so both mean the same.
#ifndef TIDEMARK_CORE_IVM_EVALUATE_H_
#define TIDEMARK_CORE_IVM_EVALUATE_H_

#include <string>

#include "core/base/result.h"
#include "core/query/ast.h"
#include "core/store/source.h"

namespace tidemark::ivm {

/// The result at the store's state as View::ToJson writes it.
Result<std::string> EvaluateToJson(const store::Store& store, const query::Query& query);

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_EVALUATE_H_
