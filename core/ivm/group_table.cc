#include "core/ivm/group_table.h"

#include <string>
#include <utility>

#include "core/base/hash.h"
#include "core/model/value.h"

namespace tidemark::ivm {
namespace {

using model::Row;

// 64 bits: the groups of one query only must not be mistaken for one another.
constexpr std::size_t kNameDigits = 16;

void AppendName(std::string& text, std::string_view name) {
  model::AppendJsonString(text, name);
  text += ' ';
}

// What the table counts, spelled out.
std::string TextOf(const model::Schema& schema, const std::string& path, const GroupTable& groups) {
  const query::Query& query = *groups.query;
  const model::Table& table = schema.table(query.table);
  std::string text = path;
  AppendName(text, table.name);
  const auto append_column = [&](const model::Table& of, model::ColumnIndex column) {
    AppendName(text, of.columns[column].name);
  };
  if (groups.edge != nullptr) {
    const auto& through = groups.edge->through;
    const model::Table& other = through ? schema.table(through->table) : table;
    text += "by ";
    for (const auto& [own, column] : groups.edge->match) append_column(other, column);
    text += "through ";
    AppendName(text, through ? other.name : "");
  }
  text += "groups ";
  for (const model::ColumnIndex column : query.aggregation->group_by) append_column(table, column);
  for (const query::Aggregate& aggregate : query.aggregation->aggregates) {
    text += query::AggregateFunctionName(aggregate.function);
    text += ' ';
    if (aggregate.column) append_column(table, *aggregate.column);
  }
  return text;
}

void AddColumn(GroupTable& groups, const model::Column& like) {
  model::Column column = like;
  column.optional = true;
  groups.description.primary_key.push_back(
      static_cast<model::ColumnIndex>(groups.description.columns.size()));
  groups.description.columns.push_back(std::move(column));
}

GroupTable Describe(const model::Schema& schema, const std::string& path, const query::Query& query,
                    const query::Edge* edge) {
  GroupTable groups;
  groups.query = &query;
  groups.edge = edge;
  const model::Table& table = schema.table(query.table);
  if (edge != nullptr) {
    const model::Table& other = edge->through ? schema.table(edge->through->table) : table;
    for (const auto& [own, column] : edge->match) AddColumn(groups, other.columns[column]);
    groups.match_columns = edge->match.size();
  }
  for (const model::ColumnIndex column : query.aggregation->group_by) {
    AddColumn(groups, table.columns[column]);
  }
  groups.key_columns = groups.description.columns.size();
  GroupArithmetic(*query.aggregation, table).AppendColumns(groups.description.columns);
  groups.description.name =
      "#" + ToHex(HashBytes(TextOf(schema, path, groups))).substr(0, kNameDigits);
  return groups;
}

void Collect(const model::Schema& schema, const std::string& path, const query::Query& query,
             const query::Edge* edge, std::vector<GroupTable>& tables) {
  if (query.aggregation) tables.push_back(Describe(schema, path, query, edge));
  for (const query::Related& related : query.related) {
    std::string below = path;
    AppendName(below, related.alias);
    Collect(schema, below, *related.edge.query, &related.edge, tables);
  }
}

}  // namespace

Row GroupTable::RowOf(const Values& match, const Row& list_row) const {
  if (!list_row || match.empty()) return list_row;
  Values values = match;
  values.insert(values.end(), list_row.values().begin(), list_row.values().end());
  return Row::Make(std::move(values));
}

Row GroupTable::ListRow(const Row& row) const {
  if (!row || match_columns == 0) return row;
  const auto begin = row.values().begin() + static_cast<std::ptrdiff_t>(match_columns);
  return Row::Make(Values(begin, row.values().end()));
}

Values GroupTable::MatchOf(const Row& row) const {
  const auto begin = row.values().begin();
  return {begin, begin + static_cast<std::ptrdiff_t>(match_columns)};
}

std::vector<GroupTable> GroupTablesOf(const model::Schema& schema, const query::Query& query) {
  std::vector<GroupTable> tables;
  Collect(schema, "", query, nullptr, tables);
  return tables;
}

}  // namespace tidemark::ivm
