#include "tests/core/store/random_data.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace tidemark::store {

using model::Column;
using model::ColumnIndex;
using model::ColumnType;
using model::Row;
using model::RowChange;
using model::Table;
using model::Value;
using query::Condition;
using query::Op;

namespace {

template <typename T, std::size_t N>
const T& OneOf(Random& random, const std::array<T, N>& choices) {
  return choices[random.Below(N)];
}

std::string RandomText(Random& random) {
  // Code points above and below the surrogates sort differently in UTF-16; % and _ are patterns'.
  static const std::array<std::string, 14> kTexts = {
      "",         "a",  "A",  "ab",  "aB",           "abc",
      "b",        "B%", "_b", "a*b", "\xef\xbf\xbd", "\xf0\x9f\x8c\x8a",
      "\xc3\xa9", "z"};
  return OneOf(random, kTexts);
}

std::string RandomPattern(Random& random) {
  static const std::array<std::string, 12> kPatterns = {
      "", "%", "a%", "%b", "_", "__", "%a%", "A_", "_b%", "a*b", "\xc3\x89", "[a]%"};
  return OneOf(random, kPatterns);
}

Condition RandomComparison(Random& random, const Table& table) {
  query::Comparison comparison;
  comparison.column = static_cast<ColumnIndex>(random.Below(table.columns.size()));
  const Column& column = table.columns[comparison.column];
  if (column.type == ColumnType::kJson) {
    comparison.op = random.OneIn(2) ? Op::kIs : Op::kIsNot;
    comparison.values.emplace_back();
    return Condition{comparison};
  }
  const std::uint64_t ops = column.type == ColumnType::kString ? 14 : 10;
  static const std::array<Op, 14> kOps = {
      Op::kEqual,          Op::kNotEqual, Op::kLess,  Op::kLessOrEqual, Op::kGreater,
      Op::kGreaterOrEqual, Op::kIn,       Op::kNotIn, Op::kIs,          Op::kIsNot,
      Op::kLike,           Op::kNotLike,  Op::kIlike, Op::kNotIlike};
  comparison.op = kOps[random.Below(ops)];
  const bool list = comparison.op == Op::kIn || comparison.op == Op::kNotIn;
  const std::uint64_t count = list ? random.Below(4) : 1;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (random.OneIn(12)) {
      comparison.values.emplace_back();
    } else if (comparison.op >= Op::kLike && comparison.op <= Op::kNotIlike) {
      comparison.values.emplace_back(RandomPattern(random));
    } else {
      Value value = RandomValue(random, column);
      comparison.values.push_back(std::move(value));
    }
  }
  return Condition{comparison};
}

Condition RandomCondition(Random& random, const Table& table, int depth) {
  if (depth == 0 || random.OneIn(3)) return RandomComparison(random, table);
  query::Junction junction;
  const std::uint64_t kind = random.Below(5);
  junction.connective = kind < 2   ? query::Connective::kAnd
                        : kind < 4 ? query::Connective::kOr
                                   : query::Connective::kNot;
  const std::uint64_t args = kind == 4 ? 1 : random.Below(4);
  for (std::uint64_t i = 0; i < args; ++i) {
    junction.args.push_back(RandomCondition(random, table, depth - 1));
  }
  return Condition{std::move(junction)};
}

query::Ordering RandomOrdering(Random& random, const Table& table) {
  query::Ordering ordering;
  const auto named = [&](ColumnIndex column) {
    for (const query::OrderKey& key : ordering) {
      if (key.column == column) return true;
    }
    return false;
  };
  for (std::uint64_t i = random.Below(4); i > 0; --i) {
    const auto column = static_cast<ColumnIndex>(random.Below(table.columns.size()));
    if (named(column) || table.columns[column].type == ColumnType::kJson) continue;
    ordering.push_back(
        {column, random.OneIn(2) ? query::Direction::kAscending : query::Direction::kDescending});
  }
  for (const ColumnIndex key : table.primary_key) {
    if (!named(key)) ordering.push_back({key, query::Direction::kAscending});
  }
  return ordering;
}

Row RowWithKeyOf(Random& random, const Table& table, const Row& row) {
  std::vector<Value> values = row.values();
  // Mostly one or two fields change, as in life.
  for (std::uint64_t i = random.OneIn(4) ? table.columns.size() : 1 + random.Below(2); i > 0; --i) {
    const auto column = static_cast<ColumnIndex>(random.Below(table.columns.size()));
    if (!table.IsKeyColumn(column)) values[column] = RandomValue(random, table.columns[column]);
  }
  return Row::Make(std::move(values));
}

}  // namespace

