// The mutation log and what else must outlive everything: the group's identity, the last confirmed
// and last logged id of each client, rejected mutations, results that nobody has taken yet. One
// small checksummed record a mutation. Changes are made in memory at once and become durable
// together in Flush.
//
// Laws: a client's entries are consecutive, from its confirmed id on; an entry leaves the database
// only after OnBaseDurable, that is, after base holds the effects of the poke that confirmed it; a
// record that is damaged is kept aside and reported, and those after it survive.
#ifndef TIDEMARK_CORE_RELAY_DURABLE_LOG_H_
#define TIDEMARK_CORE_RELAY_DURABLE_LOG_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/mutation/mutation.h"
#include "core/protocol/messages.h"
#include "core/store/sqlite.h"

namespace tidemark::relay {

/// Position in the log, rising; the order of the group.
using LogSeq = std::uint64_t;

/// What is known of one client of the group.
struct LogClient {
  MutationID confirmed = 0;              // by the server, as far as the relay knows
  MutationID last = 0;                   // the last one that was logged
  std::map<MutationID, LogSeq> pending;  // consecutive: confirmed + 1 … last
};

/// Stands in the log where a record was damaged: a mutator that no app has, so that the server
/// consumes the id.
inline constexpr char kDamagedMutator[] = "tidemark.damaged";

/// Results that no tab has taken are forgotten beyond this, oldest first: their tabs are gone.
inline constexpr std::size_t kStoredResultsMax = 1000;

class DurableLog {
 public:
  /// `database` outlives the log. An error (kCorrupt, kUnavailable, kLimit) leaves it as it was.
  static Result<std::unique_ptr<DurableLog>> Open(store::Database& database,
                                                  const ClientGroupID& new_group);

  const ClientGroupID& group() const { return group_; }
  /// The claims that the server verified last, JSON.
  const std::string& auth_json() const { return auth_json_; }
  const std::map<LogSeq, mutation::Mutation>& entries() const { return entries_; }
  const std::map<ClientID, LogClient>& clients() const { return clients_; }
  const std::vector<protocol::Rejections::Entry>& rejections() const { return rejections_; }
  /// Entries up to this are durable.
  LogSeq durable() const { return durable_; }

  /// Makes the client known; `confirmed` is what it says itself, used where the log knows nothing.
  void AddClient(const ClientID& client, MutationID confirmed);
  /// Forgets a client of which nothing is pending or waiting.
  void RetireClient(const ClientID& client);

  enum class Appended : std::uint8_t { kNew, kKnown, kGap };
  Appended Append(mutation::Mutation mutation);

  /// The server has confirmed the client's mutations up to `id`.
  void Confirm(const ClientID& client, MutationID id);
  /// What was confirmed up to now is in base, durably.
  void OnBaseDurable();

  /// Puts a mutation on the durable list of rejections (once).
  void Reject(mutation::Mutation mutation, Error error);
  void Dismiss(const ClientID& client, MutationID id);
  /// Takes a client's pending mutations off the log, onto the list of rejections.
  void RejectPending(const ClientID& client, const Error& error);

  void StoreResult(protocol::MutationResult result);
  /// Stored results of the client after `after` and up to `upto`, in order.
  std::vector<protocol::MutationResult> ResultsOf(const ClientID& client, MutationID after,
                                                  MutationID upto) const;
  void DropResults(const ClientID& client, MutationID upto);

  void SetAuth(std::string auth_json);
  /// Forgets mutations, clients, rejections and results.
  void Clear();

  /// True if something should become durable soon.
  bool dirty() const { return urgent_; }
  /// One transaction. An error leaves everything to be tried again.
  Status Flush();

 private:
  struct PutMutation {
    LogSeq seq;
  };
  struct DeleteMutations {
    ClientID client;
    MutationID upto;
  };
  struct PutClient {
    ClientID client;
    MutationID confirmed;
    MutationID last;
  };
  struct DeleteClient {
    ClientID client;
  };
  struct PutRejection {
    protocol::Rejections::Entry entry;
  };
  struct DeleteRejection {
    ClientID client;
    MutationID id;
  };
  struct PutResult {
    protocol::MutationResult result;
  };
  struct DeleteResults {
    ClientID client;
    MutationID upto;
  };
  struct PutAuth {};
  struct DeleteAll {};
  using Change = std::variant<PutMutation, DeleteMutations, PutClient, DeleteClient, PutRejection,
                              DeleteRejection, PutResult, DeleteResults, PutAuth, DeleteAll>;

  explicit DurableLog(store::Database& database) : database_(database) {}

  Status Load(const ClientGroupID& new_group);
  Status LoadMeta(const ClientGroupID& new_group);
  Status LoadClients();
  Status LoadMutations(std::vector<LogSeq>& damaged);
  Status LoadRejections();
  Status LoadResults();
  Status SetAside(const std::vector<LogSeq>& damaged);
  Status FillHoles(std::vector<LogSeq> free_seqs);
  void Stage(Change change);
  Status Write(const Change& change);
  Status WriteMutation(LogSeq seq);

  store::Database& database_;
  ClientGroupID group_;
  std::string auth_json_ = "null";
  std::map<LogSeq, mutation::Mutation> entries_;
  std::map<ClientID, LogClient> clients_;
  std::vector<protocol::Rejections::Entry> rejections_;
  std::vector<protocol::MutationResult> results_;
  LogSeq last_seq_ = 0;
  LogSeq durable_ = 0;
  std::vector<Change> staged_;         // for the next Flush, in order
  std::vector<Change> awaiting_base_;  // to be staged by OnBaseDurable
  bool urgent_ = false;
};

}  // namespace tidemark::relay

#endif  // TIDEMARK_CORE_RELAY_DURABLE_LOG_H_
