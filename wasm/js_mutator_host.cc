#include "wasm/js_mutator_host.h"

#include <boost/json.hpp>
#include <utility>

#include "core/model/error_json.h"
#include "core/model/json.h"

namespace tidemark::wasm {
namespace {

std::string Failure(const Error& error) { return "!" + model::ErrorToJson(error); }

Error OutsideOfMutator() {
  return Error{ErrorCode::kInvalidArgs, "the transaction is over: a mutator must not keep `tx`"};
}

Error Misbehaved(std::string_view outcome) {
  return Error{ErrorCode::kInternal,
               "the app's runtime gave no outcome: " + std::string(outcome.substr(0, 200))};
}

/// {"ok":true,"result":…} or {"ok":false,"error":{…}}.
Result<std::string> ParseOutcome(std::string_view outcome) {
  const Result<boost::json::value> document = model::ParseJson(outcome);
  if (!document.ok() || !document->is_object()) return Misbehaved(outcome);
  const boost::json::object& object = document->get_object();
  const boost::json::value* ok = object.if_contains("ok");
  if (ok == nullptr || !ok->is_bool()) return Misbehaved(outcome);
  if (ok->get_bool()) {
    const boost::json::value* result = object.if_contains("result");
    return result == nullptr ? std::string() : boost::json::serialize(*result);
  }
  const boost::json::value* error = object.if_contains("error");
  if (error == nullptr) return Misbehaved(outcome);
  return model::ErrorFromJson(boost::json::serialize(*error));
}

}  // namespace

Result<std::string> JsMutatorHost::Run(const mutation::Mutation& mutation,
                                       const mutation::MutatorContext& context,
                                       mutation::Transaction& transaction) {
  if (transaction_ != nullptr) {
    return Error{ErrorCode::kInvalidArgs, "a mutator must not call another mutation"};
  }
  transaction_ = &transaction;
  const std::string outcome =
      run_(mutation.name, mutation.args_json, mutation::ContextToJson(mutation, context))
          .as<std::string>();
  transaction_ = nullptr;
  if (transaction.doom()) return *transaction.doom();
  return ParseOutcome(outcome);
}

std::string JsMutatorHost::Get(const std::string& table, const std::string& key_json) {
  if (transaction_ == nullptr) return Failure(OutsideOfMutator());
  Result<std::string> row = transaction_->Get(table, key_json);
  return row.ok() ? std::move(row).value() : Failure(row.error());
}

std::string JsMutatorHost::Write(const std::string& op, const std::string& table,
                                 const std::string& payload_json) {
  if (transaction_ == nullptr) return Failure(OutsideOfMutator());
  const std::optional<mutation::WriteOp> write = mutation::WriteOpFromName(op);
  if (!write) return Failure(Error{ErrorCode::kInvalidArgs, "no such write: " + op});
  const Status status = transaction_->Write(*write, table, payload_json);
  return status.ok() ? std::string() : Failure(status.error());
}

std::string JsMutatorHost::Query(const std::string& ast_json) {
  if (transaction_ == nullptr) return Failure(OutsideOfMutator());
  Result<std::string> rows = transaction_->Run(ast_json);
  return rows.ok() ? std::move(rows).value() : Failure(rows.error());
}

std::string JsMutatorHost::Uuid() {
  return transaction_ == nullptr ? Failure(OutsideOfMutator()) : transaction_->Uuid();
}

}  // namespace tidemark::wasm
