// The values that two tables match by: those of some columns of a row, as the key of hash maps that
// are searched without copying them.
#ifndef TIDEMARK_CORE_IVM_MATCH_H_
#define TIDEMARK_CORE_IVM_MATCH_H_

#include <cstddef>
#include <unordered_map>
#include <vector>

#include "core/model/row.h"
#include "core/model/schema.h"
#include "core/model/value.h"
#include "core/query/ast.h"

namespace tidemark::ivm {

using Columns = std::vector<model::ColumnIndex>;
using Values = std::vector<model::Value>;

/// Some columns of a row, in place.
struct RowPart {
  const model::Row& row;
  const Columns& columns;
};

Values ValuesOf(const RowPart& part);
/// Null matches nothing.
bool HasNull(const RowPart& part);
bool HasNull(const Values& values);

struct ValuesHash {
  using is_transparent = void;
  std::size_t operator()(const Values& values) const;
  std::size_t operator()(const RowPart& part) const;
};

struct ValuesEqual {
  using is_transparent = void;
  bool operator()(const Values& a, const Values& b) const { return a == b; }
  bool operator()(const RowPart& a, const Values& b) const;
  bool operator()(const Values& a, const RowPart& b) const { return (*this)(b, a); }
  bool operator()(const RowPart& a, const RowPart& b) const;
};

template <typename T>
using ByValues = std::unordered_map<Values, T, ValuesHash, ValuesEqual>;

/// The two sides of a match.
Columns OwnColumns(const query::Match& match);
Columns OtherColumns(const query::Match& match);

}  // namespace tidemark::ivm

#endif  // TIDEMARK_CORE_IVM_MATCH_H_
