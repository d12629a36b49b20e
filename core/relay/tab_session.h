// What the relay knows of one tab. Plain state, steered by the relay.
#ifndef TIDEMARK_CORE_RELAY_TAB_SESSION_H_
#define TIDEMARK_CORE_RELAY_TAB_SESSION_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>

#include "core/base/ids.h"
#include "core/protocol/messages.h"

namespace tidemark::relay {

/// One query of one tab.
struct TabQuery {
  /// What the tab said it has from an earlier session.
  std::optional<protocol::DesiredQuery::Have> have;
  /// The tab's number for its last put: comes back with the answers.
  std::uint32_t ask = 0;
  /// By which it is served; the tab holds its rows as of the tab's version …
  std::optional<PipelineID> pipeline;
  /// … or older ones.
  bool stale = false;
};

struct TabSession {
  enum class State : std::uint8_t {
    kNew,   // has not said hello
    kHeld,  // knows a version that the relay does not have yet
    kOpen,
  };
  State state = State::kNew;
  Version version;      // of its rows
  ClientID client;      // empty: it only reads
  MutationID seen = 0;  // the last of its mutations that it was told is confirmed
  std::map<QueryKey, TabQuery> queries;

  bool Holds(const PipelineID& pipeline) const {
    return std::any_of(queries.begin(), queries.end(),
                       [&](const auto& query) { return query.second.pipeline == pipeline; });
  }
};

}  // namespace tidemark::relay

#endif  // TIDEMARK_CORE_RELAY_TAB_SESSION_H_
