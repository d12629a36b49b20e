// Expected failures as values: Result<T> is a T or an Error, Status is a Result without a value.
// Bugs are not expected failures (check.h). The error codes are the closed set of api.md, section
// 4, plus those that never reach an app.
#ifndef TIDEMARK_CORE_BASE_RESULT_H_
#define TIDEMARK_CORE_BASE_RESULT_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "core/base/check.h"

namespace tidemark {

enum class ErrorCode {
  kInvalidArgs,
  kUnknownMutator,
  kUnknownQuery,
  kNotFound,
  kAlreadyExists,
  kConflict,
  kForbidden,
  kUnauthorized,
  kApp,          // thrown by the app's own code
  kTimeout,      // a mutator ran too long
  kLimit,        // a limit of core/protocol/limits.h or a server flag
  kOutdated,     // the peer's protocol or schema cannot be served
  kExpired,      // the client is not known (any more); its mutations are not replayed blindly
  kUnavailable,  // transient: retry (database away, serialisation failure)
  kCorrupt,      // stored or received bytes that do not decode
  kInternal,
};

/// The name on the wire and in `MutationError.code`, for example "not_found".
std::string_view ErrorCodeName(ErrorCode code);
std::optional<ErrorCode> ErrorCodeFromName(std::string_view name);

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::string app_code = {};      // only with kApp: the app's own code
  std::string details_json = {};  // JSON text, or empty

  friend bool operator==(const Error&, const Error&) = default;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  // Implicit by design: a function returns its value or its error as it is.
  Result(T value)  // NOLINT(google-explicit-constructor)
      : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error)  // NOLINT(google-explicit-constructor)
      : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    TIDEMARK_CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    TIDEMARK_CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    TIDEMARK_CHECK(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    TIDEMARK_CHECK(!ok());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    TIDEMARK_CHECK(!ok());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  std::variant<T, Error> state_;
};

struct Ok {};

/// `return Ok{};` or `return Error{...};`
class [[nodiscard]] Status {
 public:
  Status(Ok) {}                                      // NOLINT: implicit by design
  Status(Error error) : error_(std::move(error)) {}  // NOLINT: implicit by design

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const& {
    TIDEMARK_CHECK(!ok());
    return *error_;
  }
  Error&& error() && {
    TIDEMARK_CHECK(!ok());
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace tidemark

#define TIDEMARK_CONCAT_INNER(a, b) a##b
#define TIDEMARK_CONCAT(a, b) TIDEMARK_CONCAT_INNER(a, b)

/// Returns the error of a Status or Result expression, if it has one.
#define TIDEMARK_TRY(expression)                                                  \
  do {                                                                            \
    auto tidemark_try_status = (expression);                                      \
    if (!tidemark_try_status.ok()) return std::move(tidemark_try_status).error(); \
  } while (false)

/// `TIDEMARK_ASSIGN_OR_RETURN(auto row, Find(key));`
#define TIDEMARK_ASSIGN_OR_RETURN(declaration, expression)                                  \
  TIDEMARK_ASSIGN_OR_RETURN_INNER(TIDEMARK_CONCAT(tidemark_result_, __LINE__), declaration, \
                                  expression)
#define TIDEMARK_ASSIGN_OR_RETURN_INNER(result, declaration, expression) \
  auto result = (expression);                                            \
  if (!result.ok()) return std::move(result).error();                    \
  declaration = std::move(result).value()

#endif  // TIDEMARK_CORE_BASE_RESULT_H_
