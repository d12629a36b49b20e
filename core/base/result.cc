#include "core/base/result.h"

#include <array>

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

}  // namespace tidemark
