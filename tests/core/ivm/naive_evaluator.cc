#include "tests/core/ivm/naive_evaluator.h"

#include <algorithm>

#include "core/query/predicate.h"

namespace tidemark::ivm {

using model::Row;
using model::Value;
using query::AggregateFunction;

namespace {

bool Matches(const query::Match& match, const Row& own, const Row& other) {
  for (const auto& [own_column, other_column] : match) {
    if (own[own_column].is_null() || !(own[own_column] == other[other_column])) return false;
  }
  return true;
}

}  // namespace

bool NaiveEvaluator::Leads(const query::Edge& edge, const Row& row) const {
  query::Query all = *edge.query;
  all.limit.reset();
  return !All(all, &edge, row).empty();
}

bool NaiveEvaluator::Passes(const query::Query& query, const Row& row) const {
  return query::Predicate(query.where).Test(row, [this](const query::Exists& exists, const Row& r) {
    return Leads(exists.edge, r);
  });
}

NaiveEvaluator::List NaiveEvaluator::All(const query::Query& query, const query::Edge* edge,
                                         const Row& parent) const {
  const query::Ordering order = query::TotalOrdering(
      schema_.table(query.table), query.aggregation ? query::Ordering() : query.order_by);
  List list;
  for (const auto& [key, row] : rows_[query.table]) {
    bool reached = edge == nullptr;
    if (edge != nullptr && !edge->through) reached = Matches(edge->match, parent, row);
    if (edge != nullptr && edge->through) {
      for (const auto& [junction_key, junction] : rows_[edge->through->table]) {
        reached = reached || (Matches(edge->match, parent, junction) &&
                              Matches(edge->through->match, junction, row));
      }
    }
    if (!reached || !Passes(query, row)) continue;
    if (query.start) {
      const auto at = query::CompareRows(order, row, query.start->row);
      if (at < 0 || (at == 0 && !query.start->inclusive)) continue;
    }
    list.push_back(row);
  }
  std::sort(list.begin(), list.end(),
            [&](const Row& a, const Row& b) { return query::CompareRows(order, a, b) < 0; });
  return list;
}

NaiveEvaluator::List NaiveEvaluator::Limited(const query::Query& query, List rows) const {
  const std::size_t limit = query.one ? 1 : query.limit.value_or(~std::uint32_t{0});
  if (rows.size() > limit) rows.resize(limit);
  return rows;
}

Value NaiveEvaluator::Aggregate(const query::Query& query, const query::Aggregate& aggregate,
                                const List& rows) const {
  if (!aggregate.column) return Value(static_cast<double>(rows.size()));
  std::vector<Value> values;
  for (const Row& row : rows) {
    if (!row[*aggregate.column].is_null()) values.push_back(row[*aggregate.column]);
  }
  const auto count = static_cast<double>(values.size());
  if (aggregate.function == AggregateFunction::kCount) return Value(count);
  if (values.empty()) return Value();
  const auto less = [](const Value& a, const Value& b) { return model::CompareValues(a, b) < 0; };
  if (aggregate.function == AggregateFunction::kMin) {
    return *std::min_element(values.begin(), values.end(), less);
  }
  if (aggregate.function == AggregateFunction::kMax) {
    return *std::max_element(values.begin(), values.end(), less);
  }
  const bool average = aggregate.function == AggregateFunction::kAverage;
  if (schema_.table(query.table).columns[*aggregate.column].type == model::ColumnType::kBigint) {
    std::int64_t sum = 0;
    for (const Value& value : values) sum += value.bigint();
    return average ? Value(static_cast<double>(sum) / count) : Value(sum);
  }
  // The numbers of these tests are small multiples of 1/4: no sum of them is rounded.
  double sum = 0;
  for (const Value& value : values) sum += value.number();
  return Value(average ? sum / count : sum);
}

NaiveEvaluator::List NaiveEvaluator::Groups(const query::Query& query, const List& rows) const {
  const query::Aggregation& aggregation = *query.aggregation;
  std::vector<List> groups;
  if (aggregation.group_by.empty()) groups.push_back(rows);
  for (const Row& row : rows) {
    if (aggregation.group_by.empty()) break;
    const auto same = [&](const List& group) {
      return std::all_of(aggregation.group_by.begin(), aggregation.group_by.end(),
                         [&](model::ColumnIndex c) { return group.front()[c] == row[c]; });
    };
    const auto found = std::find_if(groups.begin(), groups.end(), same);
    if (found == groups.end()) {
      groups.push_back({row});
    } else {
      found->push_back(row);
    }
  }
  query::Ordering order = query.order_by;
  for (const model::ColumnIndex column : aggregation.group_by) order.push_back({column});
  std::sort(groups.begin(), groups.end(), [&](const List& a, const List& b) {
    return !a.empty() && !b.empty() && query::CompareRows(order, a.front(), b.front()) < 0;
  });
  List result;
  for (const List& group : groups) {
    std::vector<Value> values;
    for (const model::ColumnIndex column : aggregation.group_by) {
      values.push_back(group.front()[column]);
    }
    for (const query::Aggregate& aggregate : aggregation.aggregates) {
      values.push_back(Aggregate(query, aggregate, group));
    }
    result.push_back(Row::Make(std::move(values)));
  }
  return result;
}

void NaiveEvaluator::Append(std::string& out, const query::Query& query, const query::Edge* edge,
                            const Row& parent, int depth) const {
  List rows = All(query, edge, parent);
  if (observer_) observer_(query, edge, depth);
  if (query.aggregation) rows = Groups(query, rows);
  rows = Limited(query, std::move(rows));
  out += '[';
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out += i > 0 ? ",[" : "[";
    bool first = true;
    for (const Value& value : rows[i].values()) {
      if (!first) out += ',';
      first = false;
      model::AppendJson(out, value);
    }
    for (const query::Related& related : query.related) {
      out += ',';
      Append(out, *related.edge.query, &related.edge, rows[i], depth + 1);
    }
    out += ']';
  }
  out += ']';
}

std::string NaiveEvaluator::ToJson(const query::Query& query) const {
  std::string json;
  Append(json, query, nullptr, Row(), 0);
  return json;
}

}  // namespace tidemark::ivm
