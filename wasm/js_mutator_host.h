// Mutators that run in the page's JavaScript. A run calls out once (the app runtime's runMutator);
// while it runs, the mutator's reads and writes come back in through the transaction that this host
// holds.
#ifndef TIDEMARK_WASM_JS_MUTATOR_HOST_H_
#define TIDEMARK_WASM_JS_MUTATOR_HOST_H_

#include <emscripten/val.h>

#include <string>
#include <string_view>

#include "core/mutation/mutator.h"

namespace tidemark::wasm {

class JsMutatorHost final : public mutation::MutatorHost {
 public:
  /// `run` is (name, argsJson, ctxJson) => outcome JSON, and never throws.
  explicit JsMutatorHost(emscripten::val run) : run_(std::move(run)) {}

  // The app's runtime answers unknown names itself.
  bool Has(std::string_view) const override { return true; }
  Result<std::string> Run(const mutation::Mutation& mutation,
                          const mutation::MutatorContext& context,
                          mutation::Transaction& transaction) override;

  // The calls of the running mutator: a value, or "!" and the error document.
  std::string Get(const std::string& table, const std::string& key_json);
  std::string Write(const std::string& op, const std::string& table,
                    const std::string& payload_json);
  std::string Query(const std::string& ast_json);
  std::string Uuid();

 private:
  emscripten::val run_;
  mutation::Transaction* transaction_ = nullptr;  // while Run is on the stack
};

}  // namespace tidemark::wasm

#endif  // TIDEMARK_WASM_JS_MUTATOR_HOST_H_
