// A hub over a store in memory, with receivers at its sessions, for tests. A query's name is its
// tree: resolving is handing it back, whenever the test says so. Whole results are read at once,
// unless the test holds the jobs.
#ifndef TIDEMARK_TESTS_CORE_HUB_HUB_WORLD_H_
#define TIDEMARK_TESTS_CORE_HUB_HUB_WORLD_H_

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/hub/hub.h"
#include "core/model/schema.h"
#include "core/store/memory_source.h"
#include "tests/core/hub/receiver.h"

namespace tidemark::hub {

/// todo: id, title, done, rank, doc (optional json).
extern const char kTodoSchema[];
/// The same without `rank` and with the columns in another order.
extern const char kOlderSchema[];

model::Row Todo(const std::string& id, const std::string& title, bool done, double rank,
                const std::string& doc = "null");

class HubWorld {
 public:
  explicit HubWorld(protocol::Limits limits = {});

  struct OpenOptions {
    const model::Schema* schema = nullptr;  // the server's
    Version base = {};
    std::vector<protocol::DesiredQuery> queries = {};
    std::vector<protocol::ClientState> clients = {};
    std::vector<protocol::ClientState> lmids = {};
    std::vector<protocol::MutationResult> results = {};
  };
  SessionID Open(OpenOptions options);
  SessionID Open() { return Open(OpenOptions()); }
  void Close(SessionID session);
  /// The key of the query is its tree.
  void Put(SessionID session, const std::string& tree,
           std::optional<protocol::DesiredQuery::Have> have = std::nullopt);
  void Remove(SessionID session, const std::string& tree);

  /// Puts rows and removes keys in one commit.
  void Commit(std::vector<model::Row> puts, std::vector<std::string> removed_ids = {},
              std::vector<protocol::ClientState> lmids = {},
              std::vector<protocol::MutationResult> results = {});

  /// The store is ahead of the hub until the commit is told.
  hub::Commit Write(std::vector<model::Row> puts, std::vector<std::string> removed_ids = {});
  void Tell(hub::Commit commit);

  /// From now on jobs wait until they are run and given back.
  void HoldJobs() { holds_jobs_ = true; }
  std::size_t jobs() const { return jobs_.size(); }
  bool was_run(std::size_t index) const { return jobs_.at(index).was_run; }
  /// Reads the job's result as the store is now; the jobs are numbered as they came.
  void RunJob(std::size_t index = 0);
  void FailJob(Error error, std::size_t index = 0);
  void GiveBack(std::size_t index = 0);
  /// Runs and gives back all jobs, also those that come of it.
  void FinishJobs();

  /// Answers the next question about what the session holds; false when there is none.
  bool AnswerOne(SessionID session);
  void AnswerAll(SessionID session);
  /// Another process on the same database: it remembers nothing.
  void Restart();

  /// Answers the next request for a tree; false when there is none.
  bool ResolveOne();
  void ResolveAll();
  void FailNext(Error error);
  /// The next request, to be answered out of turn.
  ResolveRequest TakeRequest();
  void Answer(const ResolveRequest& request, Result<std::string> tree);
  bool has_requests() const { return !requests_.empty(); }
  Receiver& receiver(SessionID session) { return *receivers_.at(session); }
  bool closed(SessionID session) const { return closed_.count(session) > 0; }
  /// What the session must hold of a query now: its columns of a fresh evaluation.
  Receiver::Rows Expected(const std::string& tree, const model::Schema& client) const;
  const model::Schema& schema() const { return schema_; }
  const model::Schema& older_schema() const { return older_; }
  const Version& version() const { return hub_->version(); }
  Hub& hub() { return *hub_; }

  /// Frames to their receivers, requests to the queue, jobs to where they are run.
  void Pump();

 private:
  struct Held {
    std::unique_ptr<HydrationJob> job;
    bool was_run = false;
  };

  model::Schema schema_;
  model::Schema older_;
  const protocol::Limits limits_;
  store::MemoryStore store_;
  std::unique_ptr<Hub> hub_;
  std::map<SessionID, std::unique_ptr<Receiver>> receivers_;
  std::deque<ResolveRequest> requests_;
  std::set<SessionID> closed_;
  SessionID last_session_ = 0;
  std::uint64_t written_ = 1;  // the store's position
  bool holds_jobs_ = false;
  std::vector<Held> jobs_;
};

protocol::DesiredQuery Desired(const std::string& tree,
                               std::optional<protocol::DesiredQuery::Have> have = std::nullopt);

}  // namespace tidemark::hub

#endif  // TIDEMARK_TESTS_CORE_HUB_HUB_WORLD_H_
