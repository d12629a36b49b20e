#include "core/store/memory_source.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "core/query/predicate.h"
#include "core/store/ordered_rows.h"

namespace tidemark::store {
namespace {

using model::ColumnIndex;
using model::Row;
using model::Table;
using model::Value;
using query::Ordering;
using query::OrderKey;

// An index costs its table about 20 bytes a row, and a search for each change that moves a row in
// it. A page that asks for ever new orderings is not given ever new indexes: beyond this many a
// fetch sorts what it finds.
constexpr std::size_t kIndexesMax = 16;
// Without an index that begins with its columns, a constraint costs a scan for each of its values:
// it gets one, in no particular order, when there is no room for orderings any more.
constexpr std::size_t kConstraintIndexesMax = 16;

bool Names(const Ordering& ordering, ColumnIndex column) {
  return std::any_of(ordering.begin(), ordering.end(),
                     [column](const OrderKey& key) { return key.column == column; });
}

Ordering WithoutRepeats(const Ordering& ordering) {
  Ordering result;
  for (const OrderKey& key : ordering) {
    if (!Names(result, key.column)) result.push_back(key);
  }
  return result;
}

// Through which index a fetch reads: the rows whose first `fixed.size()` keys equal `fixed`.
struct Path {
  const Ordering& ordering;
  std::span<const Value> fixed;
};

struct ChosenPath {
  Ordering ordering;
  std::vector<Value> fixed;
};

// What a condition demands of each column, found when asked for.
class Required {
 public:
  Required(const Table& table, const std::optional<query::Condition>& where) {
    if (!where) return;
    values_.reserve(table.columns.size());
    for (ColumnIndex i = 0; i < table.columns.size(); ++i) {
      values_.push_back(query::RequiredValue(where, i));
    }
  }

  const std::optional<Value>& operator[](ColumnIndex column) const {
    return values_.empty() ? nothing_ : values_[column];
  }

  // How many of the first `columns` have one value.
  std::size_t LeadingOf(const std::vector<ColumnIndex>& columns) const {
    std::size_t count = 0;
    while (count < columns.size() && (*this)[columns[count]]) ++count;
    return count;
  }

 private:
  std::vector<std::optional<Value>> values_;  // empty without a condition
  std::optional<Value> nothing_;
};

// The declared index, unique or primary key of which the condition fixes the most columns, followed
// by the query's own order; the query's order alone if it does as well.
ChosenPath ChoosePath(const Table& table, const Ordering& order_by, const Required& required) {
  ChosenPath path;
  path.ordering = WithoutRepeats(order_by);
  std::size_t best = 0;
  while (best < path.ordering.size() && required[path.ordering[best].column]) ++best;
  std::vector<ColumnIndex> lead;
  const auto consider = [&](const std::vector<ColumnIndex>& columns) {
    const std::size_t count = required.LeadingOf(columns);
    if (count <= best) return;
    best = count;
    lead.assign(columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(count));
  };
  consider(table.primary_key);
  for (const auto& columns : table.indexes) consider(columns);
  for (const auto& columns : table.uniques) consider(columns);
  if (!lead.empty()) {
    Ordering ordering;
    for (const ColumnIndex column : lead) ordering.push_back({column});
    ordering.insert(ordering.end(), path.ordering.begin(), path.ordering.end());
    path.ordering = WithoutRepeats(ordering);
  }
  for (std::size_t i = 0; i < best; ++i) {
    path.fixed.push_back(*required[path.ordering[i].column]);
  }
  return path;
}

std::strong_ordering InDirection(const OrderKey& key, std::strong_ordering order) {
  return key.direction == query::Direction::kAscending ? order : 0 <=> order;
}

std::strong_ordering CompareFixed(const Path& path, const Row& row) {
  for (std::size_t i = 0; i < path.fixed.size(); ++i) {
    const OrderKey& key = path.ordering[i];
    const auto order = InDirection(key, model::CompareValues(row[key.column], path.fixed[i]));
    if (order != 0) return order;
  }
  return std::strong_ordering::equal;
}

// Behind the fixed columns.
std::strong_ordering CompareRest(const Path& path, const Row& a, const Row& b) {
  for (std::size_t i = path.fixed.size(); i < path.ordering.size(); ++i) {
    const OrderKey& key = path.ordering[i];
    const auto order = InDirection(key, model::CompareValues(a[key.column], b[key.column]));
    if (order != 0) return order;
  }
  return std::strong_ordering::equal;
}

bool IsBefore(std::strong_ordering order, const Start& start) {
  return start.inclusive ? order < 0 : order <= 0;
}

// The columns of a constraint, then `order_by`.
Ordering ConstrainedOrdering(std::span<const ColumnIndex> columns, const Ordering& order_by) {
  Ordering ordering;
  for (const ColumnIndex column : columns) ordering.push_back({column});
  ordering.insert(ordering.end(), order_by.begin(), order_by.end());
  return WithoutRepeats(ordering);
}

bool HasNull(std::span<const Value> values) {
  return std::any_of(values.begin(), values.end(), [](const Value& v) { return v.is_null(); });
}

bool Satisfies(const Constraint& constraint, const Row& row) {
  for (std::size_t i = 0; i < constraint.columns.size(); ++i) {
    if (!(row[constraint.columns[i]] == constraint.values[i])) return false;
  }
  return true;
}

// Whether a start says where to begin among the rows of the path: it does if it has the fixed
// values wherever they take part in the query's order.
bool StartsWithin(const Path& path, const Ordering& order_by, const Row& start) {
  for (std::size_t i = 0; i < path.fixed.size(); ++i) {
    const ColumnIndex column = path.ordering[i].column;
    if (Names(order_by, column) && !(start[column] == path.fixed[i])) return false;
  }
  return true;
}

// Tests and counts what a fetch gives out.
class Output {
 public:
  Output(const query::Query& query, FunctionRef<bool(const Row&)> visit)
      : predicate_(query.where), left_(query.limit), visit_(visit) {}

