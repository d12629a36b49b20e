// What every authority says and does alike when it replays a mutation; where the row of a client is
// kept, and in which transaction, is each authority's own.
#ifndef TIDEMARK_SERVER_REPLAY_RULES_H_
#define TIDEMARK_SERVER_REPLAY_RULES_H_

#include <cstdint>
#include <string>

#include "core/base/result.h"
#include "core/mutation/mutator.h"
#include "server/authority.h"

namespace tidemark::server {

/// Runs of a mutator that timed out or ran out of memory before that is its outcome.
inline constexpr int kMutatorAttemptsMax = 2;

/// The mutator's context: the caller's claims, and the mutation's time unless it is in the future.
mutation::MutatorContext ReplayContext(const PushRequest& push, const mutation::Mutation& mutation,
                                       std::int64_t now_ms);

/// The outcome of a mutation that the bundle has no mutator for: a dead letter with name and args.
Error UnknownMutator(const mutation::Mutation& mutation);
/// Whether another run of the mutator may have another outcome.
bool MayPassNextTime(const Error& error);

// Answers to the session.
Error ExpiredClient(const mutation::Mutation& mutation);
Error ForeignClient(const mutation::Mutation& mutation);
Error Gap(const mutation::Mutation& mutation, MutationID expected);

/// A client that was made so long ago that its row may have been forgotten.
bool IsBeyondHorizon(const ClientID& client, std::int64_t now_ms);

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_REPLAY_RULES_H_
