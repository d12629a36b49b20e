#include "core/query/ast_json.h"

#include <algorithm>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <utility>

#include "core/model/json.h"
#include "core/model/json_path.h"
#include "core/model/number_text.h"
#include "core/model/text.h"
#include "core/query/limits.h"

namespace tidemark::query {
namespace {

namespace json = boost::json;
using model::Column;
using model::ColumnType;
using model::Table;
using model::Value;

Error Invalid(const std::string& what) { return Error{ErrorCode::kInvalidArgs, "query: " + what}; }

Error OverLimit(const std::string& what) { return Error{ErrorCode::kLimit, "query: " + what}; }

std::string_view View(json::string_view text) { return {text.data(), text.size()}; }

std::string Quote(const json::value& value) { return model::CanonicalJson(value).substr(0, 80); }

Status CheckKeys(const json::object& object, std::initializer_list<std::string_view> known) {
  for (const json::key_value_pair& member : object) {
    if (std::find(known.begin(), known.end(), View(member.key())) == known.end()) {
      return Invalid("unknown key '" + std::string(View(member.key())) + "'");
    }
  }
  return Ok{};
}

Result<model::ColumnIndex> ColumnOf(const Table& table, const json::value& value) {
  if (!value.is_string()) return Invalid("expected a column name, got " + Quote(value));
  const std::string_view name = View(value.get_string());
  const std::optional<model::ColumnIndex> column = table.FindColumn(name);
  if (!column) return Invalid("no column '" + std::string(name) + "' in " + table.name);
  return *column;
}

bool IsLike(Op op) {
  return op == Op::kLike || op == Op::kNotLike || op == Op::kIlike || op == Op::kNotIlike;
}

class ConditionParser {
 public:
  explicit ConditionParser(const Table& table) : table_(table) {}

  Result<Condition> Parse(const json::value& value, std::size_t depth = 1) {
    if (depth > kConditionDepthMax) {
      return OverLimit("conditions nest deeper than " + std::to_string(kConditionDepthMax));
    }
    if (++nodes_ > kConditionNodesMax) {
      return OverLimit("more than " + std::to_string(kConditionNodesMax) + " conditions");
    }
    const json::object* object = value.if_object();
    const json::value* name = object == nullptr ? nullptr : object->if_contains("op");
    if (name == nullptr || !name->is_string()) {
      return Invalid("a condition is an object with an 'op', not " + Quote(value));
    }
    const std::string_view op_name = View(name->get_string());
    if (op_name == "and") return ParseJunction(Connective::kAnd, *object, depth);
    if (op_name == "or") return ParseJunction(Connective::kOr, *object, depth);
    if (op_name == "not") return ParseNot(*object, depth);
    const std::optional<Op> op = OpFromName(op_name);
    if (!op) return Invalid("unknown operator '" + std::string(op_name) + "'");
    return ParseComparison(*op, *object);
  }

 private:
  Result<Condition> ParseJunction(Connective connective, const json::object& object,
                                  std::size_t depth) {
    TIDEMARK_TRY(CheckKeys(object, {"op", "args"}));
    const json::value* args = object.if_contains("args");
    if (args == nullptr || !args->is_array()) return Invalid("'args' must be a list of conditions");
    Junction junction{connective, {}};
    for (const json::value& arg : args->get_array()) {
      TIDEMARK_ASSIGN_OR_RETURN(Condition condition, Parse(arg, depth + 1));
      junction.args.push_back(std::move(condition));
    }
    Condition result;
    result.node = std::move(junction);
    return result;
  }

  Result<Condition> ParseNot(const json::object& object, std::size_t depth) {
    TIDEMARK_TRY(CheckKeys(object, {"op", "arg"}));
    const json::value* arg = object.if_contains("arg");
    if (arg == nullptr) return Invalid("'not' needs an 'arg'");
    Junction junction{Connective::kNot, {}};
    TIDEMARK_ASSIGN_OR_RETURN(Condition condition, Parse(*arg, depth + 1));
    junction.args.push_back(std::move(condition));
    Condition result;
    result.node = std::move(junction);
    return result;
  }

