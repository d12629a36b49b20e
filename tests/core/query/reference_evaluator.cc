#include "tests/core/query/reference_evaluator.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "core/model/exact_sum.h"
#include "core/query/predicate.h"

namespace tidemark::testing {
namespace {

using model::Row;
using model::Value;
using query::Aggregate;
using query::AggregateFunction;
using query::Edge;
using query::Exists;
using query::Match;
using query::Query;

bool Matches(const Match& match, const Row& left, const Row& right) {
  return std::all_of(match.begin(), match.end(), [&](const auto& pair) {
    const Value& value = left[pair.first];
    return !value.is_null() && value == right[pair.second];
  });
}

class Evaluator {
 public:
  explicit Evaluator(const TableRows& rows) : rows_(rows) {}

  /// The JSON of the query's rows: all, or those that the edge leads to from `parent`.
  Result<std::string> List(const Query& query, const Edge* edge, const Row& parent) const {
    std::vector<Row> rows = Selected(query, edge, parent);
    if (query.aggregation) return Groups(query, rows);
    std::sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
      return query::CompareRows(query.order_by, a, b) < 0;
    });
    if (query.limit && rows.size() > *query.limit) rows.resize(*query.limit);
    std::string json = "[";
    for (const Row& row : rows) {
      if (json.size() > 1) json += ',';
      std::string own = model::RowJson(row);
      own.pop_back();
      for (const query::Related& related : query.related) {
        TIDEMARK_ASSIGN_OR_RETURN(const std::string list,
                                  List(*related.edge.query, &related.edge, row));
        own += "," + list;
      }
      json += own + "]";
    }
    return json + "]";
  }

 private:
  bool Leads(const Edge& edge, const Row& from, const Row& to) const {
    if (!edge.through) return Matches(edge.match, from, to);
    const std::vector<Row>& junction = rows_[edge.through->table];
    return std::any_of(junction.begin(), junction.end(), [&](const Row& between) {
      return Matches(edge.match, from, between) && Matches(edge.through->match, between, to);
    });
  }

  std::vector<Row> Selected(const Query& query, const Edge* edge, const Row& parent) const {
    const query::Predicate predicate(query.where);
    std::vector<Row> selected;
    for (const Row& row : rows_[query.table]) {
      if (edge != nullptr && !Leads(*edge, parent, row)) continue;
      if (!predicate.Test(row, [this](const Exists& exists, const Row& from) {
            return !Selected(*exists.edge.query, &exists.edge, from).empty();
          })) {
        continue;
      }
      if (query.start) {
        const auto order = query::CompareRows(query.order_by, row, query.start->row);
        if (order < 0 || (order == 0 && !query.start->inclusive)) continue;
      }
      selected.push_back(row);
    }
    return selected;
  }

  Result<std::string> Groups(const Query& query, const std::vector<Row>& rows) const {
    const query::Aggregation& aggregation = *query.aggregation;
    // A group is known by its first row.
    std::vector<std::vector<Row>> groups;
    if (aggregation.group_by.empty()) groups.emplace_back();
    for (const Row& row : rows) {
      const auto same = std::find_if(groups.begin(), groups.end(), [&](const auto& group) {
        return std::all_of(
            aggregation.group_by.begin(), aggregation.group_by.end(),
            [&](model::ColumnIndex column) { return group.front()[column] == row[column]; });
      });
      if (same == groups.end()) {
        groups.push_back({row});
      } else {
        same->push_back(row);
      }
    }
    std::sort(groups.begin(), groups.end(), [&](const auto& a, const auto& b) {
      return query::CompareRows(query.order_by, a.front(), b.front()) < 0;
    });
    if (query.limit && groups.size() > *query.limit) groups.resize(*query.limit);
    std::string json = "[";
    for (const std::vector<Row>& group : groups) {
      if (json.size() > 1) json += ',';
      std::vector<Value> values;
      for (const model::ColumnIndex column : aggregation.group_by) {
        values.push_back(group.front()[column]);
      }
      for (const Aggregate& aggregate : aggregation.aggregates) {
        TIDEMARK_ASSIGN_OR_RETURN(Value value, Aggregated(aggregate, group));
        values.push_back(std::move(value));
      }
      json += model::RowJson(Row::Make(std::move(values)));
    }
    return json + "]";
  }

  static Result<Value> Aggregated(const Aggregate& aggregate, const std::vector<Row>& rows) {
    std::vector<Value> values;
    for (const Row& row : rows) {
      if (!aggregate.column) {
        values.emplace_back(true);
      } else if (!row[*aggregate.column].is_null()) {
        values.push_back(row[*aggregate.column]);
      }
    }
    const auto count = static_cast<double>(values.size());
    if (aggregate.function == AggregateFunction::kCount) return Value(count);
    if (values.empty()) return Value();
    const auto less = [](const Value& a, const Value& b) { return model::CompareValues(a, b) < 0; };
    switch (aggregate.function) {
      case AggregateFunction::kMin:
        return *std::min_element(values.begin(), values.end(), less);
      case AggregateFunction::kMax:
        return *std::max_element(values.begin(), values.end(), less);
      default:
        break;
    }
    const bool average = aggregate.function == AggregateFunction::kAverage;
    const Error too_large{ErrorCode::kLimit, "a sum is too large"};
    if (values.front().kind() == model::ValueKind::kBigint) {
      model::IntegerSum sum = 0;
      for (const Value& value : values) sum += value.bigint();
      if (average) return Value(static_cast<double>(sum) / count);
      if (sum < INT64_MIN || sum > INT64_MAX) return too_large;
      return Value(static_cast<std::int64_t>(sum));
    }
    model::ExactSum sum;
    for (const Value& value : values) sum.Add(value.number());
    const std::optional<double> rounded = sum.Round();
    if (!rounded) return too_large;
    return Value(average ? *rounded / count : *rounded);
  }

  const TableRows& rows_;
};

}  // namespace

Result<std::string> EvaluateToJson(const TableRows& rows, const query::Query& query) {
  return Evaluator(rows).List(query, nullptr, Row());
}

}  // namespace tidemark::testing
