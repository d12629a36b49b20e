#include "server/sync_service.h"

#include <spdlog/spdlog.h>

#include <utility>
#include <vector>

namespace tidemark::server {

SyncService::SyncService(Authority& authority, AuthVerifier& auth, SyncServiceOptions options)
    : authority_(authority), auth_(auth), options_(std::move(options)) {}

SyncService::~SyncService() = default;

void SyncService::Open() {
  hub_.emplace(authority_.replica(), authority_.version(), options_.build, options_.limits);
  context_.emplace(SessionContext{authority_, *hub_, auth_, options_.limits, [this] { Pump(); },
                                  [this](hub::SessionID session) { return Find(session); }});
}

Session* SyncService::Find(hub::SessionID session) {
  const auto position = sessions_.find(session);
  return position == sessions_.end() ? nullptr : position->second.get();
}

// ---- connections ----

hub::SessionID SyncService::OnOpened(std::shared_ptr<Connection> connection,
                                     const std::string& peer) {
  const hub::SessionID id = ++last_session_;
  auto session = std::make_unique<Session>(id, std::move(connection), *context_, peer);
  if (draining_) session->Drain();
  sessions_[id] = std::move(session);
  spdlog::debug("{}: connected, {} sessions", peer, sessions_.size());
  return id;
}

void SyncService::OnMessage(hub::SessionID session, std::string_view bytes) {
  if (Session* found = Find(session); found != nullptr) found->OnMessage(bytes);
}

void SyncService::OnOversized(hub::SessionID session) {
  if (Session* found = Find(session); found != nullptr) found->OnOversized();
}

void SyncService::OnCongested(hub::SessionID session, bool congested) {
  if (!hub_.has_value()) return;
  hub_->SetCongested(session, congested);
  Pump();
}

void SyncService::OnClosed(hub::SessionID session, const std::string& why) {
  const auto position = sessions_.find(session);
  if (position == sessions_.end()) return;
  position->second->OnClosed();
  spdlog::debug("{}: gone ({})", position->second->peer(), why);
  sessions_.erase(position);
  if (sessions_.empty() && on_empty_) on_empty_();
}

std::string SyncService::NotReadyReason() const {
  return draining_ ? "the server is stopping" : unavailable_reason_;
}

void SyncService::Drain() {
  draining_ = true;
  for (auto& [id, session] : sessions_) session->Drain();
}

void SyncService::CloseSessions(CloseCode code, const std::string& reason) {
  for (auto& [id, session] : sessions_) session->Close(code, reason);
}

void SyncService::Tick(std::int64_t now_s) {
  for (auto& [id, session] : sessions_) session->RefuseIfExpired(now_s);
  if (hub_.has_value()) hub_->Tick(static_cast<std::uint64_t>(now_s) * 1000);
}

// ---- authority ----

void SyncService::OnCommit(hub::Commit commit) {
  if (!hub_.has_value()) return;  // the hub begins where the authority has come to
  const Status advanced = hub_->Advance(std::move(commit));
  if (!advanced.ok()) return OnFatal(advanced.error());
  Pump();
}

void SyncService::OnAvailability(bool available, const std::string& reason) {
  if (available) {
    spdlog::info("the database is back");
  } else {
    spdlog::error("the database cannot be written, mutations wait: {}", reason);
  }
  unavailable_reason_ = available ? "" : reason;
}

void SyncService::OnFatal(const Error& error) { options_.on_fatal(error); }

// ---- hub ----

/// Until the hub has nothing more to say: an answer may lead to the next request.
void SyncService::Pump() {
  if (std::exchange(pumping_, true)) return;
  while (true) {
    hub::Output output = hub_->TakeOutput();
    if (output.frames.empty() && output.resolve.empty() && output.jobs.empty() &&
        output.close.empty()) {
      break;
    }
    for (auto next = output.frames.begin(); next != output.frames.end();) {
      const hub::SessionID id = next->session;
      Session* session = Find(id);
      while (next != output.frames.end() && next->session == id) {
        hub::Frame frame = std::move(next++->frame);
        const bool more = next != output.frames.end() && next->session == id;
        if (session != nullptr) session->Send(std::move(frame), more);
      }
    }
    for (const hub::SessionID id : output.close) {
      if (Session* session = Find(id); session != nullptr) {
        session->Close(CloseCode::kPolicy, "refused");
      }
    }
    for (hub::ResolveRequest& request : output.resolve) {
      authority_.Resolve(std::move(request.name), std::move(request.args_json),
                         std::move(request.auth_json),
                         [this, id = request.session, key = std::move(request.key),
                          serial = request.serial](Result<std::string> ast_json) {
                           hub_->OnResolved(id, key, serial, std::move(ast_json));
                           Pump();
                         });
    }
    for (std::unique_ptr<hub::HydrationJob>& job : output.jobs) {
      authority_.Hydrate(std::move(job), [this](std::unique_ptr<hub::HydrationJob> done) {
        const Status taken = hub_->OnHydrated(std::move(done));
        if (!taken.ok()) return OnFatal(taken.error());
        Pump();
      });
    }
  }
  pumping_ = false;
}

}  // namespace tidemark::server
