#include "core/hub/client_schema.h"

#include <algorithm>
#include <utility>

namespace tidemark::hub {
namespace {

Error Outdated(std::string what) {
  return Error{ErrorCode::kOutdated,
               "the page's schema does not fit the server's: " + std::move(what) +
                   "; reload the page, or deploy the server with the same app"};
}

Status CheckColumn(const std::string& name, const model::Column& server,
                   const model::Column& client) {
  if (server.type != client.type) {
    return Outdated("column " + name + " is " + std::string(ColumnTypeName(server.type)) +
                    " here and " + std::string(ColumnTypeName(client.type)) + " there");
  }
  if (server.optional && !client.optional) {
    return Outdated("column " + name + " may be null here and not there");
  }
  for (const std::string& value : server.enumeration) {
    const auto& known = client.enumeration;
    if (std::find(known.begin(), known.end(), value) == known.end()) {
      return Outdated("column " + name + " may be \"" + value + "\" here and not there");
    }
  }
  return Ok{};
}

std::vector<std::string> KeyNames(const model::Table& table) {
  std::vector<std::string> names;
  for (const model::ColumnIndex column : table.primary_key) {
    names.push_back(table.columns[column].name);
  }
  return names;
}

}  // namespace

Result<ClientSchema> ClientSchema::Match(const model::Schema& server,
                                         std::string_view client_json) {
  TIDEMARK_ASSIGN_OR_RETURN(const model::Schema client, model::Schema::Parse(client_json));
  ClientSchema result;
  result.hash_ = client.hash();
  result.tables_.resize(server.tables().size());
  for (const model::Table& theirs : client.tables()) {
    const std::optional<model::TableIndex> index = server.FindTable(theirs.name);
    if (!index.has_value()) return Outdated("table " + theirs.name + " does not exist here");
    const model::Table& ours = server.table(*index);
    if (KeyNames(ours) != KeyNames(theirs)) {
      return Outdated("table " + theirs.name + " has another primary key here");
    }
    TableView view;
    for (const model::Column& column : theirs.columns) {
      const std::string name = theirs.name + "." + column.name;
      const std::optional<model::ColumnIndex> position = ours.FindColumn(column.name);
      if (!position.has_value()) return Outdated("column " + name + " does not exist here");
      TIDEMARK_TRY(CheckColumn(name, ours.columns[*position], column));
      view.columns.push_back(*position);
    }
    view.identity = view.columns.size() == ours.columns.size() &&
                    std::is_sorted(view.columns.begin(), view.columns.end());
    result.tables_[*index] = std::move(view);
  }
  return result;
}

model::Row ClientSchema::Project(model::TableIndex server_table, const model::Row& row) const {
  if (server_table >= tables_.size() || !row) return row;
  const TableView& view = *tables_[server_table];
  if (view.identity) return row;
  std::vector<model::Value> values;
  values.reserve(view.columns.size());
  for (const model::ColumnIndex column : view.columns) values.push_back(row[column]);
  return model::Row::Make(std::move(values));
}

}  // namespace tidemark::hub
