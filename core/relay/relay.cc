#include "core/relay/relay.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/protocol/codec.h"
#include "core/relay/relay_impl.h"

namespace tidemark::relay {

Relay::Impl::Impl(std::unique_ptr<DurableLog> log, std::unique_ptr<BaseStore> base, Options options)
    : options_(std::move(options)), log_(std::move(log)), base_(std::move(base)) {
  // What base has the effects of is not pending any more, even if the log was cut off before it
  // could say so.
  for (const auto& [client, id] : base_->lmids()) log_->Confirm(client, id);
  log_->OnBaseDurable();
  if (base_->lmids().size() > options_.limits.clients_per_group_max) {
    base_->KeepClients([this](const ClientID& client) { return log_->clients().contains(client); });
  }
  announced_ = log_->durable();
}

Output Relay::Impl::TakeOutput() {
  output_.needs_flush = log_->dirty() || base_->dirty();
  output_.may_wait = !log_->dirty() && base_->has_staged();
  return std::exchange(output_, {});
}

void Relay::Impl::Tick(std::uint64_t now_ms) {
  base_->SetTime(now_ms);
  for (const auto& [key, wanted] : wanted_) base_->Touch(key, wanted.query.ttl);
  shrink_ = base_->DropExpired([this](const QueryKey& key) { return wanted_.contains(key); });
}

// ---- storage ----

/// Runs a write; when the disk is full, makes room by dropping what nobody watches. Dropping comes
/// first: moving the content of base's WAL to its place takes room as well.
Status Relay::Impl::WithRoom(FunctionRef<Status()> write) {
  Status written = write();
  while (!written.ok() && written.error().code == ErrorCode::kLimit &&
         base_->Evict([this](const QueryKey& key) { return wanted_.contains(key); })) {
    if (!base_->FlushDrops().ok()) continue;
    (void)base_->Shrink();
    written = write();
  }
  return written;
}

Status Relay::Impl::FlushLog() {
  Status written = WithRoom([this]() { return log_->Flush(); });
  if (!written.ok() && written.error().code == ErrorCode::kLimit) {
    written = log_->Flush();  // somebody else may have made room
  }
  if (!written.ok() && written.error().code == ErrorCode::kLimit) {
    // Not even an eviction helped: all of base goes before one mutation does.
    RebuildBase();
    if (base_->EmptyDatabase().ok()) (void)base_->Shrink();
    written = log_->Flush();
  }
  TIDEMARK_TRY(std::move(written));
  AnnounceLogged();
  PushLog();
  if (!acknowledge_.empty() && link_ == Link::kReady) {
    protocol::AckResults message;
    for (const auto& [client, id] : std::exchange(acknowledge_, {})) {
      message.upto.push_back(protocol::ClientState{client, id});
    }
    SendUp(message);
  }
  if (std::exchange(rejections_changed_, false)) {
    SendToOpenTabs(protocol::Rejections{log_->rejections()});
  }
  return Ok{};
}

void Relay::Impl::AnnounceLogged() {
  protocol::Logged logged;
  logged.durable = options_.durable;
  std::set<ClientID> authors;
  for (auto entry = log_->entries().upper_bound(announced_); entry != log_->entries().end();
       ++entry) {
    logged.mutations.push_back(entry->second);
    authors.insert(entry->second.client);
  }
  announced_ = log_->durable();
  if (logged.mutations.empty()) return;
  const std::string for_readers = protocol::Encode(logged);
  for (const auto& [tab, session] : tabs_) {
    if (session.state != TabSession::State::kOpen) continue;
    if (!authors.contains(session.client)) {
      output_.to_tabs.push_back(TabMessage{tab, for_readers});
      continue;
    }
    protocol::Logged own = logged;
    for (mutation::Mutation& mutation : own.mutations) {
      if (mutation.client != session.client) continue;
      mutation.name.clear();
      mutation.args_json.clear();
      mutation.seed.clear();
    }
    Send(tab, own);
  }
}

Status Relay::Impl::WriteBase() {
  TIDEMARK_TRY(base_->Flush());
  Repair();
  for (auto repair = repairs_.begin(); repair != repairs_.end();) {
    const StoredPipeline* pipeline = base_->FindPipeline(repair->first);
    const bool came_out = pipeline == nullptr || !pipeline->stale;
    repair = came_out ? repairs_.erase(repair) : std::next(repair);
  }
  return Ok{};
}

/// Results and rejections are durable before the LMIDs that came with them: from those a reopened
/// log learns what was confirmed, and it must not have to guess how.
Status Relay::Impl::FlushBase() {
  if (log_->dirty()) TIDEMARK_TRY(FlushLog());
  if (base_->dirty()) {
    const Status written = WithRoom([this]() { return WriteBase(); });
    if (!written.ok() && written.error().code == ErrorCode::kCorrupt) {
      RebuildBase();
      return Error{ErrorCode::kUnavailable, "base was damaged and is fetched again"};
    }
    if (!written.ok()) {
      if (base_->staged_bytes() > kStagedBytesMax) base_->Abandon();
      return written;
    }
  }
  log_->OnBaseDurable();
  return Ok{};
}

void Relay::Impl::RebuildBase() {
  const std::set<PipelineID> live = LivePipelines();
  base_->Reset(schema_hash_, Version(base_->version()),
               std::map<ClientID, MutationID>(base_->lmids()));
  Refetch(live, Lack::kWhole);
}

Status Relay::Impl::Flush() {
  TIDEMARK_TRY(FlushLog());
  TIDEMARK_TRY(FlushBase());
  if (std::exchange(shrink_, false)) (void)base_->Shrink();
  return Ok{};
}

// ---- the interface ----

Result<std::unique_ptr<Relay>> Relay::Open(store::Database& log, store::Database& base,
                                           Options options) {
  Result<std::unique_ptr<DurableLog>> durable_log = DurableLog::Open(log, options.new_group);
  if (!durable_log.ok()) {
    Error error = std::move(durable_log).error();
    error.details_json = R"({"database":"log"})";
    return error;
  }
  TIDEMARK_ASSIGN_OR_RETURN(std::unique_ptr<BaseStore> base_store, BaseStore::Open(base));
  return std::unique_ptr<Relay>(new Relay(
      std::make_unique<Impl>(std::move(*durable_log), std::move(base_store), std::move(options))));
}

Relay::Relay(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Relay::~Relay() = default;

void Relay::OnTabOpened(TabID tab) { impl_->OnTabOpened(tab); }
void Relay::OnTabClosed(TabID tab) { impl_->OnTabClosed(tab); }
Status Relay::OnTabMessage(TabID tab, std::string_view bytes) {
  return impl_->OnTabMessage(tab, bytes);
}
void Relay::OnLinkOpened() { impl_->OnLinkOpened(); }
void Relay::OnLinkClosed() { impl_->OnLinkClosed(); }
Status Relay::OnLinkMessage(std::string_view bytes) {
  return protocol::ForEachMessage(
      bytes, [this](std::string_view message) { return impl_->OnLinkMessage(message); });
}
void Relay::SetLinkState(std::string connection, std::string reason) {
  impl_->SetLinkState(std::move(connection), std::move(reason));
}
void Relay::SetAuthToken(std::string token) { impl_->SetAuthToken(std::move(token)); }
void Relay::Tick(std::uint64_t now_ms) { impl_->Tick(now_ms); }
Status Relay::Flush() { return impl_->Flush(); }
Output Relay::TakeOutput() { return impl_->TakeOutput(); }
const ClientGroupID& Relay::group() const { return impl_->group(); }
std::uint32_t Relay::pending() const { return static_cast<std::uint32_t>(impl_->pending()); }

}  // namespace tidemark::relay
