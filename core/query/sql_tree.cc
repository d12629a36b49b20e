// Trees in SQL. The rows of each level are selected, ordered and limited by a subquery, around
// which their JSON is made, so that what is below a row is looked up for the rows of the result
// only.
#include <algorithm>
#include <cstddef>

#include "core/query/sql_builder.h"

namespace tidemark::query {

using model::Column;
using model::ColumnIndex;
using model::ColumnType;

namespace {

/// Values that one call of a function makes an array of: SQLite takes 127 arguments, Postgres 100.
constexpr std::size_t kValuesPerArray = 64;

bool IsText(ColumnType type) {
  return type == ColumnType::kString || type == ColumnType::kEnumeration ||
         type == ColumnType::kDate;
}

}  // namespace

std::string CanonicalValue(const Column& column, const std::string& name) {
  switch (column.type) {
    case ColumnType::kString:
    case ColumnType::kEnumeration:
    case ColumnType::kJson:
      return name + "::text";
    case ColumnType::kBoolean:
      return name;
    case ColumnType::kNumber:
      return name + "::float8";
    case ColumnType::kBigint:
      return name + "::int8";
    case ColumnType::kTimestamp:
      return "floor(extract(epoch from " + name + ") * 1000)::int8";
    case ColumnType::kDate:
      return "to_char(" + name + ", 'YYYY-MM-DD')";
  }
  return name;
}

std::string CanonicalText(Dialect dialect, const Column& column, const std::string& name) {
  const bool text = IsText(column.type) || column.type == ColumnType::kJson;
  if (dialect == Dialect::kPostgres) return CanonicalValue(column, name) + (text ? "" : "::text");
  if (text) return name;
  if (column.type != ColumnType::kBoolean) return "CAST(" + name + " AS TEXT)";
  return "CASE " + name + " WHEN 1 THEN 'true' WHEN 0 THEN 'false' END";
}

void SqlBuilder::AppendOrdering(const SqlScope& scope, const Ordering& ordering) {
  for (std::size_t i = 0; i < ordering.size(); ++i) {
    Append(i > 0 ? ", " : " ORDER BY ");
    const Column& column = scope.table->columns[ordering[i].column];
    const bool ascending = ordering[i].direction == Direction::kAscending;
    const std::string operand = OperandOf(scope, ordering[i].column).order;
    // Two rows within a millisecond are ordered by the next key.
    Append(Ranged(column.type) ? "date_trunc('milliseconds', " + operand + ")" : operand);
    Append(ascending ? " ASC" : " DESC");
    // What SQLite does anyway. Without nulls there is nothing to say, and an index fits.
    if (postgres() && column.optional) Append(ascending ? " NULLS FIRST" : " NULLS LAST");
  }
}

/// Plain columns where the types are surely comparable, so that indexes serve them.
std::string SqlBuilder::MatchOperand(const SqlScope& scope, ColumnIndex column,
                                     ColumnType other) const {
  const ColumnType type = scope.table->columns[column].type;
  std::string name = Name(scope, column);
  if (!postgres()) return name;
  if (type == ColumnType::kTimestamp) {
    if (other == ColumnType::kTimestamp) return "date_trunc('milliseconds', " + name + ")";
    return "floor(extract(epoch from " + name + ") * 1000)";
  }
  if (type == other && type != ColumnType::kEnumeration) return name;
  if (type == ColumnType::kDate) return "to_char(" + name + ", 'YYYY-MM-DD')";
  return IsText(type) ? name + "::text" : name;
}

void SqlBuilder::AppendMatch(const SqlScope& left, const Match& match, const SqlScope& right) {
  for (std::size_t i = 0; i < match.size(); ++i) {
    if (i > 0) Append(" AND ");
    const ColumnType own = left.table->columns[match[i].first].type;
    const ColumnType other = right.table->columns[match[i].second].type;
    Append(MatchOperand(left, match[i].first, other) + " = " +
           MatchOperand(right, match[i].second, own));
  }
}

void SqlBuilder::AppendEdge(const SqlScope& outer, const Edge& edge, const SqlScope& inner) {
  if (!edge.through) return AppendMatch(outer, edge.match, inner);
  // Membership in a set: each row once, and found by its own index.
  const SqlScope junction{&schema_.table(edge.through->table), NewAlias()};
  const Match& match = edge.through->match;
  const auto list = [&](const SqlScope& scope, bool target) {
    for (std::size_t i = 0; i < match.size(); ++i) {
      const ColumnIndex column = target ? match[i].second : match[i].first;
      const ColumnType other = target ? junction.table->columns[match[i].first].type
                                      : inner.table->columns[match[i].second].type;
      Append(i > 0 ? ", " : "");
      Append(MatchOperand(scope, column, other));
    }
  };
  Append("(");
  list(inner, true);
  Append(") IN (SELECT ");
  list(junction, false);
  Append(" FROM " + QuotedTable(dialect_, *junction.table) + " AS " + junction.alias + " WHERE ");
  AppendMatch(outer, edge.match, junction);
  Append(")");
}

void SqlBuilder::AppendFrom(const SqlScope& scope, const Query& query, const Edge* edge,
                            const SqlScope& parent) {
  Append(" FROM " + QuotedTable(dialect_, *scope.table) + " AS " + scope.alias);
  std::string_view connective = " WHERE ";
  if (edge != nullptr) {
    Append(connective);
    AppendEdge(parent, *edge, scope);
    connective = " AND ";
  }
  if (query.where) {
    Append(connective);
    AppendCondition(scope, *query.where);
    connective = " AND ";
  }
  if (query.start) {
    Append(connective);
    AppendStart(scope, query.order_by, *query.start);
  }
}

void SqlBuilder::AppendExists(const SqlScope& scope, const Exists& exists) {
  const Query& query = *exists.edge.query;
  const SqlScope inner{&schema_.table(query.table), NewAlias()};
  Append(exists.negated ? "NOT EXISTS (SELECT 1" : "EXISTS (SELECT 1");
  AppendFrom(inner, query, &exists.edge, scope);
  Append(")");
}

void SqlBuilder::AppendSelected(const SqlScope& scope, const Query& query, const Edge* edge,
                                const SqlScope& parent) {
  Append("(SELECT " + scope.alias + ".*");
  AppendFrom(scope, query, edge, parent);
  AppendOrdering(scope, query.order_by);
  if (query.limit) Append(" LIMIT " + std::to_string(*query.limit));
  Append(") AS " + scope.alias);
}

/// Arrays of the columns' canonical texts, then an array of rows for each related query.
void SqlBuilder::AppendRowJson(const SqlScope& scope, const Query& query) {
  Append(JsonArray());
  const std::vector<Column>& columns = scope.table->columns;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i % kValuesPerArray != 0) {
      Append(", ");
    } else {
      if (i > 0) Append("), ");
      Append(JsonArray());
    }
    Append(CanonicalText(dialect_, columns[i], Name(scope, static_cast<ColumnIndex>(i))));
  }
  Append(")");
  for (const Related& related : query.related) {
    Append(", ");
    AppendList(*related.edge.query, related.edge, scope);
  }
  Append(")");
}

