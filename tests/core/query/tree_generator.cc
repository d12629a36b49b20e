#include "tests/core/query/tree_generator.h"

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark::testing {
namespace {

using model::Column;
using model::ColumnIndex;
using model::ColumnType;
using model::Table;
using model::TableIndex;
using query::AggregateFunction;
using query::Op;

constexpr std::array<std::string_view, 13> kTexts = {"",
                                                     "a",
                                                     "A",
                                                     "ab",
                                                     "b%",
                                                     "\\",
                                                     "\xc3\xa9",
                                                     "\"",
                                                     "[x]\n\t",
                                                     "2000-01-01",
                                                     "2024-02-29",
                                                     "1999-12-31",
                                                     "\xf0\x9f\x8c\x8a"};
constexpr std::array<std::string_view, 6> kPatterns = {"%", "a%", "_", "%\xc3\xa9%", "A_", "%-%"};
constexpr std::array<double, 12> kNumbers = {
    0, 1, 2, 3, -1.5, 0.1, 0.2, 0.3, 1e300, 1e17, 9007199254740993.0, 4e-320};
constexpr std::array<std::int64_t, 8> kBigints = {
    0, 1, 2, 3, -1, 9007199254740993, INT64_MAX / 2, INT64_MIN / 2};
constexpr std::array<double, 5> kTimestamps = {-1, 0, 1, 1700000000123.0, 1700000000124.0};
constexpr std::array<std::string_view, 4> kDates = {"0001-01-01", "1999-12-31", "2000-01-01",
                                                    "2024-02-29"};
constexpr std::array<std::string_view, 9> kDocuments = {"{}",
                                                        "[]",
                                                        "0",
                                                        "\"x\"",
                                                        R"({"a":1,"b":[true,"ab",{"c":0.1}]})",
                                                        R"({"a":"ab","b":null})",
                                                        R"({"a":true,"b":["a",1e+300]})",
                                                        R"({"a":null,"b":{"0":"A"}})",
                                                        R"([{"a":"é"},2,[3]])"};

template <typename T, std::size_t size>
const T& Pick(Random& random, const std::array<T, size>& values) {
  return values[random.Below(size)];
}

std::size_t Index(Random& random, std::size_t size) {
  return static_cast<std::size_t>(random.Below(size));
}

}  // namespace

model::Value TreeGenerator::Value(const Column& column) {
  if (column.optional && random_.OneIn(5)) return model::Value();
  switch (column.type) {
    case ColumnType::kString:
      return model::Value(Pick(random_, kTexts));
    case ColumnType::kNumber:
      return model::Value(Pick(random_, kNumbers));
    case ColumnType::kBoolean:
      return model::Value(random_.OneIn(2));
    case ColumnType::kBigint:
      return model::Value(Pick(random_, kBigints));
    case ColumnType::kTimestamp:
      return model::Value(Pick(random_, kTimestamps));
    case ColumnType::kDate:
      return model::Value(Pick(random_, kDates));
    case ColumnType::kJson:
      return model::Value(model::JsonText{std::string(Pick(random_, kDocuments))});
    case ColumnType::kEnumeration:
      return model::Value(column.enumeration[Index(random_, column.enumeration.size())]);
  }
  return model::Value();
}

model::Row TreeGenerator::Row(TableIndex table) {
  std::vector<model::Value> values;
  for (const Column& column : schema_.table(table).columns) values.push_back(Value(column));
  return model::Row::Make(std::move(values));
}

TableRows TreeGenerator::Rows(std::size_t count_max) {
  TableRows tables;
  for (TableIndex table = 0; table < schema_.tables().size(); ++table) {
    std::set<std::string> keys;
    std::vector<model::Row> rows;
    for (std::size_t i = 0; i < 2 * count_max && rows.size() < count_max; ++i) {
      model::Row row = Row(table);
      if (!keys.insert(model::KeyOf(schema_.table(table), row).value).second) continue;
      rows.push_back(std::move(row));
    }
    tables.push_back(std::move(rows));
  }
  return tables;
}

query::Condition TreeGenerator::PathComparison(ColumnIndex column) {
  static const std::array<model::JsonPath, 8> kPaths = {
      {{"a"}, {"b"}, {"b", 0u}, {"b", 1u}, {"b", 2u, "c"}, {0u, "a"}, {1u}, {"b", "0"}}};
  query::Comparison comparison;
  comparison.column = column;
  comparison.path = Pick(random_, kPaths);
  comparison.op = static_cast<Op>(random_.Below(14));
  const bool like = comparison.op >= Op::kLike && comparison.op <= Op::kNotIlike;
  const bool list = comparison.op == Op::kIn || comparison.op == Op::kNotIn;
  const std::uint64_t kind = like ? 0 : random_.Below(3);
  const std::size_t count = list ? Index(random_, 4) : 1;
  for (std::size_t i = 0; i < count; ++i) {
    if (random_.OneIn(8)) {
      comparison.values.emplace_back();
    } else if (like) {
      comparison.values.emplace_back(Pick(random_, kPatterns));
    } else if (kind == 0) {
      comparison.values.emplace_back(Pick(random_, kTexts));
    } else if (kind == 1) {
      comparison.values.emplace_back(Pick(random_, kNumbers));
    } else {
      comparison.values.emplace_back(random_.OneIn(2));
    }
  }
  return query::Condition{std::move(comparison)};
}

query::Condition TreeGenerator::Comparison(const Table& table) {
  query::Comparison comparison;
  comparison.column = static_cast<ColumnIndex>(Index(random_, table.columns.size()));
  const Column& column = table.columns[comparison.column];
  comparison.op = static_cast<Op>(random_.Below(14));
  const bool like = comparison.op >= Op::kLike && comparison.op <= Op::kNotIlike;
  const bool text = column.type == ColumnType::kString || column.type == ColumnType::kEnumeration;
  if (column.type == ColumnType::kJson) {
    if (!random_.OneIn(3)) return PathComparison(comparison.column);
    comparison.op = random_.OneIn(2) ? Op::kIs : Op::kIsNot;
    comparison.values.emplace_back();
    return query::Condition{std::move(comparison)};
  }
  if (like && !text) comparison.op = Op::kGreater;
  const bool list = comparison.op == Op::kIn || comparison.op == Op::kNotIn;
  const std::size_t count = list ? Index(random_, 4) : 1;
  for (std::size_t i = 0; i < count; ++i) {
    if (random_.OneIn(10)) {
      comparison.values.emplace_back();
    } else if (like && text) {
      comparison.values.emplace_back(Pick(random_, kPatterns));
    } else {
      comparison.values.push_back(Value(column));
    }
  }
  return query::Condition{std::move(comparison)};
}

query::Edge TreeGenerator::EdgeOf(TableIndex table, int depth) {
  const std::vector<model::Relationship>& all = schema_.table(table).relationships;
  const model::Relationship& relationship = all[Index(random_, all.size())];
  query::Edge edge;
  edge.relationship = relationship.name;
  edge.match = relationship.match;
  if (relationship.through) {
    edge.through = query::Edge::Through{relationship.through->table, relationship.through->match};
  }
  *edge.query = TreeOf(relationship.target, depth - 1);
  if (!relationship.many && !edge.query->aggregation) {
    edge.query->one = true;
    edge.query->limit = 1;
  }
  return edge;
}

query::Condition TreeGenerator::ExistsOf(TableIndex table, int depth) {
  query::Exists exists{EdgeOf(table, depth), false};
  query::Query condition;
  condition.table = exists.edge.query->table;
  condition.where = exists.edge.query->where;
  condition.order_by = query::TotalOrdering(schema_.table(condition.table), {});
  *exists.edge.query = std::move(condition);
  query::Condition result;
  result.node = std::move(exists);
  return result;
}

query::Condition TreeGenerator::Condition(TableIndex table, int size, int depth) {
  const bool edges = depth > 0 && !schema_.table(table).relationships.empty();
  if (edges && random_.OneIn(3)) return ExistsOf(table, depth);
  if (size == 0 || random_.OneIn(3)) return Comparison(schema_.table(table));
  query::Junction junction;
  junction.connective = static_cast<query::Connective>(random_.Below(3));
  const bool negation = junction.connective == query::Connective::kNot;
  const std::size_t count = negation ? 1 : Index(random_, 4);
  for (std::size_t i = 0; i < count; ++i) {
    junction.args.push_back(Condition(table, size - 1, depth));
  }
  query::Condition result;
  result.node = std::move(junction);
  return result;
}

query::Ordering TreeGenerator::Ordering(const Table& table) {
  query::Ordering keys;
  for (std::size_t i = Index(random_, 3); i > 0; --i) {
    const auto column = static_cast<ColumnIndex>(Index(random_, table.columns.size()));
    if (table.columns[column].type == ColumnType::kJson) continue;
    keys.push_back({column, static_cast<query::Direction>(random_.Below(2))});
  }
  return query::TotalOrdering(table, keys);
}

query::Aggregation TreeGenerator::Aggregation(const Table& table) {
  query::Aggregation aggregation;
  const auto column = [&] {
    return static_cast<ColumnIndex>(Index(random_, table.columns.size()));
  };
  std::set<ColumnIndex> groups;
  for (std::size_t i = Index(random_, 3); i > 0; --i) {
    const ColumnIndex group = column();
    if (table.columns[group].type == ColumnType::kJson || !groups.insert(group).second) continue;
    aggregation.group_by.push_back(group);
  }
  for (std::size_t i = 1 + Index(random_, 4); i > 0; --i) {
    query::Aggregate aggregate;
    aggregate.alias = "value" + std::to_string(i);
    const ColumnIndex of = column();
    const ColumnType type = table.columns[of].type;
    const bool numeric = type == ColumnType::kNumber || type == ColumnType::kBigint;
    aggregate.function = static_cast<AggregateFunction>(random_.Below(5));
    const bool sum = aggregate.function == AggregateFunction::kSum ||
                     aggregate.function == AggregateFunction::kAverage;
    if (sum ? !numeric : type == ColumnType::kJson) aggregate.function = AggregateFunction::kCount;
    if (aggregate.function != AggregateFunction::kCount || random_.OneIn(2)) aggregate.column = of;
    aggregation.aggregates.push_back(std::move(aggregate));
  }
  return aggregation;
}

void TreeGenerator::AddRelated(query::Query& query, int depth) {
  if (schema_.table(query.table).relationships.empty()) return;
  for (std::size_t i = Index(random_, 4); i > 0; --i) {
    query.related.push_back(
        query::Related{"related" + std::to_string(i), EdgeOf(query.table, depth)});
  }
}

query::Query TreeGenerator::TreeOf(TableIndex table_index, int depth) {
  const Table& table = schema_.table(table_index);
  query::Query query;
  query.table = table_index;
  if (!random_.OneIn(3)) query.where = Condition(table_index, 2, depth);
  if (random_.OneIn(3)) query.limit = static_cast<std::uint32_t>(random_.Below(5));
  if (random_.OneIn(5)) {
    query.aggregation = Aggregation(table);
    query::Ordering keys;
    for (const ColumnIndex column : query.aggregation->group_by) {
      if (random_.OneIn(3)) {
        keys.push_back({column, static_cast<query::Direction>(random_.Below(2))});
      }
    }
    query.order_by = query::GroupOrdering(*query.aggregation, keys);
    return query;
  }
  query.order_by = Ordering(table);
  if (random_.OneIn(6)) {
    const model::Row row = Row(table_index);
    std::vector<model::Value> values(table.columns.size());
    for (const query::OrderKey& key : query.order_by) values[key.column] = row[key.column];
    query.start = query::Start{model::Row::Make(std::move(values)), random_.OneIn(2)};
  }
  if (depth > 0) AddRelated(query, depth);
  return query;
}

query::Query TreeGenerator::Tree(int depth) {
  return TreeOf(static_cast<TableIndex>(Index(random_, schema_.tables().size())), depth);
}

}  // namespace tidemark::testing
