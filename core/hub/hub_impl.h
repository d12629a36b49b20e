// The hub's inside, shared by its sources: sessions (hub.cc), queries and their pipelines
// (hub_queries.cc), the reading of their results (hub_hydration.cc), what sessions hold of them
// (hub_comparisons.cc), and the steps from version to version (hub_steps.cc).
#ifndef TIDEMARK_CORE_HUB_HUB_IMPL_H_
#define TIDEMARK_CORE_HUB_HUB_IMPL_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/hub/client_schema.h"
#include "core/hub/hub.h"
#include "core/hub/pipeline_index.h"
#include "core/hub/query_pipeline.h"
#include "core/hub/subscription.h"

namespace tidemark::hub {

class Hub::Impl {
 public:
  Impl(const store::Store& replica, Version version, std::string build, protocol::Limits limits)
      : replica_(replica),
        version_(std::move(version)),
        build_(std::move(build)),
        limits_(limits),
        index_(replica.schema()) {}

  const Version& version() const { return version_; }

  void OpenSession(NewSession request);
  void CloseSession(SessionID session);
  void ChangeQueries(SessionID session, const protocol::ChangeQueries& change);
  void OnResolved(SessionID session, const QueryKey& key, std::uint64_t serial,
                  Result<std::string> ast_json);
  void SetAuth(SessionID session, std::string auth_json);
  void OnSums(SessionID session, const protocol::Sums& message);
  void OnMembers(SessionID session, protocol::Members message);
  void AddClient(SessionID session, const protocol::ClientState& client,
                 std::vector<protocol::MutationResult> results);
  void SetCongested(SessionID session, bool congested);
  void Tick(std::uint64_t now_ms);
  Status OnHydrated(std::unique_ptr<HydrationJob> job);
  Status Advance(Commit commit);
  Output TakeOutput() { return std::exchange(output_, {}); }

 private:
  using UpdateMap = std::map<QueryPipeline*, Update, BySerial>;
  struct SchemaUse {
    std::unique_ptr<ClientSchema> schema;
    std::size_t users = 0;  // sessions and idle pipelines
  };
  struct Idle {
    QueryPipeline* pipeline;
    const ClientSchema* schema;
    std::uint64_t since_ms;
  };
  /// A pipeline by its id, in the columns of the schema with a hash.
  using RenditionID = std::pair<PipelineID, std::string>;
  struct Kept {
    RenditionID rendition;
    Frame frame;
    std::uint64_t since_ms;
  };

