// Text between C++ (UTF-8) and the engine (UTF-16 or Latin-1). What is not well formed becomes
// U+FFFD in either direction, NUL is a character like any other, and nothing is ever cut off.
#ifndef TIDEMARK_SERVER_ENGINE_SCRIPT_STRING_H_
#define TIDEMARK_SERVER_ENGINE_SCRIPT_STRING_H_

#include <JavaScriptCore/JavaScript.h>

#include <string>
#include <string_view>
#include <utility>

namespace tidemark::server {

/// Owns one string of the engine; null when the engine had none to give.
class ScriptString {
 public:
  explicit ScriptString(JSStringRef string) : string_(string) {}
  explicit ScriptString(std::string_view utf8);
  ScriptString(ScriptString&& other) noexcept : string_(std::exchange(other.string_, nullptr)) {}
  ScriptString(const ScriptString&) = delete;
  ScriptString& operator=(const ScriptString&) = delete;
  ScriptString& operator=(ScriptString&&) = delete;
  ~ScriptString() {
    if (string_ != nullptr) JSStringRelease(string_);
  }

  JSStringRef get() const { return string_; }
  void AppendTo(std::string& utf8) const;
  std::string ToUtf8() const;

 private:
  JSStringRef string_;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_ENGINE_SCRIPT_STRING_H_
