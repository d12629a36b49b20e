#include <string>

#include "core/query/ast_json.h"

namespace tidemark::query {
namespace {

using model::Table;

void AppendQuery(std::string& out, const model::Schema& schema, const Query& query);
void AppendCondition(std::string& out, const model::Schema& schema, const Table& table,
                     const Condition& condition);

void AppendName(std::string& out, const Table& table, model::ColumnIndex column) {
  model::AppendJsonString(out, table.columns[column].name);
}

void AppendPath(std::string& out, const model::JsonPath& path) {
  out.append(",\"path\":[");
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (i > 0) out.push_back(',');
    if (const std::string* key = std::get_if<std::string>(&path[i])) {
      model::AppendJsonString(out, *key);
    } else {
      out.append(std::to_string(*std::get_if<std::uint32_t>(&path[i])));
    }
  }
  out.push_back(']');
}

void AppendComparison(std::string& out, const Table& table, const Comparison& comparison) {
  out.append("{\"op\":\"").append(OpName(comparison.op)).append("\",\"column\":");
  AppendName(out, table, comparison.column);
  if (!comparison.path.empty()) AppendPath(out, comparison.path);
  out.append(",\"value\":");
  const bool list = comparison.op == Op::kIn || comparison.op == Op::kNotIn;
  if (list) out.push_back('[');
  for (std::size_t i = 0; i < comparison.values.size(); ++i) {
    if (i > 0) out.push_back(',');
    AppendJson(out, comparison.values[i]);
  }
  out.append(list ? "]}" : "}");
}

void AppendJunction(std::string& out, const model::Schema& schema, const Table& table,
                    const Junction& junction) {
  if (junction.connective == Connective::kNot) {
    out.append("{\"op\":\"not\",\"arg\":");
    AppendCondition(out, schema, table, junction.args[0]);
    out.push_back('}');
    return;
  }
  out.append(junction.connective == Connective::kAnd ? "{\"op\":\"and\",\"args\":["
                                                     : "{\"op\":\"or\",\"args\":[");
  for (std::size_t i = 0; i < junction.args.size(); ++i) {
    if (i > 0) out.push_back(',');
    AppendCondition(out, schema, table, junction.args[i]);
  }
  out.append("]}");
}

void AppendExists(std::string& out, const model::Schema& schema, const Exists& exists) {
  if (exists.negated) out.append("{\"op\":\"not\",\"arg\":");
  out.append("{\"op\":\"exists\",\"relationship\":");
  model::AppendJsonString(out, exists.edge.relationship);
  const Query& query = *exists.edge.query;
  const Table& target = schema.table(query.table);
  out.append(",\"query\":{\"table\":");
  model::AppendJsonString(out, target.name);
  if (query.where) {
    out.append(",\"where\":");
    AppendCondition(out, schema, target, *query.where);
  }
  out.append(exists.negated ? "}}}" : "}}");
}

void AppendCondition(std::string& out, const model::Schema& schema, const Table& table,
                     const Condition& condition) {
  if (const Comparison* comparison = std::get_if<Comparison>(&condition.node)) {
    AppendComparison(out, table, *comparison);
  } else if (const Exists* exists = std::get_if<Exists>(&condition.node)) {
    AppendExists(out, schema, *exists);
  } else {
    AppendJunction(out, schema, table, *std::get_if<Junction>(&condition.node));
  }
}

void AppendOrdering(std::string& out, const Table& table, const Ordering& ordering) {
  out.append(",\"orderBy\":[");
  for (std::size_t i = 0; i < ordering.size(); ++i) {
    if (i > 0) out.push_back(',');
    out.push_back('[');
    AppendName(out, table, ordering[i].column);
    out.append(ordering[i].direction == Direction::kAscending ? ",\"asc\"]" : ",\"desc\"]");
  }
  out.push_back(']');
}

void AppendStart(std::string& out, const Table& table, const Query& query) {
  out.append(",\"start\":{\"row\":{");
  for (std::size_t i = 0; i < query.order_by.size(); ++i) {
    if (i > 0) out.push_back(',');
    AppendName(out, table, query.order_by[i].column);
    out.push_back(':');
    AppendJson(out, query.start->row[query.order_by[i].column]);
  }
  out.append("},\"inclusive\":").append(query.start->inclusive ? "true}" : "false}");
}

void AppendRelated(std::string& out, const model::Schema& schema, const Query& query) {
  out.append(",\"related\":[");
  for (std::size_t i = 0; i < query.related.size(); ++i) {
    const Related& related = query.related[i];
    out.append(i > 0 ? ",{\"relationship\":" : "{\"relationship\":");
    model::AppendJsonString(out, related.edge.relationship);
    out.append(",\"as\":");
    model::AppendJsonString(out, related.alias);
    out.append(",\"query\":");
    AppendQuery(out, schema, *related.edge.query);
    out.push_back('}');
  }
  out.push_back(']');
}

void AppendAggregation(std::string& out, const Table& table, const Aggregation& aggregation) {
  out.append(",\"aggregates\":[");
  for (std::size_t i = 0; i < aggregation.aggregates.size(); ++i) {
    const Aggregate& aggregate = aggregation.aggregates[i];
    out.append(i > 0 ? ",{\"function\":\"" : "{\"function\":\"");
    out.append(AggregateFunctionName(aggregate.function)).push_back('"');
    if (aggregate.column) {
      out.append(",\"column\":");
      AppendName(out, table, *aggregate.column);
    }
    out.append(",\"as\":");
    model::AppendJsonString(out, aggregate.alias);
    out.push_back('}');
  }
  out.push_back(']');
  if (aggregation.group_by.empty()) return;
  out.append(",\"groupBy\":[");
  for (std::size_t i = 0; i < aggregation.group_by.size(); ++i) {
    if (i > 0) out.push_back(',');
    AppendName(out, table, aggregation.group_by[i]);
  }
  out.push_back(']');
}

void AppendQuery(std::string& out, const model::Schema& schema, const Query& query) {
  const Table& table = schema.table(query.table);
  out.append("{\"table\":");
  model::AppendJsonString(out, table.name);
  if (query.where) {
    out.append(",\"where\":");
    AppendCondition(out, schema, table, *query.where);
  }
  AppendOrdering(out, table, query.order_by);
  if (query.limit) out.append(",\"limit\":").append(std::to_string(*query.limit));
  if (query.one) out.append(",\"one\":true");
  if (query.start) AppendStart(out, table, query);
  if (!query.related.empty()) AppendRelated(out, schema, query);
  if (query.aggregation) AppendAggregation(out, table, *query.aggregation);
  out.push_back('}');
}

}  // namespace

std::string QueryToJson(const model::Schema& schema, const Query& query) {
  std::string out;
  AppendQuery(out, schema, query);
  return out;
}

}  // namespace tidemark::query
