// Brings an ordered array of rows up to date, and says how, as edits. A batch's rows are taken out
// in one pass and put in in another, so that a batch of m changes to n rows moves n rows twice, not
// m times n. Invariant: the edits, applied one after the other to a copy of what the array was,
// give what it is.
#ifndef TIDEMARK_CORE_IVM_LIST_EDITOR_H_
#define TIDEMARK_CORE_IVM_LIST_EDITOR_H_

#include <cstddef>
#include <span>
#include <vector>

#include "core/ivm/view_edit.h"
#include "core/model/row_change.h"
#include "core/query/ast.h"

namespace tidemark::ivm {

/// Where `row` is in the ordered `rows`, or would be put; `from` on.
std::size_t PositionIn(const query::Ordering& ordering, const std::vector<model::Row>& rows,
                       const model::Row& row, std::size_t from = 0);

class ListEditor {
 public:
  /// Edits (of `list`) are appended to `edits` unless it is null.
  ListEditor(const query::Ordering& ordering, std::vector<model::Row>& rows, ListID list,
             std::vector<ViewEdit>* edits)
      : ordering_(ordering), rows_(rows), list_(list), edits_(edits) {}

  /// Net changes: each `before` is in the array, each `after` enters it.
  void Apply(std::span<const model::RowChange> changes);

 private:
  void Replace(const model::Row& before, const model::Row& after);
  void RemoveAll(std::vector<model::Row> leaving);
  void InsertAll(std::vector<model::Row> entering);
  void Record(ViewEdit::Kind kind, std::size_t index, const model::Row& row);
  void Sort(std::vector<model::Row>& rows) const;
  bool Holds(std::size_t index, const model::Row& row) const;
  std::size_t Move(std::size_t from, std::size_t end, std::size_t to);

  const query::Ordering& ordering_;
  std::vector<model::Row>& rows_;
  ListID list_;
  std::vector<ViewEdit>* edits_;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_LIST_EDITOR_H_
