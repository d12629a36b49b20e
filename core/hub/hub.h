// The server's subscriptions: distinct resolved queries, each maintained once, however many
// sessions subscribe; each commit of the replica becomes at most one poke a session. Sans-I/O:
// sessions are numbers, bytes go out in shared immutable buffers, and resolving a named query and
// reading a whole result are asked for and answered later.
//
// Law: after every poke a session's rows of each complete query equal a fresh evaluation of the
// resolved query at the poke's version, and its LMIDs belong to that same version.
#ifndef TIDEMARK_CORE_HUB_HUB_H_
#define TIDEMARK_CORE_HUB_HUB_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/hub/frame.h"
#include "core/hub/hydration_job.h"
#include "core/model/row_change.h"
#include "core/protocol/limits.h"
#include "core/protocol/messages.h"
#include "core/store/source.h"

namespace tidemark::hub {

using SessionID = std::uint64_t;

struct OutgoingFrame {
  SessionID session = 0;
  Frame frame;
};

/// To be answered with Hub::OnResolved.
struct ResolveRequest {
  SessionID session = 0;
  QueryKey key;
  std::string name;
  std::string args_json;
  std::string auth_json;
  std::uint64_t serial = 0;  // of this question: an older answer is not taken for a newer one
};

struct Output {
  std::vector<OutgoingFrame> frames;
  std::vector<ResolveRequest> resolve;
  std::vector<std::unique_ptr<HydrationJob>> jobs;  // to be given back to Hub::OnHydrated
  std::vector<SessionID> close;                     // after their frames
};

/// One step of the replica: everything from the version before to `to`.
struct Commit {
  Version to;
  model::ChangeSet changes;                       // net
  std::vector<protocol::ClientState> lmids;       // clients whose LMID moved
  std::vector<protocol::MutationResult> results;  // stored by these transactions
};

/// A session that has passed authentication.
struct NewSession {
  SessionID session = 0;
  protocol::Hello hello;
  std::string auth_json = "null";
  /// For the clients of the hello, at the hub's version: LMIDs and undelivered results.
  std::vector<protocol::ClientState> lmids;
  std::vector<protocol::MutationResult> results;
  std::vector<ClientID> expired;
};

class Hub {
 public:
  /// `replica` is at `version` and outlives the hub.
  Hub(const store::Store& replica, Version version, std::string build,
      protocol::Limits limits = {});
  ~Hub();

  const Version& version() const;

  /// Welcomes the session (or refuses it: kOutdated names what does not fit of its schema).
  void OpenSession(NewSession session);
  void CloseSession(SessionID session);
  void ChangeQueries(SessionID session, const protocol::ChangeQueries& change);
  void OnResolved(SessionID session, const QueryKey& key, std::uint64_t serial,
                  Result<std::string> ast_json);
  /// A job that was run (or failed) on a snapshot not older than the hub was when it handed the job
  /// out; a newer one waits for its commits. Errors as in Advance.
  Status OnHydrated(std::unique_ptr<HydrationJob> job);
  /// What a session holds of a result that it was asked about (Compare, Want).
  void OnSums(SessionID session, const protocol::Sums& sums);
  void OnMembers(SessionID session, protocol::Members members);
  /// The session has new claims: all its queries are resolved anew. Until they are it is told
  /// nothing; then what is lost and what is gained leaves in one poke, behind the claims.
  void SetAuth(SessionID session, std::string auth_json);
  /// A client that the session pushes for and that its hello did not name, with what is known of
  /// it at the hub's version.
  void AddClient(SessionID session, const protocol::ClientState& client,
                 std::vector<protocol::MutationResult> results = {});

  /// While on, the session is told nothing: it does not take what it was sent. When it goes off,
  /// what it missed leaves in one poke.
  void SetCongested(SessionID session, bool congested);
  /// Milliseconds of any clock that does not go back; now and then. Forgets pipelines that nobody
  /// has subscribed to for `pipeline_ttl_ms`, and whole results after `kept_result_ms`.
  void Tick(std::uint64_t now_ms);

  /// `replica` is already at `commit.to`. kInternal and kCorrupt are faults of the replica.
  Status Advance(Commit commit);

  Output TakeOutput();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::hub

#endif  // TIDEMARK_CORE_HUB_HUB_H_
