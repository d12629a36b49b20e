#include "core/client/client_impl.h"

#include <algorithm>
#include <utility>

#include "core/ivm/evaluate.h"
#include "core/protocol/codec.h"
#include "core/protocol/json_reader.h"
#include "core/query/ast_json.h"

namespace tidemark::client {
namespace {

// What a Push needs around one mutation's arguments.
constexpr std::size_t kMessageOverheadBytes = 4096;

}  // namespace

Client::Impl::Impl(const model::Schema& schema, mutation::MutatorHost& mutators, Options options)
    : schema_(schema),
      options_(std::move(options)),
      queries_(schema),
      state_(schema, mutators, queries_),
      base_(schema),
      provisional_(schema, queries_, base_),
      upstream_(options_.limits) {}

bool Client::Impl::is_connected() const {
  const bool is_ready = upstream_.state() == Upstream::State::kReady;
  return is_direct() ? is_ready : is_ready && connection_ == "connected";
}

MutationID Client::Impl::confirmed() const {
  const auto found = lmids_.find(options_.id);
  return found == lmids_.end() ? 0 : found->second;
}

Status Client::Impl::CheckCall(const std::string& name, const std::string& args_json) const {
  const protocol::Limits& limits = options_.limits;
  if (expired_) return *expired_;
  if (state_.pending().size() >= limits.pending_mutations_max) {
    return Error{ErrorCode::kLimit, std::to_string(limits.pending_mutations_max) +
                                        " mutations are waiting for the server already "
                                        "(pending_mutations_max)"};
  }
  if (name.empty() || name.size() > limits.name_bytes_max) {
    return Error{ErrorCode::kInvalidArgs, "a mutator's name has 1 to " +
                                              std::to_string(limits.name_bytes_max) +
                                              " bytes (name_bytes_max)"};
  }
  if (args_json.size() + kMessageOverheadBytes > limits.message_bytes_max) {
    return Error{ErrorCode::kLimit,
                 "the arguments of " + name + " have " + std::to_string(args_json.size()) +
                     " bytes: more than fit into a message of " +
                     std::to_string(limits.message_bytes_max) + " (message_bytes_max)"};
  }
  if (args_json.empty()) return Ok{};
  protocol::JsonReader reader(args_json);
  std::string_view raw;
  if (reader.ReadRaw(raw) && reader.AtEnd()) return Ok{};
  return Error{ErrorCode::kInvalidArgs, "the arguments of " + name + " are not JSON"};
}

Result<Client::Called> Client::Impl::Mutate(std::string name, std::string args_json,
                                            std::int64_t timestamp_ms, std::string seed) {
  TIDEMARK_TRY(CheckCall(name, args_json));
  mutation::Mutation mutation{options_.id,          last_id_ + 1, std::move(name),
                              std::move(args_json), timestamp_ms, std::move(seed)};
  TIDEMARK_ASSIGN_OR_RETURN(std::string result, state_.Append(std::move(mutation)));
  ++last_id_;
  if (is_direct()) MarkPersisted(last_id_, /*durable=*/false);
  return Called{last_id_, std::move(result)};
}

Result<ViewID> Client::Impl::Watch(std::string name, std::string args_json,
                                   std::string_view ast_json, std::uint32_t ttl_s) {
  TIDEMARK_ASSIGN_OR_RETURN(const ViewID view,
                            queries_.Watch(state_.store(), std::move(name), std::move(args_json),
                                           ast_json, options_.limits.queries_per_client_max));
  Keep(view, ttl_s);
  return view;
}

void Client::Impl::Keep(ViewID view, std::uint32_t ttl_s) {
  // A server keeps nothing for a page.
  if (!is_direct()) queries_.Keep(view, ttl_s == 0 ? options_.limits.query_ttl_s : ttl_s);
}

Result<std::string> Client::Impl::Run(std::string_view ast_json) const {
  TIDEMARK_ASSIGN_OR_RETURN(const query::Query query, query::ParseQuery(schema_, ast_json));
  return ivm::EvaluateToJson(state_.store(), query);
}

void Client::Impl::Dismiss(const ClientID& client, MutationID id) {
  if (!is_direct()) {
    dismissals_.push_back(protocol::Dismiss{client, id});
    return;
  }
  const auto is_dismissed = [&](const protocol::Rejections::Entry& entry) {
    return entry.mutation.client == client && entry.mutation.id == id;
  };
  rejections_.erase(std::remove_if(rejections_.begin(), rejections_.end(), is_dismissed),
                    rejections_.end());
  output_.rejections = protocol::Rejections{rejections_};
}

void Client::Impl::SetAuthToken(std::string token) {
  auth_token_ = std::move(token);
  // The hello of a channel that is not open yet will carry it.
  upstream_.Send(protocol::SetAuth{auth_token_});
}

QuerySet::Step Client::Impl::TakeStep() {
  QuerySet::Step step;
  step.changes = state_.TakeChanges();
  step.moved = std::exchange(moved_, {});
  for (TableKey& address : state_.TakeTouched()) step.moved.push_back(std::move(address));
  step.connected = is_connected();
  step.groups = base_.TakeMovedGroups();
  step.state = &state_;
  step.base = &base_;
  return step;
}

Output Client::Impl::TakeOutput() {
  const std::uint64_t generation = queries_.generation();
  for (const PipelineID& pipeline : queries_.DropUnwatched()) base_.Release(pipeline);
  if (queries_.generation() != generation) StepBase({});
  upstream_.SyncQueries(queries_);
  upstream_.PushPending(options_.id, state_.pending());
  if (upstream_.state() == Upstream::State::kReady) {
    for (const protocol::Dismiss& dismiss : std::exchange(dismissals_, {})) {
      upstream_.Send(dismiss);
    }
  }
  output_.messages = upstream_.TakeMessages();
  output_.flushes = queries_.Flush(TakeStep());
  const auto pending = static_cast<std::uint32_t>(state_.pending().size());
  if (pending != told_pending_) output_.pending = told_pending_ = pending;
  return std::exchange(output_, {});
}

// ---- the interface ----

Client::Client(const model::Schema& schema, mutation::MutatorHost& mutators, Options options)
    : impl_(std::make_unique<Impl>(schema, mutators, std::move(options))) {}
Client::~Client() = default;

Result<Client::Called> Client::Mutate(std::string name, std::string args_json,
                                      std::int64_t timestamp_ms, std::string seed) {
  return impl_->Mutate(std::move(name), std::move(args_json), timestamp_ms, std::move(seed));
}
Result<ViewID> Client::Watch(std::string name, std::string args_json, std::string_view ast_json,
                             std::uint32_t ttl_s) {
  return impl_->Watch(std::move(name), std::move(args_json), ast_json, ttl_s);
}
void Client::Keep(ViewID view, std::uint32_t ttl_s) { impl_->Keep(view, ttl_s); }
void Client::Unwatch(ViewID view) { impl_->Unwatch(view); }
Result<std::string> Client::Run(std::string_view ast_json) { return impl_->Run(ast_json); }
void Client::Dismiss(const ClientID& client, MutationID id) { impl_->Dismiss(client, id); }
void Client::SetAuthToken(std::string token) { impl_->SetAuthToken(std::move(token)); }
void Client::GoDirect(ClientGroupID group) { impl_->GoDirect(std::move(group)); }
void Client::OnLinkOpened() { impl_->OnLinkOpened(); }
void Client::OnLinkClosed() { impl_->OnLinkClosed(); }
Status Client::OnMessage(std::string_view bytes) {
  return protocol::ForEachMessage(
      bytes, [this](std::string_view message) { return impl_->OnMessage(message); });
}
Output Client::TakeOutput() { return impl_->TakeOutput(); }
const ClientID& Client::id() const { return impl_->id(); }

}  // namespace tidemark::client
