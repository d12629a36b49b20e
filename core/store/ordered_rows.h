// Rows of one table in one ordering: a sorted array cut into chunks of at most kChunkRowsMax rows.
// An entry costs 8 bytes plus slack, search is two binary searches, and an insert or erase moves at
// most one chunk (plus, once in many times, the array of chunks). Invariant: reading the chunks one
// after another gives every row once, in order, and no chunk is empty.
#ifndef TIDEMARK_CORE_STORE_ORDERED_ROWS_H_
#define TIDEMARK_CORE_STORE_ORDERED_ROWS_H_

#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/model/row.h"
#include "core/query/ast.h"

namespace tidemark::store {

class OrderedRows {
 public:
  /// `ordering` is total: no two rows of the table are equal in it.
  OrderedRows(query::Ordering ordering, std::vector<model::Row> rows);

  const query::Ordering& ordering() const { return ordering_; }

  /// Takes `before` out (if it is a row) and puts `after` in (if it is one).
  void Update(const model::Row& before, const model::Row& after);

  /// A place between rows; valid until the next Update.
  struct Position {
    std::size_t chunk = 0;
    std::size_t offset = 0;
  };

  /// The first row for which `before` is false; `before` is true for a leading part of the rows.
  template <typename Before>
  Position Find(const Before& before) const {
    const auto chunk = std::partition_point(chunks_.begin(), chunks_.end(),
                                            [&](const Chunk& c) { return before(c.back()); });
    if (chunk == chunks_.end()) return {chunks_.size(), 0};
    const auto row = std::partition_point(chunk->begin(), chunk->end(), before);
    return {static_cast<std::size_t>(chunk - chunks_.begin()),
            static_cast<std::size_t>(row - chunk->begin())};
  }

  /// The row at `position`, which moves to the next one; null at the end.
  const model::Row* Next(Position& position) const {
    if (position.chunk == chunks_.size()) return nullptr;
    const Chunk& chunk = chunks_[position.chunk];
    const model::Row* row = &chunk[position.offset];
    if (++position.offset == chunk.size()) position = {position.chunk + 1, 0};
    return row;
  }

 private:
  using Chunk = std::vector<model::Row>;
  static constexpr std::size_t kChunkRowsMax = 128;

  Position PositionOf(const model::Row& row) const;
  void Insert(const model::Row& row);
  void Erase(Position position);

  query::Ordering ordering_;
  std::vector<Chunk> chunks_;
};

}  // namespace tidemark::store

#endif  // TIDEMARK_CORE_STORE_ORDERED_ROWS_H_
