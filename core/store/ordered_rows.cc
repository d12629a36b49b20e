#include "core/store/ordered_rows.h"

#include <iterator>
#include <utility>

#include "core/base/check.h"

namespace tidemark::store {

using model::Row;

OrderedRows::OrderedRows(query::Ordering ordering, std::vector<Row> rows)
    : ordering_(std::move(ordering)) {
  std::sort(rows.begin(), rows.end(),
            [this](const Row& a, const Row& b) { return query::CompareRows(ordering_, a, b) < 0; });
  // Not full, so that the first inserts do not split every chunk.
  constexpr std::size_t kFilled = kChunkRowsMax * 3 / 4;
  chunks_.reserve(rows.size() / kFilled + 1);
  for (std::size_t begin = 0; begin < rows.size(); begin += kFilled) {
    const std::size_t end = std::min(begin + kFilled, rows.size());
    chunks_.emplace_back(std::make_move_iterator(rows.begin() + static_cast<std::ptrdiff_t>(begin)),
                         std::make_move_iterator(rows.begin() + static_cast<std::ptrdiff_t>(end)));
  }
}

OrderedRows::Position OrderedRows::PositionOf(const Row& row) const {
  return Find([&](const Row& other) { return query::CompareRows(ordering_, other, row) < 0; });
}

void OrderedRows::Update(const Row& before, const Row& after) {
  if (before) {
    const Position position = PositionOf(before);
    TIDEMARK_CHECK(position.chunk < chunks_.size());
    if (after && query::CompareRows(ordering_, before, after) == 0) {
      chunks_[position.chunk][position.offset] = after;
      return;
    }
    Erase(position);
  }
  if (after) Insert(after);
}

void OrderedRows::Insert(const Row& row) {
  Position position = PositionOf(row);
  if (position.chunk == chunks_.size()) {  // behind the last row
    if (chunks_.empty()) chunks_.emplace_back();
    position = {chunks_.size() - 1, chunks_.back().size()};
  }
  Chunk& chunk = chunks_[position.chunk];
  chunk.insert(chunk.begin() + static_cast<std::ptrdiff_t>(position.offset), row);
  if (chunk.size() <= kChunkRowsMax) return;
  // Rows that arrive in order leave full chunks behind; others half full ones.
  const bool at_end = position.chunk + 1 == chunks_.size() && position.offset + 1 == chunk.size();
  const auto middle =
      at_end ? chunk.end() - 1 : chunk.begin() + static_cast<std::ptrdiff_t>(chunk.size() / 2);
  Chunk upper(std::make_move_iterator(middle), std::make_move_iterator(chunk.end()));
  chunk.erase(middle, chunk.end());
  chunks_.insert(chunks_.begin() + static_cast<std::ptrdiff_t>(position.chunk) + 1,
                 std::move(upper));
}

void OrderedRows::Erase(Position position) {
  Chunk& chunk = chunks_[position.chunk];
  chunk.erase(chunk.begin() + static_cast<std::ptrdiff_t>(position.offset));
  if (chunk.size() >= kChunkRowsMax / 4) return;
  const auto here = chunks_.begin() + static_cast<std::ptrdiff_t>(position.chunk);
  const auto next = here + 1;
  if (chunk.empty()) {
    chunks_.erase(here);
  } else if (next != chunks_.end() && chunk.size() + next->size() <= kChunkRowsMax / 2) {
    chunk.insert(chunk.end(), std::make_move_iterator(next->begin()),
                 std::make_move_iterator(next->end()));
    chunks_.erase(next);
  }
}

}  // namespace tidemark::store
