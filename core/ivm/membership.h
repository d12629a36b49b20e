// Which rows a query holds, of all its tables: a row is a member while some node has it, however
// many do. Invariant: what Take gives turns the members before the batch into those after it.
#ifndef TIDEMARK_CORE_IVM_MEMBERSHIP_H_
#define TIDEMARK_CORE_IVM_MEMBERSHIP_H_

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/model/row_change.h"

namespace tidemark::ivm {

class Membership {
 public:
  /// What a node says of a row. A row that enters one node may leave another, in any order.
  void Add(const model::RowChange& change);
  /// Net changes since the last Take, at most one a table and key, in the order of first touch.
  model::ChangeSet Take();
  void Clear();
  std::size_t size() const;

 private:
  using Counts = std::unordered_map<RowKey, std::uint32_t>;

  struct Seen {
    std::size_t position = 0;  // in changes_
    std::uint32_t was = 0;     // nodes that had it before the batch
  };

  std::vector<Counts> counts_;  // by table
  model::ChangeSet changes_;
  std::vector<std::unordered_map<RowKey, Seen>> seen_;  // by table
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_MEMBERSHIP_H_
