// One virtual machine of JavaScriptCore with its watch over time and memory, and nothing loaded but
// the prelude. ScriptEngine makes one, loads the app into it and replaces it when it has grown.
//
// A call is everything between BeginCall and EndCall, including the microtasks that the engine runs
// on its way out. Three hooks watch it, all on the VM's own thread:
// - a timer of the engine (every slice of processor time) asks OnSlice whether to go on;
// - OnCollected runs after each garbage collection. The timer starts anew with each microtask, so
//   an endless chain of short ones would never meet it; but such a chain allocates;
// - a chain of `await`s may not even allocate. A script that has the word in it is called through
//   the prelude's `invoke`, which reports the end of the synchronous part: from then on the timer
//   is armed at once with each microtask (a few microseconds a call).
#ifndef TIDEMARK_SERVER_ENGINE_SCRIPT_VM_H_
#define TIDEMARK_SERVER_ENGINE_SCRIPT_VM_H_

#include <JavaScriptCore/JavaScript.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/random.h"
#include "core/base/result.h"
#include "server/engine/script_string.h"

namespace tidemark::server {

enum class ConsoleLevel : std::uint8_t { kDebug, kLog, kInfo, kWarn, kError };
using ConsoleSink = std::function<void(ConsoleLevel level, std::string_view text)>;

struct ScriptLimits {
  /// Processor time of a call, without what host functions wait for.
  std::chrono::milliseconds time = std::chrono::milliseconds(1000);
  /// The same for loading the script: a large bundle is parsed and run cold.
  std::chrono::milliseconds load_time = std::chrono::milliseconds(5000);
  /// A call ends when the process has grown by more than this since it began. Checked
  /// in slices: one built-in operation that allocates more at once is not stopped in the middle.
  std::size_t growth_bytes_max = std::size_t{512} << 20;
  /// A heap larger than this after a call is a reason to recycle.
  std::size_t heap_bytes_max = std::size_t{128} << 20;
};

class ScriptVm {
 public:
  /// Both outlive the VM.
  ScriptVm(const ScriptLimits& limits, const ConsoleSink& console);
  ScriptVm(const ScriptVm&) = delete;
  ScriptVm& operator=(const ScriptVm&) = delete;
  ~ScriptVm();

  JSGlobalContextRef context() const { return context_; }
  JSObjectRef lock_function() const { return lock_; }
  JSObjectRef invoke_function() const { return invoke_; }

  /// What Date and Math.random are made of from now on.
  void SetCallContext(std::int64_t timestamp_ms, std::uint64_t seed);

  /// With kEveryEntry the timer is armed at once with each microtask from the start.
  enum class Watch : std::uint8_t { kSlices, kEveryEntry };
  void BeginCall(std::chrono::milliseconds limit, Watch watch = Watch::kSlices);
  /// The call is being stopped: entering the VM again before its end is a bug that the engine
  /// answers by aborting, and nothing that it returned is to be used.
  bool stopping() const { return stop_ != Stop::kNone; }
  /// The error of a call that was stopped.
  Status EndCall();
  /// A call was stopped: what it left behind (more microtasks, a request to terminate) may meet the
  /// next one, so there must be none.
  bool stopped() const { return stopped_; }
  /// Measured where collections have happened since the last time.
  bool ShouldRecycle();

 private:
  enum class Stop : std::uint8_t { kNone, kTime, kMemory };
  using Clock = std::chrono::steady_clock;

  static bool OnSlice(JSContextRef context, void* self);
  static void OnCollected(JSContextGroupRef group, void* self);
  static JSValueRef Now(JSContextRef context, JSObjectRef function, JSObjectRef, std::size_t,
                        const JSValueRef[], JSValueRef*);
  static JSValueRef RandomNumber(JSContextRef context, JSObjectRef function, JSObjectRef,
                                 std::size_t, const JSValueRef[], JSValueRef*);
  static JSValueRef Print(JSContextRef context, JSObjectRef function, JSObjectRef,
                          std::size_t count, const JSValueRef arguments[], JSValueRef* exception);
  static JSValueRef BeginTail(JSContextRef context, JSObjectRef function, JSObjectRef, std::size_t,
                              const JSValueRef[], JSValueRef*);

  void RunPrelude();
  void ArmSlice();
  void CheckLimits(std::chrono::nanoseconds used_at_least);

  const ScriptLimits& limits_;
  const ConsoleSink& console_;
  JSContextGroupRef group_;
  JSGlobalContextRef context_;
  JSObjectRef lock_ = nullptr;
  JSObjectRef invoke_ = nullptr;

  std::int64_t timestamp_ms_ = 0;
  Random random_{0};

  bool in_call_ = false;
  bool in_tail_ = false;
  Stop stop_ = Stop::kNone;
  bool stopped_ = false;
  std::chrono::milliseconds limit_{0};
  double slice_s_ = 0;
  double armed_slice_s_ = -1;  // what the engine was told last
  Clock::time_point began_;
  std::chrono::nanoseconds cpu_at_start_{0};  // estimated at the first hook; 0 before it

  std::size_t idle_bytes_ = 0;  // of the process, not long before this call
  Clock::time_point idle_measured_at_;
  std::uint64_t collections_ = 0;
  std::uint64_t collections_seen_ = 0;      // by ShouldRecycle
  std::uint64_t collections_measured_ = 0;  // when it last measured the heap
  std::size_t measured_bytes_ = 0;          // of the process, then
};

/// A function object whose callback finds `data` by JSObjectGetPrivate(function).
JSObjectRef MakeScriptFunction(JSContextRef context, JSObjectCallAsFunctionCallback callback,
                               void* data);
/// Sets an ordinary property.
void SetProperty(JSContextRef context, JSObjectRef object, std::string_view name, JSValueRef value);

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_ENGINE_SCRIPT_VM_H_
