// What a call into the script engine costs: the bare call, one with host calls, and a mutator's
// worth of JSON.

#include <benchmark/benchmark.h>

#include <array>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "server/engine/script_engine.h"

namespace tidemark::server {
namespace {

constexpr std::string_view kRow =
    R"(["01890a5d-ac96-774b-bcce-b302099a8057","b1","Buy milk",false,1,[]])";

constexpr const char* kScript = R"js(
function trivial(a, b) { return a }
function hosted(host, a) { host.get(a, a); host.get(a, a); return a }
function mutator(host, args, ctx) {
  const {id, title} = JSON.parse(args)
  const {timestamp} = JSON.parse(ctx)
  const row = JSON.parse(host.get('todo', JSON.stringify([id])))
  host.write('update', 'todo', JSON.stringify({id, title: title + row[2], rank: timestamp}))
  return '{"ok":true}'
}
)js";

class Fixture {
 public:
  Fixture() : engine_({}) {
    host_ = engine_.AddHostObject({{"get", [](auto) { return std::string(kRow); }},
                                   {"write", [](auto) { return std::string(); }}});
    if (!engine_.Load(kScript, "bench.js").ok()) std::abort();
  }
  /// With the new VMs that it takes, as on the server.
  void Run(benchmark::State& state, std::string_view path,
           std::span<const ScriptArgument> arguments) {
    double recycled = 0;
    for (auto _ : state) {
      const Result<std::string> result = engine_.Call(path, arguments);
      if (!result.ok()) std::abort();
      benchmark::DoNotOptimize(result->data());
      if (!engine_.ShouldRecycle()) continue;
      if (!engine_.Recycle().ok()) std::abort();
      ++recycled;
    }
    state.counters["recycled"] = recycled;
    state.SetItemsProcessed(state.iterations());
  }
  HostObject host() const { return host_; }

 private:
  ScriptEngine engine_;
  HostObject host_{0};
};

void BM_TrivialCall(benchmark::State& state) {
  Fixture fixture;
  const std::array<ScriptArgument, 2> arguments = {"todo.rename", R"({"id":"a","title":"b"})"};
  fixture.Run(state, "trivial", arguments);
}
BENCHMARK(BM_TrivialCall);

void BM_TwoHostCalls(benchmark::State& state) {
  Fixture fixture;
  const std::array<ScriptArgument, 2> arguments = {fixture.host(), "todo"};
  fixture.Run(state, "hosted", arguments);
}
BENCHMARK(BM_TwoHostCalls);

void BM_Mutator(benchmark::State& state) {
  Fixture fixture;
  const std::array<ScriptArgument, 3> arguments = {
      fixture.host(), R"({"id":"01890a5d-ac96-774b-bcce-b302099a8057","title":"Buy bread"})",
      R"({"auth":null,"clientID":"c","location":"server","reason":"authoritative","timestamp":1700000000000})"};
  fixture.Run(state, "mutator", arguments);
}
BENCHMARK(BM_Mutator);

void BM_OneMegabyteBothWays(benchmark::State& state) {
  Fixture fixture;
  const std::string text(1 << 20, 'x');
  const std::array<ScriptArgument, 2> arguments = {std::string_view(text), ""};
  fixture.Run(state, "trivial", arguments);
}
BENCHMARK(BM_OneMegabyteBothWays);

void BM_Recycle(benchmark::State& state) {
  ScriptEngine engine({});
  if (!engine.Load(kScript, "bench.js").ok()) std::abort();
  for (auto _ : state) {
    if (!engine.Recycle().ok()) std::abort();
  }
}
BENCHMARK(BM_Recycle);

}  // namespace
}  // namespace tidemark::server

BENCHMARK_MAIN();
