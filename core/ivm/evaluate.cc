#include "core/ivm/evaluate.h"

#include "core/ivm/view.h"

namespace tidemark::ivm {

Result<std::string> EvaluateToJson(const store::Store& store, const query::Query& query) {
  View view(store, query);
  TIDEMARK_TRY(view.Hydrate());
  return view.ToJson();
}

}  // namespace tidemark::ivm
