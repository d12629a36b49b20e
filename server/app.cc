#include "server/app.h"

#include <spdlog/spdlog.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <unordered_set>
#include <vector>

#include "core/model/error_json.h"
#include "core/model/json.h"
#include "server/read_file.h"

namespace tidemark::server {
namespace {

namespace json = boost::json;

struct Bundle {
  std::string source;
  std::string path;
  ScriptLimits limits;
};

Error NoBundle(const std::string& path, const std::string& what) {
  return Error{ErrorCode::kInvalidArgs,
               path + " is no app bundle: " + what + "; make one with `npx tidemark build`"};
}

std::string Failure(const Error& error) { return "!" + model::ErrorToJson(error); }

void Log(ConsoleLevel level, std::string_view text) {
  switch (level) {
    case ConsoleLevel::kDebug:
      return spdlog::debug("app: {}", text);
    case ConsoleLevel::kLog:
    case ConsoleLevel::kInfo:
      return spdlog::info("app: {}", text);
    case ConsoleLevel::kWarn:
      return spdlog::warn("app: {}", text);
    case ConsoleLevel::kError:
      return spdlog::error("app: {}", text);
  }
}

Result<std::unique_ptr<ScriptEngine>> MakeEngine(const Bundle& bundle) {
  auto engine = std::make_unique<ScriptEngine>(ScriptOptions{bundle.limits, Log});
  TIDEMARK_TRY(engine->Load(bundle.source, bundle.path));
  if (!engine->HasFunction("__tidemark.describe")) {
    return NoBundle(bundle.path, "it does not install an app");
  }
  return engine;
}

Result<json::object> Describe(ScriptEngine& engine, const std::string& path) {
  TIDEMARK_ASSIGN_OR_RETURN(const std::string text, engine.Call("__tidemark.describe", {}));
  Result<json::value> description = model::ParseJson(text);
  if (!description.ok() || !description->is_object()) {
    return NoBundle(path, "it does not describe its app");
  }
  return std::move(description->get_object());
}

/// `{"ok":true,[member]}` or `{"ok":false,"error"}`.
Result<std::string> ParseOutcome(const std::string& text, std::string_view member) {
  if (text == R"({"ok":true})") return std::string();
  const Result<json::value> outcome = model::ParseJson(text);
  const json::object* object = outcome.ok() ? outcome->if_object() : nullptr;
  const json::value* ok = object == nullptr ? nullptr : object->if_contains("ok");
  if (ok == nullptr || !ok->is_bool()) {
    return Error{ErrorCode::kInternal, "the app's runtime gave no outcome"};
  }
  const json::value* value = object->if_contains(ok->get_bool() ? member : "error");
  if (ok->get_bool()) return value == nullptr ? std::string() : json::serialize(*value);
  if (value == nullptr) return Error{ErrorCode::kInternal, "the app's runtime gave no error"};
  return model::ErrorFromJson(json::serialize(*value));
}

/// An app in an engine of its own.
class ScriptHost final : public AppHost {
 public:
  static Result<std::unique_ptr<AppHost>> Make(const Bundle& bundle) {
    TIDEMARK_ASSIGN_OR_RETURN(std::unique_ptr<ScriptEngine> engine, MakeEngine(bundle));
    TIDEMARK_ASSIGN_OR_RETURN(const json::object description, Describe(*engine, bundle.path));
    auto host = std::unique_ptr<ScriptHost>(new ScriptHost(std::move(engine)));
    for (const json::value& name : description.at("mutators").as_array()) {
      host->mutators_.insert(std::string(name.as_string()));
    }
    return std::unique_ptr<AppHost>(std::move(host));
  }

  bool Has(std::string_view name) const override { return mutators_.count(std::string(name)) > 0; }
  Result<std::string> Run(const mutation::Mutation& mutation,
                          const mutation::MutatorContext& context,
                          mutation::Transaction& transaction) override;
  Result<std::string> Resolve(std::string_view name, std::string_view args_json,
                              std::string_view auth_json, mutation::Location location) override;

 private:
  explicit ScriptHost(std::unique_ptr<ScriptEngine> engine);
  HostFunction Guarded(std::string name, std::size_t arity,
                       std::function<std::string(std::span<const std::string_view>)> call);
  Result<std::string> Call(std::string_view function, std::span<const ScriptArgument> arguments);

