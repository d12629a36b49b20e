// What the rows of a list are: rows of a table, or the groups of an aggregation (`[group values…,
// aggregates…]`); how they are ordered and told apart.
#ifndef TIDEMARK_CORE_IVM_ROW_SHAPE_H_
#define TIDEMARK_CORE_IVM_ROW_SHAPE_H_

#include <cstddef>

#include "core/model/schema.h"
#include "core/query/ast.h"

namespace tidemark::ivm {

struct RowShape {
  model::TableIndex table = 0;
  const model::Table* description = nullptr;  // null: the rows are groups
  std::size_t group_columns = 0;              // the first values, that tell groups apart
  query::Ordering ordering;                   // total

  RowKey KeyOf(const model::Row& row) const {
    if (description != nullptr) return model::KeyOf(*description, row);
    const auto end = row.values().begin() + static_cast<std::ptrdiff_t>(group_columns);
    return model::KeyFromValues({row.values().begin(), end});
  }
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_ROW_SHAPE_H_
