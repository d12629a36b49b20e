#include "server/session.h"

#include <spdlog/spdlog.h>

#include <utility>
#include <variant>

#include "core/protocol/codec.h"
#include "core/protocol/version.h"

namespace tidemark::server {
namespace {

// Mutations of one session that wait for the authority before more is read from its socket.
constexpr std::size_t kMutationsInFlightMax = 4000;

CloseCode CloseCodeOf(ErrorCode code) {
  if (code == ErrorCode::kLimit) return CloseCode::kTooBig;
  if (code == ErrorCode::kUnavailable) return CloseCode::kTryAgainLater;
  return CloseCode::kPolicy;
}

/// Too many queries fail one by one in the hub; a hello that names some more than that is served.
protocol::Limits DecodeLimits(protocol::Limits limits) {
  limits.queries_per_client_max *= 4;
  return limits;
}

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

}  // namespace

Session::Session(hub::SessionID id, std::shared_ptr<Connection> connection, SessionContext& context,
                 std::string peer)
    : id_(id), connection_(std::move(connection)), context_(context), peer_(std::move(peer)) {}

void Session::OnMessage(std::string_view bytes) {
  if (state_ == State::kClosed) return;
  Result<protocol::Message> message = protocol::Decode(bytes, DecodeLimits(context_.limits));
  if (!message.ok()) return Refuse(std::move(message).error());
  const bool is_hello = std::holds_alternative<protocol::Hello>(*message);
  const bool is_ping = std::holds_alternative<protocol::Ping>(*message);
  if (is_hello != (state_ == State::kNew) && !is_ping) {
    return Refuse(Error{ErrorCode::kInvalidArgs, is_hello ? "a second hello on one connection"
                                                          : "the first message must be a hello"});
  }
  std::visit(
      Overloaded{
          [this](protocol::Hello& hello) { OnHello(std::move(hello)); },
          [this](protocol::ChangeQueries& change) {
            context_.hub.ChangeQueries(id_, change);
            context_.pump();
          },
          [this](protocol::Sums& sums) {
            context_.hub.OnSums(id_, sums);
            context_.pump();
          },
          [this](protocol::Members& members) {
            context_.hub.OnMembers(id_, std::move(members));
            context_.pump();
          },
          [this](protocol::Push& push) { OnPush(std::move(push)); },
          [this](protocol::AckResults& ack) { context_.authority.AckResults(group_, ack.upto); },
          [this](protocol::SetAuth& set) { OnSetAuth(set); },
          [this](protocol::Ping&) {
            Send(std::make_shared<const std::string>(protocol::Encode(protocol::Pong{})));
          },
          [this](auto&) { OnUnexpected(); },
      },
      *message);
}

void Session::OnOversized() {
  Refuse(Error{ErrorCode::kLimit, "a message is larger than " +
                                      std::to_string(context_.limits.message_bytes_max) +
                                      " bytes (message_bytes_max)"});
}

void Session::OnClosed() {
  if (state_ == State::kOpen) context_.hub.CloseSession(id_);
  state_ = State::kClosed;
}

void Session::Refuse(Error error) {
  if (state_ == State::kClosed) return;
  spdlog::info("{}: refused: {}: {}", peer_, ErrorCodeName(error.code), error.message);
  const CloseCode code = CloseCodeOf(error.code);
  std::string reason(ErrorCodeName(error.code));
  Send(std::make_shared<const std::string>(protocol::Encode(protocol::Refused{std::move(error)})));
  Close(code, std::move(reason));
}

void Session::Close(CloseCode code, std::string reason) {
  OnClosed();
  connection_->Close(code, std::move(reason));
}

void Session::OnUnexpected() {
  Refuse(Error{ErrorCode::kInvalidArgs, "this message does not go to a server"});
}

// ---- opening ----

void Session::OnHello(protocol::Hello hello) {
  if (hello.protocol != protocol::kProtocolVersion) {
    return Refuse(Error{ErrorCode::kOutdated,
                        "this server speaks version " + std::to_string(protocol::kProtocolVersion) +
                            " of the protocol, the client version " +
                            std::to_string(hello.protocol) + ": update the older of them"});
  }
  if (hello.group.empty()) {
    return Refuse(Error{ErrorCode::kInvalidArgs, "a hello to a server names its client group"});
  }
  Result<Claims> claims = context_.auth.Verify(hello.auth_token);
  if (!claims.ok()) return Refuse(std::move(claims).error());
  claims_ = std::move(*claims);
  group_ = hello.group;
  state_ = State::kLoading;
  connection_->PauseReading();
  const std::vector<protocol::ClientState> clients = hello.clients;
  context_.authority.LoadGroup(
      group_, claims_.subject, clients,
      [find = context_.find, id = id_, hello = std::move(hello)](Result<GroupState> group) mutable {
        Session* session = find(id);
        if (session != nullptr) session->OnGroupLoaded(std::move(hello), std::move(group));
      });
}

void Session::OnGroupLoaded(protocol::Hello hello, Result<GroupState> group) {
  if (state_ != State::kLoading) return;
  if (!group.ok()) return Refuse(std::move(group).error());
  state_ = State::kOpen;
  for (const protocol::ClientState& client : hello.clients) clients_.insert(client.client);
  context_.hub.OpenSession(hub::NewSession{id_, std::move(hello), claims_.auth_json,
                                           std::move(group->lmids), std::move(group->results),
                                           std::move(group->expired)});
  context_.pump();
  connection_->ResumeReading();
}

void Session::OnSetAuth(const protocol::SetAuth& message) {
  Result<Claims> claims = context_.auth.Verify(message.auth_token);
  if (!claims.ok()) return Refuse(std::move(claims).error());
  if (claims->subject != claims_.subject) {
    return Refuse(Error{ErrorCode::kForbidden, "the new token is somebody else's"});
  }
  claims_ = std::move(*claims);
  if (state_ != State::kOpen) return;  // the hub has not heard of the claims before
  context_.hub.SetAuth(id_, claims_.auth_json);
  context_.pump();
}

void Session::RefuseIfExpired(std::int64_t now_s) {
  if (claims_.expires_s.has_value() && now_s >= *claims_.expires_s) Refuse(TokenExpired());
}

// ---- writing ----

void Session::OnPush(protocol::Push push) {
  if (draining_) return;  // not acknowledged, so it is sent again, to the next server
  std::vector<protocol::ClientState> unknown;
  for (const mutation::Mutation& mutation : push.mutations) {
    if (clients_.insert(mutation.client).second) {
      unknown.push_back(protocol::ClientState{mutation.client, 0});
    }
  }
  if (unknown.empty()) return Forward(std::move(push));
  connection_->PauseReading();
  const std::vector<protocol::ClientState> asked = unknown;
  context_.authority.LoadGroup(group_, claims_.subject, asked,
                               [find = context_.find, id = id_, push = std::move(push),
                                unknown = std::move(unknown)](Result<GroupState> group) mutable {
                                 Session* session = find(id);
                                 if (session == nullptr) return;
                                 session->OnClientsLoaded(std::move(push), std::move(unknown),
                                                          std::move(group));
                               });
}

void Session::OnClientsLoaded(protocol::Push push, std::vector<protocol::ClientState> asked,
                              Result<GroupState> group) {
  if (state_ != State::kOpen) return;
  if (!group.ok()) return Refuse(std::move(group).error());
  for (protocol::ClientState& client : asked) {
    for (const protocol::ClientState& known : group->lmids) {
      if (known.client == client.client) client.lmid = known.lmid;
    }
    std::vector<protocol::MutationResult> results;
    for (const protocol::MutationResult& result : group->results) {
      if (result.client == client.client) results.push_back(result);
    }
    context_.hub.AddClient(id_, client, std::move(results));
  }
  context_.pump();
  connection_->ResumeReading();
  Forward(std::move(push));
}

void Session::Forward(protocol::Push push) {
  const std::size_t mutations = push.mutations.size();
  mutations_in_flight_ += mutations;
  if (mutations_in_flight_ > kMutationsInFlightMax) connection_->PauseReading();
  PushRequest request{group_, claims_.auth_json, claims_.subject, std::move(push.mutations)};
  context_.authority.Push(std::move(request),
                          [find = context_.find, id = id_, mutations](const Status& status) {
                            Session* session = find(id);
                            if (session != nullptr) session->OnPushed(mutations, status);
                          });
}

void Session::OnPushed(std::size_t mutations, const Status& status) {
  const bool was_full = mutations_in_flight_ > kMutationsInFlightMax;
  mutations_in_flight_ -= mutations;
  if (state_ == State::kClosed) return;
  if (!status.ok()) return Refuse(status.error());
  if (was_full && mutations_in_flight_ <= kMutationsInFlightMax) connection_->ResumeReading();
}

}  // namespace tidemark::server
