#include "tests/server/session/sync_world.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "core/protocol/codec.h"
#include "core/protocol/version.h"
#include "tests/server/embedded/replay_world.h"

namespace tidemark::server {

void RecordingConnection::Send(hub::Frame frame, bool) {
  EXPECT_FALSE(closed.has_value()) << "nothing is sent after the close";
  Result<protocol::Message> message = protocol::Decode(*frame);
  ASSERT_TRUE(message.ok()) << message.error().message;
  messages.push_back(std::move(*message));
}

void RecordingConnection::Close(CloseCode code, std::string) {
  if (!closed.has_value()) closed = code;
}

DirectAuthority::DirectAuthority()
    : database_(*store::Database::Open(":memory:")), mutators_(CounterMutators(&slow_runs_)) {}

Status DirectAuthority::Start(CommitListener& listener) {
  listener_ = &listener;
  TIDEMARK_TRY(PrepareDatabase(database_, CounterSchema(), "epoch", kNowMs));
  store_ = std::make_unique<store::SqliteStore>(CounterSchema(), database_);
  TIDEMARK_ASSIGN_OR_RETURN(replay_, SqliteReplay::Open(CounterSchema(), database_, *mutators_));
  return Ok{};
}

void DirectAuthority::LoadGroup(const ClientGroupID& group, const std::string& subject,
                                const std::vector<protocol::ClientState>& clients,
                                std::function<void(Result<GroupState>)> done) {
  if (!load_later) return done(ReadGroup(database_, group, subject, clients, kNowMs));
  loads_.push_back([=, this] { done(ReadGroup(database_, group, subject, clients, kNowMs)); });
}

void DirectAuthority::FinishLoads() {
  for (const auto& load : std::exchange(loads_, {})) load();
}

void DirectAuthority::Push(PushRequest request, std::function<void(Status)> done) {
  batch_.pushes.push_back(std::move(request));
  push_done_.push_back(std::move(done));
}

void DirectAuthority::AckResults(const ClientGroupID& group,
                                 const std::vector<protocol::ClientState>& upto) {
  batch_.acknowledgements.push_back(Acknowledgement{group, upto});
}

void DirectAuthority::Resolve(std::string name, std::string, std::string auth_json,
                              std::function<void(Result<std::string>)> done) {
  const std::string all = R"({"table":"counter"})";
  if (name == "all") return done(all);
  if (name == "admin") {
    if (auth_json.find(R"("admin":true)") != auth_json.npos) return done(all);
    return done(Error{ErrorCode::kApp, "for admins", "forbidden"});
  }
  if (name == "mine") {
    const auto claims = boost::json::parse(auth_json);
    const std::string sub(claims.at("sub").as_string());
    return done(R"({"table":"counter","where":{"op":"=","column":"id","value":")" + sub + "\"}}");
  }
  done(Error{ErrorCode::kUnknownQuery, "no query named " + name});
}

void DirectAuthority::Hydrate(std::unique_ptr<hub::HydrationJob> job,
                              std::function<void(std::unique_ptr<hub::HydrationJob>)> done) {
  job->Run(*store_, replay_->version());
  done(std::move(job));
}

void DirectAuthority::Replay() {
  const ReplayBatch batch = std::exchange(batch_, {});
  const auto push_done = std::exchange(push_done_, {});
  Result<ReplayOutcome> outcome = replay_->Apply(batch, kNowMs);
  ASSERT_TRUE(outcome.ok());
  if (outcome->commit.has_value()) listener_->OnCommit(std::move(*outcome->commit));
  for (std::size_t i = 0; i < push_done.size(); ++i) push_done[i](outcome->pushes[i]);
}

SyncWorld::SyncWorld(protocol::Limits limits) : SyncWorld(nobody_, limits) {}

SyncWorld::SyncWorld(AuthVerifier& auth, protocol::Limits limits)
    : service_(authority_, auth, SyncServiceOptions{"test", limits, [](const Error& error) {
                                                      ADD_FAILURE() << "fatal: " << error.message;
                                                    }}) {
  EXPECT_TRUE(authority_.Start(service_).ok());
  service_.Open();
}

SyncWorld::Peer SyncWorld::Connect() {
  Peer peer;
  peer.connection = std::make_shared<RecordingConnection>();
  peer.session = service_.OnOpened(peer.connection, "peer");
  return peer;
}

void SyncWorld::Send(const Peer& peer, const protocol::Message& message) {
  service_.OnMessage(peer.session, protocol::Encode(message));
}

protocol::Hello SyncWorld::Hello(const std::string& group) {
  protocol::Hello hello;
  hello.protocol = protocol::kProtocolVersion;
  hello.build = "test";
  hello.schema_hash = CounterSchema().hash();
  hello.schema_json = CounterSchema().json();
  hello.group = ClientGroupID(group);
  return hello;
}

protocol::Push SyncWorld::Add(const ClientID& client, MutationID id) {
  return protocol::Push{{Call(client, id, "add", R"({"id":"x","by":1})")}};
}

}  // namespace tidemark::server
