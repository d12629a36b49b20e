// One call of a mutator, as it stands in the log, on the wire and in the replay: everything that
// the mutator may depend on besides the data, so that every run of it sees the same.
#ifndef TIDEMARK_CORE_MUTATION_MUTATION_H_
#define TIDEMARK_CORE_MUTATION_MUTATION_H_

#include <cstdint>
#include <string>

#include "core/base/ids.h"

namespace tidemark::mutation {

struct Mutation {
  ClientID client;
  MutationID id = 0;
  std::string name;               // "todo.rename"
  std::string args_json;          // JSON text, as the app passed them (a validator's input)
  std::int64_t timestamp_ms = 0;  // when the call was first made, by the client's clock
  std::string seed;               // 32 hex digits, random: what ctx.uuid() is derived from

  friend bool operator==(const Mutation&, const Mutation&) = default;
};

/// The `n`th uuid (version 7, RFC 9562) of a mutation, counted from 0: the same in every run.
std::string MutationUuid(const Mutation& mutation, std::uint32_t n);

}  // namespace tidemark::mutation

#endif  // TIDEMARK_CORE_MUTATION_MUTATION_H_