  bool full() const { return left_ == 0u; }
  // False: no more rows are wanted.
  bool Add(const Row& row) {
    if (!predicate_.Test(row)) return true;
    if (!visit_(row)) return false;
    return !left_ || --*left_ > 0;
  }

 private:
  query::Predicate predicate_;
  std::optional<std::uint32_t> left_;
  FunctionRef<bool(const Row&)> visit_;
};

}  // namespace

class MemorySource final : public Source {
 public:
  explicit MemorySource(const Table& table) : table_(table) {}

  Row Find(const RowKey& key) const {
    const auto found = rows_.find(key);
    return found == rows_.end() ? Row() : found->second;
  }

  Result<Row> Get(const RowKey& key) const override { return Find(key); }

  Status Fetch(const FetchRequest& request, FunctionRef<bool(const Row&)> visit) const override {
    const query::Query& query = request.query;
    Output output(query, visit);
    if (output.full()) return Ok{};
    if (!request.constraint.columns.empty()) {
      FetchConstrained(request, output);
      return Ok{};
    }
    const Required required(table_, query.where);
    if (required.LeadingOf(table_.primary_key) == table_.primary_key.size()) {
      FetchKey(request, required, output);
      return Ok{};
    }
    const ChosenPath path = ChoosePath(table_, query.order_by, required);
    const OrderedRows* index = FindOrBuild(path.ordering, kIndexesMax);
    if (index != nullptr) {
      FetchRange(*index, {path.ordering, path.fixed}, request, output);
    } else {
      FetchSorted(AllRows(), request, output);
    }
    return Ok{};
  }

  Row Apply(const RowKey& key, Row after) {
    if (!after) return Erase(key);
    const auto [place, inserted] = rows_.try_emplace(key, after);
    Row& row = place->second;
    if (inserted) {
      for (const auto& index : indexes_) index->Insert(&row);
      return Row();
    }
    // An index in whose order the row stays refers to its place, where the new row will be.
    std::uint32_t moved = 0;
    for (std::size_t i = 0; i < indexes_.size(); ++i) {
      if (indexes_[i]->SameOrder(row, after)) continue;
      indexes_[i]->Erase(&row);
      moved |= 1u << i;
    }
    Row before = std::exchange(row, std::move(after));
    for (std::size_t i = 0; i < indexes_.size(); ++i) {
      if ((moved >> i & 1u) != 0) indexes_[i]->Insert(&row);
    }
    return before;
  }

