// What the hub knows of one session: who it is, what it asked for, and what its next poke has to
// say. Plain state, steered by the hub. Invariant: a query is live exactly when the session holds
// its result at `version` (or at any later version up to the hub's at which the result is the
// same).
#ifndef TIDEMARK_CORE_HUB_SUBSCRIPTION_H_
#define TIDEMARK_CORE_HUB_SUBSCRIPTION_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/hub/client_schema.h"
#include "core/hub/query_pipeline.h"
#include "core/hub/set_comparison.h"
#include "core/protocol/messages.h"

namespace tidemark::hub {

/// One query of one session.
struct Subscription {
  enum class State : std::uint8_t {
    kResolving,  // the app's code is being asked for the tree
    kHydrating,  // a job is out that reads the result
    kComparing,  // the session is being asked what it holds of an older result
    kJoining,    // its result goes with the next poke
    kLive,
  };
  State state = State::kResolving;
  std::uint32_t ask = 0;  // the session's number for the put: comes back with the answers
  std::string name;
  std::string args_json;
  std::uint64_t question = 0;  // kResolving: the answer that is waited for
  bool first = false;          // the next poke waits for it: named in the hello, or resolved anew
  PipelineID told;             // the session believes itself served by this one; empty: by none
  std::optional<protocol::DesiredQuery::Have> have;
  /// Not while kResolving for the first time; when resolving anew, what served it before.
  QueryPipeline* pipeline = nullptr;
  WholeResult whole;  // kJoining: as it was read for this session, should it be needed

  /// The session's next poke waits for it.
  bool is_first_pending() const {
    return first &&
           (state == State::kResolving || state == State::kHydrating || state == State::kComparing);
  }
};

struct Subscriber {
  std::string auth_json;
  const ClientSchema* schema = nullptr;
  Version version;  // the receiver's: where its next poke starts from
  std::set<ClientID> clients;
  std::map<QueryKey, Subscription> queries;
  /// Pipelines whose result the session holds, with the number of its live queries on each.
  std::map<QueryPipeline*, std::size_t, BySerial> held;
  std::size_t first_pending = 0;  // is_first_pending; nothing is told while there are any
  /// Of pipelines that queries which are kComparing or kJoining are served by.
  std::map<QueryPipeline*, SetComparison, BySerial> comparisons;

  // For the next poke.
  bool queued = false;
  std::map<ClientID, MutationID> lmids;
  std::vector<protocol::MutationResult> results;
  std::vector<QueryKey> joining;
  std::vector<protocol::QueryFailed> lost;  // queries that the new claims do not give any more
  bool tell_claims = false;
  PipelineSet changed;     // of those held
  bool behind = false;     // some of their changes were not told when they happened
  bool congested = false;  // it does not take what it was sent: nothing is told
};

}  // namespace tidemark::hub

#endif  // TIDEMARK_CORE_HUB_SUBSCRIPTION_H_
