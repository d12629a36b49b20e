// One open page: optimistic = base + replay(pending), and the views on it. A state machine: each
// event is one method, and what is to be sent, shown and settled is collected until TakeOutput.
// Talks to its upstream (a relay, or the server itself) in the protocol; never touches a socket, a
// clock or a thread.
#ifndef TIDEMARK_CORE_CLIENT_CLIENT_H_
#define TIDEMARK_CORE_CLIENT_CLIENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/ivm/view.h"
#include "core/model/schema.h"
#include "core/mutation/mutator.h"
#include "core/protocol/limits.h"
#include "core/protocol/messages.h"

namespace tidemark::client {

using ViewID = std::uint32_t;

enum class ViewStatus : std::uint8_t { kPartial, kComplete, kError };

/// What became of one view since the last TakeOutput.
struct ViewFlush {
  ViewID view = 0;
  bool reset = false;                // `edits` insert into an empty array
  std::vector<ivm::ViewEdit> edits;  // in order
  ViewStatus status = ViewStatus::kPartial;
  bool stale = false;  // was complete and the connection is away
  std::optional<Error> error = std::nullopt;
};

/// A step in the life of one of this client's own mutations.
struct MutationEvent {
  enum class Kind : std::uint8_t { kPersisted, kNotDurable, kConfirmed, kRejected };
  MutationID id = 0;
  Kind kind = Kind::kPersisted;
  std::string result_json;  // kConfirmed: what the server's run returned, empty for undefined
  std::optional<Error> error = std::nullopt;
};

struct Output {
  std::vector<std::string> messages;  // encoded, to be sent upstream in order
  std::vector<ViewFlush> flushes;     // at most one a view
  std::vector<MutationEvent> mutations;
  std::optional<std::uint32_t> pending;  // new number of unconfirmed mutations of the whole group
  std::optional<protocol::LinkState> link;         // new state further up
  std::optional<protocol::Rejections> rejections;  // the new list, whole
  std::optional<Error> refused;                    // the upstream refused us
};

struct Options {
  ClientID id;
  std::string build;
  /// Set when the upstream is the server itself; empty when it is a relay.
  ClientGroupID group;
  protocol::Limits limits = {};
};

class Client {
 public:
  /// `schema` and `mutators` outlive the client; `mutators` may be exchanged behind its interface
  /// (hot reload).
  Client(const model::Schema& schema, mutation::MutatorHost& mutators, Options options);
  ~Client();

  // ---- the app ----
  struct Called {
    MutationID id;
    std::string result_json;
  };
  /// Runs the mutator at once; every view's flush is in the next TakeOutput. An error means that
  /// nothing was logged.
  Result<Called> Mutate(std::string name, std::string args_json, std::int64_t timestamp_ms,
                        std::string seed);
  /// The first flush (a reset) is in the next TakeOutput. `ast_json` is the tree as resolved on
  /// this client. For `ttl_s` seconds (0: query_ttl_s) after the last page that wants the query the
  /// browser's disk keeps its rows.
  Result<ViewID> Watch(std::string name, std::string args_json, std::string_view ast_json,
                       std::uint32_t ttl_s = 0);
  /// Of a view that is watched already: at least so long.
  void Keep(ViewID view, std::uint32_t ttl_s);
  void Unwatch(ViewID view);
  /// Reads once from what is here: the result as JSON (ivm/evaluate.h).
  Result<std::string> Run(std::string_view ast_json);
  void Dismiss(const ClientID& client, MutationID id);
  void SetAuthToken(std::string token);

  // ---- the upstream ----
  /// There is no relay after all: from the next channel on the upstream is the server itself.
  void GoDirect(ClientGroupID group);
  /// A channel is open: says hello. Whatever was in flight on an earlier channel is sent again.
  void OnLinkOpened();
  void OnLinkClosed();
  /// An error means that the upstream broke the protocol: close the channel and open another.
  Status OnMessage(std::string_view bytes);

  Output TakeOutput();

  const ClientID& id() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::client

#endif  // TIDEMARK_CORE_CLIENT_CLIENT_H_
