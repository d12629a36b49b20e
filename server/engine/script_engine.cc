#include "server/engine/script_engine.h"

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include "core/base/check.h"
#include "core/model/value.h"

namespace tidemark::server {
namespace {

constexpr std::size_t kHostArgumentsMax = 8;
constexpr std::size_t kCallArgumentsMax = 8;

// Ends the call on every way out; a call that was stopped has that error instead of its result.
class CallScope {
 public:
  CallScope(ScriptVm& vm, std::chrono::milliseconds limit,
            ScriptVm::Watch watch = ScriptVm::Watch::kSlices)
      : vm_(vm) {
    vm_.BeginCall(limit, watch);
  }
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;
  ~CallScope() {
    if (open_) static_cast<void>(vm_.EndCall().ok());
  }
  Status End() {
    open_ = false;
    return vm_.EndCall();
  }

 private:
  ScriptVm& vm_;
  bool open_ = true;
};

JSValueRef MakeError(JSContextRef context, std::string_view text) {
  const JSValueRef message = JSValueMakeString(context, ScriptString(text).get());
  return JSObjectMakeError(context, 1, &message, nullptr);
}

}  // namespace

struct ScriptEngine::HostCall {
  ScriptEngine* engine;
  HostFunction function;
};

ScriptEngine::ScriptEngine(ScriptOptions options)
    : options_(std::move(options)),
      vm_(std::make_unique<ScriptVm>(options_.limits, options_.console)) {}

ScriptEngine::~ScriptEngine() = default;

HostObject ScriptEngine::AddHostObject(std::vector<HostFunction> functions) {
  std::vector<std::unique_ptr<HostCall>> calls;
  calls.reserve(functions.size());
  for (HostFunction& function : functions) {
    calls.push_back(std::make_unique<HostCall>(HostCall{this, std::move(function)}));
  }
  host_objects_.push_back(std::move(calls));
  host_handles_.push_back(MakeHostObject(host_objects_.size() - 1));
  return HostObject{host_objects_.size() - 1};
}

JSObjectRef ScriptEngine::MakeHostObject(std::size_t index) {
  const JSGlobalContextRef context = vm_->context();
  const JSObjectRef object = JSObjectMake(context, nullptr, nullptr);
  JSValueProtect(context, object);
  for (const auto& call : host_objects_[index]) {
    SetProperty(context, object, call->function.name,
                MakeScriptFunction(context, &OnHostCall, call.get()));
  }
  return object;
}

Status ScriptEngine::Load(std::string source, std::string file_name) {
  TIDEMARK_CHECK(source_.empty());
  source_ = std::move(source);
  file_name_ = std::move(file_name);
  has_await_ = source_.find("await") != std::string::npos;
  return RunScript();
}

Status ScriptEngine::Recycle() {
  functions_.clear();
  host_handles_.clear();
  vm_.reset();
  vm_ = std::make_unique<ScriptVm>(options_.limits, options_.console);
  for (std::size_t i = 0; i < host_objects_.size(); ++i) {
    host_handles_.push_back(MakeHostObject(i));
  }
  return RunScript();
}

Status ScriptEngine::RunScript() {
  const JSGlobalContextRef context = vm_->context();
  const ScriptString source{std::string_view(source_)};
  const ScriptString name{std::string_view(file_name_)};
  vm_->SetCallContext(0, 0);
  CallScope call(*vm_, options_.limits.load_time,
                 has_await_ ? ScriptVm::Watch::kEveryEntry : ScriptVm::Watch::kSlices);
  JSValueRef exception = nullptr;
  JSEvaluateScript(context, source.get(), nullptr, name.get(), 1, &exception);
  if (exception == nullptr && !vm_->stopping()) {
    JSObjectCallAsFunction(context, vm_->lock_function(), nullptr, 0, nullptr, &exception);
  }
  Error error;
  if (exception != nullptr) error = DescribeException(exception, ErrorCode::kInvalidArgs);
  TIDEMARK_TRY(call.End());
  if (exception != nullptr) return error;
  return Ok{};
}

void ScriptEngine::SetCallContext(std::int64_t timestamp_ms, std::uint64_t seed) {
  timestamp_ms_ = timestamp_ms;
  seed_ = seed;
}

bool ScriptEngine::HasFunction(std::string_view path) {
  if (vm_->stopped()) return false;
  CallScope call(*vm_, options_.limits.time);
  return Find(path).ok();
}

Result<const ScriptEngine::GlobalFunction*> ScriptEngine::Find(std::string_view path) {
  const auto known = std::find_if(functions_.begin(), functions_.end(),
                                  [&](const GlobalFunction& f) { return f.path == path; });
  if (known != functions_.end()) return &*known;
  const JSGlobalContextRef context = vm_->context();
  JSObjectRef parent = nullptr;
  JSObjectRef object = JSContextGetGlobalObject(context);
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const ScriptString name(path.substr(begin, end - begin));
    const JSValueRef value = JSObjectGetProperty(context, object, name.get(), nullptr);
    if (value == nullptr || vm_->stopping() || !JSValueIsObject(context, value)) {
      return Error{ErrorCode::kInternal,
                   file_name_ + " does not define " + std::string(path.substr(0, end))};
    }
    parent = object;
    object = JSValueToObject(context, value, nullptr);
    begin = end + 1;
  }
  if (!JSObjectIsFunction(context, object)) {
    return Error{ErrorCode::kInternal, std::string(path) + " is not a function"};
  }
  JSValueProtect(context, parent);
  JSValueProtect(context, object);
  functions_.push_back({std::string(path), parent, object});
  return &functions_.back();
}

