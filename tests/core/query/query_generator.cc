#include "tests/core/query/query_generator.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/check.h"
#include "core/query/predicate.h"

namespace tidemark::testing {
namespace {

using model::ColumnIndex;
using model::ColumnType;
using query::Op;

constexpr std::string_view kSchema = R"({"tables":[{"name":"sample","columns":[
  {"name":"key","type":"string"},
  {"name":"part","type":"bigint"},
  {"name":"title","type":"string"},
  {"name":"note","from":"the note","type":"string","optional":true},
  {"name":"rank","type":"number"},
  {"name":"score","type":"number","optional":true},
  {"name":"done","type":"boolean"},
  {"name":"seen","type":"boolean","optional":true},
  {"name":"size","type":"bigint","optional":true},
  {"name":"createdAt","from":"created_at","type":"timestamp"},
  {"name":"closedAt","from":"closed_at","type":"timestamp","optional":true},
  {"name":"day","type":"date","optional":true},
  {"name":"state","type":"enumeration","values":["open","Closed","[x]"],"optional":true},
  {"name":"doc","type":"json","optional":true}],
  "primaryKey":["key","part"]}]})";

constexpr std::array<std::string_view, 18> kTexts = {"",
                                                     "a",
                                                     "A",
                                                     "ab",
                                                     "aB",
                                                     "a%b",
                                                     "a_b",
                                                     "a\\b",
                                                     "\\",
                                                     "[x]",
                                                     "*",
                                                     "a?b",
                                                     "]",
                                                     "\xc3\xa9",
                                                     "\xc3\x89",
                                                     "\xc3\xa9t\xc3\xa9",
                                                     "\xef\xbf\xbf",
                                                     "\xf0\x9f\x8c\x8a"};

constexpr std::array<std::string_view, 14> kPatternPieces = {
    "%", "%", "_", "a",        "B",        "\\", "[",
    "]", "*", "?", "\xc3\xa9", "\xc3\x89", "t",  "\xf0\x9f\x8c\x8a"};

constexpr std::array<double, 9> kNumbers = {
    -1.5, 0, 1, 2, 2.5, 0.1, 1e20, -1e300, 9007199254740992.0};

constexpr std::array<std::int64_t, 8> kBigints = {
    INT64_MIN, -1, 0, 1, 9007199254740992, 9007199254740993, 9007199254740994, INT64_MAX};

constexpr std::array<double, 7> kTimestamps = {
    -62135596800000.0, -1, 0, 1, 1700000000123.0, 1700000000124.0, 4102444800000.0};

constexpr std::array<std::string_view, 5> kDates = {"0001-01-01", "1999-12-31", "2000-01-01",
                                                    "2024-02-29", "9999-12-31"};

constexpr std::array<std::string_view, 5> kDocuments = {"0", "{}", R"({"a":[1,null]})", "\"x\"",
                                                        "[]"};

template <typename T, std::size_t size>
const T& Pick(Random& random, const std::array<T, size>& values) {
  return values[random.Below(size)];
}

}  // namespace

model::Schema SampleSchema() {
  Result<model::Schema> schema = model::Schema::Parse(kSchema);
  TIDEMARK_CHECK(schema.ok());
  return std::move(schema).value();
}

QueryGenerator::QueryGenerator(const model::Schema& schema, std::uint64_t seed)
    : table_(schema.table(0)), random_(seed) {}

model::Value QueryGenerator::Value(ColumnIndex index) {
  const model::Column& column = table_.columns[index];
  if (column.optional && random_.OneIn(4)) return model::Value();
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
      return model::Value(column.enumeration[random_.Below(column.enumeration.size())]);
  }
  return model::Value();
}

model::Row QueryGenerator::Row() {
  std::vector<model::Value> values;
  for (ColumnIndex i = 0; i < table_.columns.size(); ++i) values.push_back(Value(i));
  return model::Row::Make(std::move(values));
}

std::vector<model::Row> QueryGenerator::Rows(std::size_t count) {
  std::set<std::string> keys;
  std::vector<model::Row> rows;
  while (rows.size() < count) {
    model::Row row = Row();
    if (keys.insert(model::KeyOf(table_, row).value).second) rows.push_back(std::move(row));
  }
  return rows;
}