void SqlBuilder::AppendRows(const Query& query, const Edge* edge, const SqlScope& parent) {
  if (query.aggregation) return AppendGroups(query, edge, parent);
  const SqlScope scope{&schema_.table(query.table), NewAlias()};
  Append("SELECT ");
  AppendRowJson(scope, query);
  Append(" AS j FROM ");
  AppendSelected(scope, query, edge, parent);
}

/// The rows of a related query as one JSON array.
void SqlBuilder::AppendList(const Query& query, const Edge& edge, const SqlScope& parent) {
  Append(postgres() ? "(SELECT coalesce(" : "json((SELECT ");
  Append(JsonList());
  if (query.aggregation) {
    const std::string alias = NewAlias();
    Append((postgres() ? alias + ".j" : "json(" + alias + ".j)") + ")");
    Append(postgres() ? ", '[]') FROM (" : " FROM (");
    AppendGroups(query, &edge, parent);
    Append(") AS " + alias);
  } else {
    const SqlScope scope{&schema_.table(query.table), NewAlias()};
    AppendRowJson(scope, query);
    Append(postgres() ? "), '[]') FROM " : ") FROM ");
    AppendSelected(scope, query, &edge, parent);
  }
  Append(postgres() ? ")" : "))");
}

/// `[how many values, [whole numbers to add], [other numbers to add]]`: no sum of a database is
/// exact for all of them (core/model/exact_sum.h is).
void SqlBuilder::AppendSum(const SqlScope& scope, ColumnIndex index) {
  const Column& column = scope.table->columns[index];
  const std::string name = Name(scope, index);
  const bool bigint = column.type == ColumnType::kBigint;
  Append(std::string(JsonArray()) + "count(" + name + "), ");
  if (!postgres()) {
    const std::string list = "json_group_array(" + CanonicalText(dialect_, column, name) +
                             ") FILTER (WHERE " + name + " IS NOT NULL)";
    Append(bigint ? list + ", json_array())" : "json_array(), " + list + ")");
    return;
  }
  if (bigint) return Append("json_build_array(sum(" + name + "::int8)::text), '[]'::json)");
  const std::string value = CanonicalValue(column, name);
  const std::string whole =
      value + " = trunc(" + value + ") AND abs(" + value + ") <= 9007199254740992";
  Append("json_build_array(sum(CASE WHEN " + whole + " THEN " + value + "::int8 END)::text), " +
         "coalesce(json_agg(" + value + "::text) FILTER (WHERE NOT (" + whole + ")), '[]'))");
}

