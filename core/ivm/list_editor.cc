#include "core/ivm/list_editor.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"

namespace tidemark::ivm {

using model::Row;
using Kind = ViewEdit::Kind;

std::size_t PositionIn(const query::Ordering& ordering, const std::vector<Row>& rows,
                       const Row& row, std::size_t from) {
  const auto begin = rows.begin() + static_cast<std::ptrdiff_t>(from);
  const auto place = std::partition_point(begin, rows.end(), [&](const Row& other) {
    return query::CompareRows(ordering, other, row) < 0;
  });
  return static_cast<std::size_t>(place - rows.begin());
}

void ListEditor::Apply(std::span<const model::RowChange> changes) {
  std::vector<Row> leaving;
  std::vector<Row> entering;
  for (const model::RowChange& change : changes) {
    if (change.before && change.after &&
        query::CompareRows(ordering_, change.before, change.after) == 0) {
      Replace(change.before, change.after);
      continue;
    }
    if (change.before) leaving.push_back(change.before);
    if (change.after) entering.push_back(change.after);
  }
  RemoveAll(std::move(leaving));
  InsertAll(std::move(entering));
}

void ListEditor::Record(Kind kind, std::size_t index, const Row& row) {
  if (edits_ == nullptr) return;
  edits_->push_back({kind, static_cast<std::uint32_t>(index), row, list_, {}});
}

void ListEditor::Replace(const Row& before, const Row& after) {
  const std::size_t index = PositionIn(ordering_, rows_, before);
  TIDEMARK_CHECK(Holds(index, before));
  rows_[index] = after;
  Record(Kind::kReplace, index, after);
}

void ListEditor::RemoveAll(std::vector<Row> leaving) {
  if (leaving.empty()) return;
  Sort(leaving);
  std::size_t to = PositionIn(ordering_, rows_, leaving.front());
  std::size_t from = to;
  for (std::size_t i = 0; i < leaving.size(); ++i) {
    // Up to here the i rows before are gone already.
    const std::size_t index = PositionIn(ordering_, rows_, leaving[i], from);
    TIDEMARK_CHECK(Holds(index, leaving[i]));
    Record(Kind::kRemove, index - i, Row());
    to = Move(from, index, to);
    from = index + 1;
  }
  to = Move(from, rows_.size(), to);
  rows_.resize(to);
}

void ListEditor::InsertAll(std::vector<Row> entering) {
  if (entering.empty()) return;
  Sort(entering);
  std::vector<std::size_t> positions;  // among the rows that were there
  positions.reserve(entering.size());
  for (const Row& row : entering) {
    positions.push_back(
        PositionIn(ordering_, rows_, row, positions.empty() ? 0 : positions.back()));
    Record(Kind::kInsert, positions.back() + positions.size() - 1, row);
  }
  std::size_t from = rows_.size();
  std::size_t to = from + entering.size();
  rows_.resize(to);
  for (std::size_t i = entering.size(); i-- > 0;) {
    while (from > positions[i]) rows_[--to] = std::move(rows_[--from]);
    rows_[--to] = std::move(entering[i]);
  }
}

void ListEditor::Sort(std::vector<Row>& rows) const {
  std::sort(rows.begin(), rows.end(),
            [this](const Row& a, const Row& b) { return query::CompareRows(ordering_, a, b) < 0; });
}

bool ListEditor::Holds(std::size_t index, const Row& row) const {
  return index < rows_.size() && query::CompareRows(ordering_, rows_[index], row) == 0;
}

// Moves [from, end) down to `to`; gives the place behind them.
std::size_t ListEditor::Move(std::size_t from, std::size_t end, std::size_t to) {
  for (; from < end; ++from, ++to) {
    if (from != to) rows_[to] = std::move(rows_[from]);
  }
  return to;
}

}  // namespace tidemark::ivm