std::uint64_t SeedFromEnvironment(std::uint64_t fallback) {
  const char* text = std::getenv("SEED");
  const std::uint64_t seed = text != nullptr ? std::strtoull(text, nullptr, 10) : fallback;
  std::printf("SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

std::uint64_t CasesFromEnvironment(std::uint64_t fallback) {
  const char* text = std::getenv("CASES");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : fallback;
}

std::string RandomSchemaJson(Random& random, std::size_t tables) {
  static const std::array<std::string, 8> kTypes = {
      "string", "number", "boolean", "bigint", "timestamp", "date", "json", "enumeration"};
  static const std::array<std::string, 4> kKeyTypes = {"string", "bigint", "number", "date"};
  std::string text = R"({"tables":[)";
  for (std::size_t t = 0; t < tables; ++t) {
    const bool compound = random.OneIn(2);
    text += (t > 0 ? "," : "") + std::string(R"({"name":"t)") + std::to_string(t) +
            R"(","columns":[{"name":"k","type":")" + OneOf(random, kKeyTypes) + R"("})";
    if (compound) text += R"(,{"name":"k2","from":"key two","type":"string"})";
    const std::uint64_t columns = 2 + random.Below(5);
    for (std::uint64_t c = 0; c < columns; ++c) {
      const std::string& type = c == 0 ? kTypes[0] : OneOf(random, kTypes);
      text += R"(,{"name":"c)" + std::to_string(c) + R"(","type":")" + type + R"(")";
      if (type == "enumeration") text += R"(,"values":["low","mid","High"])";
      if (random.OneIn(2)) text += R"(,"optional":true)";
      text += "}";
    }
    text += compound ? R"(],"primaryKey":["k","k2"],)" : R"(],"primaryKey":["k"],)";
    text += random.OneIn(2) ? R"("indexes":[["c0"],["c0","k"]])" : R"("indexes":[])";
    text += R"(,"uniques":[],"relationships":[]})";
  }
  return text + "]}";
}

Value RandomValue(Random& random, const Column& column) {
  if (column.optional && random.OneIn(4)) return Value();
  switch (column.type) {
    case ColumnType::kString:
      return Value(RandomText(random));
    case ColumnType::kNumber: {
      static const std::array<double, 9> kNumbers = {
          0, 1, -1, 2.5, 1e300, -7, 1e-300, 0.1, 9007199254740992.0};
      return Value(OneOf(random, kNumbers));
    }
    case ColumnType::kBoolean:
      return Value(random.OneIn(2));
    case ColumnType::kBigint: {
      static const std::array<std::int64_t, 8> kIntegers = {
          0, 1, -1, 42, 9007199254740993, 9007199254740992, INT64_MAX, INT64_MIN};
      return Value(OneOf(random, kIntegers));
    }
    case ColumnType::kTimestamp: {
      static const std::array<double, 5> kTimes = {0, 1, -1, 1700000000000.0, 8640000000000000.0};
      return Value(OneOf(random, kTimes));
    }
    case ColumnType::kDate: {
      static const std::array<std::string, 4> kDates = {"1999-12-31", "2000-01-01", "2026-02-28",
                                                        "0001-01-01"};
      return Value(OneOf(random, kDates));
    }
    case ColumnType::kJson: {
      static const std::array<std::string, 4> kDocuments = {"{}", R"({"a":1,"b":[true,null]})",
                                                            "[1,2.5]", R"("text")"};
      return Value(model::JsonText{OneOf(random, kDocuments)});
    }
    case ColumnType::kEnumeration:
      return Value(column.enumeration[random.Below(column.enumeration.size())]);
  }
  std::abort();
}

Row RandomRow(Random& random, const Table& table) {
  std::vector<Value> values;
  for (const Column& column : table.columns) values.push_back(RandomValue(random, column));
  return Row::Make(std::move(values));
}

query::Query RandomQuery(Random& random, const model::Schema& schema, std::uint32_t limit_max) {
  query::Query query;
  query.table = static_cast<model::TableIndex>(random.Below(schema.tables().size()));
  const Table& table = schema.table(query.table);
  if (!random.OneIn(4)) query.where = RandomCondition(random, table, 3);
  query.order_by = RandomOrdering(random, table);
  if (random.OneIn(2)) query.limit = 1 + static_cast<std::uint32_t>(random.Below(limit_max));
  if (query.limit == 1u) query.one = random.OneIn(2);
  return query;
}

model::ChangeSet ChangeAtRandom(Random& random, MemoryStore& store, std::size_t count) {
  model::NetChanges net;
  for (std::size_t i = 0; i < count; ++i) {
    const auto index = static_cast<model::TableIndex>(random.Below(store.schema().tables().size()));
    const Table& table = store.schema().table(index);
    Row row = RandomRow(random, table);
    // Keys are from a small domain: a random row often has the key of one that is there.
    RowKey key = model::KeyOf(table, row);
    Row before = store.Get(index, key);
    Row after = before ? RowWithKeyOf(random, table, before) : std::move(row);
    if (before && random.OneIn(3)) after = Row();
    store.Apply(index, key, after);
    net.Add(RowChange{index, std::move(key), std::move(before), std::move(after)});
  }
  return net.Take();
}

std::vector<std::string> Texts(const std::vector<Row>& rows) {
  std::vector<std::string> texts;
  for (const Row& row : rows) texts.push_back(model::RowJson(row));
  return texts;
}

std::vector<Row> FetchAll(const Store& store, const query::Query& query) {
  std::vector<Row> rows;
  const Status status = store.source(query.table).Fetch({query}, [&](const Row& row) {
    rows.push_back(row);
    return true;
  });
  TIDEMARK_CHECK(status.ok());
  return rows;
}

}  // namespace tidemark::store
