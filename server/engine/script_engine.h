// An app's script in an engine of its own: loads it, calls its functions with strings, lets it call
// back. JavaScriptCore inside, and nowhere outside server/engine.
//
// One thread makes, uses and destroys an engine. A call ends in time or with kTimeout, within its
// memory or with kLimit, and whatever happened in it the engine can be called again. Two calls with
// the same arguments, context and answers of the host see the same: the clock is the context's
// timestamp, randomness comes from its seed, the time zone is UTC and the locale en-US; there are
// no timers, threads or sockets. What a script keeps in its own module variables is not prevented:
// it lasts until the engine is recycled. See docs/engine.md.
//
// The first engine of a process sets its TZ to UTC: make one before starting other threads.
#ifndef TIDEMARK_SERVER_ENGINE_SCRIPT_ENGINE_H_
#define TIDEMARK_SERVER_ENGINE_SCRIPT_ENGINE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.h"
#include "server/engine/script_vm.h"

namespace tidemark::server {

/// Called with the arguments as strings; what it throws becomes an Error in the script. The views
/// last for the call; arguments beyond the eighth are dropped. Must not call the engine.
struct HostFunction {
  std::string name;
  std::function<std::string(std::span<const std::string_view> arguments)> call;
};
/// Names an object of host functions that a script can be given as an argument.
struct HostObject {
  std::size_t index;
};
using ScriptArgument = std::variant<std::string_view, HostObject>;

struct ScriptOptions {
  ScriptLimits limits;
  ConsoleSink console;  // where console.log and its like go; may be empty
};

class ScriptEngine {
 public:
  explicit ScriptEngine(ScriptOptions options);
  ScriptEngine(const ScriptEngine&) = delete;
  ScriptEngine& operator=(const ScriptEngine&) = delete;
  ~ScriptEngine();

  /// Survives Recycle.
  HostObject AddHostObject(std::vector<HostFunction> functions);

  /// Runs a classic script (not a module), once per engine. Its errors name `file_name` and the
  /// line: kInvalidArgs for what does not parse or throws.
  Status Load(std::string source, std::string file_name);

  /// The Date and Math.random of each call that follows: every call starts from the seed again.
  void SetCallContext(std::int64_t timestamp_ms, std::uint64_t seed);

  /// Calls the function at a path of global properties, for example "__tidemark.describe", with
  /// its parent as `this`; the result is its value as a string. Something thrown is kInternal with
  /// the name, message and place of the error, and `{"stack"}` as details.
  Result<std::string> Call(std::string_view path, std::span<const ScriptArgument> arguments);
  bool HasFunction(std::string_view path);

  /// Whether the VM has grown too large, or a call in it was stopped (then the next call begins
  /// with Recycle by itself). To be asked between calls.
  bool ShouldRecycle() { return vm_->ShouldRecycle(); }
  /// A new VM with the same script: some milliseconds, and the end of all state in it.
  Status Recycle();

 private:
  struct HostCall;  // what a function object of the host points to
  struct GlobalFunction {
    std::string path;
    JSObjectRef parent;
    JSObjectRef function;
  };

  static JSValueRef OnHostCall(JSContextRef context, JSObjectRef function, JSObjectRef,
                               std::size_t count, const JSValueRef arguments[],
                               JSValueRef* exception);

  Status RunScript();
  JSObjectRef MakeHostObject(std::size_t index);
  Result<const GlobalFunction*> Find(std::string_view path);
  /// Inside a call: reads properties of what was thrown.
  Error DescribeException(JSValueRef exception, ErrorCode code);
  std::string GetText(JSObjectRef object, std::string_view name);

  ScriptOptions options_;
  std::string source_;
  std::string file_name_;
  bool has_await_ = false;
  std::int64_t timestamp_ms_ = 0;
  std::uint64_t seed_ = 0;
  std::vector<std::vector<std::unique_ptr<HostCall>>> host_objects_;

  std::unique_ptr<ScriptVm> vm_;
  // Handles of vm_'s values, made anew with it.
  std::vector<JSObjectRef> host_handles_;
  std::vector<GlobalFunction> functions_;
  std::string argument_text_;  // storage of a host call's arguments, kept for its capacity
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_ENGINE_SCRIPT_ENGINE_H_
