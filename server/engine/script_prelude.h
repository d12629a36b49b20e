// The script that makes the engine's surface deterministic: evaluated in every new VM before the
// app. docs/engine.md says what it takes away and what it cannot.
#ifndef TIDEMARK_SERVER_ENGINE_SCRIPT_PRELUDE_H_
#define TIDEMARK_SERVER_ENGINE_SCRIPT_PRELUDE_H_

namespace tidemark::server {

/// A function expression: `(now, random, print, beginTail) => {lock, invoke}`.
///   now(): number, random(): number, print(level, text): void, beginTail(): void
///   lock(): freezes the surface; called once the app is loaded
///   invoke(f, self, ...args): calls f and then beginTail, whatever f does
extern const char kScriptPrelude[];

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_ENGINE_SCRIPT_PRELUDE_H_
