#include <utility>
#include <variant>

#include "core/client/client_impl.h"
#include "core/protocol/codec.h"
#include "core/protocol/member_hash.h"
#include "core/protocol/version.h"

namespace tidemark::client {

void Client::Impl::GoDirect(ClientGroupID group) {
  OnLinkClosed();
  options_.group = std::move(group);
  MarkPersisted(last_id_, /*durable=*/false);
}

void Client::Impl::OnLinkOpened() {
  protocol::Hello hello;
  hello.protocol = protocol::kProtocolVersion;
  hello.build = options_.build;
  hello.schema_hash = schema_.hash();
  hello.schema_json = schema_.json();
  hello.group = options_.group;
  hello.auth_token = auth_token_;
  hello.base = version_;
  hello.clients = {protocol::ClientState{options_.id, confirmed()}};
  for (const auto& [key, subscription] : queries_.subscriptions()) {
    protocol::DesiredQuery query = Desired(key, subscription);
    if (subscription.complete && subscription.pipeline) {
      query.have = protocol::DesiredQuery::Have{*subscription.pipeline,
                                                *base_.Fingerprint(*subscription.pipeline)};
    }
    hello.queries.push_back(std::move(query));
  }
  assembly_.reset();
  repairing_.clear();
  connection_.clear();
  upstream_.Open(std::move(hello), queries_.generation());
}

void Client::Impl::OnLinkClosed() {
  assembly_.reset();
  connection_.clear();
  upstream_.Close();
}

Status Client::Impl::OnMessage(std::string_view bytes) {
  TIDEMARK_ASSIGN_OR_RETURN(protocol::Message message, protocol::Decode(bytes, options_.limits));
  if (upstream_.state() == Upstream::State::kClosed) return Ok{};  // of a channel that is gone
  if (assembly_ && !std::holds_alternative<protocol::Segment>(message)) {
    return Error{ErrorCode::kInvalidArgs, "a message among the segments of a poke"};
  }
  return std::visit([this](auto& body) { return On(std::move(body)); }, message);
}

Status Client::Impl::On(protocol::Welcome message) {
  if (upstream_.state() != Upstream::State::kGreeting) {
    return Error{ErrorCode::kInvalidArgs, "a second welcome"};
  }
  if (message.protocol != protocol::kProtocolVersion) {
    return Error{ErrorCode::kOutdated, "the other side speaks protocol " +
                                           std::to_string(message.protocol) + ", this page " +
                                           std::to_string(protocol::kProtocolVersion)};
  }
  // A relay tells it in a LinkState, with more.
  if (is_direct()) output_.link = protocol::LinkState{"connected", "", message.auth_json};
  state_.SetAuth(std::move(message.auth_json));
  welcome_version_ = std::move(message.version);
  welcome_lmid_ = 0;
  for (const protocol::ClientState& client : message.clients) {
    if (client.client == options_.id) welcome_lmid_ = client.lmid;
  }
  for (const ClientID& client : message.expired) {
    if (client != options_.id) continue;
    Expire(Error{ErrorCode::kExpired,
                 "the server does not know this client any more: its changes were not replayed"});
  }
  if (is_direct() && welcome_lmid_ < confirmed()) {
    Expire(Error{ErrorCode::kExpired,
                 "the server's database is older than what it had confirmed (" +
                     std::to_string(welcome_lmid_) + " of " + std::to_string(confirmed()) +
                     " mutations are there): later changes were not replayed"});
  }
  upstream_.SetPushed(std::max(welcome_lmid_, confirmed()));
  upstream_.SetState(is_direct() ? Upstream::State::kReady : Upstream::State::kWelcomed);
  return Ok{};
}

Status Client::Impl::On(protocol::Poke message) {
  if (message.from != version_) {
    return Error{ErrorCode::kInvalidArgs,
                 "a poke from version " + std::to_string(message.from.position) +
                     " does not fit rows at version " + std::to_string(version_.position)};
  }
  Assembly assembly{std::move(message), {}};
  if (assembly.poke.segments == 0) return ApplyPoke(std::move(assembly));
  assembly_ = std::move(assembly);
  return Ok{};
}

Status Client::Impl::On(protocol::Segment message) {
  if (!assembly_) return Error{ErrorCode::kInvalidArgs, "a segment without a poke"};
  assembly_->segments.push_back(std::move(message));
  if (assembly_->segments.size() < assembly_->poke.segments) return Ok{};
  Assembly assembly = std::move(*assembly_);
  assembly_.reset();
  return ApplyPoke(std::move(assembly));
}

Status Client::Impl::On(const protocol::Compare& message) {
  TIDEMARK_TRY(protocol::CheckBuckets(message.buckets));
  upstream_.Send(protocol::Sums{message.comparison, base_.Sums(message.pipeline, message.buckets)});
  return Ok{};
}

Status Client::Impl::On(const protocol::Want& message) {
  TIDEMARK_TRY(protocol::CheckBuckets(message.buckets));
  std::optional<std::vector<std::uint32_t>> hashes = base_.MembersIn(message.pipeline, message);
  if (hashes && protocol::FitInMessage(hashes->size(), options_.limits.message_bytes_max)) {
    upstream_.Send(protocol::Members{message.comparison, std::move(*hashes)});
  } else {
    upstream_.Send(protocol::Sums{message.comparison, {}});
  }
  return Ok{};
}

Status Client::Impl::On(protocol::QueryFailed message) {
  Subscription* subscription = queries_.Find(message.key);
  if (subscription == nullptr || !upstream_.IsAnswer(message.key, message.ask)) return Ok{};
  subscription->complete = false;
  subscription->error = std::move(message.error);
  if (subscription->pipeline) base_.Release(*subscription->pipeline);
  subscription->pipeline.reset();
  StepBase({});
  return Ok{};
}

Status Client::Impl::On(protocol::Refused message) {
  output_.refused = std::move(message.error);
  upstream_.Close();
  return Ok{};
}

Status Client::Impl::On(protocol::LinkState message) {
  connection_ = message.connection;
  state_.SetAuth(message.auth_json);
  output_.link = std::move(message);
  return Ok{};
}

Status Client::Impl::On(protocol::Rejections message) {
  output_.rejections = std::move(message);
  return Ok{};
}

}  // namespace tidemark::client