void SqlBuilder::AppendAggregate(const SqlScope& scope, const Aggregate& aggregate) {
  if (!aggregate.column) return Append("count(*)");
  const Column& column = scope.table->columns[*aggregate.column];
  std::string name = Name(scope, *aggregate.column);
  switch (aggregate.function) {
    case AggregateFunction::kCount:
      return Append("count(" + name + ")");
    case AggregateFunction::kSum:
    case AggregateFunction::kAverage:
      return AppendSum(scope, *aggregate.column);
    case AggregateFunction::kMin:
    case AggregateFunction::kMax:
      break;
  }
  const bool min = aggregate.function == AggregateFunction::kMin;
  if (postgres() && column.type == ColumnType::kBoolean) {
    name = (min ? "bool_and(" : "bool_or(") + name + ")";
  } else {
    if (postgres() &&
        (column.type == ColumnType::kString || column.type == ColumnType::kEnumeration)) {
      name += "::text COLLATE \"C\"";
    }
    name = (min ? "min(" : "max(") + name + ")";
  }
  Append(CanonicalText(dialect_, column, name));
}

/// Groups by what the values are to us: in Postgres by their canonical form.
void SqlBuilder::AppendGroups(const Query& query, const Edge* edge, const SqlScope& parent) {
  const SqlScope scope{&schema_.table(query.table), NewAlias()};
  const std::vector<ColumnIndex>& groups = query.aggregation->group_by;
  Append("SELECT ");
  Append(JsonArray());
  Append(JsonArray());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    Append(i > 0 ? ", " : "");
    Append(CanonicalText(dialect_, scope.table->columns[groups[i]], Name(scope, groups[i])));
  }
  Append(")");
  for (const Aggregate& aggregate : query.aggregation->aggregates) {
    Append(", ");
    AppendAggregate(scope, aggregate);
  }
  Append(") AS j");
  AppendFrom(scope, query, edge, parent);
  const auto operand = [&](ColumnIndex column) {
    const std::string name = Name(scope, column);
    return postgres() ? CanonicalValue(scope.table->columns[column], name) : name;
  };
  for (std::size_t i = 0; i < groups.size(); ++i) {
    Append(i > 0 ? ", " : " GROUP BY ");
    Append(operand(groups[i]));
  }
  for (std::size_t i = 0; i < query.order_by.size(); ++i) {
    const bool ascending = query.order_by[i].direction == Direction::kAscending;
    const ColumnIndex column = query.order_by[i].column;
    Append(i > 0 ? ", " : " ORDER BY ");
    Append(operand(column));
    if (postgres() && IsText(scope.table->columns[column].type)) Append(" COLLATE \"C\"");
    Append(ascending ? " ASC" : " DESC");
    if (postgres()) Append(ascending ? " NULLS FIRST" : " NULLS LAST");
  }
  if (query.limit) Append(" LIMIT " + std::to_string(*query.limit));
}

}  // namespace tidemark::query
