#include "core/client/provisional_rows.h"

#include <iterator>
#include <utility>

namespace tidemark::client {
namespace {

// Holds the rows in base as a query's pipeline holds its own; no pipeline of a server is called so.
const PipelineID& Holder() {
  static const PipelineID kHolder("provisional");
  return kHolder;
}

}  // namespace

ProvisionalRows::ProvisionalRows(const model::Schema& schema, const QuerySet& queries,
                                 BaseRows& base)
    : schema_(schema), queries_(queries), base_(base) {
  base_.Hold(Holder());
}

/// Of no version: what was predicted never stands in the way of what was read, however long ago.
void ProvisionalRows::Apply(SegmentRow row) {
  base_.Apply(SegmentRows{Holder(), /*position=*/0, /*reset=*/false, {}, {std::move(row)}, {}});
}

void ProvisionalRows::Drop(Rows::iterator row) {
  Apply(SegmentRow{row->first, {}, {}});
  rows_.erase(row);
}

bool ProvisionalRows::IsSettled(const TableKey& address, const model::Row& row) const {
  return base_.IsHeldBeside(Holder(), address) || queries_.CoversRow(address.table, row);
}

void ProvisionalRows::Keep(const model::RowChange& effect) {
  const TableKey address{effect.table, effect.key};
  std::set<QueryKey> waiting = queries_.Waiting();
  if (!effect.after || waiting.empty() || IsSettled(address, effect.after)) {
    const auto known = rows_.find(address);
    if (known != rows_.end()) Drop(known);
    return;
  }
  const Hash128 hash = HashRow(schema_.table(effect.table).name, effect.after);
  Apply(SegmentRow{address, effect.after, hash});
  rows_[address] = Kept{effect.after, std::move(waiting)};
}

void ProvisionalRows::Review() {
  if (rows_.empty()) return;
  const std::set<QueryKey> waiting = queries_.Waiting();
  for (auto next = rows_.begin(); next != rows_.end();) {
    const auto row = next++;
    std::set<QueryKey>& mine = row->second.waiting;
    for (auto key = mine.begin(); key != mine.end();) {
      key = waiting.count(*key) == 0 ? mine.erase(key) : std::next(key);
    }
    if (mine.empty() || IsSettled(row->first, row->second.row)) Drop(row);
  }
}

}  // namespace tidemark::client
