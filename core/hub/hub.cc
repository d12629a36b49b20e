#include "core/hub/hub.h"

#include <utility>

#include "core/base/check.h"
#include "core/hub/hub_impl.h"
#include "core/hub/poke_writer.h"
#include "core/protocol/version.h"

namespace tidemark::hub {

// ---- sessions ----

Result<const ClientSchema*> Hub::Impl::AcquireSchema(const protocol::Hello& hello) {
  const auto known = schemas_.find(hello.schema_hash);
  if (known != schemas_.end()) {
    ++known->second.users;
    return known->second.schema.get();
  }
  TIDEMARK_ASSIGN_OR_RETURN(ClientSchema schema,
                            ClientSchema::Match(replica_.schema(), hello.schema_json));
  SchemaUse& use = schemas_[schema.hash()];
  if (use.schema == nullptr) use.schema = std::make_unique<ClientSchema>(std::move(schema));
  ++use.users;
  return use.schema.get();
}

void Hub::Impl::ReleaseSchema(const ClientSchema* schema) {
  const auto position = schemas_.find(schema->hash());
  TIDEMARK_CHECK(position != schemas_.end());
  if (--position->second.users == 0) schemas_.erase(position);
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
  TrimIdle();
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
Status Hub::OnHydrated(std::unique_ptr<HydrationJob> job) {
  return impl_->OnHydrated(std::move(job));
}
void Hub::OnSums(SessionID session, const protocol::Sums& sums) { impl_->OnSums(session, sums); }
void Hub::OnMembers(SessionID session, protocol::Members members) {
  impl_->OnMembers(session, std::move(members));
}
void Hub::SetAuth(SessionID session, std::string auth_json) {
  impl_->SetAuth(session, std::move(auth_json));
}
void Hub::AddClient(SessionID session, const protocol::ClientState& client,
                    std::vector<protocol::MutationResult> results) {
  impl_->AddClient(session, client, std::move(results));
}
void Hub::SetCongested(SessionID session, bool congested) {
  impl_->SetCongested(session, congested);
}
void Hub::Tick(std::uint64_t now_ms) { impl_->Tick(now_ms); }
Status Hub::Advance(Commit commit) { return impl_->Advance(std::move(commit)); }
Output Hub::TakeOutput() { return impl_->TakeOutput(); }

}  // namespace tidemark::hub