  std::size_t size() const { return rows_.size(); }

  void ForEach(FunctionRef<void(const RowKey&, const Row&)> visit) const {
    for (const auto& [key, row] : rows_) visit(key, row);
  }

 private:
  // Null: there are as many indexes as there may be, and this is not one of them.
  const OrderedRows* FindOrBuild(const Ordering& ordering, std::size_t indexes_max) const {
    for (const auto& index : indexes_) {
      if (index->ordering() == ordering) return index.get();
    }
    if (indexes_.size() >= indexes_max) return nullptr;
    indexes_.push_back(std::make_unique<OrderedRows>(ordering, AllRows()));
    return indexes_.back().get();
  }

  Row Erase(const RowKey& key) {
    const auto found = rows_.find(key);
    if (found == rows_.end()) return Row();
    for (const auto& index : indexes_) index->Erase(&found->second);
    Row before = std::move(found->second);
    rows_.erase(found);
    return before;
  }

  std::vector<const Row*> AllRows() const {
    std::vector<const Row*> rows;
    rows.reserve(rows_.size());
    for (const auto& entry : rows_) rows.push_back(&entry.second);
    return rows;
  }

  void FetchKey(const FetchRequest& request, const Required& required, Output& output) const {
    std::vector<Value> values;
    for (const ColumnIndex column : table_.primary_key) values.push_back(*required[column]);
    const Row row = Find(model::KeyFromValues(values));
    if (!row) return;
    if (request.start) {
      const auto order = query::CompareRows(request.query.order_by, row, request.start->row);
      if (IsBefore(order, *request.start)) return;
    }
    (void)output.Add(row);
  }

  static void FetchRange(const OrderedRows& index, const Path& path, const FetchRequest& request,
                         Output& output) {
    const Start* start = request.start ? &*request.start : nullptr;
    const Ordering& order_by = request.query.order_by;
    const bool seek = start != nullptr && StartsWithin(path, order_by, start->row);
    OrderedRows::Position position;
    if (!path.fixed.empty() || seek) {
      const Value& first =
          path.fixed.empty() ? start->row[path.ordering.front().column] : path.fixed.front();
      position = index.Find(first, [&](const Row& row) {
        const auto order = CompareFixed(path, row);
        if (order != 0 || !seek) return order < 0;
        return IsBefore(CompareRest(path, row, start->row), *start);
      });
    }
    while (const Row* row = index.Next(position)) {
      if (CompareFixed(path, *row) != 0) return;
      if (start != nullptr && !seek &&
          IsBefore(query::CompareRows(order_by, *row, start->row), *start)) {
        continue;
      }
      if (!output.Add(*row)) return;
    }
  }

  static void FetchSorted(const std::vector<const Row*>& rows, const FetchRequest& request,
                          Output& output) {
    const OrderedRows sorted(request.query.order_by, rows);
    FetchRange(sorted, {sorted.ordering(), {}}, request, output);
  }

  // How a constraint on some columns is read in some order: remembered, because a level asks it for
  // each of its parent's rows.
  struct ConstrainedPath {
    std::vector<ColumnIndex> columns;
    Ordering order_by;
    std::vector<std::size_t> key;  // where among `columns` the primary key's are, if all are there
    const OrderedRows* index = nullptr;  // begins with `columns`
    bool ordered = false;                // and goes on with `order_by`
  };

  const ConstrainedPath& PathOf(const FetchRequest& request) const {
    const std::span<const ColumnIndex> columns = request.constraint.columns;
    for (const auto& path : constrained_paths_) {
      if (std::equal(columns.begin(), columns.end(), path->columns.begin(), path->columns.end()) &&
          path->order_by == request.query.order_by) {
        return *path;
      }
    }
    // A page that asks ever new orderings starts over.
    if (constrained_paths_.size() == kConstrainedPathsMax) constrained_paths_.clear();
    auto path = std::make_unique<ConstrainedPath>();
    path->columns.assign(columns.begin(), columns.end());
    path->order_by = request.query.order_by;
    for (const ColumnIndex key : table_.primary_key) {
      const auto found = std::find(columns.begin(), columns.end(), key);
      if (found != columns.end()) {
        path->key.push_back(static_cast<std::size_t>(found - columns.begin()));
      }
    }
    if (path->key.size() != table_.primary_key.size()) {
      path->index = FindOrBuild(ConstrainedOrdering(columns, path->order_by), kIndexesMax);
      path->ordered = path->index != nullptr;
      if (!path->ordered) path->index = FindOrBuildAnyOrder(columns);
    }
    constrained_paths_.push_back(std::move(path));
    return *constrained_paths_.back();
  }

