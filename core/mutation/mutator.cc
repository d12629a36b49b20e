#include "core/mutation/mutator.h"

#include <utility>

#include "core/model/value.h"

namespace tidemark::mutation {
namespace {

std::string_view ReasonName(Reason reason) {
  switch (reason) {
    case Reason::kOptimistic:
      return "optimistic";
    case Reason::kRebase:
      return "rebase";
    case Reason::kAuthoritative:
      return "authoritative";
  }
  return "authoritative";
}

}  // namespace

std::string ContextToJson(const Mutation& mutation, const MutatorContext& context) {
  std::string json = R"({"auth":)";
  json += context.auth_json.empty() ? "null" : context.auth_json;
  json += R"(,"clientID":)";
  model::AppendJsonString(json, mutation.client.value);
  json +=
      context.location == Location::kClient ? R"(,"location":"client")" : R"(,"location":"server")";
  json += R"(,"reason":")";
  json += ReasonName(context.reason);
  json += R"(","timestamp":)";
  json += std::to_string(context.timestamp_ms);
  json += '}';
  return json;
}

void MutatorRegistry::Register(std::string name, MutatorFunction function) {
  functions_[std::move(name)] = std::move(function);
}

bool MutatorRegistry::Has(std::string_view name) const {
  return functions_.find(std::string(name)) != functions_.end();
}

Result<std::string> MutatorRegistry::Run(const Mutation& mutation, const MutatorContext& context,
                                         Transaction& transaction) {
  const auto found = functions_.find(mutation.name);
  if (found == functions_.end()) {
    return Error{ErrorCode::kUnknownMutator, "there is no mutator named " + mutation.name};
  }
  Result<std::string> result = found->second(transaction, mutation.args_json, context);
  if (transaction.doom()) return *transaction.doom();
  return result;
}

}  // namespace tidemark::mutation
