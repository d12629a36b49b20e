#include "core/ivm/window.h"

#include <algorithm>
#include <utility>

namespace tidemark::ivm {

using model::NetChanges;
using model::Row;
using model::RowChange;

// How far a batch may overfill the window before it is cut: a cut may cost a Fetch that the rest of
// the batch would have spared.
constexpr std::size_t kSlackRows = 8;

Status Window::Hydrate(WindowInput input) {
  rows_.clear();
  if (limit_ == 0) return Ok{};
  return input(std::nullopt, [this](const Row& row) {
    rows_.push_back(row);
    return rows_.size() < limit_;
  });
}

Status Window::Advance(std::span<const RowChange> changes, WindowInput input, NetChanges& net) {
  if (limit_ == 0) return Ok{};
  Row bound = rows_.size() == limit_ ? rows_.back() : Row();
  for (const RowChange& change : changes) Apply(change, bound, net);
  if (rows_.size() > limit_) Truncate(net);
  if (rows_.size() < limit_ && bound) return Refill(bound, input, net);
  return Ok{};
}

std::size_t Window::PositionOf(const Row& row) const {
  const auto place = std::partition_point(rows_.begin(), rows_.end(), [&](const Row& other) {
    return query::CompareRows(shape_.ordering, other, row) < 0;
  });
  return static_cast<std::size_t>(place - rows_.begin());
}

bool Window::Holds(std::size_t position, const Row& row) const {
  return position < rows_.size() && query::CompareRows(shape_.ordering, rows_[position], row) == 0;
}

// Step 1. An edit that stays at its place is one replacement.
void Window::Apply(const RowChange& change, Row& bound, NetChanges& net) {
  const auto at = [this](std::size_t position) {
    return rows_.begin() + static_cast<std::ptrdiff_t>(position);
  };
  if (change.before) {
    const std::size_t position = PositionOf(change.before);
    if (Holds(position, change.before)) {
      if (change.after && Holds(position, change.after)) {
        net.Add(RowChange{shape_.table, change.key, rows_[position], change.after});
        rows_[position] = change.after;
        return;
      }
      net.Add(RowChange{shape_.table, change.key, rows_[position], Row()});
      rows_.erase(at(position));
    }
  }
  if (!change.after) return;
  if (bound && query::CompareRows(shape_.ordering, change.after, bound) > 0) return;
  const std::size_t position = PositionOf(change.after);
  if (Holds(position, change.after)) {
    net.Add(RowChange{shape_.table, change.key, rows_[position], change.after});
    rows_[position] = change.after;
  } else {
    net.Add(RowChange{shape_.table, change.key, Row(), change.after});
    rows_.insert(at(position), change.after);
    if (rows_.size() > 2 * limit_ + kSlackRows) {
      Truncate(net);
      bound = rows_.back();
    }
  }
}

// Step 2.
void Window::Truncate(NetChanges& net) {
  while (rows_.size() > limit_) {
    net.Add(Change(std::move(rows_.back()), Row()));
    rows_.pop_back();
  }
}

// Step 3.
Status Window::Refill(const Row& bound, WindowInput input, NetChanges& net) {
  return input(store::Start{bound, false}, [&](const Row& row) {
    net.Add(Change(Row(), row));
    rows_.push_back(row);
    return rows_.size() < limit_;
  });
}

RowChange Window::Change(Row before, Row after) const {
  RowKey key = shape_.KeyOf(before ? before : after);
  return RowChange{shape_.table, std::move(key), std::move(before), std::move(after)};
}

}  // namespace tidemark::ivm
