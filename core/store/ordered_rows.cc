#include "core/store/ordered_rows.h"

#include <string_view>
#include <utility>

#include "core/base/check.h"

namespace tidemark::store {
namespace {

using model::Row;
using model::Value;
using model::ValueKind;

constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63;

// The first eight bytes, compared as text is.
std::uint64_t LeadOfText(std::string_view text) {
  std::uint64_t lead = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    lead = lead << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0u);
  }
  return lead;
}

// Positive doubles are ordered as their bits are, negative ones the other way round.
std::uint64_t LeadOfNumber(double number) {
  const auto bits = __builtin_bit_cast(std::uint64_t, number);
  return (bits & kSignBit) != 0 ? ~bits : bits | kSignBit;
}

std::uint64_t AscendingLead(const Value& value) {
  switch (value.kind()) {
    case ValueKind::kNull:
      return 0;
    case ValueKind::kBoolean:
      return value.boolean() ? 1 : 0;
    case ValueKind::kBigint:
      return static_cast<std::uint64_t>(value.bigint()) ^ kSignBit;
    case ValueKind::kNumber:
      return LeadOfNumber(value.number());
    case ValueKind::kString:
      return LeadOfText(value.string());
    case ValueKind::kJson:
      return LeadOfText(value.json());
  }
  TIDEMARK_CHECK(false);
}

}  // namespace

OrderedRows::OrderedRows(query::Ordering ordering, const std::vector<const Row*>& rows)
    : ordering_(std::move(ordering)) {
  std::vector<Entry> entries;
  entries.reserve(rows.size());
  const model::ColumnIndex first = ordering_.front().column;
  for (const Row* row : rows) entries.push_back({Lead((*row)[first]), row});
  std::sort(entries.begin(), entries.end(), [this](const Entry& a, const Entry& b) {
    return a.lead != b.lead ? a.lead < b.lead : query::CompareRows(ordering_, *a.row, *b.row) < 0;
  });
  // Not full, so that the first inserts do not split every chunk.
  constexpr std::size_t kFilled = kChunkRowsMax * 3 / 4;
  chunks_.reserve(entries.size() / kFilled + 1);
  for (std::size_t begin = 0; begin < entries.size(); begin += kFilled) {
    const std::size_t end = std::min(begin + kFilled, entries.size());
    chunks_.emplace_back(entries.begin() + static_cast<std::ptrdiff_t>(begin),
                         entries.begin() + static_cast<std::ptrdiff_t>(end));
  }
}

std::uint64_t OrderedRows::Lead(const Value& first) const {
  const std::uint64_t lead = AscendingLead(first);
  return ordering_.front().direction == query::Direction::kAscending ? lead : ~lead;
}

OrderedRows::Position OrderedRows::PositionOf(const Row& row) const {
  return Find(row[ordering_.front().column],
              [&](const Row& other) { return query::CompareRows(ordering_, other, row) < 0; });
}

void OrderedRows::Insert(const Row* row) {
  Position position = PositionOf(*row);
  if (position.chunk == chunks_.size()) {  // behind the last row
    if (chunks_.empty()) chunks_.emplace_back();
    position = {chunks_.size() - 1, chunks_.back().size()};
  }
  Chunk& chunk = chunks_[position.chunk];
  chunk.insert(chunk.begin() + static_cast<std::ptrdiff_t>(position.offset),
               Entry{Lead((*row)[ordering_.front().column]), row});
  if (chunk.size() <= kChunkRowsMax) return;
  // Rows that arrive in order leave full chunks behind, others half full ones.
  const bool at_end = position.chunk + 1 == chunks_.size() && position.offset + 1 == chunk.size();
  const auto middle =
      at_end ? chunk.end() - 1 : chunk.begin() + static_cast<std::ptrdiff_t>(chunk.size() / 2);
  Chunk upper(middle, chunk.end());
  chunk.erase(middle, chunk.end());
  chunks_.insert(chunks_.begin() + static_cast<std::ptrdiff_t>(position.chunk) + 1,
                 std::move(upper));
}

void OrderedRows::Erase(const Row* row) {
  const Position position = PositionOf(*row);
  TIDEMARK_CHECK(position.chunk < chunks_.size() &&
                 chunks_[position.chunk][position.offset].row == row);
  Chunk& chunk = chunks_[position.chunk];
  chunk.erase(chunk.begin() + static_cast<std::ptrdiff_t>(position.offset));
  if (chunk.size() >= kChunkRowsMax / 4) return;
  const auto here = chunks_.begin() + static_cast<std::ptrdiff_t>(position.chunk);
  const auto next = here + 1;
  if (chunk.empty()) {
    chunks_.erase(here);
  } else if (next != chunks_.end() && chunk.size() + next->size() <= kChunkRowsMax / 2) {
    chunk.insert(chunk.end(), next->begin(), next->end());
    chunks_.erase(next);
  }
}

}  // namespace tidemark::store
