// The worker that owns a browser's database: base rows, which rows belong to which query, and the
// mutation log; a server to its tabs and a client to its server, in the same protocol. Never runs
// app code. A state machine without clock, socket or thread: storage is the SQLite connection it is
// given.
//
// Laws: a log entry leaves only in or after the durable base transaction whose version covers the
// poke that confirmed it; the log's order is the order of the group; base is disposable, the log is
// not.
#ifndef TIDEMARK_CORE_RELAY_RELAY_H_
#define TIDEMARK_CORE_RELAY_RELAY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/protocol/limits.h"
#include "core/protocol/messages.h"
#include "core/store/sqlite.h"

namespace tidemark::relay {

using TabID = std::uint32_t;

struct Options {
  std::string build;
  /// Used when the databases are new.
  ClientGroupID new_group;
  bool durable = true;  // false: storage is memory only, and every Logged says so
  protocol::Limits limits = {};
};

struct TabMessage {
  TabID tab = 0;
  std::string bytes;
};

struct Output {
  std::vector<TabMessage> to_tabs;
  std::vector<std::string> to_server;
  std::vector<TabID> close_tabs;  // after their messages
  std::optional<Error> refused;   // the server refused us: state of the connection
  bool reopen_link = false;       // what was said on this link does not hold any more: a new one
  bool needs_flush = false;       // something waits for Flush to become durable …
  bool may_wait = false;          // … but nobody for that: rows, which could be fetched again
};

class Relay {
 public:
  /// `log` holds the mutation log and the group's identity, `base` everything that can be fetched
  /// again; two databases, so that a damaged base is thrown away alone. A damaged base is rebuilt
  /// here; a damaged log is an error.
  static Result<std::unique_ptr<Relay>> Open(store::Database& log, store::Database& base,
                                             Options options);
  ~Relay();

  void OnTabOpened(TabID tab);
  void OnTabClosed(TabID tab);
  /// An error: the tab broke the protocol and is to be closed.
  Status OnTabMessage(TabID tab, std::string_view bytes);

  void OnLinkOpened();
  void OnLinkClosed();
  Status OnLinkMessage(std::string_view bytes);
  /// `connection`, `reason`: the closed set of docs/api.md; told to every tab.
  void SetLinkState(std::string connection, std::string reason);
  void SetAuthToken(std::string token);

  /// The time, once before anything else and every five minutes (kTickMs): queries that no tab has
  /// wanted for their ttl leave the disk.
  void Tick(std::uint64_t now_ms);

  /// Group commit: makes everything since the last Flush durable in one transaction a database,
  /// then acknowledges it. To be called when the event loop has run dry, soon after needs_flush.
  /// kLimit (disk full) and kUnavailable leave everything as it was, to be tried again.
  Status Flush();

  Output TakeOutput();
  const ClientGroupID& group() const;
  std::uint32_t pending() const;  // entries in the log that the server has not confirmed

 private:
  class Impl;
  explicit Relay(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::relay

#endif  // TIDEMARK_CORE_RELAY_RELAY_H_
