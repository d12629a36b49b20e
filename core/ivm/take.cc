#include "core/ivm/take.h"

#include <algorithm>
#include <utility>

namespace tidemark::ivm {

using model::NetChanges;
using model::Row;
using model::RowChange;

// How far a batch may overfill the window before it is cut: a cut may cost a Fetch that the rest of
// the batch would have spared.
constexpr std::size_t kSlackRows = 8;

Take::Take(std::unique_ptr<Operator> input, const model::Schema& schema, const query::Query& query)
    : input_(std::move(input)),
      table_(schema.table(query.table)),
      table_index_(query.table),
      ordering_(query.order_by),
      limit_(query.limit.value()) {}

Status Take::Fetch(const std::optional<store::Start>& start, RowVisitor visit) const {
  if (limit_ == 0) return Ok{};
  if (!start) {
    std::size_t left = limit_;
    return input_->Fetch(start, [&](const Row& row) { return visit(row) && --left > 0; });
  }
  // The window is that of the state, wherever the reader starts: it has to be read from its
  // beginning.
  std::size_t left = limit_;
  return input_->Fetch(std::nullopt, [&](const Row& row) {
    const auto order = query::CompareRows(ordering_, row, start->row);
    const bool before = start->inclusive ? order < 0 : order <= 0;
    return (before || visit(row)) && --left > 0;
  });
}

Status Take::Hydrate(FunctionRef<void(const Row&)> visit) {
  window_.clear();
  if (limit_ == 0) return Ok{};
  return input_->Fetch(std::nullopt, [&](const Row& row) {
    window_.push_back(row);
    visit(row);
    return window_.size() < limit_;
  });
}

Status Take::Advance(const model::ChangeSet& changes, ChangeVisitor emit) {
  if (limit_ == 0) return Ok{};
  Row bound = window_.size() == limit_ ? window_.back() : Row();
  NetChanges net;
  TIDEMARK_TRY(
      input_->Advance(changes, [&](const RowChange& change) { Apply(change, bound, net); }));
  if (window_.size() > limit_) Truncate(net);
  if (window_.size() < limit_ && bound) TIDEMARK_TRY(Refill(bound, net));
  if (net.empty()) return Ok{};
  for (const RowChange& change : net.Take()) emit(change);
  return Ok{};
}

std::size_t Take::PositionOf(const Row& row) const {
  const auto place = std::partition_point(window_.begin(), window_.end(), [&](const Row& other) {
    return query::CompareRows(ordering_, other, row) < 0;
  });
  return static_cast<std::size_t>(place - window_.begin());
}

bool Take::Holds(std::size_t position, const Row& row) const {
  return position < window_.size() && query::CompareRows(ordering_, window_[position], row) == 0;
}

// Step 1. An edit that stays at its place is one replacement.
void Take::Apply(const RowChange& change, Row& bound, NetChanges& net) {
  const auto at = [this](std::size_t position) {
    return window_.begin() + static_cast<std::ptrdiff_t>(position);
  };
  if (change.before) {
    const std::size_t position = PositionOf(change.before);
    if (Holds(position, change.before)) {
      if (change.after && Holds(position, change.after)) {
        net.Add(RowChange{change.table, change.key, window_[position], change.after});
        window_[position] = change.after;
        return;
      }
      net.Add(RowChange{change.table, change.key, window_[position], Row()});
      window_.erase(at(position));
    }
  }
  if (!change.after) return;
  if (bound && query::CompareRows(ordering_, change.after, bound) > 0) return;
  const std::size_t position = PositionOf(change.after);
  if (Holds(position, change.after)) {
    net.Add(RowChange{change.table, change.key, window_[position], change.after});
    window_[position] = change.after;
  } else {
    net.Add(RowChange{change.table, change.key, Row(), change.after});
    window_.insert(at(position), change.after);
    if (window_.size() > 2 * limit_ + kSlackRows) {
      Truncate(net);
      bound = window_.back();
    }
  }
}

// Step 2.
void Take::Truncate(NetChanges& net) {
  while (window_.size() > limit_) {
    net.Add(Change(std::move(window_.back()), Row()));
    window_.pop_back();
  }
}

// Step 3.
Status Take::Refill(const Row& bound, NetChanges& net) {
  return input_->Fetch(store::Start{bound, false}, [&](const Row& row) {
    net.Add(Change(Row(), row));
    window_.push_back(row);
    return window_.size() < limit_;
  });
}

RowChange Take::Change(Row before, Row after) const {
  RowKey key = model::KeyOf(table_, before ? before : after);
  return RowChange{table_index_, std::move(key), std::move(before), std::move(after)};
}

}  // namespace tidemark::ivm
