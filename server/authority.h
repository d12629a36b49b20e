// The database of record as the server sees it, embedded or Postgres: mutations go in, commits come
// out. The two sides never talk to each other: what a push did is seen in the change stream only.
//
// Threads: every method is called on the I/O thread, and so is the listener. Replay and hydration
// happen on threads of the authority's own (with a connection each), which post back.
#ifndef TIDEMARK_SERVER_AUTHORITY_H_
#define TIDEMARK_SERVER_AUTHORITY_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/hub/hub.h"
#include "core/mutation/mutation.h"
#include "core/mutation/mutator.h"
#include "core/protocol/messages.h"
#include "core/store/source.h"

namespace tidemark::server {

/// The app's code, loaded for one thread: made, called and destroyed there.
class AppHost : public mutation::MutatorHost, public mutation::QueryHost {};
using AppHostFactory = std::function<Result<std::unique_ptr<AppHost>>()>;

/// Runs a task on the I/O thread, after the tasks posted before it; may be called on any thread.
using PostTask = std::function<void(std::function<void()>)>;

class CommitListener {
 public:
  virtual ~CommitListener() = default;
  /// The replica has been advanced to `commit.to`.
  virtual void OnCommit(hub::Commit commit) = 0;
  /// The database went away or came back; mutations wait meanwhile.
  virtual void OnAvailability(bool available, const std::string& reason) = 0;
  /// The authority cannot go on (a damaged replica, a dropped slot): the process must end with this
  /// message.
  virtual void OnFatal(const Error& error) = 0;
};

/// What the authority knows of a hello's clients.
struct GroupState {
  std::vector<protocol::ClientState> lmids;
  std::vector<protocol::MutationResult> results;
  std::vector<ClientID> expired;
};

struct PushRequest {
  ClientGroupID group;
  std::string auth_json;
  std::string subject;  // of the verified token; empty without authentication
  std::vector<mutation::Mutation> mutations;
};

class Authority {
 public:
  virtual ~Authority() = default;

  /// Opens the database, migrates if asked to, fills the replica. Any error is fatal at start (exit
  /// status 2).
  virtual Status Start(CommitListener& listener) = 0;
  /// Finishes what runs, then calls `done`.
  virtual void Stop(std::function<void()> done) = 0;

  /// Tables at the version of the last commit that the listener was told of.
  virtual const store::Store& replica() const = 0;
  virtual Version version() const = 0;

  /// State of a group at version(). `done` may run before this returns.
  virtual void LoadGroup(const ClientGroupID& group, const std::string& subject,
                         const std::vector<protocol::ClientState>& clients,
                         std::function<void(Result<GroupState>)> done) = 0;
  /// Replays in order, after everything that was pushed for this group before; resent mutations are
  /// skipped. `done` tells only what concerns the session (a gap, a foreign client, an expired
  /// one); outcomes of mutations come as commits.
  virtual void Push(PushRequest request, std::function<void(Status)> done) = 0;
  virtual void AckResults(const ClientGroupID& group,
                          const std::vector<protocol::ClientState>& upto) = 0;

  /// Runs a named query's resolver with the app's code.
  virtual void Resolve(std::string name, std::string args_json, std::string auth_json,
                       std::function<void(Result<std::string>)> done) = 0;

  /// Runs the job on a snapshot of the tables that is not older than version(), and gives it back.
  /// `done` may run before this returns.
  virtual void Hydrate(std::unique_ptr<hub::HydrationJob> job,
                       std::function<void(std::unique_ptr<hub::HydrationJob>)> done) = 0;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_AUTHORITY_H_
