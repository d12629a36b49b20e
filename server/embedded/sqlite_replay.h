// Replays mutations in an embedded database: single-threaded and synchronous, so that the server's
// worker and the simulation run the same code. A batch is one transaction: every mutation's effects
// (a savepoint each), the last mutation ids and the results commit together or not at all.
// Law: each mutation is applied exactly once, in the order of its client, whatever is resent.
#ifndef TIDEMARK_SERVER_EMBEDDED_SQLITE_REPLAY_H_
#define TIDEMARK_SERVER_EMBEDDED_SQLITE_REPLAY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/function_ref.h"
#include "core/base/result.h"
#include "core/hub/hub.h"
#include "core/model/row_change.h"
#include "core/mutation/mutator.h"
#include "core/protocol/limits.h"
#include "core/store/sqlite.h"
#include "core/store/sqlite_source.h"
#include "server/authority.h"
#include "server/embedded/replay_rows.h"
#include "server/embedded/sqlite_state.h"

namespace tidemark::server {

struct Acknowledgement {
  ClientGroupID group;
  std::vector<protocol::ClientState> upto;
};

struct ReplayBatch {
  std::vector<PushRequest> pushes;  // in order of arrival
  std::vector<Acknowledgement> acknowledgements;
};

struct ReplayOutcome {
  std::optional<hub::Commit> commit;  // none if no mutation was consumed
  /// One for each push that is dealt with, in their order: all of the batch unless it was ended
  /// early. The rest is to be applied again, also the push in which it ended: what was consumed of
  /// it is skipped.
  std::vector<Status> pushes;
};

struct ReplayHooks {
  /// Asked after each mutation: true ends the batch there.
  FunctionRef<bool()> enough;
  /// Called when everything is done but the commit.
  FunctionRef<void()> before_commit;
};

class SqliteReplay {
 public:
  /// All outlive the replay; `database` was prepared (PrepareDatabase) and is written by nobody
  /// else.
  static Result<std::unique_ptr<SqliteReplay>> Open(const model::Schema& schema,
                                                    store::Database& database,
                                                    mutation::MutatorHost& host,
                                                    protocol::Limits limits = {});

  /// On an error (kUnavailable, kLimit for a full disk: to be tried again; kCorrupt) nothing
  /// happened.
  Result<ReplayOutcome> Apply(const ReplayBatch& batch, std::int64_t now_ms,
                              const ReplayHooks& hooks);
  Result<ReplayOutcome> Apply(const ReplayBatch& batch, std::int64_t now_ms) {
    const auto never = [] { return false; };
    const auto nothing = [] {};
    return Apply(batch, now_ms, ReplayHooks{never, nothing});
  }

  const Version& version() const { return version_; }

 private:
  struct Client {
    std::optional<ClientRow> row;  // none: not known yet
    bool changed = false;
  };
  /// An answer to the session, not a failure of the batch.
  using Refusal = std::optional<Error>;

  SqliteReplay(const model::Schema& schema, store::Database& database, mutation::MutatorHost& host,
               protocol::Limits limits, Version version);

  Result<ReplayOutcome> ApplyInTransaction(const ReplayBatch& batch, std::int64_t now_ms,
                                           FunctionRef<bool()> enough);
  Result<Refusal> ApplyPush(const PushRequest& push, std::int64_t now_ms,
                            FunctionRef<bool()> enough);
  Result<Refusal> Admit(const PushRequest& push, const mutation::Mutation& mutation,
                        std::int64_t now_ms, Client& client);
  Status Replay(const PushRequest& push, const mutation::Mutation& mutation, std::int64_t now_ms);
  Status RunMutator(const mutation::Mutation& mutation, const mutation::MutatorContext& context,
                    protocol::MutationResult& result);
  Status StoreResult(const protocol::MutationResult& result);
  Status StoreClients(std::int64_t now_ms, hub::Commit& commit);
  Status Forget(const Acknowledgement& acknowledgement);
  Result<Client*> FindClient(const ClientID& id);

  const model::Schema& schema_;
  store::Database& database_;
  mutation::MutatorHost& host_;
  protocol::Limits limits_;
  Version version_;
  store::SqliteStore store_;
  ReplayRows rows_;
  std::unordered_map<ClientID, Client> clients_;  // what the database says, plus this batch

  // Of the batch that runs.
  model::NetChanges net_;
  std::vector<ClientID> changed_clients_;
  std::vector<protocol::MutationResult> results_;
  bool ended_early_ = false;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_EMBEDDED_SQLITE_REPLAY_H_
