// A store that stands for another one, which can be exchanged for a second with the same tables:
// what reads it (a pipeline) need not know. Holds no rows. Whoever exchanges the store sees to it
// that the reader finds the state that it expects.
#ifndef TIDEMARK_CORE_STORE_SWITCHED_STORE_H_
#define TIDEMARK_CORE_STORE_SWITCHED_STORE_H_

#include <vector>

#include "core/store/source.h"

namespace tidemark::store {

class SwitchedStore final : public Store {
 public:
  /// `schema` outlives the store, and so does `store` until another one is in its place.
  SwitchedStore(const model::Schema& schema, const Store& store);
  SwitchedStore(const SwitchedStore&) = delete;
  SwitchedStore& operator=(const SwitchedStore&) = delete;

  void SwitchTo(const Store& store);

  const model::Schema& schema() const override { return schema_; }
  const Source& source(model::TableIndex table) const override { return tables_[table]; }

 private:
  class Table final : public Source {
   public:
    explicit Table(const Source& source) : source_(&source) {}
    Result<model::Row> Get(const RowKey& key) const override { return source_->Get(key); }
    Status Fetch(const FetchRequest& request,
                 FunctionRef<bool(const model::Row&)> visit) const override {
      return source_->Fetch(request, visit);
    }

   private:
    const Source* source_;
  };

  const model::Schema& schema_;
  std::vector<Table> tables_;  // their places never change
};

}  // namespace tidemark::store

#endif  // TIDEMARK_CORE_STORE_SWITCHED_STORE_H_
