#include "server/replay_rules.h"

#include <optional>

#include "core/model/json_path.h"
#include "core/model/value.h"
#include "server/embedded/sqlite_state.h"

namespace tidemark::server {
namespace {

constexpr std::int64_t kClockSkewMaxMs = 5 * 60 * 1000;

std::string Name(const mutation::Mutation& mutation) { return "client " + mutation.client.value; }

std::string DeadLetter(const mutation::Mutation& mutation) {
  std::string details = "{\"name\":";
  model::AppendJsonString(details, mutation.name);
  const Result<std::string> args = model::CanonicalJsonText(mutation.args_json);
  details += ",\"args\":" + (args.ok() ? *args : std::string("null")) + "}";
  return details;
}

}  // namespace

mutation::MutatorContext ReplayContext(const PushRequest& push, const mutation::Mutation& mutation,
                                       std::int64_t now_ms) {
  mutation::MutatorContext context;
  context.auth_json = push.auth_json;
  context.location = mutation::Location::kServer;
  context.reason = mutation::Reason::kAuthoritative;
  context.timestamp_ms =
      mutation.timestamp_ms > now_ms + kClockSkewMaxMs ? now_ms : mutation.timestamp_ms;
  return context;
}

Error UnknownMutator(const mutation::Mutation& mutation) {
  return Error{.code = ErrorCode::kUnknownMutator,
               .message = "there is no mutator named " + mutation.name,
               .details_json = DeadLetter(mutation)};
}

bool MayPassNextTime(const Error& error) {
  return error.code == ErrorCode::kTimeout || error.code == ErrorCode::kLimit;
}

Error ExpiredClient(const mutation::Mutation& mutation) {
  return Error{ErrorCode::kExpired, Name(mutation) +
                                        " is not known here (any more): its mutation " +
                                        std::to_string(mutation.id) + " is not replayed"};
}

Error ForeignClient(const mutation::Mutation& mutation) {
  return Error{ErrorCode::kForbidden, Name(mutation) + " belongs to somebody else"};
}

Error Gap(const mutation::Mutation& mutation, MutationID expected) {
  return Error{ErrorCode::kConflict, "expected mutation " + std::to_string(expected) + " of " +
                                         Name(mutation) + ", found " + std::to_string(mutation.id)};
}

bool IsBeyondHorizon(const ClientID& client, std::int64_t now_ms) {
  const std::optional<std::int64_t> created_ms = CreationTimeMs(client);
  return created_ms.has_value() && *created_ms < now_ms - kClientHorizonMs;
}

}  // namespace tidemark::server