  Result<Condition> ParseComparison(Op op, const json::object& object) {
    TIDEMARK_TRY(CheckKeys(object, {"op", "column", "value"}));
    const json::value* name = object.if_contains("column");
    const json::value* value = object.if_contains("value");
    if (name == nullptr || value == nullptr) {
      return Invalid("'" + std::string(OpName(op)) + "' needs 'column' and 'value'");
    }
    Comparison comparison;
    comparison.op = op;
    TIDEMARK_ASSIGN_OR_RETURN(comparison.column, ColumnOf(table_, *name));
    const Column& column = table_.columns[comparison.column];
    TIDEMARK_TRY(CheckOperator(column, op, *value));
    if (op != Op::kIn && op != Op::kNotIn) {
      TIDEMARK_TRY(AddLiteral(column, *value, comparison));
      return Condition{std::move(comparison)};
    }
    if (!value->is_array()) {
      return Invalid(NameOf(column) + ": '" + std::string(OpName(op)) + "' needs a list, got " +
                     Quote(*value));
    }
    for (const json::value& item : value->get_array()) {
      TIDEMARK_TRY(AddLiteral(column, item, comparison));
    }
    return Condition{std::move(comparison)};
  }

  Status CheckOperator(const Column& column, Op op, const json::value& value) const {
    if (IsLike(op) && column.type != ColumnType::kString &&
        column.type != ColumnType::kEnumeration) {
      return Invalid(NameOf(column) + ": '" + std::string(OpName(op)) + "' needs text, not " +
                     std::string(ColumnTypeName(column.type)));
    }
    const bool null_test = (op == Op::kIs || op == Op::kIsNot) && value.is_null();
    if (column.type == ColumnType::kJson && !null_test) {
      return Invalid(NameOf(column) +
                     ": a json column can only be compared with 'is' or 'is not' "
                     "and null");
    }
    return Ok{};
  }

  Status AddLiteral(const Column& column, const json::value& value, Comparison& comparison) {
    if (++literals_ > kLiteralsMax) {
      return OverLimit("more than " + std::to_string(kLiteralsMax) + " values");
    }
    if (value.is_null()) {
      comparison.values.emplace_back();
      return Ok{};
    }
    if (!IsLike(comparison.op)) {
      TIDEMARK_ASSIGN_OR_RETURN(Value literal, ValueFromJson(table_, column, value));
      comparison.values.push_back(std::move(literal));
      return Ok{};
    }
    // A pattern is text, whatever the members of an enumeration are.
    const Column text{column.name, column.db_name, ColumnType::kString, true, std::nullopt, {}};
    TIDEMARK_ASSIGN_OR_RETURN(Value pattern, ValueFromJson(table_, text, value));
    if (pattern.string().size() > kLikePatternBytesMax) {
      return OverLimit(NameOf(column) + ": a pattern longer than " +
                       std::to_string(kLikePatternBytesMax) + " bytes");
    }
    comparison.values.push_back(std::move(pattern));
    return Ok{};
  }

  std::string NameOf(const Column& column) const { return table_.name + "." + column.name; }

