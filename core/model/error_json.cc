#include "core/model/error_json.h"

#include <boost/json.hpp>
#include <optional>
#include <utility>

#include "core/model/json.h"

namespace tidemark::model {
namespace {

Error NotAnErrorDocument(std::string_view json) {
  return Error{ErrorCode::kInternal, "not an error document: " + std::string(json.substr(0, 200))};
}

std::string StringMember(const boost::json::object& object, std::string_view name) {
  const boost::json::value* member = object.if_contains(name);
  if (member == nullptr || !member->is_string()) return {};
  return std::string(member->get_string());
}

}  // namespace

std::string ErrorToJson(const Error& error) {
  boost::json::object object;
  object["code"] = ErrorCodeName(error.code);
  if (!error.app_code.empty()) object["appCode"] = error.app_code;
  object["message"] = error.message;
  if (!error.details_json.empty()) {
    Result<boost::json::value> details = ParseJson(error.details_json);
    if (details.ok()) object["details"] = std::move(details).value();
  }
  return boost::json::serialize(object);
}

Error ErrorFromJson(std::string_view json) {
  const Result<boost::json::value> document = ParseJson(json);
  if (!document.ok() || !document->is_object()) return NotAnErrorDocument(json);
  const boost::json::object& object = document->get_object();
  std::optional<ErrorCode> code = ErrorCodeFromName(StringMember(object, "code"));
  if (!code) return NotAnErrorDocument(json);
  Error error{*code, StringMember(object, "message"), StringMember(object, "appCode")};
  if (const boost::json::value* details = object.if_contains("details")) {
    error.details_json = boost::json::serialize(*details);
  }
  return error;
}

}  // namespace tidemark::model
