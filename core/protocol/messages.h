// The messages, in the order they flow. One protocol up and down: a client to its relay, a relay
// (or a client without one) to the server. Plain structs; codec.h is the only thing that reads or
// writes their bytes. Meaning and order: docs/protocol.md.
//
//   down the tree (towards the client):  Welcome, Poke (header) + Segments, QueryFailed, Refused,
//     Pong, Compare, Want; from a relay only: LogState, Logged, LinkState, Rejections
//   up (towards the server):  Hello, ChangeQueries, Push, AckResults, SetAuth, Ping, Sums, Members;
//     to a relay only: Dismiss, Clear
#ifndef TIDEMARK_CORE_PROTOCOL_MESSAGES_H_
#define TIDEMARK_CORE_PROTOCOL_MESSAGES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/hash.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/mutation/mutation.h"
#include "core/protocol/comparison.h"

namespace tidemark::protocol {

// ---- up ----

/// A query that the sender wants. `have` names what it holds of it from an earlier session: if the
/// server's result has that pipeline and fingerprint, nothing but `resolved` is sent. `ask` comes
/// back with the answers: what was on its way when the query was removed and put again is told from
/// what answers it now. 0: not told apart. Put again with the same `ask` it only says another
/// `ttl`.
struct DesiredQuery {
  struct Have {
    PipelineID pipeline;
    Hash128 fingerprint;
    friend bool operator==(const Have&, const Have&) = default;
  };
  QueryKey key;
  std::string name;
  std::string args_json;
  std::optional<Have> have = std::nullopt;
  std::uint32_t ask = 0;  // the sender's number for this put, rising
  /// Tab to relay: seconds that its rows stay on the disk when no tab wants it any more. 0: unsaid.
  std::uint32_t ttl = 0;
  friend bool operator==(const DesiredQuery&, const DesiredQuery&) = default;
};

/// A client of the sender's group and the last mutation of it that the sender saw confirmed.
struct ClientState {
  ClientID client;
  MutationID lmid = 0;
  friend bool operator==(const ClientState&, const ClientState&) = default;
};

/// First message of every connection. The receiver answers with Welcome or Refused, then acts on
/// the rest.
struct Hello {
  std::uint32_t protocol = 0;
  std::string build;  // of the sender's package, for diagnostics
  std::string schema_hash;
  std::string schema_json;  // the document: the server decides whether it is compatible
  ClientGroupID group;      // empty from a tab to its relay
  std::string auth_token;   // empty: none
  Version base;             // what the sender's rows are at; empty epoch: it has none
  std::vector<ClientState> clients;
  std::vector<DesiredQuery> queries;
  friend bool operator==(const Hello&, const Hello&) = default;
};

struct ChangeQueries {
  std::vector<DesiredQuery> put;
  std::vector<QueryKey> remove;
  friend bool operator==(const ChangeQueries&, const ChangeQueries&) = default;
};

/// In the order of the sender's log; resending is harmless.
struct Push {
  std::vector<mutation::Mutation> mutations;
  friend bool operator==(const Push&, const Push&) = default;
};

/// Results up to these ids are stored by the sender (or settled): the server may forget them.
struct AckResults {
  std::vector<ClientState> upto;
  friend bool operator==(const AckResults&, const AckResults&) = default;
};

struct SetAuth {
  std::string auth_token;
  friend bool operator==(const SetAuth&, const SetAuth&) = default;
};

struct Ping {
  friend bool operator==(const Ping&, const Ping&) = default;
};

/// Tab to relay: the app has dealt with this rejection.
struct Dismiss {
  ClientID client;
  MutationID id = 0;
  friend bool operator==(const Dismiss&, const Dismiss&) = default;
};

/// Tab to relay: forget base; and the log too, if told so. Refused with kConflict while mutations
/// are pending otherwise.
struct Clear {
  bool discard_pending = false;
  friend bool operator==(const Clear&, const Clear&) = default;
};

// ---- down ----

struct Welcome {
  std::uint32_t protocol = 0;
  std::string build;
  std::string auth_json = "null";    // the claims that the server verified
  Version version;                   // of the server's (relay's) data at this moment
  std::vector<ClientState> clients;  // for each client of the Hello that is known: its LMID
  std::vector<ClientID> expired;     // clients whose pending mutations must not be replayed blindly
  friend bool operator==(const Welcome&, const Welcome&) = default;
};

/// What became of one mutation; stored until acknowledged. Only for mutations that failed or
/// returned a value.
struct MutationResult {
  ClientID client;
  MutationID id = 0;
  std::string result_json;  // empty with an error, or when it returned nothing
  std::optional<Error> error = std::nullopt;
  friend bool operator==(const MutationResult&, const MutationResult&) = default;
};

struct ResolvedQuery {
  QueryKey key;
  PipelineID pipeline;
  bool complete = true;  // false: more of its first hydration follows in later pokes
  std::uint32_t ask = 0;
  friend bool operator==(const ResolvedQuery&, const ResolvedQuery&) = default;
};

/// Header of one atomic step of base, made for one session. `segments` Segment messages follow it
/// directly; the poke is applied when the last of them is there. `from` is the receiver's version.
struct Poke {
  Version from;
  Version to;
  std::vector<ClientState> lmids;
  std::vector<MutationResult> results;
  std::vector<ResolvedQuery> resolved;
  std::vector<QueryKey> gone;
  std::uint32_t segments = 0;
  friend bool operator==(const Poke&, const Poke&) = default;
};

/// One row's change in one query's result. Column indexes are those of the receiver's schema.
struct SegmentChange {
  enum class Kind : std::uint8_t { kPut, kPatch, kRemove };
  struct ColumnValue {
    std::uint32_t column = 0;
    std::string json;       // the new value (wire form) …
    bool is_patch = false;  // … or a JSON patch (json_path.h) of a json column
    friend bool operator==(const ColumnValue&, const ColumnValue&) = default;
  };
  Kind kind = Kind::kPut;
  std::string table;
  RowKey key;
  std::string row_json = {};              // kPut: the whole row
  std::vector<ColumnValue> columns = {};  // kPatch
  std::uint64_t hash_before = 0;          // kPatch: low halves of the row hashes
  std::uint64_t hash_after = 0;
  friend bool operator==(const SegmentChange&, const SegmentChange&) = default;
};

/// What changed in one pipeline's result, immutable and shared by all its subscribers. `reset`: the
/// changes are the whole result (only kPut), and rows that are not in it left. `left` comes of a
/// comparison: before anything else, members with these key hashes leave, of which the sender knows
/// no more than that.
struct Segment {
  PipelineID pipeline;
  Version to;
  bool reset = false;
  Hash128 fingerprint;  // of the whole result at `to`, over the receiver's schema
  std::vector<SegmentChange> changes;
  std::vector<std::uint32_t> left = {};
  friend bool operator==(const Segment&, const Segment&) = default;
};

struct QueryFailed {
  QueryKey key;
  Error error;
  std::uint32_t ask = 0;
  friend bool operator==(const QueryFailed&, const QueryFailed&) = default;
};

/// The connection is of no use: kUnauthorized, kForbidden, kOutdated, kLimit, kInvalidArgs
/// (malformed), kUnavailable (come back later). The sender closes after it.
struct Refused {
  Error error;
  friend bool operator==(const Refused&, const Refused&) = default;
};

struct Pong {
  friend bool operator==(const Pong&, const Pong&) = default;
};

/// Relay to tab after Welcome: the whole log, in its order. With a mutation of the tab's own, it is
/// acknowledged.
struct LogState {
  std::vector<mutation::Mutation> mutations;
  bool durable = false;  // false: the relay itself is in memory only
  friend bool operator==(const LogState&, const LogState&) = default;
};

/// Relay to tab: these were appended to the log, in this order, durably. A mutation of the
/// receiver's own is named only (`name`, `args_json`, `seed` empty).
struct Logged {
  std::vector<mutation::Mutation> mutations;
  bool durable = false;
  friend bool operator==(const Logged&, const Logged&) = default;
};

/// Relay to tab: how things are further up. From a server when it has accepted a SetAuth: only the
/// claims matter then. `connection` and `storage` are the closed sets of
/// docs/api.md.
struct LinkState {
  std::string connection;
  std::string reason;
  std::string auth_json = "null";
  friend bool operator==(const LinkState&, const LinkState&) = default;
};

/// Relay to tab: the durable list of rejected mutations, whole.
struct Rejections {
  struct Entry {
    mutation::Mutation mutation;
    Error error;
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  std::vector<Entry> entries;
  friend bool operator==(const Rejections&, const Rejections&) = default;
};

using Message = std::variant<Hello, ChangeQueries, Push, AckResults, SetAuth, Ping, Sums, Members,
                             Dismiss, Clear, Welcome, Poke, Segment, QueryFailed, Refused, Pong,
                             Compare, Want, LogState, Logged, LinkState, Rejections>;

}  // namespace tidemark::protocol

#endif  // TIDEMARK_CORE_PROTOCOL_MESSAGES_H_