  const Table& table_;
  std::size_t nodes_ = 0;
  std::size_t literals_ = 0;
};

Result<OrderKey> ParseOrderKey(const Table& table, const json::value& value) {
  const json::array* pair = value.if_array();
  if (pair == nullptr || pair->size() != 2) {
    return Invalid("'orderBy' is a list of [column, direction], not " + Quote(value));
  }
  OrderKey key;
  TIDEMARK_ASSIGN_OR_RETURN(key.column, ColumnOf(table, (*pair)[0]));
  const Column& column = table.columns[key.column];
  if (column.type == ColumnType::kJson) {
    return Invalid("cannot order by the json column " + table.name + "." + column.name);
  }
  const json::string* direction = (*pair)[1].if_string();
  if (direction != nullptr && *direction == "desc") {
    key.direction = Direction::kDescending;
  } else if (direction == nullptr || *direction != "asc") {
    return Invalid(table.name + "." + column.name +
                   ": the direction must be 'asc' or 'desc', not " + Quote((*pair)[1]));
  }
  return key;
}

Result<Ordering> ParseOrdering(const Table& table, const json::value* value) {
  Ordering ordering;
  if (value != nullptr) {
    if (!value->is_array()) return Invalid("'orderBy' must be a list, not " + Quote(*value));
    for (const json::value& item : value->get_array()) {
      TIDEMARK_ASSIGN_OR_RETURN(const OrderKey key, ParseOrderKey(table, item));
      ordering.push_back(key);
    }
  }
  return TotalOrdering(table, ordering);
}

Status ParseBounds(const json::object& object, Query& query) {
  if (const json::value* limit = object.if_contains("limit")) {
    constexpr std::int64_t kMax = std::numeric_limits<std::uint32_t>::max();
    if (!limit->is_int64() || limit->get_int64() < 0 || limit->get_int64() > kMax) {
      return Invalid("'limit' must be a whole number, not " + Quote(*limit));
    }
    query.limit = static_cast<std::uint32_t>(limit->get_int64());
  }
  if (const json::value* one = object.if_contains("one")) {
    if (!one->is_bool()) return Invalid("'one' must be true or false, not " + Quote(*one));
    query.one = one->get_bool();
    if (query.one) query.limit = 1;
  }
  return Ok{};
}

void AppendCondition(std::string& out, const Table& table, const Condition& condition);

void AppendComparison(std::string& out, const Table& table, const Comparison& comparison) {
  out.append("{\"op\":\"").append(OpName(comparison.op)).append("\",\"column\":");
  model::AppendJsonString(out, table.columns[comparison.column].name);
  out.append(",\"value\":");
  const bool list = comparison.op == Op::kIn || comparison.op == Op::kNotIn;
  if (list) out.push_back('[');
  for (std::size_t i = 0; i < comparison.values.size(); ++i) {
    if (i > 0) out.push_back(',');
    AppendJson(out, comparison.values[i]);
  }
  out.append(list ? "]}" : "}");
}

void AppendJunction(std::string& out, const Table& table, const Junction& junction) {
  if (junction.connective == Connective::kNot) {
    out.append("{\"op\":\"not\",\"arg\":");
    AppendCondition(out, table, junction.args[0]);
    out.push_back('}');
    return;
  }
  out.append(junction.connective == Connective::kAnd ? "{\"op\":\"and\",\"args\":["
                                                     : "{\"op\":\"or\",\"args\":[");
  for (std::size_t i = 0; i < junction.args.size(); ++i) {
    if (i > 0) out.push_back(',');
    AppendCondition(out, table, junction.args[i]);
  }
  out.append("]}");
}

void AppendCondition(std::string& out, const Table& table, const Condition& condition) {
  if (const Comparison* comparison = std::get_if<Comparison>(&condition.node)) {
    AppendComparison(out, table, *comparison);
  } else {
    AppendJunction(out, table, *std::get_if<Junction>(&condition.node));
  }
}

}  // namespace

Result<Query> ParseQuery(const model::Schema& schema, std::string_view text) {
  TIDEMARK_ASSIGN_OR_RETURN(const json::value document, model::ParseJson(text));
  const json::object* object = document.if_object();
  if (object == nullptr) return Invalid("expected an object, got " + Quote(document));
  TIDEMARK_TRY(CheckKeys(*object, {"table", "where", "orderBy", "limit", "one"}));
  const json::value* name = object->if_contains("table");
  if (name == nullptr || !name->is_string()) return Invalid("'table' must be a table's name");
  const std::optional<model::TableIndex> table_index = schema.FindTable(View(name->get_string()));
  if (!table_index) return Invalid("no table " + Quote(*name));
  Query query;
  query.table = *table_index;
  const Table& table = schema.table(query.table);
  if (const json::value* where = object->if_contains("where")) {
    TIDEMARK_ASSIGN_OR_RETURN(query.where, ConditionParser(table).Parse(*where));
  }
  TIDEMARK_ASSIGN_OR_RETURN(query.order_by, ParseOrdering(table, object->if_contains("orderBy")));
  TIDEMARK_TRY(ParseBounds(*object, query));
  return query;
}

std::string QueryToJson(const model::Schema& schema, const Query& query) {
  const Table& table = schema.table(query.table);
  std::string out = "{\"table\":";
  model::AppendJsonString(out, table.name);
  if (query.where) {
    out.append(",\"where\":");
    AppendCondition(out, table, *query.where);
  }
  out.append(",\"orderBy\":[");
  for (std::size_t i = 0; i < query.order_by.size(); ++i) {
    if (i > 0) out.push_back(',');
    out.push_back('[');
    model::AppendJsonString(out, table.columns[query.order_by[i].column].name);
    out.append(query.order_by[i].direction == Direction::kAscending ? ",\"asc\"]" : ",\"desc\"]");
  }
  out.push_back(']');
  if (query.limit) out.append(",\"limit\":").append(std::to_string(*query.limit));
  if (query.one) out.append(",\"one\":true");
  out.push_back('}');
  return out;
}

}  // namespace tidemark::query
