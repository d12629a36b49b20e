#include "core/hub/hub.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>

#include "core/base/check.h"
#include "core/hub/client_schema.h"
#include "core/hub/poke_writer.h"
#include "core/hub/query_pipeline.h"
#include "core/hub/subscription.h"
#include "core/protocol/version.h"
#include "core/query/ast_json.h"

namespace tidemark::hub {

class Hub::Impl {
 public:
  Impl(const store::Store& replica, Version version, std::string build, protocol::Limits limits)
      : replica_(replica),
        version_(std::move(version)),
        build_(std::move(build)),
        limits_(limits),
        by_table_(replica.schema().tables().size()) {}

  const Version& version() const { return version_; }

  void OpenSession(NewSession request);
  void CloseSession(SessionID session);
  void ChangeQueries(SessionID session, const protocol::ChangeQueries& change);
  void OnResolved(SessionID session, const QueryKey& key, std::uint64_t serial,
                  Result<std::string> ast_json);
  void SetAuth(SessionID session, std::string auth_json);
  void AddClient(SessionID session, const protocol::ClientState& client,
                 std::vector<protocol::MutationResult> results);
  Status Advance(Commit commit);
  Output TakeOutput() { return std::exchange(output_, {}); }

 private:
  using SegmentMap = std::map<QueryPipeline*, Frame, BySerial>;
  struct SchemaUse {
    std::unique_ptr<ClientSchema> schema;
    std::size_t sessions = 0;
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
  Result<Frame> ResetFor(const Subscriber& subscriber, const Subscription& subscription);
  void LeavePipeline(QueryPipeline* pipeline, const ClientSchema& schema);
  void FailPipeline(QueryPipeline* pipeline, const Error& error);
  void NoteClients(Commit& commit);
  void Queue(SessionID session, Subscriber& subscriber);
  void Flush();
  void FlushSession(SessionID session, Subscriber& subscriber);
  void JoinQueries(SessionID session, Subscriber& subscriber, protocol::Poke& poke,
                   SegmentMap& segments);
  void Send(SessionID session, Frame frame) {
    output_.frames.push_back(OutgoingFrame{session, std::move(frame)});
  }

