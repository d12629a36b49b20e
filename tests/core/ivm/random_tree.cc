#include "tests/core/ivm/random_tree.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tidemark::ivm {

using model::Column;
using model::ColumnIndex;
using model::ColumnType;
using model::Row;
using model::Table;
using model::Value;
using query::Condition;
using query::Op;
using query::Query;

namespace {

// Columns of every table, behind its key; `a` and `b` are what tables match by, besides keys.
constexpr ColumnIndex kKey = 0;   // k: string
constexpr ColumnIndex kPart = 1;  // p: bigint; in the key of some tables
constexpr ColumnIndex kA = 2;     // string, optional
constexpr ColumnIndex kB = 3;     // string, optional
constexpr ColumnIndex kNumber = 4;
constexpr ColumnIndex kBigint = 5;
constexpr ColumnIndex kDocument = 6;

bool IsCompound(const Table& table) { return table.primary_key.size() == 2; }

// `{"own":"other"}`: one column of strings, or two.
std::string RandomMatch(Random& random) {
  static const std::array<const char*, 3> kStrings = {"k", "a", "b"};
  const char* own = kStrings[random.Below(3)];
  const char* other = kStrings[random.Below(3)];
  std::string match = std::string("{\"") + own + "\":\"" + other + "\"";
  if (random.OneIn(4)) match += R"(,"p":"p")";
  return match + "}";
}

Value RandomValue(Random& random, const Column& column) {
  if (column.optional && random.OneIn(4)) return Value();
  switch (column.type) {
    case ColumnType::kString: {
      static const std::array<const char*, 4> kTexts = {"x", "y", "z", "Z"};
      return Value(kTexts[random.Below(column.name == "k" ? 4 : 3)]);
    }
    case ColumnType::kBigint:
      if (column.name == "p") return Value(static_cast<std::int64_t>(random.Below(2)));
      return Value(static_cast<std::int64_t>(random.Below(4)) - 1 +
                   (random.OneIn(4) ? std::int64_t{9007199254740992} : 0));
    case ColumnType::kNumber:
      return Value(0.25 * static_cast<double>(random.Below(9)) - 1);
    default: {
      static const std::array<const char*, 6> kDocuments = {
          R"({"a":1})", R"({"a":"x"})", R"({"a":true})", R"({"b":[1,2]})", "[1,\"x\"]", "2"};
      return Value(model::JsonText{kDocuments[random.Below(6)]});
    }
  }
}

Value RandomLiteral(Random& random, const Column& column) {
  if (random.OneIn(6)) return Value();
  for (;;) {
    Value value = RandomValue(random, column);
    if (!value.is_null()) return value;
  }
}

Condition RandomPathComparison(Random& random) {
  query::Comparison comparison;
  comparison.column = kDocument;
  comparison.path.emplace_back(std::string(random.OneIn(4) ? "b" : "a"));
  if (random.OneIn(6)) comparison.path = {model::PathStep(std::uint32_t{0})};
  static const std::array<Op, 5> kOps = {Op::kEqual, Op::kNotEqual, Op::kLess, Op::kIs, Op::kIn};
  comparison.op = kOps[random.Below(5)];
  comparison.values = {random.OneIn(2) ? Value(1.0) : Value("x")};
  if (comparison.op == Op::kIs && random.OneIn(2)) comparison.values = {Value()};
  return Condition{comparison};
}

Condition RandomComparison(Random& random, const Table& table) {
  if (random.OneIn(7)) return RandomPathComparison(random);
  query::Comparison comparison;
  static const std::array<Op, 14> kOps = {
      Op::kEqual,          Op::kNotEqual, Op::kLess,  Op::kLessOrEqual, Op::kGreater,
      Op::kGreaterOrEqual, Op::kIn,       Op::kNotIn, Op::kIs,          Op::kIsNot,
      Op::kLike,           Op::kNotLike,  Op::kIlike, Op::kNotIlike};
  comparison.op = kOps[random.Below(14)];
  const bool pattern = comparison.op >= Op::kLike && comparison.op <= Op::kNotIlike;
  static const std::array<ColumnIndex, 3> kStrings = {kKey, kA, kB};
  comparison.column =
      pattern ? kStrings[random.Below(3)] : static_cast<ColumnIndex>(random.Below(kDocument));
  const Column& column = table.columns[comparison.column];
  const bool list = comparison.op == Op::kIn || comparison.op == Op::kNotIn;
  for (std::uint64_t i = list ? random.Below(4) : 1; i > 0; --i) {
    Value value = RandomLiteral(random, column);
    comparison.values.push_back(std::move(value));
  }
  return Condition{comparison};
}

query::Edge EdgeOf(const model::Relationship& relationship) {
  query::Edge edge;
  edge.relationship = relationship.name;
  edge.match = relationship.match;
  if (relationship.through) {
    edge.through = query::Edge::Through{relationship.through->table, relationship.through->match};
  }
  edge.query->table = relationship.target;
  return edge;
}

Condition RandomCondition(Random& random, const model::Schema& schema, const Table& table,
                          int depth) {
  const std::uint64_t kind = depth == 0 ? 0 : random.Below(8);
  if (kind >= 4 && !table.relationships.empty()) {
    query::Exists exists;
    exists.edge = EdgeOf(table.relationships[random.Below(table.relationships.size())]);
    exists.negated = random.OneIn(3);
    Query& inner = *exists.edge.query;
    const Table& target = schema.table(inner.table);
    if (random.OneIn(2)) inner.where = RandomCondition(random, schema, target, depth - 1);
    inner.order_by = query::TotalOrdering(target, {});
    return Condition{std::move(exists)};
  }
  if (kind < 2) return RandomComparison(random, table);
  query::Junction junction;
  junction.connective = random.OneIn(5)   ? query::Connective::kNot
                        : random.OneIn(2) ? query::Connective::kAnd
                                          : query::Connective::kOr;
  const std::uint64_t args = junction.connective == query::Connective::kNot ? 1 : 2;
  for (std::uint64_t i = 0; i < args; ++i) {
    junction.args.push_back(RandomCondition(random, schema, table, depth - 1));
  }
  return Condition{std::move(junction)};
}

query::Ordering RandomOrdering(Random& random, const Table& table) {
  query::Ordering keys;
  for (std::uint64_t i = random.Below(3); i > 0; --i) {
    keys.push_back(
        {static_cast<ColumnIndex>(random.Below(kDocument)),
         random.OneIn(2) ? query::Direction::kAscending : query::Direction::kDescending});
  }
  query::Ordering ordering = query::TotalOrdering(table, keys);
  if (random.OneIn(4)) {
    for (query::OrderKey& key : ordering) key.direction = query::Direction::kDescending;
  }
  return ordering;
}

query::Aggregation RandomAggregation(Random& random) {
  query::Aggregation aggregation;
  static const std::array<ColumnIndex, 3> kGroups = {kA, kPart, kNumber};
  for (std::uint64_t i = random.Below(4); i > 0; --i) {
    const ColumnIndex column = kGroups[random.Below(3)];
    auto& columns = aggregation.group_by;
    if (std::find(columns.begin(), columns.end(), column) == columns.end()) {
      columns.push_back(column);
    }
  }
  aggregation.aggregates.push_back({query::AggregateFunction::kCount, std::nullopt, "rows"});
  for (std::uint64_t i = 1 + random.Below(3); i > 0; --i) {
    static const std::array<query::AggregateFunction, 5> kFunctions = {
        query::AggregateFunction::kCount, query::AggregateFunction::kSum,
        query::AggregateFunction::kMin, query::AggregateFunction::kMax,
        query::AggregateFunction::kAverage};
    aggregation.aggregates.push_back(
        {kFunctions[random.Below(5)], random.OneIn(2) ? kNumber : kBigint, std::to_string(i)});
  }
  return aggregation;
}

// How much a query has: some are deep, with something at every depth.
struct Taste {
  bool deep = false;
};

void FillQuery(Random& random, const model::Schema& schema, Query& query, int depth, bool one,
               Taste taste) {
  const Table& table = schema.table(query.table);
  const bool goes_on = taste.deep && depth > 0;
  if (taste.deep || !random.OneIn(3)) query.where = RandomCondition(random, schema, table, 2);
  if (!one && !goes_on && random.OneIn(depth == 3 ? 6 : 3)) {
    query.aggregation = RandomAggregation(random);
    for (const ColumnIndex column : query.aggregation->group_by) {
      query.order_by.push_back(
          {column, random.OneIn(2) ? query::Direction::kAscending : query::Direction::kDescending});
    }
    if (!query.order_by.empty() && random.OneIn(2)) {
      query.limit = 1 + static_cast<std::uint32_t>(random.Below(2));
    }
    return;
  }
  query.order_by = RandomOrdering(random, table);
  query.one = one || random.OneIn(8);
  if (query.one) {
    query.limit = 1;
  } else if (random.OneIn(2)) {
    query.limit = static_cast<std::uint32_t>(random.Below(4));
  }
  if (random.OneIn(4)) {
    std::vector<Value> values;
    for (const Column& column : table.columns) values.push_back(RandomValue(random, column));
    query.start = query::Start{Row::Make(std::move(values)), random.OneIn(2)};
  }
  if (depth == 0 || table.relationships.empty()) return;
  for (std::uint64_t i = goes_on ? 1 : random.Below(3); i > 0; --i) {
    const auto& relationship = table.relationships[random.Below(table.relationships.size())];
    query::Related related{relationship.name + std::to_string(i), EdgeOf(relationship)};
    FillQuery(random, schema, *related.edge.query, depth - 1, !relationship.many, taste);
    query.related.push_back(std::move(related));
  }
  std::sort(query.related.begin(), query.related.end(),
            [](const auto& x, const auto& y) { return x.alias < y.alias; });
}

}  // namespace

