// Tables in memory: rows by primary key, plus an ordered index for each ordering that a fetch has
// asked for (ordered_rows.h; the number is bounded, beyond it a fetch sorts). Used by the client
// and by tests. Get is O(1), Fetch O(log n + rows visited) once its index is built, and a change
// costs a search in those indexes only in whose order it moves the row. A condition that fixes the
// columns of the primary key, or the first ones of a declared index, is read through these. A
// constraint is read through an index that begins with its columns.
#ifndef TIDEMARK_CORE_STORE_MEMORY_SOURCE_H_
#define TIDEMARK_CORE_STORE_MEMORY_SOURCE_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "core/model/row_change.h"
#include "core/store/source.h"

namespace tidemark::store {

class MemorySource;

class MemoryStore final : public Store {
 public:
  /// `schema` outlives the store.
  explicit MemoryStore(const model::Schema& schema);
  ~MemoryStore() override;

  const model::Schema& schema() const override { return schema_; }
  const Source& source(model::TableIndex table) const override;

  /// Rows are looked up by key without a Result: memory does not fail.
  model::Row Get(model::TableIndex table, const RowKey& key) const;
  /// Puts `change.after` (or removes the key). `before` is not checked: the row that was there is
  /// returned.
  model::Row Apply(model::TableIndex table, const RowKey& key, model::Row after);
  void Apply(const model::ChangeSet& changes);
  std::size_t size(model::TableIndex table) const;
  /// Visits every row of a table in no particular order.
  void ForEach(model::TableIndex table,
               FunctionRef<void(const RowKey&, const model::Row&)> visit) const;

 private:
  const model::Schema& schema_;
  std::vector<std::unique_ptr<MemorySource>> sources_;
};

}  // namespace tidemark::store

#endif  // TIDEMARK_CORE_STORE_MEMORY_SOURCE_H_
