#include "core/base/result.h"

#include <array>
#include <boost/json.hpp>

namespace tidemark {
namespace {

struct CodeName {
  ErrorCode code;
  std::string_view name;
};

constexpr std::array<CodeName, 16> kCodeNames = {{
    {ErrorCode::kInvalidArgs, "invalid_args"},
    {ErrorCode::kUnknownMutator, "unknown_mutator"},
    {ErrorCode::kUnknownQuery, "unknown_query"},
    {ErrorCode::kNotFound, "not_found"},
    {ErrorCode::kAlreadyExists, "already_exists"},
    {ErrorCode::kConflict, "conflict"},
    {ErrorCode::kForbidden, "forbidden"},
    {ErrorCode::kUnauthorized, "unauthorized"},
    {ErrorCode::kApp, "app"},
    {ErrorCode::kTimeout, "timeout"},
    {ErrorCode::kLimit, "limit"},
    {ErrorCode::kOutdated, "outdated"},
    {ErrorCode::kExpired, "expired"},
    {ErrorCode::kUnavailable, "unavailable"},
    {ErrorCode::kCorrupt, "corrupt"},
    {ErrorCode::kInternal, "internal"},
}};

Error NotAnErrorDocument(std::string_view json) {
  return Error{ErrorCode::kInternal, "not an error document: " + std::string(json.substr(0, 200))};
}

std::string StringMember(const boost::json::object& object, std::string_view name) {
  const boost::json::value* member = object.if_contains(name);
  if (member == nullptr || !member->is_string()) return {};
  return std::string(member->get_string());
}

}  // namespace

std::string_view ErrorCodeName(ErrorCode code) {
  for (const CodeName& entry : kCodeNames) {
    if (entry.code == code) return entry.name;
  }
  return "internal";
}

std::optional<ErrorCode> ErrorCodeFromName(std::string_view name) {
  for (const CodeName& entry : kCodeNames) {
    if (entry.name == name) return entry.code;
  }
  return std::nullopt;
}

std::string ErrorToJson(const Error& error) {
  boost::json::object object;
  object["code"] = ErrorCodeName(error.code);
  if (!error.app_code.empty()) object["appCode"] = error.app_code;
  object["message"] = error.message;
  if (!error.details_json.empty()) {
    boost::json::error_code failed;
    boost::json::value details = boost::json::parse(error.details_json, failed);
    if (!failed) object["details"] = std::move(details);
  }
  return boost::json::serialize(object);
}

Error ErrorFromJson(std::string_view json) {
  boost::json::error_code failed;
  boost::json::value document = boost::json::parse(json, failed);
  if (failed || !document.is_object()) return NotAnErrorDocument(json);
  const boost::json::object& object = document.get_object();
  std::optional<ErrorCode> code = ErrorCodeFromName(StringMember(object, "code"));
  if (!code) return NotAnErrorDocument(json);
  Error error{*code, StringMember(object, "message"), StringMember(object, "appCode")};
  if (const boost::json::value* details = object.if_contains("details")) {
    error.details_json = boost::json::serialize(*details);
  }
  return error;
}

}  // namespace tidemark