std::string RandomTreeSchema(Random& random) {
  const std::uint64_t tables = 2 + random.Below(3);
  std::string json = R"({"tables":[)";
  for (std::uint64_t t = 0; t < tables; ++t) {
    json += (t > 0 ? ",{\"name\":\"t" : "{\"name\":\"t") + std::to_string(t) +
            R"(","columns":[{"name":"k","type":"string"},{"name":"p","type":"bigint"},)"
            R"({"name":"a","type":"string","optional":true},)"
            R"({"name":"b","type":"string","optional":true},)"
            R"({"name":"n","type":"number","optional":true},)"
            R"({"name":"i","type":"bigint","optional":true},)"
            R"({"name":"d","type":"json","optional":true}],)" +
            (random.OneIn(2) ? R"("primaryKey":["k","p"],)" : R"("primaryKey":["k"],)") +
            R"("indexes":[],"uniques":[],"relationships":[)";
    const std::uint64_t relationships = 1 + random.Below(3);
    for (std::uint64_t r = 0; r < relationships; ++r) {
      const std::string target = "t" + std::to_string(random.Below(tables));  // also itself
      json += (r > 0 ? ",{\"name\":\"r" : "{\"name\":\"r") + std::to_string(r) +
              (random.OneIn(4) ? R"(","kind":"one","table":")" : R"(","kind":"many","table":")") +
              target + R"(","match":)" + RandomMatch(random);
      if (random.OneIn(3)) {
        json += R"(,"through":{"table":"t)" + std::to_string(random.Below(tables)) +
                R"(","match":)" + RandomMatch(random) + "}";
      }
      json += "}";
    }
    json += "]}";
  }
  return json + "]}";
}

Query RandomTree(Random& random, const model::Schema& schema, int depth) {
  Query query;
  query.table = static_cast<model::TableIndex>(random.Below(schema.tables().size()));
  FillQuery(random, schema, query, depth, false, Taste{random.OneIn(2)});
  return query;
}

std::vector<Write> RandomWrites(Random& random, const model::Schema& schema, std::size_t count) {
  std::vector<Write> writes;
  for (std::size_t i = 0; i < count; ++i) {
    const auto index = static_cast<model::TableIndex>(random.Below(schema.tables().size()));
    const Table& table = schema.table(index);
    std::vector<Value> values;
    for (const Column& column : table.columns) values.push_back(RandomValue(random, column));
    // Compound keys have twice as many values: a few more tables' worth of rows in the others.
    if (!IsCompound(table) && random.OneIn(2)) {
      values[kKey] = Value(values[kKey].string() + "x");
    }
    Row row = Row::Make(std::move(values));
    RowKey key = model::KeyOf(table, row);
    writes.push_back(Write{index, std::move(key), random.OneIn(4) ? Row() : std::move(row)});
  }
  return writes;
}

}  // namespace tidemark::ivm