  Result<const ClientSchema*> AcquireSchema(const protocol::Hello& hello);
  void ReleaseSchema(const ClientSchema* schema);
  void Refuse(SessionID session, Error error);
  void Welcome(const NewSession& request);
  void Subscribe(SessionID session, Subscriber& subscriber, const protocol::DesiredQuery& query,
                 bool first);
  void Unsubscribe(SessionID session, Subscriber& subscriber, const QueryKey& key);
  void Resolve(SessionID session, const Subscriber& subscriber, const QueryKey& key,
               Subscription& subscription);
  void LeaveLive(SessionID session, Subscriber& subscriber, const Subscription& subscription);
  void FailQuery(SessionID session, Subscriber& subscriber, const QueryKey& key, Error error);
  Result<QueryPipeline*> JoinPipeline(const ClientSchema& schema, const std::string& ast_json);
  Update JoiningUpdate(const Subscriber& subscriber, Subscription& subscription) const;
  void Join(SessionID session, Subscriber& subscriber, const QueryKey& key,
            Subscription& subscription);
  void Await(SessionID session, const Subscriber& subscriber, Subscription& subscription);
  void Rejoin(SessionID session, Subscriber& subscriber, QueryPipeline* pipeline);
  void OrderRows(QueryPipeline* pipeline, const ClientSchema& schema);
  bool HasJobsOut(const QueryPipeline* pipeline) const;
  Status TakeHydration(HydrationJob& job);
  Result<bool> TakeRows(QueryPipeline* pipeline, const ClientSchema& schema, Hydration& hydration);
  Status TakeEarlyJobs();
  void WakeWaiting(QueryPipeline* pipeline, const ClientSchema& schema);
  void FailWaiting(QueryPipeline* pipeline, const ClientSchema& schema, const Error& error);
  void Keep(const RenditionID& rendition, const Frame& frame);
  void DropKept();
  bool Compare(SessionID session, Subscriber& subscriber, Subscription& subscription);
  /// The session's comparison under that number, if it is under way: its subscriber and where.
  using UnderWay = std::map<QueryPipeline*, SetComparison, BySerial>::iterator;
  std::optional<std::pair<Subscriber*, UnderWay>> FindComparison(SessionID session,
                                                                 std::uint32_t number);
  void OrderComparison(const RenditionID& rendition);
  void TakeLacks(HydrationJob& job);
  void JoinCompared(SessionID session, Subscriber& subscriber, QueryPipeline* pipeline);
  void DropComparison(Subscriber& subscriber, QueryPipeline* pipeline);
  Status CheckTables(const ClientSchema& schema, const query::Query& query) const;
  void LeavePipeline(QueryPipeline* pipeline, const ClientSchema& schema);
  void TrimIdle();
  void DropIdle(const std::deque<Idle>::iterator& position);
  void DropIdleOf(const QueryPipeline* pipeline);
  void DropPipeline(QueryPipeline* pipeline);
  void FailHeld(SessionID session, Subscriber& subscriber, QueryPipeline* pipeline,
                const Error& error);
  void FailPipeline(QueryPipeline* pipeline, const Error& error);
  void NoteClients(Commit& commit);
  void Queue(SessionID session, Subscriber& subscriber);
  void Flush();
  void FlushSession(SessionID session, Subscriber& subscriber);
  bool Gather(SessionID session, Subscriber& subscriber, UpdateMap& updates);
  void AddChanges(Subscriber& subscriber, UpdateMap& updates);
  Frame HeaderFrame(protocol::Poke poke);
  void JoinQueries(SessionID session, Subscriber& subscriber, protocol::Poke& poke);
  void Send(SessionID session, Frame frame) {
    output_.frames.push_back(OutgoingFrame{session, std::move(frame)});
  }

  const store::Store& replica_;
  Version version_;
  std::string build_;
  protocol::Limits limits_;
  std::unordered_map<std::string, SchemaUse> schemas_;  // by hash
  std::unordered_map<PipelineID, std::unique_ptr<QueryPipeline>> pipelines_;
  PipelineIndex index_;
  /// Nobody subscribes to them; they are kept for a while, oldest first, with one rendition.
  std::deque<Idle> idle_;
  std::map<SessionID, Subscriber> sessions_;
  std::unordered_map<ClientID, std::set<SessionID>> by_client_;
  std::vector<SessionID> queue_;  // sessions that may have something to be told
  PipelineSet stepped_;           // hold changes until the end of the step
  std::set<RenditionID> jobs_out_;
  /// Renditions that a job is out for which compares sessions, by their comparison's number, with
  /// them, and who waits for the next one.
  std::map<RenditionID, std::vector<std::pair<SessionID, std::uint32_t>>> to_compare_;
  std::vector<std::unique_ptr<HydrationJob>> early_;  // jobs that are back, ahead of the hub
  /// Of the replica, since the oldest of jobs_out_ was handed out.
  RecentChanges commits_{0};
  std::deque<Kept> kept_;  // whole results for who comes next, oldest first
  std::size_t kept_bytes_ = 0;
  std::uint64_t last_serial_ = 0;
  std::uint64_t last_question_ = 0;
  std::uint32_t last_comparison_ = 0;
  std::uint64_t now_ms_ = 0;
  /// The last header that says nothing but how many segments follow, and from which version.
  protocol::Poke shared_poke_;
  Frame shared_header_;
  Output output_;
};

}  // namespace tidemark::hub

#endif  // TIDEMARK_CORE_HUB_HUB_IMPL_H_
