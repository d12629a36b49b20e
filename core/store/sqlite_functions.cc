#include "core/store/sqlite_functions.h"

#include <sqlite3.h>

#include <boost/json/value.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/model/json.h"
#include "core/model/json_path.h"
#include "core/model/json_scan.h"
#include "core/model/number_text.h"
#include "core/query/sql_writer.h"

namespace tidemark::store {
namespace {

std::string_view TextOf(sqlite3_value* value) {
  const unsigned char* text = sqlite3_value_text(value);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text),
          static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

constexpr int kPathArgument = 1;

std::unique_ptr<model::JsonPath> ParsePath(std::string_view text) {
  const Result<boost::json::value> json = model::ParseJson(text);
  if (!json.ok()) return nullptr;
  Result<model::JsonPath> path = model::PathFromJson(*json);
  if (!path.ok()) return nullptr;
  return std::make_unique<model::JsonPath>(std::move(path).value());
}

void GiveText(sqlite3_context* context, const std::string& text) {
  sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

/// Gives what was found at the path if it is of the kind; else leaves the result NULL.
void GiveFound(sqlite3_context* context, std::string_view found, std::string_view kind) {
  const char first = found.front();
  if (kind == "any") {
    sqlite3_result_int(context, 1);
  } else if (kind == "string" && first == '"') {
    GiveText(context, model::DecodeStringLiteral(found));
  } else if (kind == "boolean" && (first == 't' || first == 'f')) {
    sqlite3_result_int(context, first == 't' ? 1 : 0);
  } else if (kind == "number" && (first == '-' || (first >= '0' && first <= '9'))) {
    sqlite3_result_double(context, model::ParseNumber(found));
  }
}

void JsonAtPath(sqlite3_context* context, int, sqlite3_value** arguments) {
  if (sqlite3_value_type(arguments[0]) != SQLITE_TEXT) return;
  // A path that does not change is parsed once a statement.
  const auto* path =
      static_cast<const model::JsonPath*>(sqlite3_get_auxdata(context, kPathArgument));
  std::unique_ptr<model::JsonPath> parsed;
  if (path == nullptr) {
    parsed = ParsePath(TextOf(arguments[kPathArgument]));
    if (parsed == nullptr) return sqlite3_result_error(context, "not a path", -1);
    path = parsed.get();
  }
  const std::optional<std::string_view> found = model::JsonFind(TextOf(arguments[0]), *path);
  if (found && !found->empty() && *found != "null") {
    GiveFound(context, *found, TextOf(arguments[2]));
  }
  if (parsed != nullptr) {
    sqlite3_set_auxdata(context, kPathArgument, parsed.release(),
                        [](void* old) { delete static_cast<model::JsonPath*>(old); });
  }
}

}  // namespace

Status AddSqlFunctions(sqlite3* database) {
  constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  const std::string name(query::kJsonFunction);
  const int code = sqlite3_create_function_v2(database, name.c_str(), 3, kFlags, nullptr,
                                              JsonAtPath, nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return Ok{};
  return Error{ErrorCode::kInternal, std::string("SQLite: ") + sqlite3_errmsg(database)};
}

}  // namespace tidemark::store