std::string QueryGenerator::Pattern() {
  if (random_.OneIn(8)) return std::string(Pick(random_, kTexts));
  std::string pattern;
  const std::uint64_t pieces = random_.Below(5);
  for (std::uint64_t i = 0; i < pieces; ++i) pattern.append(Pick(random_, kPatternPieces));
  return pattern;
}

model::Value QueryGenerator::Literal(ColumnIndex column) {
  if (random_.OneIn(8)) return model::Value();
  model::Value value = Value(column);
  return value;
}

query::Condition QueryGenerator::Comparison() {
  query::Comparison comparison;
  comparison.column = static_cast<ColumnIndex>(random_.Below(table_.columns.size()));
  const ColumnType type = table_.columns[comparison.column].type;
  comparison.op = static_cast<Op>(random_.Below(14));
  const bool like = comparison.op >= Op::kLike && comparison.op <= Op::kNotIlike;
  if (type == ColumnType::kJson) {
    comparison.op = random_.OneIn(2) ? Op::kIs : Op::kIsNot;
    comparison.values.emplace_back();
  } else if (like && type != ColumnType::kString && type != ColumnType::kEnumeration) {
    comparison.op = Op::kLess;
    comparison.values.push_back(Literal(comparison.column));
  } else if (like) {
    comparison.values.push_back(random_.OneIn(8) ? model::Value() : model::Value(Pattern()));
  } else if (comparison.op == Op::kIn || comparison.op == Op::kNotIn) {
    const std::uint64_t size = random_.Below(4);
    for (std::uint64_t i = 0; i < size; ++i) {
      comparison.values.push_back(Literal(comparison.column));
    }
  } else {
    comparison.values.push_back(Literal(comparison.column));
  }
  return query::Condition{std::move(comparison)};
}

query::Condition QueryGenerator::Condition(int depth) {
  if (depth == 0 || random_.OneIn(3)) return Comparison();
  query::Junction junction;
  junction.connective = static_cast<query::Connective>(random_.Below(3));
  const bool negation = junction.connective == query::Connective::kNot;
  const std::uint64_t size = negation ? 1 : random_.Below(4);
  for (std::uint64_t i = 0; i < size; ++i) junction.args.push_back(Condition(depth - 1));
  return query::Condition{std::move(junction)};
}

query::Query QueryGenerator::Query() {
  query::Query query;
  if (!random_.OneIn(6)) query.where = Condition(3);
  const bool uniform = random_.OneIn(2);
  const query::Direction first = static_cast<query::Direction>(random_.Below(2));
  for (std::uint64_t i = random_.Below(4); i > 0; --i) {
    const ColumnIndex column = static_cast<ColumnIndex>(random_.Below(table_.columns.size()));
    if (table_.columns[column].type == ColumnType::kJson) continue;
    const query::Direction other = static_cast<query::Direction>(random_.Below(2));
    query.order_by.push_back({column, uniform ? first : other});
  }
  query.order_by = query::TotalOrdering(table_, query.order_by);
  if (random_.OneIn(3)) query.limit = static_cast<std::uint32_t>(random_.Below(20));
  return query;
}

query::SqlStart QueryGenerator::Start(const std::vector<model::Row>& rows) {
  const bool existing = !rows.empty() && !random_.OneIn(3);
  query::SqlStart start;
  start.row = existing ? rows[random_.Below(rows.size())] : Row();
  start.inclusive = random_.OneIn(2);
  return start;
}

std::vector<model::Row> Answer(const query::Query& query, std::vector<model::Row> rows,
                               const std::optional<query::SqlStart>& start) {
  const query::Predicate predicate(query.where);
  std::vector<model::Row> answer;
  for (model::Row& row : rows) {
    if (!predicate.Test(row)) continue;
    if (start) {
      const auto order = query::CompareRows(query.order_by, row, start->row);
      if (order < 0 || (order == 0 && !start->inclusive)) continue;
    }
    answer.push_back(std::move(row));
  }
  std::sort(answer.begin(), answer.end(), [&](const model::Row& a, const model::Row& b) {
    return query::CompareRows(query.order_by, a, b) < 0;
  });
  if (query.limit && answer.size() > *query.limit) answer.resize(*query.limit);
  return answer;
}

}  // namespace tidemark::testing
