#include <utility>

#include "core/model/text.h"
#include "core/query/limits.h"
#include "core/query/query_reader.h"

namespace tidemark::query {

namespace json = boost::json;
using model::Column;
using model::ColumnType;
using model::Table;
using model::Value;

namespace {

bool IsLike(Op op) {
  return op == Op::kLike || op == Op::kNotLike || op == Op::kIlike || op == Op::kNotIlike;
}

Error NeedsText(const std::string& name, Op op, std::string_view type) {
  return InvalidQuery(name + ": '" + std::string(OpName(op)) + "' needs text, not " +
                      std::string(type));
}

/// What may be compared with what lies at a path.
Result<Value> ReadScalar(const std::string& name, const json::value& value) {
  if (value.is_bool()) return Value(value.get_bool());
  if (value.is_number()) return Value(value.to_number<double>());
  if (!value.is_string()) {
    return InvalidQuery(name + ": a value at a path is compared with a string, a number or a " +
                        "boolean, not " + Quoted(value));
  }
  const std::string_view text = TextOf(value.get_string());
  const model::TextFault fault = model::CheckText(text);
  if (fault != model::TextFault::kNone) {
    return InvalidQuery(name + ": text with " + std::string(model::TextFaultName(fault)));
  }
  return Value(text);
}

Status CheckOperator(const Table& table, const Comparison& comparison, const json::value& value) {
  const Column& column = table.columns[comparison.column];
  const std::string name = NameOf(table, comparison.column);
  if (!comparison.path.empty()) return Ok{};
  if (IsLike(comparison.op) && column.type != ColumnType::kString &&
      column.type != ColumnType::kEnumeration) {
    return NeedsText(name, comparison.op, model::ColumnTypeName(column.type));
  }
  const bool null_test =
      (comparison.op == Op::kIs || comparison.op == Op::kIsNot) && value.is_null();
  if (column.type == ColumnType::kJson && !null_test) {
    return InvalidQuery(name +
                        ": a json column can only be compared with 'is' or 'is not' "
                        "and null, or at a path");
  }
  return Ok{};
}

}  // namespace

Result<Condition> QueryReader::ReadCondition(const Table& table, const Json& value,
                                             std::size_t depth, std::size_t query_depth) {
  if (depth > kConditionDepthMax) {
    return QueryOverLimit("conditions nest deeper than " + std::to_string(kConditionDepthMax),
                          "condition_depth_max");
  }
  if (++conditions_ > kConditionNodesMax) {
    return QueryOverLimit("more than " + std::to_string(kConditionNodesMax) + " conditions",
                          "condition_nodes_max");
  }
  const Object* object = value.if_object();
  const Json* name = object == nullptr ? nullptr : object->if_contains("op");
  if (name == nullptr || !name->is_string()) {
    return InvalidQuery("a condition is an object with an 'op', not " + Quoted(value));
  }
  const std::string_view op_name = TextOf(name->get_string());
  if (op_name == "and") {
    return ReadJunction(table, Connective::kAnd, *object, depth, query_depth);
  }
  if (op_name == "or") return ReadJunction(table, Connective::kOr, *object, depth, query_depth);
  if (op_name == "not") return ReadNot(table, *object, depth, query_depth);
  if (op_name == "exists") return ReadExists(table, *object, query_depth);
  const std::optional<Op> op = OpFromName(op_name);
  if (!op) return InvalidQuery("unknown operator '" + std::string(op_name) + "'");
  return ReadComparison(table, *op, *object);
}

Result<Condition> QueryReader::ReadJunction(const Table& table, Connective connective,
                                            const Object& object, std::size_t depth,
                                            std::size_t query_depth) {
  TIDEMARK_TRY(CheckQueryKeys(object, {"op", "args"}));
  const Json* args = object.if_contains("args");
  if (args == nullptr || !args->is_array()) {
    return InvalidQuery("'args' must be a list of conditions");
  }
  Junction junction{connective, {}};
  for (const Json& arg : args->get_array()) {
    TIDEMARK_ASSIGN_OR_RETURN(Condition condition,
                              ReadCondition(table, arg, depth + 1, query_depth));
    junction.args.push_back(std::move(condition));
  }
  Condition result;
  result.node = std::move(junction);
  return result;
}

Result<Condition> QueryReader::ReadNot(const Table& table, const Object& object, std::size_t depth,
                                       std::size_t query_depth) {
  TIDEMARK_TRY(CheckQueryKeys(object, {"op", "arg"}));
  const Json* arg = object.if_contains("arg");
  if (arg == nullptr) return InvalidQuery("'not' needs an 'arg'");
  Junction junction{Connective::kNot, {}};
  TIDEMARK_ASSIGN_OR_RETURN(Condition condition,
                            ReadCondition(table, *arg, depth + 1, query_depth));
  junction.args.push_back(std::move(condition));
  Condition result;
  result.node = std::move(junction);
  return result;
}

/// What does not decide whether there is a row is read, so that mistakes are named, and dropped.
Result<Condition> QueryReader::ReadExists(const Table& table, const Object& object,
                                          std::size_t query_depth) {
  TIDEMARK_TRY(CheckQueryKeys(object, {"op", "relationship", "query"}));
  Exists exists;
  TIDEMARK_ASSIGN_OR_RETURN(exists.edge, ReadEdge(table, object, query_depth));
  const Query& query = *exists.edge.query;
  const std::string place = table.name + "." + exists.edge.relationship;
  if (query.aggregation) return InvalidQuery(place + ": an aggregate has no place in 'exists'");
  if (query.start) return InvalidQuery(place + ": 'start' has no place in 'exists'");
  Query condition;
  condition.table = query.table;
  condition.where = query.where;
  condition.order_by = TotalOrdering(schema_.table(query.table), {});
  *exists.edge.query = std::move(condition);
  Condition result;
  result.node = std::move(exists);
  return result;
}

Result<Condition> QueryReader::ReadComparison(const Table& table, Op op, const Object& object) {
  TIDEMARK_TRY(CheckQueryKeys(object, {"op", "column", "path", "value"}));
  const Json* name = object.if_contains("column");
  const Json* value = object.if_contains("value");
  if (name == nullptr || value == nullptr) {
    return InvalidQuery("'" + std::string(OpName(op)) + "' needs 'column' and 'value'");
  }
  Comparison comparison;
  comparison.op = op;
  TIDEMARK_ASSIGN_OR_RETURN(comparison.column, ReadColumn(table, *name));
  const Column& column = table.columns[comparison.column];
  if (const Json* path = object.if_contains("path")) {
    if (column.type != ColumnType::kJson) {
      return InvalidQuery(NameOf(table, comparison.column) + ": only json columns have paths");
    }
    TIDEMARK_TRY(ReadPath(NameOf(table, comparison.column), *path, comparison));
  }
  TIDEMARK_TRY(CheckOperator(table, comparison, *value));
  if (op != Op::kIn && op != Op::kNotIn) {
    TIDEMARK_TRY(ReadLiteral(table, *value, comparison));
    return Condition{std::move(comparison)};
  }
  if (!value->is_array()) {
    return InvalidQuery(NameOf(table, comparison.column) + ": '" + std::string(OpName(op)) +
                        "' needs a list, got " + Quoted(*value));
  }
  for (const Json& item : value->get_array()) {
    TIDEMARK_TRY(ReadLiteral(table, item, comparison));
  }
  return Condition{std::move(comparison)};
}

Status QueryReader::ReadPath(const std::string& name, const Json& value, Comparison& comparison) {
  Result<model::JsonPath> path = model::PathFromJson(value);
  if (!path.ok()) {
    Error error = std::move(path).error();
    error.message = "query: " + name + ": " + error.message;
    return error;
  }
  if (path->empty()) return InvalidQuery(name + ": 'path' has no steps");
  comparison.path = std::move(path).value();
  return CountLiterals(comparison.path.size());
}

Status QueryReader::CountLiterals(std::size_t count) {
  literals_ += count;
  if (literals_ <= kLiteralsMax) return Ok{};
  return QueryOverLimit("more than " + std::to_string(kLiteralsMax) + " values", "literals_max");
}

Status QueryReader::ReadLiteral(const Table& table, const Json& value, Comparison& comparison) {
  TIDEMARK_TRY(CountLiterals(1));
  if (value.is_null()) {
    comparison.values.emplace_back();
    return Ok{};
  }
  const Column& column = table.columns[comparison.column];
  const std::string name = NameOf(table, comparison.column);
  if (!comparison.path.empty()) {
    TIDEMARK_ASSIGN_OR_RETURN(Value literal, ReadScalar(name, value));
    if (IsLike(comparison.op) && literal.kind() != model::ValueKind::kString) {
      return NeedsText(name, comparison.op, Quoted(value));
    }
    for (const Value& other : comparison.values) {
      if (!other.is_null() && other.kind() != literal.kind()) {
        return InvalidQuery(name + ": the values of one list must be of one type");
      }
    }
    comparison.values.push_back(std::move(literal));
  } else if (!IsLike(comparison.op)) {
    TIDEMARK_ASSIGN_OR_RETURN(Value literal, ValueFromJson(table, column, value));
    comparison.values.push_back(std::move(literal));
  } else {
    // A pattern is text, whatever the members of an enumeration are.
    const Column text{column.name, column.db_name, ColumnType::kString, true, std::nullopt, {}};
    TIDEMARK_ASSIGN_OR_RETURN(Value pattern, ValueFromJson(table, text, value));
    comparison.values.push_back(std::move(pattern));
  }
  if (IsLike(comparison.op) && comparison.values.back().string().size() > kLikePatternBytesMax) {
    return QueryOverLimit(
        name + ": a pattern longer than " + std::to_string(kLikePatternBytesMax) + " bytes",
        "like_pattern_bytes_max");
  }
  return Ok{};
}

}  // namespace tidemark::query
