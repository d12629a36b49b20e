#include "core/mutation/payload.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <utility>

#include "core/model/json.h"

namespace tidemark::mutation {
namespace {

namespace json = boost::json;

Error NotAnObject(const std::string& what) {
  return Error{ErrorCode::kInvalidArgs, what + " must be an object"};
}

}  // namespace

Error InvalidColumn(const model::Table& table, std::string_view column, std::string_view problem) {
  return Error{ErrorCode::kInvalidArgs,
               table.name + "." + std::string(column) + " " + std::string(problem)};
}

Result<json::value> ParsePayload(std::string_view text) {
  TIDEMARK_ASSIGN_OR_RETURN(json::value payload, model::ParseJson(text));
  if (!payload.is_object()) return NotAnObject("a write's payload");
  return payload;
}

Result<PartialRow> ReadColumns(const model::Table& table, const json::value& row, bool key_only) {
  const json::object* members = row.if_object();
  if (members == nullptr) return NotAnObject("a row of " + table.name);
  PartialRow values(table.columns.size());
  for (const auto& member : *members) {
    const std::string_view name(member.key().data(), member.key().size());
    const std::optional<model::ColumnIndex> index = table.FindColumn(name);
    if (!index) return InvalidColumn(table, name, "is not a column");
    if (key_only && !table.IsKeyColumn(*index)) {
      return InvalidColumn(table, name, "is not part of the primary key");
    }
    TIDEMARK_ASSIGN_OR_RETURN(values[*index],
                              model::ValueFromJson(table, table.columns[*index], member.value()));
  }
  return values;
}

Result<RowKey> ReadKey(const model::Table& table, const PartialRow& row) {
  std::vector<model::Value> values;
  values.reserve(table.primary_key.size());
  for (const model::ColumnIndex column : table.primary_key) {
    const std::optional<model::Value>& value = row[column];
    if (!value || value->is_null()) {
      return InvalidColumn(table, table.columns[column].name, "is missing (primary key)");
    }
    values.push_back(*value);
  }
  return model::KeyFromValues(values);
}

Result<RowKey> ReadKeyJson(const model::Table& table, const json::value& key) {
  const json::array* values = key.if_array();
  if (values == nullptr) {
    TIDEMARK_ASSIGN_OR_RETURN(const PartialRow row, ReadColumns(table, key, /*key_only=*/true));
    return ReadKey(table, row);
  }
  if (values->size() != table.primary_key.size()) {
    return Error{
        ErrorCode::kInvalidArgs,
        "a key of " + table.name + " has " + std::to_string(table.primary_key.size()) + " columns"};
  }
  PartialRow row(table.columns.size());
  for (std::size_t i = 0; i < values->size(); ++i) {
    const model::ColumnIndex column = table.primary_key[i];
    TIDEMARK_ASSIGN_OR_RETURN(row[column],
                              model::ValueFromJson(table, table.columns[column], (*values)[i]));
  }
  return ReadKey(table, row);
}

Result<model::Row> CompleteRow(const model::Table& table, const PartialRow& row) {
  std::vector<model::Value> values;
  values.reserve(table.columns.size());
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const model::Column& column = table.columns[i];
    if (row[i]) {
      values.push_back(*row[i]);
    } else if (column.default_value) {
      values.push_back(*column.default_value);
    } else if (column.optional) {
      values.emplace_back();
    } else {
      return InvalidColumn(table, column.name, "is missing (required)");
    }
  }
  return model::Row::Make(std::move(values));
}

Result<Place> ReadPlace(const model::Table& table, const json::value& payload) {
  const json::object& members = payload.get_object();
  const json::value* key = members.if_contains("key");
  const json::value* path = members.if_contains("path");
  if (key == nullptr || path == nullptr) {
    return Error{ErrorCode::kInvalidArgs, "a write at a path needs \"key\" and \"path\""};
  }
  Place place;
  TIDEMARK_ASSIGN_OR_RETURN(place.key, ReadKeyJson(table, *key));
  TIDEMARK_ASSIGN_OR_RETURN(model::JsonPath steps, model::PathFromJson(*path));
  if (steps.empty() || !std::holds_alternative<std::string>(steps.front())) {
    return Error{ErrorCode::kInvalidArgs, "a path in " + table.name + " begins with a column"};
  }
  const std::string& name = std::get<std::string>(steps.front());
  const std::optional<model::ColumnIndex> column = table.FindColumn(name);
  if (!column) return InvalidColumn(table, name, "is not a column");
  if (table.IsKeyColumn(*column)) {
    return InvalidColumn(table, name, "is part of the primary key and cannot be changed");
  }
  if (steps.size() > 1 && table.columns[*column].type != model::ColumnType::kJson) {
    return InvalidColumn(table, name, "is not a json column: its path has one step");
  }
  place.column = *column;
  place.path.assign(std::make_move_iterator(steps.begin() + 1),
                    std::make_move_iterator(steps.end()));
  return place;
}

}  // namespace tidemark::mutation
