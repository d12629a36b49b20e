#include "core/mutation/path_write.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace tidemark::mutation {
namespace {

namespace json = boost::json;
using model::ColumnType;

/// Doubles hold every integer up to here exactly.
constexpr double kExactMax = 9007199254740992.0;

Error MissingMember(std::string_view name) {
  return Error{ErrorCode::kInvalidArgs, "\"" + std::string(name) + "\" is missing or malformed"};
}

std::optional<double> Number(const json::value* member) {
  if (member == nullptr || !member->is_number()) return std::nullopt;
  return member->to_number<double>();
}

std::optional<std::uint32_t> Count(const json::value* member) {
  const std::optional<double> number = Number(member);
  if (!number || *number < 0 || *number > std::numeric_limits<std::uint32_t>::max() ||
      *number != std::floor(*number)) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(*number);
}

/// `by` of an increment of a bigint column: a whole number, or a decimal string as bigints travel.
Result<std::int64_t> BigintStep(const model::Table& table, const model::Column& column,
                                const json::value& by) {
  TIDEMARK_ASSIGN_OR_RETURN(const model::Value step, model::ValueFromJson(table, column, by));
  if (step.is_null()) return MissingMember("by");
  return step.bigint();
}

Result<model::Value> IncrementBigint(const model::Table& table, const model::Column& column,
                                     const json::value& by, const model::Value& before) {
  json::value text = by;
  if (by.is_double()) {
    const double number = by.get_double();
    if (number != std::floor(number) || std::fabs(number) > kExactMax) {
      return InvalidColumn(table, column.name, "is a bigint: increment it by a whole number");
    }
    text = std::to_string(static_cast<std::int64_t>(number));
  } else if (by.is_int64()) {
    text = std::to_string(by.get_int64());
  }
  TIDEMARK_ASSIGN_OR_RETURN(const std::int64_t step, BigintStep(table, column, text));
  std::int64_t sum = before.is_null() ? 0 : before.bigint();
  if (__builtin_add_overflow(sum, step, &sum)) {
    return Error{ErrorCode::kConflict,
                 table.name + "." + column.name + " would leave the range of a bigint"};
  }
  return model::Value(sum);
}

Result<model::Value> Increment(const model::Table& table, const Place& place, const json::value& by,
                               const model::Value& before) {
  const model::Column& column = table.columns[place.column];
  if (column.type == ColumnType::kBigint) return IncrementBigint(table, column, by, before);
  const double step = by.to_number<double>();
  if (column.type == ColumnType::kJson) {
    TIDEMARK_ASSIGN_OR_RETURN(
        std::string text,
        model::JsonIncrement(before.is_null() ? std::string_view() : before.json(), place.path,
                             step));
    return model::Value(model::JsonText{std::move(text)});
  }
  const double sum = (before.is_null() ? 0 : before.number()) + step;
  if (!std::isfinite(sum)) {
    return Error{ErrorCode::kConflict,
                 table.name + "." + column.name + " would leave the range of a number"};
  }
  return model::ValueFromJson(table, column, json::value(sum));
}

Result<std::string> Edited(WriteOp op, const Place& place, const json::object& payload,
                           std::string_view document) {
  switch (op) {
    case WriteOp::kSet:
      return model::JsonSet(document, place.path, model::CanonicalJson(payload.at("value")));
    case WriteOp::kUnset:
      return model::JsonUnset(document, place.path);
    case WriteOp::kMerge:
      return model::JsonMerge(document, place.path, model::CanonicalJson(payload.at("value")));
    case WriteOp::kSplice:
      return model::JsonSplice(document, place.path, *Count(payload.if_contains("index")),
                               *Count(payload.if_contains("remove")),
                               model::CanonicalJson(payload.at("insert")));
    case WriteOp::kInsert:
    case WriteOp::kUpsert:
    case WriteOp::kUpdate:
    case WriteOp::kDelete:
    case WriteOp::kIncrement:
      break;
  }
  return Error{ErrorCode::kInternal, "not an edit of a document"};
}

Status CheckIncrement(const model::Table& table, const model::Column& column,
                      const json::value* by) {
  const bool bigint = column.type == ColumnType::kBigint;
  if (!Number(by) && !(bigint && by != nullptr && by->is_string())) return MissingMember("by");
  if (column.type != ColumnType::kNumber && column.type != ColumnType::kTimestamp &&
      column.type != ColumnType::kJson && !bigint) {
    return InvalidColumn(table, column.name, "is not a number: it cannot be incremented");
  }
  if (bigint) {
    const Result<model::Value> step = IncrementBigint(table, column, *by, model::Value());
    if (!step.ok()) return step.error();
  }
  return Ok{};
}

}  // namespace

Status CheckPathWrite(WriteOp op, const model::Table& table, const Place& place,
                      const json::value& payload) {
  const json::object& members = payload.get_object();
  const model::Column& column = table.columns[place.column];
  const bool whole = place.path.empty();
  switch (op) {
    case WriteOp::kSet: {
      const json::value* value = members.if_contains("value");
      if (value == nullptr) return MissingMember("value");
      if (whole) {
        TIDEMARK_TRY(model::ValueFromJson(table, column, *value));
      } else {
        TIDEMARK_TRY(model::CanonicalDocument(*value));
      }
      return Ok{};
    }
    case WriteOp::kUnset:
      if (whole) TIDEMARK_TRY(model::ValueFromJson(table, column, json::value(nullptr)));
      return Ok{};
    case WriteOp::kIncrement:
      return CheckIncrement(table, column, members.if_contains("by"));
    case WriteOp::kMerge: {
      const json::value* value = members.if_contains("value");
      if (value == nullptr || !value->is_object()) return MissingMember("value");
      TIDEMARK_TRY(model::CanonicalDocument(*value));
      break;
    }
    case WriteOp::kSplice: {
      const json::value* insert = members.if_contains("insert");
      if (!Count(members.if_contains("index"))) return MissingMember("index");
      if (!Count(members.if_contains("remove"))) return MissingMember("remove");
      if (insert == nullptr || !insert->is_array()) return MissingMember("insert");
      TIDEMARK_TRY(model::CanonicalDocument(*insert));
      break;
    }
    case WriteOp::kInsert:
    case WriteOp::kUpsert:
    case WriteOp::kUpdate:
    case WriteOp::kDelete:
      return Error{ErrorCode::kInternal, "not a write at a path"};
  }
  if (column.type != ColumnType::kJson) {
    return InvalidColumn(table, column.name, "is not a json column");
  }
  return Ok{};
}

Result<model::Value> ApplyPathWrite(WriteOp op, const model::Table& table, const Place& place,
                                    const json::value& payload, const model::Value& before) {
  const json::object& members = payload.get_object();
  const model::Column& column = table.columns[place.column];
  if (op == WriteOp::kIncrement) return Increment(table, place, members.at("by"), before);
  if (place.path.empty() && op == WriteOp::kSet) {
    return model::ValueFromJson(table, column, members.at("value"));
  }
  if (place.path.empty() && op == WriteOp::kUnset) return model::Value();
  if (op == WriteOp::kUnset && before.is_null()) return before;
  TIDEMARK_ASSIGN_OR_RETURN(
      std::string text,
      Edited(op, place, members, before.is_null() ? std::string_view() : before.json()));
  return model::Value(model::JsonText{std::move(text)});
}

}  // namespace tidemark::mutation
