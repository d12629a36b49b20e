// Where mutators and named queries run: the page's JavaScript, the server's JavaScript engine, or
// C++ (embedding, simulation). The core only knows this interface.
#ifndef TIDEMARK_CORE_MUTATION_MUTATOR_H_
#define TIDEMARK_CORE_MUTATION_MUTATOR_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/result.h"
#include "core/mutation/mutation.h"
#include "core/mutation/transaction.h"

namespace tidemark::mutation {

enum class Location : std::uint8_t { kClient, kServer };
enum class Reason : std::uint8_t { kOptimistic, kRebase, kAuthoritative };

struct MutatorContext {
  std::string auth_json =
      "null";  // verified claims on the server, the last ones it was told on the client
  Location location = Location::kClient;
  Reason reason = Reason::kOptimistic;
  std::int64_t timestamp_ms = 0;  // the mutation's, clamped on the server
};
/// The `ctx` that a JavaScript mutator gets, as JSON (docs/protocol.md).
std::string ContextToJson(const Mutation& mutation, const MutatorContext& context);

class MutatorHost {
 public:
  virtual ~MutatorHost() = default;
  virtual bool Has(std::string_view name) const = 0;
  /// Runs the mutator to its end. The value is what it returned as JSON text, empty for undefined.
  /// Any error of it, and any failed write (Transaction::doom), is the error; effects are the
  /// caller's to undo.
  virtual Result<std::string> Run(const Mutation& mutation, const MutatorContext& context,
                                  Transaction& transaction) = 0;
};

/// Resolves a named query to its tree (JSON) for a caller.
class QueryHost {
 public:
  virtual ~QueryHost() = default;
  virtual Result<std::string> Resolve(std::string_view name, std::string_view args_json,
                                      std::string_view auth_json, Location location) = 0;
};

using MutatorFunction = std::function<Result<std::string>(
    Transaction& transaction, std::string_view args_json, const MutatorContext& context)>;

/// Mutators in C++.
class MutatorRegistry final : public MutatorHost {
 public:
  void Register(std::string name, MutatorFunction function);
  bool Has(std::string_view name) const override;
  Result<std::string> Run(const Mutation& mutation, const MutatorContext& context,
                          Transaction& transaction) override;

 private:
  std::unordered_map<std::string, MutatorFunction> functions_;
};

}  // namespace tidemark::mutation

#endif  // TIDEMARK_CORE_MUTATION_MUTATOR_H_
