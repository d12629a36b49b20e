#include "core/client/group_counts.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/ivm/node_tables.h"
#include "core/query/predicate.h"

namespace tidemark::client {

using ivm::Values;
using model::Row;
using model::RowChange;

GroupCounts::GroupCounts(const OptimisticState& state, const BaseRows& base, PipelineID pipeline,
                         query::Query query)
    : rows_(state), base_(base), pipeline_(std::move(pipeline)), query_(std::move(query)) {
  const model::Schema& schema = state.store().schema();
  auto index = static_cast<model::TableIndex>(schema.tables().size());
  for (ivm::GroupTable& table : ivm::GroupTablesOf(schema, query_)) {
    const query::Query& counted = *table.query;
    Aggregation aggregation{
        index++, table, ivm::GroupArithmetic(*counted.aggregation, schema.table(counted.table)),
        {},      false, {},
        {},      {},    {},
        {}};
    for (const query::Node& node : query::NodesOf(counted)) aggregation.reads.insert(node.table);
    const bool through = table.edge != nullptr && table.edge->through;
    if (through) aggregation.reads.insert(table.edge->through->table);
    aggregation.is_plain = !through && !query::HasExists(counted.where);
    aggregations_.push_back(std::move(aggregation));
  }
  lists_.aggregations.resize(aggregations_.size());
}

void GroupCounts::NoteGroup(const GroupAddress& address) {
  if (ivm::IsNodeTable(address.table)) return;
  for (Aggregation& aggregation : aggregations_) {
    if (aggregation.table.description.name != address.table) continue;
    aggregation.dirty.insert(address.key);
    return;
  }
  if (base_.FindGroup(pipeline_, address) != nullptr) {
    strangers_.emplace(address.table, address.key);
  } else {
    strangers_.erase({address.table, address.key});
  }
}

model::ChangeSet GroupCounts::SyncAll() {
  base_.ForEachGroup(
      pipeline_, [this](const GroupAddress& address, const std::string&) { NoteGroup(address); });
  for (Aggregation& aggregation : aggregations_) {
    for (const RowKey& key : Affected(aggregation)) SyncRow(aggregation, key);
  }
  return RecountDirty();
}

model::ChangeSet GroupCounts::Sync(const std::vector<TableKey>& rows,
                                   const std::vector<GroupAddress>& groups) {
  for (const GroupAddress& address : groups) NoteGroup(address);
  for (Aggregation& aggregation : aggregations_) SyncRows(aggregation, rows);
  return RecountDirty();
}

void GroupCounts::SyncRows(Aggregation& aggregation, const std::vector<TableKey>& rows) {
  if (aggregation.is_plain) {
    for (const TableKey& row : rows) {
      if (row.table == aggregation.table.query->table) SyncRow(aggregation, row.key);
    }
    return;
  }
  const bool read = std::any_of(rows.begin(), rows.end(), [&](const TableKey& row) {
    return aggregation.reads.count(row.table) > 0;
  });
  if (!read) return;
  std::set<RowKey> keys = Affected(aggregation);
  for (const auto& [key, written] : aggregation.written) keys.insert(key);
  for (const RowKey& key : keys) SyncRow(aggregation, key);
}

std::set<RowKey> GroupCounts::Affected(const Aggregation& aggregation) const {
  const model::TableIndex counted = aggregation.table.query->table;
  const model::Table& description = rows_.state().store().schema().table(counted);
  const query::Edge* edge = aggregation.table.edge;
  std::set<RowKey> keys;
  rows_.state().ForEachTouched([&](const TableKey& address, const Row&) {
    if (address.table == counted) keys.insert(address.key);
    if (edge == nullptr || !edge->through || edge->through->table != address.table) return;
    for (const Moment moment : {Moment::kBase, Moment::kNow}) {
      const Row junction = rows_.Get(address, moment);
      if (!junction) continue;
      rows_.Find(counted, ivm::OtherColumns(edge->through->match),
                 ivm::ValuesOf({junction, ivm::OwnColumns(edge->through->match)}), moment,
                 [&](const Row& row) {
                   keys.insert(model::KeyOf(description, row));
                   return true;
                 });
    }
  });
  return keys;
}

// ---- one row ----

std::vector<Values> GroupCounts::MatchesOf(const Aggregation& aggregation, const Row& row,
                                           Moment moment) const {
  const query::Edge* edge = aggregation.table.edge;
  if (edge == nullptr) return {Values()};
  std::vector<Values> matches;
  const ivm::Columns columns = ivm::OtherColumns(edge->match);
  const auto add = [&](const Row& from) {
    Values values = ivm::ValuesOf({from, columns});
    const bool known = std::find(matches.begin(), matches.end(), values) != matches.end();
    if (!known && !ivm::HasNull(values)) matches.push_back(std::move(values));
    return true;
  };
  if (!edge->through) {
    add(row);
  } else {
    const query::Match& onward = edge->through->match;
    rows_.Find(edge->through->table, ivm::OwnColumns(onward),
               ivm::ValuesOf({row, ivm::OtherColumns(onward)}), moment, add);
  }
  return matches;
}

GroupCounts::Version GroupCounts::VersionOf(const Aggregation& aggregation, const RowKey& key,
                                            Moment moment) const {
  const query::Query& query = *aggregation.table.query;
  Version version{rows_.Get(TableKey{query.table, key}, moment), {}};
  if (!version.row || !rows_.Passes(query, version.row, moment)) return version;
  for (Values& group : MatchesOf(aggregation, version.row, moment)) {
    for (const model::ColumnIndex column : query.aggregation->group_by) {
      group.push_back(version.row[column]);
    }
    RowKey group_key = model::KeyFromValues(group);
    version.groups.emplace(std::move(group_key), std::move(group));
  }
  return version;
}

void GroupCounts::SyncRow(Aggregation& aggregation, const RowKey& key) {
  const auto each = [&aggregation](const Written& written, const auto& visit) {
    for (const Version* version : {&written.base, &written.now}) {
      for (const auto& [group, values] : version->groups) {
        visit(group);
        aggregation.dirty.insert(group);
      }
    }
  };
  const auto known = aggregation.written.find(key);
  if (known != aggregation.written.end()) {
    each(known->second, [&](const RowKey& group) {
      const auto writers = aggregation.writers.find(group);
      if (writers == aggregation.writers.end()) return;
      writers->second.erase(key);
      if (writers->second.empty()) aggregation.writers.erase(writers);
    });
    aggregation.written.erase(known);
  }
  const bool touched = rows_.state().IsTouched(TableKey{aggregation.table.query->table, key});
  if (!touched && aggregation.is_plain) return;
  Written written{VersionOf(aggregation, key, Moment::kBase),
                  VersionOf(aggregation, key, Moment::kNow)};
  if (!touched && written.base.groups == written.now.groups) return;
  each(written, [&](const RowKey& group) { aggregation.writers[group].insert(key); });
  aggregation.written.emplace(key, std::move(written));
}

// ---- one group ----

Result<Row> GroupCounts::Count(const Aggregation& aggregation, const RowKey& group) const {
  const ivm::GroupTable& table = aggregation.table;
  const ivm::GroupArithmetic& arithmetic = aggregation.arithmetic;
  ivm::GroupState state = arithmetic.Nothing();
  Values values;
  if (const std::string* json = base_.FindGroup(pipeline_, {table.description.name, group})) {
    TIDEMARK_ASSIGN_OR_RETURN(const Row row, model::RowFromJsonText(table.description, *json));
    TIDEMARK_ASSIGN_OR_RETURN(state, arithmetic.ReadState(row, table.key_columns));
    const auto begin = row.values().begin();
    values.assign(begin, begin + static_cast<std::ptrdiff_t>(table.key_columns));
  }
  const auto writers = aggregation.writers.find(group);
  if (writers != aggregation.writers.end()) {
    for (const RowKey& key : writers->second) {
      const Written& written = aggregation.written.at(key);
      const auto was = written.base.groups.find(group);
      const auto is = written.now.groups.find(group);
      if (was != written.base.groups.end()) arithmetic.Discount(state, written.base.row);
      if (is != written.now.groups.end()) arithmetic.Count(state, written.now.row, 1);
      values = was != written.base.groups.end() ? was->second : is->second;
    }
  }
  if (state.rows <= 0) return Row();
  for (ivm::Tally& tally : state.tallies) tally.values = std::max<std::int64_t>(tally.values, 0);
  TIDEMARK_TRY(arithmetic.AppendValues(state, values));
  return Row::Make(std::move(values));
}

void GroupCounts::Recount(Aggregation& aggregation, const RowKey& group,
                          model::ChangeSet& changes) {
  aggregation.failures.erase(group);
  Row after;
  Result<Row> counted = Count(aggregation, group);
  if (counted.ok()) {
    after = std::move(counted).value();
  } else {
    aggregation.failures.emplace(group, std::move(counted).error());
  }
  Row& shown = aggregation.shown[group];
  Row before = std::exchange(shown, after);
  if (!after) aggregation.shown.erase(group);
  if (before == after) return;
  auto& lists = lists_.aggregations[aggregation.index - aggregations_.front().index];
  const ivm::GroupTable& table = aggregation.table;
  Values match = table.MatchOf(after ? after : before);
  ivm::GroupLists::List& list = lists[match];
  if (after) {
    list[group] = table.ListRow(after);
  } else {
    list.erase(group);
    if (list.empty()) lists.erase(match);
  }
  changes.push_back(RowChange{aggregation.index, group, std::move(before), std::move(after)});
}

model::ChangeSet GroupCounts::RecountDirty() {
  model::ChangeSet changes;
  for (Aggregation& aggregation : aggregations_) {
    for (const RowKey& group : std::exchange(aggregation.dirty, {})) {
      Recount(aggregation, group, changes);
    }
  }
  return changes;
}

std::optional<Error> GroupCounts::failure() const {
  for (const Aggregation& aggregation : aggregations_) {
    if (!aggregation.failures.empty()) return aggregation.failures.begin()->second;
  }
  if (strangers_.empty()) return std::nullopt;
  return Error{ErrorCode::kOutdated,
               "the server counts something else for this query than this page: reload the page"};
}

}  // namespace tidemark::client
