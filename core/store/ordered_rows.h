// The rows of one table in one ordering: a sorted array of references, cut into chunks of at most
// kChunkRowsMax. An entry costs 16 bytes plus slack; search is two binary searches that mostly look
// at `lead`, the first key's value as a number, without following the reference; an insert or erase
// moves at most one chunk (plus, once in many times, the array of chunks).
//
// Invariant: reading the chunks one after another gives every row once, in order, and no chunk is
// empty. It refers to rows where its owner keeps them: a row may be replaced in its place by one
// that is equal in the ordering; for any other the owner erases before and inserts after.
#ifndef TIDEMARK_CORE_STORE_ORDERED_ROWS_H_
#define TIDEMARK_CORE_STORE_ORDERED_ROWS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/model/row.h"
#include "core/query/ast.h"

namespace tidemark::store {

class OrderedRows {
 public:
  /// `ordering` is total: no two rows of the table are equal in it.
  OrderedRows(query::Ordering ordering, const std::vector<const model::Row*>& rows);

  const query::Ordering& ordering() const { return ordering_; }
  bool SameOrder(const model::Row& a, const model::Row& b) const {
    return query::CompareRows(ordering_, a, b) == 0;
  }

  void Insert(const model::Row* row);
  /// `row` is there, and is what it was when it was inserted as far as the ordering goes.
  void Erase(const model::Row* row);

  /// A place between rows; valid until the next Insert or Erase.
  struct Position {
    std::size_t chunk = 0;
    std::size_t offset = 0;
  };

  /// The first row for which `before` is false. `before` is true for a leading part of the rows:
  /// for those whose first key is less than `first`, and for none whose first key is greater.
  template <typename Before>
  Position Find(const model::Value& first, const Before& before) const {
    const std::uint64_t lead = Lead(first);
    const auto is_before = [&](const Entry& entry) {
      return entry.lead != lead ? entry.lead < lead : before(*entry.row);
    };
    const auto chunk = std::partition_point(chunks_.begin(), chunks_.end(),
                                            [&](const Chunk& c) { return is_before(c.back()); });
    if (chunk == chunks_.end()) return {chunks_.size(), 0};
    const auto entry = std::partition_point(chunk->begin(), chunk->end(), is_before);
    return {static_cast<std::size_t>(chunk - chunks_.begin()),
            static_cast<std::size_t>(entry - chunk->begin())};
  }

  /// The row at `position`, which moves to the next one; null at the end.
  const model::Row* Next(Position& position) const {
    if (position.chunk == chunks_.size()) return nullptr;
    const Chunk& chunk = chunks_[position.chunk];
    const model::Row* row = chunk[position.offset].row;
    if (++position.offset == chunk.size()) position = {position.chunk + 1, 0};
    return row;
  }

 private:
  struct Entry {
    std::uint64_t lead;
    const model::Row* row;
  };
  using Chunk = std::vector<Entry>;
  static constexpr std::size_t kChunkRowsMax = 128;

  /// Never decreases along the ordering; equal leads decide nothing.
  std::uint64_t Lead(const model::Value& first) const;
  Position PositionOf(const model::Row& row) const;

  query::Ordering ordering_;
  std::vector<Chunk> chunks_;
};

}  // namespace tidemark::store

#endif  // TIDEMARK_CORE_STORE_ORDERED_ROWS_H_