  const OrderedRows* FindOrBuildAnyOrder(std::span<const ColumnIndex> columns) const {
    for (const auto& index : indexes_) {
      const Ordering& ordering = index->ordering();
      std::size_t i = 0;
      while (i < columns.size() && i < ordering.size() && ordering[i].column == columns[i]) ++i;
      if (i == columns.size()) return index.get();
    }
    return FindOrBuild(ConstrainedOrdering(columns, query::TotalOrdering(table_, {})),
                       kIndexesMax + kConstraintIndexesMax);
  }

  void FetchConstrained(const FetchRequest& request, Output& output) const {
    const Constraint& constraint = request.constraint;
    if (HasNull(constraint.values)) return;
    const ConstrainedPath& path = PathOf(request);
    if (path.key.size() == table_.primary_key.size()) {
      FetchConstrainedKey(path, request, output);
    } else if (path.ordered) {
      FetchRange(*path.index, {path.index->ordering(), constraint.values}, request, output);
    } else {
      std::vector<const Row*> rows;
      if (path.index != nullptr) {
        const Path range{path.index->ordering(), constraint.values};
        auto position = path.index->Find(constraint.values.front(), [&](const Row& row) {
          return CompareFixed(range, row) < 0;
        });
        const Row* row = nullptr;
        while ((row = path.index->Next(position)) != nullptr && CompareFixed(range, *row) == 0) {
          rows.push_back(row);
        }
      } else {
        for (const auto& entry : rows_) {
          if (Satisfies(constraint, entry.second)) rows.push_back(&entry.second);
        }
      }
      FetchSorted(rows, request, output);
    }
  }

  void FetchConstrainedKey(const ConstrainedPath& path, const FetchRequest& request,
                           Output& output) const {
    std::vector<Value> values;
    values.reserve(path.key.size());
    for (const std::size_t position : path.key) {
      values.push_back(request.constraint.values[position]);
    }
    const auto found = rows_.find(model::KeyFromValues(values));
    if (found == rows_.end() || !Satisfies(request.constraint, found->second)) return;
    const Row& row = found->second;
    if (request.start &&
        IsBefore(query::CompareRows(request.query.order_by, row, request.start->row),
                 *request.start)) {
      return;
    }
    (void)output.Add(row);
  }

  static constexpr std::size_t kConstrainedPathsMax = 64;

  const Table& table_;
  std::unordered_map<RowKey, Row> rows_;  // indexes refer to the rows in its nodes
  mutable std::vector<std::unique_ptr<OrderedRows>> indexes_;  // built by the fetch that needs one
  mutable std::vector<std::unique_ptr<ConstrainedPath>> constrained_paths_;
};

MemoryStore::MemoryStore(const model::Schema& schema) : schema_(schema) {
  for (const Table& table : schema.tables()) {
    sources_.push_back(std::make_unique<MemorySource>(table));
  }
}

MemoryStore::~MemoryStore() = default;

const Source& MemoryStore::source(model::TableIndex table) const { return *sources_[table]; }

Row MemoryStore::Get(model::TableIndex table, const RowKey& key) const {
  return sources_[table]->Find(key);
}

Row MemoryStore::Apply(model::TableIndex table, const RowKey& key, Row after) {
  return sources_[table]->Apply(key, std::move(after));
}

void MemoryStore::Apply(const model::ChangeSet& changes) {
  for (const model::RowChange& change : changes) Apply(change.table, change.key, change.after);
}

std::size_t MemoryStore::size(model::TableIndex table) const { return sources_[table]->size(); }

void MemoryStore::ForEach(model::TableIndex table,
                          FunctionRef<void(const RowKey&, const Row&)> visit) const {
  sources_[table]->ForEach(visit);
}

}  // namespace tidemark::store