  std::unique_ptr<ScriptEngine> engine_;
  HostObject calls_;
  std::unordered_set<std::string> mutators_;
  mutation::Transaction* transaction_ = nullptr;  // while Run is on the stack
};

ScriptHost::ScriptHost(std::unique_ptr<ScriptEngine> engine)
    : engine_(std::move(engine)), calls_{0} {
  using Arguments = std::span<const std::string_view>;
  const auto get = [this](Arguments arguments) {
    Result<std::string> row = transaction_->Get(arguments[0], arguments[1]);
    return row.ok() ? std::move(*row) : Failure(row.error());
  };
  const auto write = [this](Arguments arguments) {
    const std::optional<mutation::WriteOp> op = mutation::WriteOpFromName(arguments[0]);
    if (!op.has_value()) {
      return Failure(Error{ErrorCode::kInvalidArgs, "no write " + std::string(arguments[0])});
    }
    const Status status = transaction_->Write(*op, arguments[1], arguments[2]);
    return status.ok() ? std::string() : Failure(status.error());
  };
  const auto run = [this](Arguments arguments) {
    Result<std::string> rows = transaction_->Run(arguments[0]);
    return rows.ok() ? std::move(*rows) : Failure(rows.error());
  };
  const auto uuid = [this](Arguments) { return transaction_->Uuid(); };
  calls_ = engine_->AddHostObject({Guarded("get", 2, get), Guarded("write", 3, write),
                                   Guarded("run", 1, run), Guarded("uuid", 0, uuid)});
}

/// The call, for as long as a mutator runs and with as many arguments as it takes.
HostFunction ScriptHost::Guarded(
    std::string name, std::size_t arity,
    std::function<std::string(std::span<const std::string_view>)> call) {
  return HostFunction{
      std::move(name),
      [this, arity, call = std::move(call)](std::span<const std::string_view> arguments) {
        if (transaction_ == nullptr) {
          return Failure(Error{ErrorCode::kInvalidArgs,
                               "the transaction is over: a mutator must not keep `tx`"});
        }
        if (arguments.size() < arity) {
          return Failure(Error{ErrorCode::kInvalidArgs, "a host call lacks arguments"});
        }
        return call(arguments);
      }};
}

Result<std::string> ScriptHost::Call(std::string_view function,
                                     std::span<const ScriptArgument> arguments) {
  Result<std::string> result = engine_->Call(function, arguments);
  if (engine_->ShouldRecycle()) {
    const Status recycled = engine_->Recycle();
    if (!recycled.ok())
      spdlog::error("the app could not be reloaded: {}", recycled.error().message);
  }
  return result;
}

Result<std::string> ScriptHost::Run(const mutation::Mutation& mutation,
                                    const mutation::MutatorContext& context,
                                    mutation::Transaction& transaction) {
  transaction_ = &transaction;
  const std::string context_json = ContextToJson(mutation, context);
  engine_->SetCallContext(context.timestamp_ms, HashBytes(mutation.seed).low);
  const ScriptArgument arguments[] = {calls_, mutation.name, mutation.args_json, context_json};
  Result<std::string> outcome = Call("__tidemark.runMutator", arguments);
  transaction_ = nullptr;
  if (transaction.doom().has_value()) return *transaction.doom();
  if (!outcome.ok()) return outcome;
  return ParseOutcome(*outcome, "result");
}

Result<std::string> ScriptHost::Resolve(std::string_view name, std::string_view args_json,
                                        std::string_view auth_json, mutation::Location location) {
  const std::string context_json = R"({"auth":)" + std::string(auth_json) + R"(,"location":")" +
                                   (location == mutation::Location::kServer ? "server" : "client") +
                                   "\"}";
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  engine_->SetCallContext(std::chrono::duration_cast<std::chrono::milliseconds>(now).count(), 0);
  const ScriptArgument arguments[] = {name, args_json, std::string_view(context_json)};
  TIDEMARK_ASSIGN_OR_RETURN(const std::string outcome, Call("__tidemark.resolveQuery", arguments));
  return ParseOutcome(outcome, "ast");
}

}  // namespace

Result<App> App::Load(const std::string& path, const ScriptLimits& limits) {
  Result<std::string> source = ReadFile(path);
  if (!source.ok()) {
    return Error{ErrorCode::kNotFound,
                 source.error().message + ": make the bundle with `npx tidemark build`"};
  }
  auto bundle = std::make_shared<const Bundle>(Bundle{std::move(*source), path, limits});
  TIDEMARK_ASSIGN_OR_RETURN(const std::unique_ptr<ScriptEngine> engine, MakeEngine(*bundle));
  TIDEMARK_ASSIGN_OR_RETURN(const json::object description, Describe(*engine, path));
  const json::value* document = description.if_contains("schema");
  if (document == nullptr) return NoBundle(path, "it has no schema");
  TIDEMARK_ASSIGN_OR_RETURN(model::Schema schema, model::Schema::Parse(json::serialize(*document)));
  return App(std::make_unique<model::Schema>(std::move(schema)),
             [bundle] { return ScriptHost::Make(*bundle); });
}

}  // namespace tidemark::server
