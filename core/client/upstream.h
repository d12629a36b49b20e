// The link to whoever is above: what has been said on it, and what still has to be. A channel
// forgets everything when it closes; the next one begins with a hello, and what was in flight is
// said again (mutations are idempotent by their ids).
#ifndef TIDEMARK_CORE_CLIENT_UPSTREAM_H_
#define TIDEMARK_CORE_CLIENT_UPSTREAM_H_

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/base/ids.h"
#include "core/client/pending_mutation.h"
#include "core/client/query_set.h"
#include "core/protocol/limits.h"
#include "core/protocol/messages.h"

namespace tidemark::client {

class Upstream {
 public:
  enum class State : std::uint8_t {
    kClosed,
    kGreeting,  // hello is sent
    kWelcomed,  // a relay's log is still to come
    kReady,     // everything may be sent
  };

  explicit Upstream(const protocol::Limits& limits) : limits_(limits) {}

  State state() const { return state_; }
  /// Begins a channel. `generation` is that of the queries in the hello.
  void Open(protocol::Hello hello, std::uint64_t generation);
  void Close();
  void SetState(State state) { state_ = state; }
  /// The receiver has this client's mutations up to `id`: later ones are to be sent.
  void SetPushed(MutationID id) { pushed_ = id; }

  /// Encodes and queues a message, if the channel is open.
  void Send(const protocol::Message& message);
  /// The query under a new number: what answers it is told by that from what is on its way.
  protocol::DesiredQuery Ask(protocol::DesiredQuery query);
  bool IsAnswer(const QueryKey& key, std::uint32_t ask) const;
  /// Tells what changed in the wanted queries since hello.
  void SyncQueries(const QuerySet& queries);
  /// Sends `client`'s pending mutations that have not been sent on this channel.
  void PushPending(const ClientID& client, const std::deque<PendingMutation>& pending);
  std::vector<std::string> TakeMessages() { return std::exchange(messages_, {}); }

 private:
  const protocol::Limits limits_;
  State state_ = State::kClosed;
  struct Announced {
    std::uint32_t ask = 0;  // number of the last asking
    std::uint32_t ttl = 0;
  };
  std::map<QueryKey, Announced> announced_;
  std::uint32_t last_ask_ = 0;
  std::uint64_t announced_generation_ = 0;
  MutationID pushed_ = 0;
  std::vector<std::string> messages_;
};

protocol::DesiredQuery Desired(const QueryKey& key, const Subscription& subscription);

}  // namespace tidemark::client

#endif  // TIDEMARK_CORE_CLIENT_UPSTREAM_H_
