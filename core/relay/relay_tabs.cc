// What tabs say: a server's part, towards each of them.

#include <algorithm>
#include <utility>
#include <variant>

#include "core/protocol/codec.h"
#include "core/protocol/version.h"
#include "core/relay/relay_impl.h"

namespace tidemark::relay {

void Relay::Impl::Send(TabID tab, const protocol::Message& message) {
  output_.to_tabs.push_back(TabMessage{tab, protocol::Encode(message)});
}

void Relay::Impl::SendToOpenTabs(const protocol::Message& message) {
  const std::string bytes = protocol::Encode(message);
  for (const auto& [tab, session] : tabs_) {
    if (session.state == TabSession::State::kOpen) output_.to_tabs.push_back({tab, bytes});
  }
}

Error Relay::Impl::Refuse(TabID tab, Error error) {
  Send(tab, protocol::Refused{error});
  output_.close_tabs.push_back(tab);
  EndSession(tab);
  return error;
}

void Relay::Impl::OnTabOpened(TabID tab) {
  EndSession(tab);
  tabs_.try_emplace(tab);
}

void Relay::Impl::OnTabClosed(TabID tab) {
  EndSession(tab);
  RetireClients(Retire::kDone);
}

void Relay::Impl::EndSession(TabID tab) {
  const auto position = tabs_.find(tab);
  if (position == tabs_.end()) return;
  for (const auto& [key, query] : position->second.queries) Unwant(tab, key);
  tabs_.erase(position);
  AskServer();
}

/// Clients of closed tabs stay for as long as something of theirs is under way; what waits for them
/// to come back is given up when there are too many.
void Relay::Impl::RetireClients(Retire retire) {
  std::set<ClientID> here;
  for (const auto& [tab, session] : tabs_) here.insert(session.client);
  std::vector<std::pair<ClientID, MutationID>> gone;
  for (const auto& [client, state] : log_->clients()) {
    if (state.pending.empty() && !here.contains(client)) gone.emplace_back(client, state.last);
  }
  for (const auto& [client, last] : gone) {
    if (retire == Retire::kAll) log_->DropResults(client, last);
    log_->RetireClient(client);
  }
}

Status Relay::Impl::OnTabMessage(TabID tab, std::string_view bytes) {
  const auto position = tabs_.find(tab);
  if (position == tabs_.end()) return Ok{};  // of a session that is over
  Result<protocol::Message> message = protocol::Decode(bytes, options_.limits);
  if (!message.ok()) return Refuse(tab, std::move(message).error());
  const bool is_new = position->second.state == TabSession::State::kNew;
  if (is_new && !std::holds_alternative<protocol::Hello>(*message)) {
    return Refuse(tab, Error{ErrorCode::kInvalidArgs, "the first message is a hello"});
  }
  return std::visit([&](auto& body) { return On(tab, std::move(body)); }, *message);
}

// ---- hello ----

Status Relay::Impl::AdoptSchema(TabID tab, const protocol::Hello& hello) {
  if (schema_hash_ == hello.schema_hash) return Ok{};
  const bool is_shared = std::any_of(tabs_.begin(), tabs_.end(), [&](const auto& other) {
    return other.first != tab && other.second.state != TabSession::State::kNew;
  });
  if (is_shared) {
    return Error{ErrorCode::kOutdated,
                 "tabs with another version of this app are open (their schema is " + schema_hash_ +
                     ", this one's is " + hello.schema_hash + "): close or reload them"};
  }
  if (base_->schema_hash() != hello.schema_hash) {
    // Rows of another schema mean nothing here; the log is not touched.
    if (base_->queries().empty() && base_->version().epoch.empty()) {
      base_->SetSchema(hello.schema_hash);
    } else {
      base_->Reset(hello.schema_hash, Version{}, std::map<ClientID, MutationID>(base_->lmids()));
    }
  }
  if (link_ == Link::kGreeting || link_ == Link::kReady) {
    output_.reopen_link = true;
    OnLinkClosed();
  }
  schema_hash_ = hello.schema_hash;
  schema_json_ = hello.schema_json;
  return Ok{};
}

Status Relay::Impl::On(TabID tab, protocol::Hello message) {
  OnTabOpened(tab);  // a second hello begins anew
  if (message.protocol != protocol::kProtocolVersion) {
    return Refuse(tab, Error{ErrorCode::kOutdated,
                             "this tab speaks protocol " + std::to_string(message.protocol) +
                                 ", the leading tab " + std::to_string(protocol::kProtocolVersion) +
                                 ": reload it"});
  }
  if (Status adopted = AdoptSchema(tab, message); !adopted.ok()) {
    return Refuse(tab, std::move(adopted).error());
  }
  TabSession& session = tabs_[tab];
  session.version = std::move(message.base);
  if (!message.clients.empty()) {
    const protocol::ClientState& own = message.clients.front();
    const bool is_known = log_->clients().contains(own.client);
    if (!is_known && log_->clients().size() >= options_.limits.clients_per_group_max) {
      RetireClients(Retire::kAll);
      if (log_->clients().size() >= options_.limits.clients_per_group_max) {
        return Refuse(tab,
                      Error{ErrorCode::kLimit,
                            "more than " + std::to_string(options_.limits.clients_per_group_max) +
                                " tabs have mutations waiting (clients_per_group_max)"});
      }
    }
    session.client = own.client;
    session.seen = own.lmid;
    const auto in_base = base_->lmids().find(own.client);
    log_->AddClient(own.client, in_base == base_->lmids().end()
                                    ? own.lmid
                                    : std::max(own.lmid, in_base->second));
    log_->DropResults(own.client, own.lmid);  // it saw them in the poke that confirmed them
  }
  session.state = TabSession::State::kHeld;
  for (const protocol::DesiredQuery& query : message.queries) Want(tab, query);
  if (!message.auth_token.empty()) SetAuthToken(std::move(message.auth_token));
  if (link_ == Link::kOpen) Greet();
  AskServer();
  if (!IsAhead(session.version)) Admit(tab);
  return Ok{};
}

/// Rows never go back: whoever has seen more than the relay waits until it has caught up.
bool Relay::Impl::IsAhead(const Version& version) const {
  const Version& here = base_->version();
  if (version.epoch.empty()) return false;
  if (version.epoch == here.epoch) return version.position > here.position;
  // Another history: which one is over is known when the server has spoken.
  return here.epoch.empty() || !synced_;
}

protocol::LinkState Relay::Impl::LinkMessage() const {
  return protocol::LinkState{connection_, reason_, log_->auth_json()};
}

void Relay::Impl::Admit(TabID tab) {
  TabSession& session = tabs_.at(tab);
  session.state = TabSession::State::kOpen;

  protocol::Welcome welcome;
  welcome.protocol = protocol::kProtocolVersion;
  welcome.build = options_.build;
  welcome.auth_json = log_->auth_json();
  welcome.version = base_->version();
  const auto client = log_->clients().find(session.client);
  if (client != log_->clients().end()) {
    welcome.clients.push_back({session.client, client->second.confirmed});
  }
  if (expired_.contains(session.client)) welcome.expired.push_back(session.client);
  Send(tab, welcome);

  // Only what is durable is acknowledged; the rest is announced by the next flush.
  protocol::LogState log;
  log.durable = options_.durable;
  for (const auto& [seq, mutation] : log_->entries()) {
    if (seq <= announced_) log.mutations.push_back(mutation);
  }
  Send(tab, log);
  Send(tab, protocol::Rejections{log_->rejections()});
  Send(tab, LinkMessage());

  std::vector<QueryKey> keys;
  for (const auto& [key, query] : session.queries) keys.push_back(key);
  AnswerFromBase(tab, keys, Answer::kFirst);
}

void Relay::Impl::AdmitHeld() {
  std::vector<TabID> held;
  for (const auto& [tab, session] : tabs_) {
    if (session.state == TabSession::State::kHeld && !IsAhead(session.version)) held.push_back(tab);
  }
  for (const TabID tab : held) Admit(tab);
}

// ---- everything else ----

Status Relay::Impl::On(TabID tab, const protocol::ChangeQueries& message) {
  TabSession& session = tabs_.at(tab);
  for (const QueryKey& key : message.remove) {
    Unwant(tab, key);
    session.queries.erase(key);
  }
  AskServer();

  std::vector<QueryKey> added;
  for (const protocol::DesiredQuery& query : message.put) {
    const auto known = session.queries.find(query.key);
    if (known != session.queries.end() && query.ask != 0 && query.ask == known->second.ask) {
      Keep(wanted_.at(query.key), query.ttl);
      continue;
    }
    if (known != session.queries.end() && known->second.pipeline.has_value()) {
      // What it was given did not come out as the server says: it gets what is here anew, and base
      // finds out whether that is right.
      known->second.pipeline.reset();
      known->second.ask = query.ask;
      added.push_back(query.key);
      continue;
    }
    if (known == session.queries.end() &&
        session.queries.size() >= options_.limits.queries_per_client_max) {
      Send(tab, protocol::QueryFailed{
                    query.key,
                    Error{ErrorCode::kLimit,
                          "more than " + std::to_string(options_.limits.queries_per_client_max) +
                              " queries at once (queries_per_client_max)"},
                    query.ask});
      continue;
    }
    Want(tab, query);
    added.push_back(query.key);
  }
  AskServer();
  if (session.state == TabSession::State::kOpen) AnswerFromBase(tab, added, Answer::kMore);
  return Ok{};
}

Status Relay::Impl::On(TabID tab, protocol::Push message) {
  const TabSession& session = tabs_.at(tab);
  if (expired_.contains(session.client)) {
    return Refuse(
        tab, Error{ErrorCode::kExpired, "the server does not know client " + session.client.value +
                                            " any more: reload the page"});
  }
  protocol::Logged known;
  known.durable = options_.durable;
  for (mutation::Mutation& mutation : message.mutations) {
    if (mutation.client != session.client || mutation.id == 0) {
      return Refuse(tab, Error{ErrorCode::kInvalidArgs,
                               "a mutation of client " + mutation.client.value +
                                   " from the tab of client " + session.client.value});
    }
    if (log_->entries().size() >= options_.limits.pending_mutations_max) {
      return Refuse(
          tab, Error{ErrorCode::kLimit, "more than " +
                                            std::to_string(options_.limits.pending_mutations_max) +
                                            " mutations are waiting (pending_mutations_max)"});
    }
    const MutationID id = mutation.id;
    switch (log_->Append(std::move(mutation))) {
      case DurableLog::Appended::kNew:
        break;
      case DurableLog::Appended::kKnown: {
        const LogClient& client = log_->clients().at(session.client);
        const auto seq = client.pending.find(id);
        if (seq == client.pending.end() || seq->second > announced_) break;
        mutation::Mutation& again = known.mutations.emplace_back();
        again.client = session.client;
        again.id = id;
        break;
      }
      case DurableLog::Appended::kGap:
        return Refuse(tab, Error{ErrorCode::kInvalidArgs,
                                 "mutation " + std::to_string(id) + " of client " +
                                     session.client.value + " leaves a gap, expected " +
                                     std::to_string(log_->clients().at(session.client).last + 1)});
    }
  }
  if (!known.mutations.empty()) Send(tab, known);
  return Ok{};
}

Status Relay::Impl::On(TabID tab, const protocol::AckResults& message) {
  for (const protocol::ClientState& state : message.upto) {
    const TabSession& session = tabs_.at(tab);
    if (state.client != session.client) continue;
    log_->DropResults(state.client, std::min(state.lmid, session.seen));
  }
  return Ok{};
}

Status Relay::Impl::On(TabID /*tab*/, protocol::SetAuth message) {
  SetAuthToken(std::move(message.auth_token));
  return Ok{};
}

Status Relay::Impl::On(TabID tab, const protocol::Ping& /*message*/) {
  Send(tab, protocol::Pong{});
  return Ok{};
}

Status Relay::Impl::On(TabID /*tab*/, const protocol::Dismiss& message) {
  log_->Dismiss(message.client, message.id);
  rejections_changed_ = true;
  return Ok{};
}

Status Relay::Impl::On(TabID tab, const protocol::Clear& message) {
  if (!message.discard_pending && !log_->entries().empty()) {
    // Nothing is wrong with the session: it goes on.
    Send(tab, protocol::Refused{Error{ErrorCode::kConflict,
                                      std::to_string(log_->entries().size()) +
                                          " mutations have not reached the server yet: clearing "
                                          "would lose them"}});
    return Ok{};
  }
  base_->Reset(schema_hash_, Version{}, {});
  log_->Clear();
  // Every session starts over, the one with the server too.
  std::vector<TabID> tabs;
  for (const auto& [id, session] : tabs_) tabs.push_back(id);
  for (const TabID id : tabs) {
    EndSession(id);
    output_.close_tabs.push_back(id);
  }
  if (link_ == Link::kGreeting || link_ == Link::kReady) {
    output_.reopen_link = true;
    OnLinkClosed();
  }
  return Ok{};
}

}  // namespace tidemark::relay
