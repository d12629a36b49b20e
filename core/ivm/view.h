// The ordered result of a pipeline as an array that somebody else mirrors: each flush says how to
// turn the array of the last flush into today's. Invariant: applying all edits in order to the
// mirror gives rows().
#ifndef TIDEMARK_CORE_IVM_VIEW_H_
#define TIDEMARK_CORE_IVM_VIEW_H_

#include <cstdint>
#include <vector>

#include "core/base/result.h"
#include "core/ivm/pipeline.h"
#include "core/model/row_change.h"

namespace tidemark::ivm {

/// Edits are sequential: each index is meant in the array as the edits before it left it.
struct ViewEdit {
  enum class Kind : std::uint8_t { kInsert, kRemove, kReplace };
  Kind kind;
  std::uint32_t index;
  model::Row row;  // not with kRemove
};

class View {
 public:
  View(const store::Store& store, query::Query query);

  const query::Query& query() const { return pipeline_.query(); }
  const std::vector<model::Row>& rows() const { return rows_; }

  /// Starts over with the rows of the store's state; its reader takes rows() whole.
  Status Hydrate();
  /// As Pipeline::Advance; the edits that it made to rows(), none when the result did not change.
  Result<std::vector<ViewEdit>> Advance(const model::ChangeSet& changes);

 private:
  Pipeline pipeline_;
  std::vector<model::Row> rows_;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_VIEW_H_
