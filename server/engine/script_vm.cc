#include "server/engine/script_vm.h"

#include <jsc/jsc.h>
#include <stdlib.h>
#include <time.h>

#include <algorithm>
#include <mutex>
#include <optional>

#include "core/base/check.h"
#include "server/engine/jsc_extra.h"
#include "server/engine/resident_memory.h"
#include "server/engine/script_prelude.h"

namespace tidemark::server {
namespace {

// Measuring walks the heap, so it is done after several collections (one happens every few
// megabytes of garbage) or when the process has grown.
constexpr std::uint64_t kCollectionsPerMeasurement = 8;

// What the rest of the process takes is not held against a call: the size to compare with is at
// most this old when the call begins.
constexpr std::chrono::milliseconds kIdleSizeAgeMax(100);

std::chrono::nanoseconds ThreadCpuTime() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

double Seconds(std::chrono::milliseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

// The engine takes the local time zone from the environment, and keeps it. Scripts are stopped at
// polls of a flag rather than by a signal, which fails to reach optimized code where another party
// (a sanitizer) handles signals too.
void PrepareProcessOnce() {
  static std::once_flag once;
  std::call_once(once, [] {
    setenv("TZ", "UTC", 1);
    tzset();
    TIDEMARK_CHECK(jsc_options_set_boolean("usePollingTraps", TRUE));
  });
}

JSContextGroupRef MakeGroup() {
  PrepareProcessOnce();
  return JSContextGroupCreate();
}

std::optional<ConsoleLevel> LevelFromName(std::string_view name) {
  if (name == "debug") return ConsoleLevel::kDebug;
  if (name == "log") return ConsoleLevel::kLog;
  if (name == "info") return ConsoleLevel::kInfo;
  if (name == "warn") return ConsoleLevel::kWarn;
  if (name == "error") return ConsoleLevel::kError;
  return std::nullopt;
}

JSObjectRef GetObject(JSContextRef context, JSObjectRef object, std::string_view name) {
  const JSValueRef value = JSObjectGetProperty(context, object, ScriptString(name).get(), nullptr);
  TIDEMARK_CHECK(value != nullptr && JSValueIsObject(context, value));
  return JSValueToObject(context, value, nullptr);
}

}  // namespace

JSObjectRef MakeScriptFunction(JSContextRef context, JSObjectCallAsFunctionCallback callback,
                               void* data) {
  JSClassDefinition definition = kJSClassDefinitionEmpty;
  definition.attributes = kJSClassAttributeNoAutomaticPrototype;
  definition.className = "HostFunction";
  definition.callAsFunction = callback;
  const JSClassRef made = JSClassCreate(&definition);
  const JSObjectRef function = JSObjectMake(context, made, data);
  JSClassRelease(made);
  return function;
}

void SetProperty(JSContextRef context, JSObjectRef object, std::string_view name,
                 JSValueRef value) {
  JSValueRef exception = nullptr;
  JSObjectSetProperty(context, object, ScriptString(name).get(), value, kJSPropertyAttributeNone,
                      &exception);
  TIDEMARK_CHECK(exception == nullptr);
}

ScriptVm::ScriptVm(const ScriptLimits& limits, const ConsoleSink& console)
    : limits_(limits),
      console_(console),
      group_(MakeGroup()),
      context_(JSGlobalContextCreateInGroup(group_, nullptr)) {
  JSContextGroupAddHeapFinalizer(group_, &OnCollected, this);
  RunPrelude();
  measured_bytes_ = ResidentBytes();
}

ScriptVm::~ScriptVm() {
  // Microtasks that are left would run to their end now, which a chain does not have.
  BeginCall(std::chrono::milliseconds(0), Watch::kEveryEntry);
  stop_ = Stop::kTime;
  JSContextGroupRemoveHeapFinalizer(group_, &OnCollected, this);
  JSGlobalContextRelease(context_);
  JSContextGroupRelease(group_);
}

void ScriptVm::RunPrelude() {
  const ScriptString source{std::string_view(kScriptPrelude)};
  const JSValueRef made = JSEvaluateScript(context_, source.get(), nullptr, nullptr, 1, nullptr);
  TIDEMARK_CHECK(made != nullptr && JSValueIsObject(context_, made));
  const JSValueRef functions[] = {
      MakeScriptFunction(context_, &Now, this), MakeScriptFunction(context_, &RandomNumber, this),
      MakeScriptFunction(context_, &Print, this), MakeScriptFunction(context_, &BeginTail, this)};
  JSValueRef exception = nullptr;
  const JSValueRef result =
      JSObjectCallAsFunction(context_, JSValueToObject(context_, made, nullptr), nullptr,
                             std::size(functions), functions, &exception);
  TIDEMARK_CHECK(exception == nullptr && JSValueIsObject(context_, result));
  const JSObjectRef surface = JSValueToObject(context_, result, nullptr);
  lock_ = GetObject(context_, surface, "lock");
  invoke_ = GetObject(context_, surface, "invoke");
  JSValueProtect(context_, lock_);
  JSValueProtect(context_, invoke_);
}

void ScriptVm::SetCallContext(std::int64_t timestamp_ms, std::uint64_t seed) {
  timestamp_ms_ = timestamp_ms;
  random_ = Random(seed);
}

void ScriptVm::BeginCall(std::chrono::milliseconds limit, Watch watch) {
  TIDEMARK_CHECK(!in_call_);
  in_call_ = true;
  in_tail_ = watch == Watch::kEveryEntry;
  stop_ = Stop::kNone;
  limit_ = limit;
  began_ = Clock::now();
  if (began_ - idle_measured_at_ > kIdleSizeAgeMax) {
    idle_measured_at_ = began_;
    idle_bytes_ = ResidentBytes();
  }
  cpu_at_start_ = std::chrono::nanoseconds(0);
  slice_s_ = std::clamp(Seconds(limit) / 10, 0.001, 0.02);
  if (armed_slice_s_ != (in_tail_ ? 0 : slice_s_)) ArmSlice();
}

Status ScriptVm::EndCall() {
  TIDEMARK_CHECK(in_call_);
  in_call_ = false;
  if (stop_ == Stop::kNone) return Ok{};
  stopped_ = true;
  if (stop_ == Stop::kTime) {
    return Error{ErrorCode::kTimeout, "the script ran for more than " +
                                          std::to_string(limit_.count()) +
                                          " ms of processor time and was stopped"};
  }
  return Error{ErrorCode::kLimit, "the script was stopped: it took more than " +
                                      std::to_string(limits_.growth_bytes_max >> 20) +
                                      " MiB of memory"};
}

bool ScriptVm::ShouldRecycle() {
  if (stopped_) return true;
  if (collections_ == collections_seen_) return false;
  collections_seen_ = collections_;
  const std::size_t bytes = ResidentBytes();
  if (collections_ < collections_measured_ + kCollectionsPerMeasurement &&
      bytes < measured_bytes_ + limits_.heap_bytes_max / 4) {
    return false;
  }
  collections_measured_ = collections_;
  measured_bytes_ = bytes;
  const JSObjectRef statistics = JSGetMemoryUsageStatistics(context_);
  const JSValueRef size =
      JSObjectGetProperty(context_, statistics, ScriptString("heapSize").get(), nullptr);
  return JSValueToNumber(context_, size, nullptr) > static_cast<double>(limits_.heap_bytes_max);
}

void ScriptVm::ArmSlice() {
  armed_slice_s_ = in_tail_ ? 0 : slice_s_;
  JSContextGroupSetExecutionTimeLimit(group_, armed_slice_s_, &OnSlice, this);
}

// The processor time at the start of the call is not asked for at the start, where the question
// would cost more than a short mutator: the first hook estimates it.
void ScriptVm::CheckLimits(std::chrono::nanoseconds used_at_least) {
  const std::chrono::nanoseconds now = ThreadCpuTime();
  if (cpu_at_start_.count() == 0) cpu_at_start_ = now - used_at_least;
  if (stop_ != Stop::kNone) return;
  if (now - cpu_at_start_ >= limit_) {
    stop_ = Stop::kTime;
  } else if (const std::size_t bytes = ResidentBytes();
             bytes > idle_bytes_ && bytes - idle_bytes_ > limits_.growth_bytes_max) {
    stop_ = Stop::kMemory;
  }
}

bool ScriptVm::OnSlice(JSContextRef, void* self) {
  ScriptVm& vm = *static_cast<ScriptVm*>(self);
  if (!vm.in_call_) return false;
  vm.CheckLimits(std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(vm.in_tail_ ? 0 : vm.slice_s_)));
  if (vm.stop_ != Stop::kNone) vm.in_tail_ = true;
  vm.ArmSlice();
  return vm.stop_ != Stop::kNone;
}

void ScriptVm::OnCollected(JSContextGroupRef, void* self) {
  ScriptVm& vm = *static_cast<ScriptVm*>(self);
  ++vm.collections_;
  if (!vm.in_call_) return;
  const auto slice = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(vm.slice_s_));
  vm.CheckLimits(std::min<std::chrono::nanoseconds>(Clock::now() - vm.began_, slice));
  if (vm.stop_ == Stop::kNone) return;
  // Only OnSlice can end the script: let the timer call it at once, also in the next microtask.
  vm.in_tail_ = true;
  vm.ArmSlice();
}