  const store::Store& replica_;
  Version version_;
  std::string build_;
  protocol::Limits limits_;
  std::unordered_map<std::string, SchemaUse> schemas_;  // by hash
  std::unordered_map<PipelineID, std::unique_ptr<QueryPipeline>> pipelines_;
  std::vector<PipelineSet> by_table_;
  std::map<SessionID, Subscriber> sessions_;
  std::unordered_map<ClientID, std::set<SessionID>> by_client_;
  std::vector<SessionID> queue_;  // sessions that may have something to be told
  PipelineSet stepped_;           // hold rows or changes until the end of the step
  PipelineSet with_reset_frame_;  // keep a frame until the next version
  std::uint64_t last_serial_ = 0;
  std::uint64_t last_question_ = 0;
  Output output_;
};

// ---- sessions ----

Result<const ClientSchema*> Hub::Impl::AcquireSchema(const protocol::Hello& hello) {
  const auto known = schemas_.find(hello.schema_hash);
  if (known != schemas_.end()) {
    ++known->second.sessions;
    return known->second.schema.get();
  }
  TIDEMARK_ASSIGN_OR_RETURN(ClientSchema schema,
                            ClientSchema::Match(replica_.schema(), hello.schema_json));
  SchemaUse& use = schemas_[schema.hash()];
  if (use.schema == nullptr) use.schema = std::make_unique<ClientSchema>(std::move(schema));
  ++use.sessions;
  return use.schema.get();
}

void Hub::Impl::ReleaseSchema(const ClientSchema* schema) {
  const auto position = schemas_.find(schema->hash());
  TIDEMARK_CHECK(position != schemas_.end());
  if (--position->second.sessions == 0) schemas_.erase(position);
}

void Hub::Impl::Refuse(SessionID session, Error error) {
  Send(session, MakeFrame(protocol::Refused{std::move(error)}));
  output_.close.push_back(session);
}

void Hub::Impl::Welcome(const NewSession& request) {
  protocol::Welcome welcome;
  welcome.protocol = protocol::kProtocolVersion;
  welcome.build = build_;
  welcome.auth_json = request.auth_json;
  welcome.version = version_;
  welcome.clients = request.lmids;
  welcome.expired = request.expired;
  Send(request.session, MakeFrame(std::move(welcome)));
}

void Hub::Impl::OpenSession(NewSession request) {
  const protocol::Hello& hello = request.hello;
  if (hello.base.epoch == version_.epoch && hello.base.position > version_.position) {
    return Refuse(request.session,
                  Error{ErrorCode::kUnavailable,
                        "this server is at version " + std::to_string(version_.position) +
                            " and the client has seen " + std::to_string(hello.base.position) +
                            ": try again, or another server"});
  }
  Result<const ClientSchema*> schema = AcquireSchema(hello);
  if (!schema.ok()) return Refuse(request.session, std::move(schema).error());

  Welcome(request);
  Subscriber& subscriber = sessions_[request.session];
  subscriber.auth_json = request.auth_json;
  subscriber.schema = *schema;
  subscriber.version = hello.base;
  std::map<ClientID, MutationID> seen;
  for (const protocol::ClientState& client : hello.clients) {
    seen[client.client] = client.lmid;
    subscriber.clients.insert(client.client);
    by_client_[client.client].insert(request.session);
  }
  for (const protocol::ClientState& client : request.lmids) {
    if (client.lmid > seen[client.client]) subscriber.lmids[client.client] = client.lmid;
  }
  subscriber.results = std::move(request.results);
  for (const protocol::DesiredQuery& query : hello.queries) {
    Subscribe(request.session, subscriber, query, /*first=*/true);
  }
  Queue(request.session, subscriber);
  Flush();
}

void Hub::Impl::CloseSession(SessionID session) {
  const auto position = sessions_.find(session);
  if (position == sessions_.end()) return;
  Subscriber& subscriber = position->second;
  while (!subscriber.queries.empty()) {
    const QueryKey key = subscriber.queries.begin()->first;
    Unsubscribe(session, subscriber, key);
  }
  for (const ClientID& client : subscriber.clients) {
    const auto of_client = by_client_.find(client);
    of_client->second.erase(session);
    if (of_client->second.empty()) by_client_.erase(of_client);
  }
  ReleaseSchema(subscriber.schema);
  sessions_.erase(position);
}

void Hub::Impl::AddClient(SessionID session, const protocol::ClientState& client,
                          std::vector<protocol::MutationResult> results) {
  const auto position = sessions_.find(session);
  if (position == sessions_.end()) return;
  Subscriber& subscriber = position->second;
  if (!subscriber.clients.insert(client.client).second) return;
  by_client_[client.client].insert(session);
  if (client.lmid > 0) subscriber.lmids[client.client] = client.lmid;
  for (protocol::MutationResult& result : results) {
    subscriber.results.push_back(std::move(result));
  }
  Queue(session, subscriber);
  Flush();
}

// ---- queries ----

void Hub::Impl::ChangeQueries(SessionID session, const protocol::ChangeQueries& change) {
  const auto position = sessions_.find(session);
  if (position == sessions_.end()) return;
  for (const QueryKey& key : change.remove) Unsubscribe(session, position->second, key);
  for (const protocol::DesiredQuery& query : change.put) {
    Subscribe(session, position->second, query, /*first=*/false);
  }
  Queue(session, position->second);
  Flush();
}

void Hub::Impl::Subscribe(SessionID session, Subscriber& subscriber,
                          const protocol::DesiredQuery& query, bool first) {
  Unsubscribe(session, subscriber, query.key);
  if (subscriber.queries.size() >= limits_.queries_per_client_max) {
    Send(
        session,
        MakeFrame(protocol::QueryFailed{
            query.key,
            Error{ErrorCode::kLimit, "more than " + std::to_string(limits_.queries_per_client_max) +
                                         " queries at once (queries_per_client_max)"},
            query.ask}));
    return;
  }
  Subscription& subscription = subscriber.queries[query.key];
  subscription.name = query.name;
  subscription.args_json = query.args_json;
  subscription.ask = query.ask;
  subscription.have = query.have;
  subscription.first = first;
  if (first) ++subscriber.first_unresolved;
  Resolve(session, subscriber, query.key, subscription);
}

void Hub::Impl::Resolve(SessionID session, const Subscriber& subscriber, const QueryKey& key,
                        Subscription& subscription) {
  subscription.question = ++last_question_;
  output_.resolve.push_back(ResolveRequest{session, key, subscription.name, subscription.args_json,
                                           subscriber.auth_json, subscription.question});
}

/// As if the session had said hello again with what it holds.
void Hub::Impl::SetAuth(SessionID session, std::string auth_json) {
  const auto position = sessions_.find(session);
  if (position == sessions_.end()) return;
  Subscriber& subscriber = position->second;
  subscriber.auth_json = std::move(auth_json);
  subscriber.tell_claims = true;
  for (auto& [key, subscription] : subscriber.queries) {
    if (subscription.state == Subscription::State::kLive) {
      QueryPipeline* pipeline = subscription.pipeline;
      LeaveLive(session, subscriber, subscription);
      subscription.have =
          protocol::DesiredQuery::Have{pipeline->id(), pipeline->fingerprint(*subscriber.schema)};
      subscription.told = true;
    }
    if (subscription.state != Subscription::State::kResolving || !subscription.first) {
      subscription.first = true;
      ++subscriber.first_unresolved;
    }
    subscription.state = Subscription::State::kResolving;
    Resolve(session, subscriber, key, subscription);
  }
  Queue(session, subscriber);
  Flush();
}

void Hub::Impl::Unsubscribe(SessionID session, Subscriber& subscriber, const QueryKey& key) {
  const auto position = subscriber.queries.find(key);
  if (position == subscriber.queries.end()) return;
  const Subscription subscription = position->second;
  subscriber.queries.erase(position);
  if (subscription.state == Subscription::State::kResolving && subscription.first) {
    --subscriber.first_unresolved;
  }
  if (subscription.state == Subscription::State::kLive) {
    LeaveLive(session, subscriber, subscription);
  }
  if (subscription.pipeline != nullptr) LeavePipeline(subscription.pipeline, *subscriber.schema);
}

/// No deltas any more.
void Hub::Impl::LeaveLive(SessionID session, Subscriber& subscriber,
                          const Subscription& subscription) {
  QueryPipeline* pipeline = subscription.pipeline;
  const auto held = subscriber.held.find(pipeline);
  if (--held->second > 0) return;
  subscriber.held.erase(held);
  pipeline->live().erase(session);
  auto& changed = subscriber.changed;
  changed.erase(std::remove(changed.begin(), changed.end(), pipeline), changed.end());
}

void Hub::Impl::FailQuery(SessionID session, Subscriber& subscriber, const QueryKey& key,
                          Error error) {
  const bool told = subscriber.queries.at(key).told;
  const std::uint32_t ask = subscriber.queries.at(key).ask;
  Unsubscribe(session, subscriber, key);
  protocol::QueryFailed failed{key, std::move(error), ask};
  if (told) {
    subscriber.lost.push_back(std::move(failed));
    Queue(session, subscriber);
  } else {
    Send(session, MakeFrame(std::move(failed)));
  }
}

void Hub::Impl::OnResolved(SessionID session, const QueryKey& key, std::uint64_t serial,
                           Result<std::string> ast_json) {
  const auto position = sessions_.find(session);
  if (position == sessions_.end()) return;
  Subscriber& subscriber = position->second;
  const auto query = subscriber.queries.find(key);
  // Removed meanwhile, or asked again: with other claims, perhaps.
  if (query == subscriber.queries.end() || query->second.question != serial) return;
  if (query->second.state != Subscription::State::kResolving) return;

  Result<QueryPipeline*> pipeline =
      ast_json.ok() ? JoinPipeline(*subscriber.schema, *ast_json) : std::move(ast_json).error();
  if (!pipeline.ok()) {
    FailQuery(session, subscriber, key, std::move(pipeline).error());
  } else {
    if (query->second.first) --subscriber.first_unresolved;
    QueryPipeline* before = std::exchange(query->second.pipeline, *pipeline);
    if (before != nullptr) LeavePipeline(before, *subscriber.schema);
    query->second.state = Subscription::State::kJoining;
    subscriber.joining.push_back(key);
    // The first poke waits for more queries: make the frame while the rows are at hand.
    if (subscriber.first_unresolved > 0) (void)ResetFor(subscriber, query->second);
  }
  Queue(session, subscriber);
  Flush();
}

Result<QueryPipeline*> Hub::Impl::JoinPipeline(const ClientSchema& schema,
                                               const std::string& ast_json) {
  TIDEMARK_ASSIGN_OR_RETURN(query::Query query, query::ParseQuery(replica_.schema(), ast_json));
  if (!schema.HasTable(query.table)) {
    return Error{ErrorCode::kOutdated, "table " + replica_.schema().table(query.table).name +
                                           " is not in this page's schema: reload the page"};
  }
  query = query::Normalize(replica_.schema(), std::move(query));
  PipelineID id = query::HashQuery(replica_.schema(), query);
  const auto known = pipelines_.find(id);
  if (known != pipelines_.end()) {
    QueryPipeline* pipeline = known->second.get();
    stepped_.insert(pipeline);
    TIDEMARK_TRY(pipeline->Acquire(schema));
    ++pipeline->subscriptions;
    return pipeline;
  }
  auto made = std::make_unique<QueryPipeline>(id, ++last_serial_, replica_, std::move(query),
                                              limits_.rows_per_query_max);
  QueryPipeline* pipeline = made.get();
  TIDEMARK_TRY(pipeline->Hydrate());
  TIDEMARK_TRY(pipeline->Acquire(schema));
  ++pipeline->subscriptions;
  stepped_.insert(pipeline);
  by_table_[pipeline->table()].insert(pipeline);
  pipelines_.emplace(std::move(id), std::move(made));
  return pipeline;
}

void Hub::Impl::LeavePipeline(QueryPipeline* pipeline, const ClientSchema& schema) {
  pipeline->Release(schema);
  if (--pipeline->subscriptions > 0) return;
  by_table_[pipeline->table()].erase(pipeline);
  stepped_.erase(pipeline);
  with_reset_frame_.erase(pipeline);
  pipelines_.erase(PipelineID(pipeline->id()));
}

/// The whole result for a joining query; null if the session has it already.
Result<Frame> Hub::Impl::ResetFor(const Subscriber& subscriber, const Subscription& subscription) {
  QueryPipeline* pipeline = subscription.pipeline;
  if (subscription.have.has_value() && subscription.have->pipeline == pipeline->id() &&
      subscription.have->fingerprint == pipeline->fingerprint(*subscriber.schema)) {
    return Frame();
  }
  stepped_.insert(pipeline);
  with_reset_frame_.insert(pipeline);
  return pipeline->ResetFrame(*subscriber.schema, version_);
}

/// Every query on the pipeline fails; the pipeline is gone afterwards.
void Hub::Impl::FailPipeline(QueryPipeline* pipeline, const Error& error) {
  for (auto& [session, subscriber] : sessions_) {
    std::vector<QueryKey> keys;
    for (const auto& [key, subscription] : subscriber.queries) {
      if (subscription.pipeline == pipeline) keys.push_back(key);
    }
    for (const QueryKey& key : keys) FailQuery(session, subscriber, key, error);
  }
}

// ---- steps ----

void Hub::Impl::NoteClients(Commit& commit) {
  for (const protocol::ClientState& client : commit.lmids) {
    const auto sessions = by_client_.find(client.client);
    if (sessions == by_client_.end()) continue;
    for (const SessionID session : sessions->second) {
      Subscriber& subscriber = sessions_.at(session);
      MutationID& lmid = subscriber.lmids[client.client];
      lmid = std::max(lmid, client.lmid);
      Queue(session, subscriber);
    }
  }
  for (const protocol::MutationResult& result : commit.results) {
    const auto sessions = by_client_.find(result.client);
    if (sessions == by_client_.end()) continue;
    for (const SessionID session : sessions->second) {
      sessions_.at(session).results.push_back(result);
    }
  }
}

Status Hub::Impl::Advance(Commit commit) {
  version_ = std::move(commit.to);
  for (QueryPipeline* pipeline : with_reset_frame_) pipeline->DropFrames();
  with_reset_frame_.clear();

  PipelineSet touched;
  for (const model::RowChange& change : commit.changes) {
    touched.insert(by_table_[change.table].begin(), by_table_[change.table].end());
  }
  for (QueryPipeline* pipeline : touched) {
    stepped_.insert(pipeline);
    const Result<bool> advanced = pipeline->Advance(commit.changes);
    if (!advanced.ok()) {
      if (advanced.error().code != ErrorCode::kLimit) return advanced.error();
      FailPipeline(pipeline, advanced.error());
      continue;
    }
    if (!*advanced) continue;
    for (const SessionID session : pipeline->live()) {
      Subscriber& subscriber = sessions_.at(session);
      subscriber.changed.push_back(pipeline);
      Queue(session, subscriber);
    }
  }
  NoteClients(commit);
  Flush();
  return Ok{};
}

void Hub::Impl::Queue(SessionID session, Subscriber& subscriber) {
  if (subscriber.queued) return;
  subscriber.queued = true;
  queue_.push_back(session);
}

/// Ends every event: what the queued sessions have to be told leaves in one poke each.
void Hub::Impl::Flush() {
  for (const SessionID session : std::exchange(queue_, {})) {
    const auto position = sessions_.find(session);
    if (position == sessions_.end()) continue;
    position->second.queued = false;
    FlushSession(session, position->second);
  }
  for (QueryPipeline* pipeline : stepped_) pipeline->EndStep();
  stepped_.clear();
}

void Hub::Impl::JoinQueries(SessionID session, Subscriber& subscriber, protocol::Poke& poke,
                            SegmentMap& segments) {
  for (const QueryKey& key : std::exchange(subscriber.joining, {})) {
    const auto query = subscriber.queries.find(key);
    if (query == subscriber.queries.end()) continue;
    Subscription& subscription = query->second;
    if (subscription.state != Subscription::State::kJoining) continue;
    QueryPipeline* pipeline = subscription.pipeline;
    Result<Frame> frame = ResetFor(subscriber, subscription);
    if (!frame.ok()) {
      FailQuery(session, subscriber, key, std::move(frame).error());
      continue;
    }
    if (*frame != nullptr) segments[pipeline] = std::move(*frame);
    subscription.state = Subscription::State::kLive;
    ++subscriber.held[pipeline];
    pipeline->live().insert(session);
    const bool known =
        std::exchange(subscription.told, false) && subscription.have->pipeline == pipeline->id();
    if (!known)
      poke.resolved.push_back(
          protocol::ResolvedQuery{key, pipeline->id(), /*complete=*/true, subscription.ask});
  }
}

void Hub::Impl::FlushSession(SessionID session, Subscriber& subscriber) {
  if (subscriber.first_unresolved > 0) return;
  if (std::exchange(subscriber.tell_claims, false)) {
    Send(session, MakeFrame(protocol::LinkState{"connected", "", subscriber.auth_json}));
  }
  protocol::Poke poke;
  SegmentMap segments;  // a whole result stands for its last delta too
  JoinQueries(session, subscriber, poke, segments);
  for (QueryPipeline* pipeline : std::exchange(subscriber.changed, {})) {
    if (segments.count(pipeline) > 0) continue;
    Frame frame = pipeline->DeltaFrame(*subscriber.schema, version_);
    if (frame != nullptr) segments[pipeline] = std::move(frame);
  }
  for (const auto& [client, lmid] : std::exchange(subscriber.lmids, {})) {
    poke.lmids.push_back(protocol::ClientState{client, lmid});
  }
  poke.results = std::exchange(subscriber.results, {});
  const std::vector<protocol::QueryFailed> lost = std::exchange(subscriber.lost, {});
  for (const protocol::QueryFailed& failed : lost) poke.gone.push_back(failed.key);
  if (poke.lmids.empty() && poke.results.empty() && poke.resolved.empty() && poke.gone.empty() &&
      segments.empty()) {
    return;
  }
  poke.from = subscriber.version;
  poke.to = version_;
  poke.segments = static_cast<std::uint32_t>(segments.size());
  subscriber.version = version_;
  Send(session, MakeFrame(std::move(poke)));
  for (auto& [pipeline, frame] : segments) Send(session, std::move(frame));
  for (const protocol::QueryFailed& failed : lost) Send(session, MakeFrame(failed));
}

// ---- the interface ----

Hub::Hub(const store::Store& replica, Version version, std::string build, protocol::Limits limits)
    : impl_(std::make_unique<Impl>(replica, std::move(version), std::move(build), limits)) {}
Hub::~Hub() = default;

const Version& Hub::version() const { return impl_->version(); }
void Hub::OpenSession(NewSession session) { impl_->OpenSession(std::move(session)); }
void Hub::CloseSession(SessionID session) { impl_->CloseSession(session); }
void Hub::ChangeQueries(SessionID session, const protocol::ChangeQueries& change) {
  impl_->ChangeQueries(session, change);
}
void Hub::OnResolved(SessionID session, const QueryKey& key, std::uint64_t serial,
                     Result<std::string> ast_json) {
  impl_->OnResolved(session, key, serial, std::move(ast_json));
}
void Hub::SetAuth(SessionID session, std::string auth_json) {
  impl_->SetAuth(session, std::move(auth_json));
}
void Hub::AddClient(SessionID session, const protocol::ClientState& client,
                    std::vector<protocol::MutationResult> results) {
  impl_->AddClient(session, client, std::move(results));
}
Status Hub::Advance(Commit commit) { return impl_->Advance(std::move(commit)); }
Output Hub::TakeOutput() { return impl_->TakeOutput(); }

}  // namespace tidemark::hub