Result<std::string> ScriptEngine::Call(std::string_view path,
                                       std::span<const ScriptArgument> arguments) {
  TIDEMARK_CHECK(arguments.size() <= kCallArgumentsMax);
  if (vm_->stopped()) TIDEMARK_TRY(Recycle());
  vm_->SetCallContext(timestamp_ms_, seed_);
  const JSGlobalContextRef context = vm_->context();
  CallScope call(*vm_, options_.limits.time);
  TIDEMARK_ASSIGN_OR_RETURN(const GlobalFunction* target, Find(path));
  std::array<JSValueRef, kCallArgumentsMax + 2> values;
  std::size_t count = 0;
  JSObjectRef function = target->function;
  JSObjectRef self = target->parent;
  if (has_await_) {
    values[count++] = function;
    values[count++] = self;
    function = vm_->invoke_function();
    self = nullptr;
  }
  for (const ScriptArgument& argument : arguments) {
    if (const auto* text = std::get_if<std::string_view>(&argument)) {
      values[count++] = JSValueMakeString(context, ScriptString(*text).get());
    } else {
      values[count++] = host_handles_[std::get_if<HostObject>(&argument)->index];
    }
  }
  JSValueRef exception = nullptr;
  const JSValueRef value =
      JSObjectCallAsFunction(context, function, self, count, values.data(), &exception);
  Result<std::string> result = std::string();
  if (exception == nullptr && !vm_->stopping()) {
    const ScriptString text(JSValueToStringCopy(context, value, &exception));
    text.AppendTo(*result);
  }
  if (exception != nullptr) result = DescribeException(exception, ErrorCode::kInternal);
  TIDEMARK_TRY(call.End());
  return result;
}

std::string ScriptEngine::GetText(JSObjectRef object, std::string_view name) {
  const JSGlobalContextRef context = vm_->context();
  if (vm_->stopping()) return {};
  const JSValueRef value = JSObjectGetProperty(context, object, ScriptString(name).get(), nullptr);
  if (value == nullptr || vm_->stopping() || JSValueIsUndefined(context, value)) return {};
  return ScriptString(JSValueToStringCopy(context, value, nullptr)).ToUtf8();
}

Error ScriptEngine::DescribeException(JSValueRef exception, ErrorCode code) {
  if (vm_->stopping()) return Error{code, "stopped"};
  const JSGlobalContextRef context = vm_->context();
  Error error{code, ScriptString(JSValueToStringCopy(context, exception, nullptr)).ToUtf8()};
  if (!JSValueIsObject(context, exception)) return error;
  const JSObjectRef object = JSValueToObject(context, exception, nullptr);
  const std::string line = GetText(object, "line");
  if (!line.empty()) {
    const std::string column = GetText(object, "column");
    std::string file = GetText(object, "sourceURL");
    if (file.empty()) file = file_name_;
    error.message = file + ":" + line + (column.empty() ? "" : ":" + column) + ": " + error.message;
  }
  const std::string stack = GetText(object, "stack");
  if (!stack.empty()) {
    error.details_json = R"({"stack":)";
    model::AppendJsonString(error.details_json, stack);
    error.details_json += '}';
  }
  return error;
}

JSValueRef ScriptEngine::OnHostCall(JSContextRef context, JSObjectRef function, JSObjectRef,
                                    std::size_t count, const JSValueRef arguments[],
                                    JSValueRef* exception) {
  const HostCall& host = *static_cast<HostCall*>(JSObjectGetPrivate(function));
  count = std::min(count, kHostArgumentsMax);
  std::string& storage = host.engine->argument_text_;
  storage.clear();
  std::array<std::size_t, kHostArgumentsMax> ends;
  for (std::size_t i = 0; i < count; ++i) {
    const ScriptString text(JSValueToStringCopy(context, arguments[i], exception));
    if (*exception != nullptr) return JSValueMakeUndefined(context);
    text.AppendTo(storage);
    ends[i] = storage.size();
  }
  std::array<std::string_view, kHostArgumentsMax> views;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t begin = i == 0 ? 0 : ends[i - 1];
    views[i] = std::string_view(storage).substr(begin, ends[i] - begin);
  }
  // An exception must not unwind the engine's frames.
  try {
    const std::string answer = host.function.call({views.data(), count});
    return JSValueMakeString(context, ScriptString(std::string_view(answer)).get());
  } catch (const std::exception& failure) {
    *exception = MakeError(context, failure.what());
  } catch (...) {
    *exception = MakeError(context, host.function.name + " failed");
  }
  return JSValueMakeUndefined(context);
}

}  // namespace tidemark::server
