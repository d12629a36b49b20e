// What the server says: a client's part, on behalf of all tabs.

#include <algorithm>
#include <utility>
#include <variant>

#include "core/protocol/codec.h"
#include "core/protocol/member_hash.h"
#include "core/protocol/version.h"
#include "core/relay/relay_impl.h"

namespace tidemark::relay {
namespace {

// What a Push needs around its mutations, and around one mutation's arguments, generously.
constexpr std::size_t kPushOverheadBytes = 1024;

std::size_t BytesOf(const mutation::Mutation& mutation) {
  // A name is a JSON string: each of its bytes may take two, or six.
  return mutation.args_json.size() + 6 * mutation.name.size() + mutation.client.value.size() +
         mutation.seed.size() + 200;
}

}  // namespace

void Relay::Impl::SendUp(const protocol::Message& message) {
  output_.to_server.push_back(protocol::Encode(message));
}

// ---- opening and closing ----

void Relay::Impl::OnLinkOpened() {
  OnLinkClosed();
  link_ = Link::kOpen;
  if (!schema_hash_.empty()) Greet();
}

void Relay::Impl::OnLinkClosed() {
  link_ = Link::kClosed;
  output_.to_server.clear();
  step_.reset();
  asked_.clear();
  greeted_.clear();
  server_lmids_.clear();
  for (auto& [key, wanted] : wanted_) {
    wanted.live.reset();
    wanted.failed = false;
  }
  repairs_.clear();
  pushed_ = 0;
  synced_ = false;
}

void Relay::Impl::Greet() {
  protocol::Hello hello;
  hello.protocol = protocol::kProtocolVersion;
  hello.build = options_.build;
  hello.schema_hash = schema_hash_;
  hello.schema_json = schema_json_;
  hello.group = log_->group();
  hello.auth_token = auth_token_;
  hello.base = base_->version();
  // Those with something pending first: the list is bounded.
  for (const bool is_pending : {true, false}) {
    for (const auto& [client, state] : log_->clients()) {
      if (state.pending.empty() == is_pending || expired_.contains(client)) continue;
      if (hello.clients.size() >= options_.limits.clients_per_group_max) break;
      hello.clients.push_back(protocol::ClientState{client, state.confirmed});
      greeted_.insert(client);
    }
  }
  for (const auto& [key, wanted] : wanted_) {
    if (hello.queries.size() >= options_.limits.queries_per_client_max) break;
    hello.queries.push_back(Ask(WithHave(wanted)));
  }
  link_version_ = base_->version();
  link_ = Link::kGreeting;
  SendUp(hello);
}

void Relay::Impl::SetLinkState(std::string connection, std::string reason) {
  connection_ = std::move(connection);
  reason_ = std::move(reason);
  SendToOpenTabs(LinkMessage());
}

void Relay::Impl::SetAuthToken(std::string token) {
  if (token == auth_token_) return;
  auth_token_ = std::move(token);
  if (link_ == Link::kGreeting || link_ == Link::kReady) SendUp(protocol::SetAuth{auth_token_});
}

// ---- messages ----

Status Relay::Impl::OnLinkMessage(std::string_view bytes) {
  if (link_ == Link::kClosed || link_ == Link::kOpen) return Ok{};  // of a link that is over
  TIDEMARK_ASSIGN_OR_RETURN(protocol::Message message, protocol::Decode(bytes, options_.limits));
  if (step_.has_value() && !std::holds_alternative<protocol::Segment>(message)) {
    return Error{ErrorCode::kInvalidArgs, "a message among the segments of a poke"};
  }
  if (auto* refused = std::get_if<protocol::Refused>(&message)) {
    output_.refused = std::move(refused->error);
    return Ok{};
  }
  if (auto* welcome = std::get_if<protocol::Welcome>(&message)) return OnLink(std::move(*welcome));
  if (link_ != Link::kReady) {
    return Error{ErrorCode::kInvalidArgs, "the server's first message is a welcome"};
  }
  if (auto* poke = std::get_if<protocol::Poke>(&message)) return OnLink(std::move(*poke));
  if (auto* segment = std::get_if<protocol::Segment>(&message)) {
    return OnLink(std::move(*segment), bytes);
  }
  if (const auto* failed = std::get_if<protocol::QueryFailed>(&message)) {
    OnLink(*failed);
    return Ok{};
  }
  if (const auto* compare = std::get_if<protocol::Compare>(&message)) return OnLink(*compare);
  if (const auto* want = std::get_if<protocol::Want>(&message)) return OnLink(*want);
  if (auto* link = std::get_if<protocol::LinkState>(&message)) {
    // A new token was accepted.
    log_->SetAuth(std::move(link->auth_json));
    SendToOpenTabs(LinkMessage());
    return Ok{};
  }
  if (std::holds_alternative<protocol::Pong>(message)) return Ok{};
  return Error{ErrorCode::kInvalidArgs, "a message that a server does not send"};
}

Status Relay::Impl::OnLink(protocol::Welcome message) {
  if (link_ != Link::kGreeting) return Error{ErrorCode::kInvalidArgs, "a second welcome"};
  if (message.protocol != protocol::kProtocolVersion) {
    output_.refused = Error{ErrorCode::kOutdated,
                            "the server speaks protocol " + std::to_string(message.protocol) +
                                ", this page " + std::to_string(protocol::kProtocolVersion)};
    return *output_.refused;
  }
  link_ = Link::kReady;
  log_->SetAuth(std::move(message.auth_json));
  SendToOpenTabs(LinkMessage());
  for (const protocol::ClientState& client : message.clients) {
    server_lmids_[client.client] = client.lmid;
  }
  for (const ClientID& client : message.expired) {
    Expire(client, Error{ErrorCode::kExpired,
                         "the server does not know this client any more: its changes were not "
                         "replayed"});
  }
  std::vector<ClientID> ahead;  // of a server whose database was restored
  for (const auto& [client, state] : log_->clients()) {
    if (greeted_.contains(client) && state.confirmed > server_lmids_[client]) {
      ahead.push_back(client);
    }
  }
  for (const ClientID& client : ahead) {
    Expire(client, Error{ErrorCode::kExpired,
                         "the server's database is older than what it had confirmed: later changes "
                         "were not replayed"});
  }
  if (asked_.empty() && message.version != base_->version() &&
      (message.version.epoch != base_->version().epoch ||
       message.version.position > base_->version().position)) {
    // Without queries no poke may ever come; base, which then holds nothing that is maintained, is
    // at the server's version all the same.
    Step step;
    step.poke.from = base_->version();
    step.poke.to = message.version;
    TIDEMARK_TRY(Apply(std::move(step)));
  }
  AskServer();
  PushLog();
  return Ok{};
}

/// The client's mutations will never be replayed: they leave the log for the list of rejections, in
/// one transaction.
void Relay::Impl::Expire(const ClientID& client, const Error& error) {
  if (!expired_.insert(client).second) return;
  const auto known = log_->clients().find(client);
  if (known != log_->clients().end() && !known->second.pending.empty()) {
    const MutationID last = known->second.last;
    log_->RejectPending(client, error);
    rejections_changed_ = true;
    // The other tabs take the predictions back.
    Step step;
    step.poke.from = base_->version();
    step.poke.to = base_->version();
    step.poke.lmids.push_back(protocol::ClientState{client, last});
    Forward(step);
  }
  std::vector<TabID> tabs;
  for (const auto& [tab, session] : tabs_) {
    if (session.client == client) tabs.push_back(tab);
  }
  // They say hello again and are told in the welcome.
  for (const TabID tab : tabs) {
    EndSession(tab);
    output_.close_tabs.push_back(tab);
  }
}

Status Relay::Impl::OnLink(protocol::Poke message) {
  if (message.from != link_version_) {
    return Error{ErrorCode::kInvalidArgs,
                 "a poke from version " + std::to_string(message.from.position) +
                     " does not fit rows at version " + std::to_string(link_version_.position)};
  }
  link_version_ = message.to;
  const bool is_whole = message.segments == 0;
  step_ = Step{std::move(message), {}, {}};
  if (!is_whole) return Ok{};
  return Apply(*std::exchange(step_, std::nullopt));
}

Status Relay::Impl::OnLink(protocol::Segment message, std::string_view bytes) {
  if (!step_.has_value()) return Error{ErrorCode::kInvalidArgs, "a segment without a poke"};
  step_->segments.push_back(std::move(message));
  step_->frames.emplace_back(bytes);
  if (step_->segments.size() < step_->poke.segments) return Ok{};
  return Apply(*std::exchange(step_, std::nullopt));
}

void Relay::Impl::OnLink(const protocol::QueryFailed& message) {
  if (!IsAnswer(message.key, message.ask)) return;
  const auto wanted = wanted_.find(message.key);
  if (wanted != wanted_.end()) {
    wanted->second.live.reset();
    wanted->second.failed = true;
  }
  // What the caller may not read (any more) leaves the disk; what failed for another reason stays.
  const ErrorCode code = message.error.code;
  if (code == ErrorCode::kForbidden || code == ErrorCode::kUnauthorized ||
      code == ErrorCode::kUnknownQuery || code == ErrorCode::kInvalidArgs ||
      code == ErrorCode::kApp) {
    base_->DropQuery(message.key);
  }
  for (auto& [tab, session] : tabs_) {
    const auto mine = session.queries.find(message.key);
    if (mine == session.queries.end()) continue;
    mine->second.pipeline.reset();
    if (session.state != TabSession::State::kOpen) continue;
    Send(tab, protocol::QueryFailed{message.key, message.error, mine->second.ask});
  }
}

/// What base holds of a pipeline, first by its sums, then by the members behind those that differ.
Status Relay::Impl::OnLink(const protocol::Compare& message) {
  TIDEMARK_TRY(protocol::CheckBuckets(message.buckets));
  protocol::Sums answer{message.comparison, {}};
  if (IsReadable(message.pipeline)) {
    Result<std::vector<std::uint32_t>> sums = base_->Sums(message.pipeline, message.buckets);
    if (sums.ok()) answer.sums = std::move(*sums);
    const Hash128 fingerprint = base_->FindPipeline(message.pipeline)->fingerprint;
    for (auto& [key, asked] : asked_) {
      if (asked.have && asked.have->pipeline == message.pipeline) {
        asked.have->fingerprint = fingerprint;
      }
    }
  }
  SendUp(answer);
  return Ok{};
}

Status Relay::Impl::OnLink(const protocol::Want& message) {
  TIDEMARK_TRY(protocol::CheckBuckets(message.buckets));
  if (IsReadable(message.pipeline)) {
    Result<std::vector<std::uint32_t>> hashes = base_->MembersIn(message);
    if (hashes.ok() && protocol::FitInMessage(hashes->size(), options_.limits.message_bytes_max)) {
      SendUp(protocol::Members{message.comparison, std::move(*hashes)});
      return Ok{};
    }
  }
  SendUp(protocol::Sums{message.comparison, {}});
  return Ok{};
}

// ---- pushing ----

void Relay::Impl::PushLog() {
  if (link_ != Link::kReady) return;
  protocol::Push push;
  std::size_t bytes = kPushOverheadBytes;
  for (auto entry = log_->entries().upper_bound(pushed_);
       entry != log_->entries().end() && entry->first <= announced_; ++entry) {
    const mutation::Mutation& mutation = entry->second;
    pushed_ = entry->first;
    const auto lmid = server_lmids_.find(mutation.client);
    if (lmid != server_lmids_.end() && mutation.id <= lmid->second) continue;
    if (push.mutations.size() == options_.limits.push_mutations_max ||
        bytes + BytesOf(mutation) > options_.limits.message_bytes_max) {
      if (!push.mutations.empty()) SendUp(std::exchange(push, {}));
      bytes = kPushOverheadBytes;
    }
    bytes += BytesOf(mutation);
    push.mutations.push_back(mutation);
  }
  if (!push.mutations.empty()) SendUp(push);
}

}  // namespace tidemark::relay
