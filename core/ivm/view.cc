#include "core/ivm/view.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace tidemark::ivm {
namespace {

using model::Row;
using Kind = ViewEdit::Kind;

// A batch's rows are taken out in one pass and put in in another, so that a batch of m changes to n
// rows moves n rows twice, not m times n.
class Editor {
 public:
  Editor(const query::Ordering& ordering, std::vector<Row>& rows, std::vector<ViewEdit>& edits)
      : ordering_(ordering), rows_(rows), edits_(edits) {}

  void Replace(const Row& before, const Row& after) {
    const std::size_t index = PositionOf(before);
    TIDEMARK_CHECK(Holds(index, before));
    rows_[index] = after;
    edits_.push_back({Kind::kReplace, static_cast<std::uint32_t>(index), after});
  }

  void RemoveAll(std::vector<Row> leaving) {
    if (leaving.empty()) return;
    Sort(leaving);
    std::size_t to = PositionOf(leaving.front());
    std::size_t from = to;
    for (std::size_t i = 0; i < leaving.size(); ++i) {
      // Up to here the i rows before are gone already.
      const std::size_t index = PositionFrom(from, leaving[i]);
      TIDEMARK_CHECK(Holds(index, leaving[i]));
      edits_.push_back({Kind::kRemove, static_cast<std::uint32_t>(index - i), Row()});
      to = Move(from, index, to);
      from = index + 1;
    }
    to = Move(from, rows_.size(), to);
    rows_.resize(to);
  }

  void InsertAll(std::vector<Row> entering) {
    if (entering.empty()) return;
    Sort(entering);
    std::vector<std::size_t> positions;  // among the rows that were there
    positions.reserve(entering.size());
    for (const Row& row : entering) {
      positions.push_back(PositionFrom(positions.empty() ? 0 : positions.back(), row));
      const std::size_t index = positions.back() + positions.size() - 1;
      edits_.push_back({Kind::kInsert, static_cast<std::uint32_t>(index), row});
    }
    std::size_t from = rows_.size();
    std::size_t to = from + entering.size();
    rows_.resize(to);
    for (std::size_t i = entering.size(); i-- > 0;) {
      while (from > positions[i]) rows_[--to] = std::move(rows_[--from]);
      rows_[--to] = std::move(entering[i]);
    }
  }

 private:
  void Sort(std::vector<Row>& rows) const {
    std::sort(rows.begin(), rows.end(), [this](const Row& a, const Row& b) {
      return query::CompareRows(ordering_, a, b) < 0;
    });
  }

  std::size_t PositionOf(const Row& row) const { return PositionFrom(0, row); }

  std::size_t PositionFrom(std::size_t from, const Row& row) const {
    const auto begin = rows_.begin() + static_cast<std::ptrdiff_t>(from);
    const auto place = std::partition_point(begin, rows_.end(), [&](const Row& other) {
      return query::CompareRows(ordering_, other, row) < 0;
    });
    return static_cast<std::size_t>(place - rows_.begin());
  }

  bool Holds(std::size_t index, const Row& row) const {
    return index < rows_.size() && query::CompareRows(ordering_, rows_[index], row) == 0;
  }

  // Moves [from, end) down to `to`; gives the place behind them.
  std::size_t Move(std::size_t from, std::size_t end, std::size_t to) {
    for (; from < end; ++from, ++to) {
      if (from != to) rows_[to] = std::move(rows_[from]);
    }
    return to;
  }

  const query::Ordering& ordering_;
  std::vector<Row>& rows_;
  std::vector<ViewEdit>& edits_;
};

}  // namespace

View::View(const store::Store& store, query::Query query) : pipeline_(store, std::move(query)) {}

Status View::Hydrate() {
  rows_.clear();
  return pipeline_.Hydrate([this](const Row& row) { rows_.push_back(row); });
}

Result<std::vector<ViewEdit>> View::Advance(const model::ChangeSet& changes) {
  TIDEMARK_ASSIGN_OR_RETURN(const model::ChangeSet delta, pipeline_.Advance(changes));
  const query::Ordering& ordering = query().order_by;
  std::vector<ViewEdit> edits;
  Editor editor(ordering, rows_, edits);
  std::vector<Row> leaving;
  std::vector<Row> entering;
  for (const model::RowChange& change : delta) {
    if (change.before && change.after &&
        query::CompareRows(ordering, change.before, change.after) == 0) {
      editor.Replace(change.before, change.after);
      continue;
    }
    if (change.before) leaving.push_back(change.before);
    if (change.after) entering.push_back(change.after);
  }
  editor.RemoveAll(std::move(leaving));
  editor.InsertAll(std::move(entering));
  return edits;
}

}  // namespace tidemark::ivm