JSValueRef ScriptVm::Now(JSContextRef context, JSObjectRef function, JSObjectRef, std::size_t,
                         const JSValueRef[], JSValueRef*) {
  const auto& vm = *static_cast<ScriptVm*>(JSObjectGetPrivate(function));
  return JSValueMakeNumber(context, static_cast<double>(vm.timestamp_ms_));
}

JSValueRef ScriptVm::RandomNumber(JSContextRef context, JSObjectRef function, JSObjectRef,
                                  std::size_t, const JSValueRef[], JSValueRef*) {
  auto& vm = *static_cast<ScriptVm*>(JSObjectGetPrivate(function));
  constexpr double kUnit = 1.0 / 9007199254740992.0;  // 2^-53
  return JSValueMakeNumber(context, static_cast<double>(vm.random_.Next() >> 11) * kUnit);
}

JSValueRef ScriptVm::Print(JSContextRef context, JSObjectRef function, JSObjectRef,
                           std::size_t count, const JSValueRef arguments[], JSValueRef* exception) {
  const auto& vm = *static_cast<ScriptVm*>(JSObjectGetPrivate(function));
  if (count == 2 && vm.console_) {
    const ScriptString level(JSValueToStringCopy(context, arguments[0], exception));
    if (*exception != nullptr) return JSValueMakeUndefined(context);
    const ScriptString text(JSValueToStringCopy(context, arguments[1], exception));
    if (*exception != nullptr) return JSValueMakeUndefined(context);
    if (const auto known = LevelFromName(level.ToUtf8())) vm.console_(*known, text.ToUtf8());
  }
  return JSValueMakeUndefined(context);
}

JSValueRef ScriptVm::BeginTail(JSContextRef context, JSObjectRef function, JSObjectRef, std::size_t,
                               const JSValueRef[], JSValueRef*) {
  auto& vm = *static_cast<ScriptVm*>(JSObjectGetPrivate(function));
  vm.in_tail_ = true;
  vm.ArmSlice();
  return JSValueMakeUndefined(context);
}

}  // namespace tidemark::server
