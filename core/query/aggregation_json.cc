#include <algorithm>
#include <array>
#include <utility>

#include "core/query/ast_json.h"
#include "core/query/limits.h"
#include "core/query/query_reader.h"

namespace tidemark::query {

namespace json = boost::json;
using model::ColumnType;
using model::Table;

namespace {

constexpr std::array<std::string_view, 5> kNames = {"count", "sum", "min", "max", "avg"};

std::optional<AggregateFunction> FunctionFromName(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<AggregateFunction>(i);
  }
  return std::nullopt;
}

bool IsSummed(AggregateFunction function) {
  return function == AggregateFunction::kSum || function == AggregateFunction::kAverage;
}

Status CheckAggregate(const Table& table, const Aggregate& aggregate) {
  const std::string name(AggregateFunctionName(aggregate.function));
  if (!aggregate.column) {
    if (aggregate.function == AggregateFunction::kCount) return Ok{};
    return InvalidQuery("'" + name + "' needs a 'column'");
  }
  const ColumnType type = table.columns[*aggregate.column].type;
  const bool numeric = type == ColumnType::kNumber || type == ColumnType::kBigint;
  const bool fits = aggregate.function == AggregateFunction::kCount ||
                    (IsSummed(aggregate.function) ? numeric : type != ColumnType::kJson);
  if (fits) return Ok{};
  return InvalidQuery(NameOf(table, *aggregate.column) + ": there is no '" + name + "' of a " +
                      std::string(model::ColumnTypeName(type)) + " column");
}

Result<Aggregate> ReadAggregate(const Table& table, const json::value& value) {
  const json::object* object = value.if_object();
  const json::value* name = object == nullptr ? nullptr : object->if_contains("function");
  if (name == nullptr || !name->is_string()) {
    return InvalidQuery("an aggregate is an object with a 'function', not " + Quoted(value));
  }
  TIDEMARK_TRY(CheckQueryKeys(*object, {"function", "column", "as"}));
  const std::optional<AggregateFunction> function = FunctionFromName(TextOf(name->get_string()));
  if (!function) return InvalidQuery("unknown aggregate " + Quoted(*name));
  Aggregate aggregate;
  aggregate.function = *function;
  std::string alias(AggregateFunctionName(*function));
  if (const json::value* column = object->if_contains("column")) {
    TIDEMARK_ASSIGN_OR_RETURN(aggregate.column, ReadColumn(table, *column));
    alias += "_" + table.columns[*aggregate.column].name;
  }
  TIDEMARK_TRY(CheckAggregate(table, aggregate));
  TIDEMARK_ASSIGN_OR_RETURN(aggregate.alias, ReadAlias(*object, std::move(alias)));
  return aggregate;
}

Status ReadGroups(const Table& table, const json::object& object, Aggregation& aggregation) {
  const json::value* value = object.if_contains("groupBy");
  if (value == nullptr) return Ok{};
  if (!value->is_array() || value->get_array().empty()) {
    return InvalidQuery("'groupBy' must be a list of columns, not " + Quoted(*value));
  }
  std::vector<model::ColumnIndex>& groups = aggregation.group_by;
  for (const json::value& item : value->get_array()) {
    TIDEMARK_ASSIGN_OR_RETURN(const model::ColumnIndex column, ReadColumn(table, item));
    if (table.columns[column].type == ColumnType::kJson) {
      return InvalidQuery("cannot group by the json column " + NameOf(table, column));
    }
    if (std::find(groups.begin(), groups.end(), column) != groups.end()) {
      return InvalidQuery("'groupBy' names " + NameOf(table, column) + " twice");
    }
    groups.push_back(column);
  }
  if (groups.size() > kGroupColumnsMax) {
    return QueryOverLimit(
        table.name + ": grouped by more than " + std::to_string(kGroupColumnsMax) + " columns",
        "group_columns_max");
  }
  return Ok{};
}

Status ReadAggregates(const Table& table, const json::object& object, Aggregation& aggregation) {
  const json::value* value = object.if_contains("aggregates");
  if (value == nullptr || !value->is_array() || value->get_array().empty()) {
    return InvalidQuery(table.name + ": an aggregation needs 'aggregates', a list");
  }
  if (value->get_array().size() > kAggregatesMax) {
    return QueryOverLimit(
        table.name + ": more than " + std::to_string(kAggregatesMax) + " aggregates",
        "aggregates_max");
  }
  for (const json::value& item : value->get_array()) {
    TIDEMARK_ASSIGN_OR_RETURN(Aggregate aggregate, ReadAggregate(table, item));
    for (const model::ColumnIndex group : aggregation.group_by) {
      if (table.columns[group].name == aggregate.alias) {
        return InvalidQuery(table.name + ": an aggregate is called '" + aggregate.alias +
                            "', as a column of 'groupBy' is");
      }
    }
    for (const Aggregate& other : aggregation.aggregates) {
      if (other.alias == aggregate.alias) {
        return InvalidQuery(table.name + ": two aggregates are called '" + aggregate.alias + "'");
      }
    }
    aggregation.aggregates.push_back(std::move(aggregate));
  }
  return Ok{};
}

}  // namespace

std::string_view AggregateFunctionName(AggregateFunction function) {
  return kNames[static_cast<std::size_t>(function)];
}

Status ReadAggregation(const Table& table, const json::object& object, Query& query) {
  for (const char* key : {"related", "start", "one"}) {
    if (object.contains(key)) {
      return InvalidQuery(table.name + ": an aggregation has no '" + std::string(key) + "'");
    }
  }
  Aggregation aggregation;
  TIDEMARK_TRY(ReadGroups(table, object, aggregation));
  TIDEMARK_TRY(ReadAggregates(table, object, aggregation));
  for (const OrderKey& key : query.order_by) {
    const std::vector<model::ColumnIndex>& groups = aggregation.group_by;
    if (std::find(groups.begin(), groups.end(), key.column) == groups.end()) {
      return InvalidQuery("an aggregation is ordered by columns of its 'groupBy', and " +
                          NameOf(table, key.column) + " is none");
    }
  }
  query.order_by = GroupOrdering(aggregation, query.order_by);
  query.aggregation = std::move(aggregation);
  return Ok{};
}

}  // namespace tidemark::query
