#include "tests/sim/world.h"

#include <algorithm>
#include <utility>

#include "core/protocol/codec.h"

namespace tidemark::sim {

World::World(Options options)
    : options_(options), random_(options.seed), server_(history_, random_) {
  for (std::uint32_t i = 0; i < options_.relays; ++i) {
    browsers_.push_back(std::make_unique<Browser>("r" + std::to_string(i), history_, random_));
    OpenTab();
  }
}

World::~World() {
  for (const ChannelPtr& channel : channels_) channel->Cut();
}

std::string World::Run() {
  for (step_ = 1; step_ <= options_.steps && history_.violation().empty(); ++step_) Step();
  if (history_.violation().empty()) Rest();
  if (history_.violation().empty()) return "";
  return "SEED=" + std::to_string(options_.seed) + ", step " + std::to_string(step_) + " of " +
         std::to_string(options_.steps) + ": " + history_.violation();
}

// ---- steps ----

void World::Step() {
  const Faults& faults = options_.faults;
  const std::uint64_t sum = std::uint64_t{faults.disconnect} + faults.stall + faults.relay_crash +
                            faults.disk_fault + faults.browser_crash + faults.tab_close +
                            faults.server_crash + faults.server_crash_after_commit +
                            faults.outside_commit + faults.alter;
  static constexpr std::uint64_t kWork = 200;
  std::uint64_t draw = random_.Below(kWork + sum);
  if (draw < kWork) return StepWork(draw);
  draw -= kWork;
  (void)StepFault(draw);
}

bool World::StepFault(std::uint64_t& draw) {
  const Faults& faults = options_.faults;
  const auto drawn = [&draw](std::uint32_t weight) {
    const bool is_it = draw < weight;
    if (!is_it) draw -= weight;
    return is_it;
  };
  if (drawn(faults.disconnect)) return Cut(), true;
  if (drawn(faults.stall)) return Stall(), true;
  if (drawn(faults.relay_crash)) return CrashRelay(), true;
  if (drawn(faults.disk_fault)) return SomeBrowser().PlanDiskFault(), true;
  if (drawn(faults.browser_crash)) return CrashBrowser(), true;
  if (drawn(faults.tab_close)) return CloseTab(), true;
  if (drawn(faults.server_crash)) return CrashServer(false), true;
  if (drawn(faults.server_crash_after_commit)) return CrashServer(true), true;
  if (drawn(faults.alter)) return AlterSomeRow(), true;
  if (server_.is_up()) server_.authority().CommitOutside();
  return true;
}

void World::StepWork(std::uint64_t draw) {
  if (draw < 85) return Deliver();
  if (draw < 115) {
    if (Page* page = SomePage()) page->CallSomething();
    return;
  }
  if (draw < 140) return FlushSomething();
  if (draw < 165) {
    if (server_.is_up() && server_.authority().has_work()) server_.authority().Work();
    return;
  }
  if (draw < 175) return TellSomebody();
  if (draw < 190) return ConnectSomebody();
  if (draw < 194) return OpenTab();
  if (draw < 196) return OpenDirect();
  if (Page* page = SomePage()) page->WatchSomething();
}

std::vector<Page*> World::Pages() {
  std::vector<Page*> pages;
  for (const auto& browser : browsers_) {
    for (const auto& page : browser->tabs()) pages.push_back(page.get());
  }
  for (const auto& page : direct_) pages.push_back(page.get());
  return pages;
}

Page* World::SomePage() {
  const std::vector<Page*> pages = Pages();
  return pages.empty() ? nullptr : pages[random_.Below(pages.size())];
}

ClientID World::NewClient() {
  // 00loyw3v2o… is kNowMs in base 36; the rest is as unguessable as a simulation needs.
  std::string time;
  for (std::int64_t rest = kNowMs; rest > 0; rest /= 36) {
    time.insert(time.begin(), "0123456789abcdefghijklmnopqrstuvwxyz"[rest % 36]);
  }
  return ClientID("0" + time + "-client-" + std::to_string(++clients_));
}

// ---- the network ----

void World::Deliver() {
  std::vector<std::pair<ChannelPtr, bool>> ready;
  for (const ChannelPtr& channel : channels_) {
    if (channel->stalled_until > step_) continue;
    if (channel->can_deliver_up()) ready.emplace_back(channel, true);
    if (channel->can_deliver_down()) ready.emplace_back(channel, false);
  }
  if (ready.empty()) return;
  const auto [channel, is_up] = ready[random_.Below(ready.size())];
  for (std::uint64_t left = 1 + random_.Below(6); left > 0; --left) {
    if (is_up ? !channel->can_deliver_up() : !channel->can_deliver_down()) return;
    is_up ? channel->DeliverUp() : channel->DeliverDown();
  }
}

void World::TellSomebody() {
  channels_.erase(std::remove_if(channels_.begin(), channels_.end(),
                                 [](const ChannelPtr& channel) { return channel->is_gone(); }),
                  channels_.end());
  std::vector<ChannelPtr> closed;
  for (const ChannelPtr& channel : channels_) {
    if (!channel->is_open()) closed.push_back(channel);
  }
  if (closed.empty()) return;
  const ChannelPtr channel = closed[random_.Below(closed.size())];
  random_.OneIn(2) ? channel->TellLower() : channel->TellUpper();
}

void World::Reconnect(Browser& browser) {
  if (!browser.is_up()) browser.Start();
  for (const auto& page : browser.tabs()) {
    if (!browser.is_up()) return;
    if (page->is_connected()) continue;
    channels_.push_back(browser.Connect(*page));
    page->Connect(channels_.back());
  }
  if (!browser.is_up() || browser.is_linked() || !server_.is_up()) return;
  channels_.push_back(server_.Connect(browser.link_side()));
  server_channels_.push_back(channels_.back());
  browser.Link(channels_.back());
}

void World::ConnectDirect(Page& page) {
  if (page.is_connected() || !server_.is_up()) return;
  channels_.push_back(server_.Connect(page.side()));
  server_channels_.push_back(channels_.back());
  page.Connect(channels_.back());
}

void World::ConnectSomebody() {
  if (!server_.is_up()) return server_.Start();
  if (direct_.empty() || !random_.OneIn(3)) return Reconnect(SomeBrowser());
  ConnectDirect(*direct_[random_.Below(direct_.size())]);
}

void World::Stall() {
  if (channels_.empty()) return;
  channels_[random_.Below(channels_.size())]->stalled_until = step_ + random_.Below(80);
}

void World::Cut() {
  if (channels_.empty()) return;
  channels_[random_.Below(channels_.size())]->Cut();
}

// ---- processes ----

void World::FlushSomething() {
  Browser& browser = SomeBrowser();
  if (browser.is_up() && browser.needs_flush()) browser.Flush();
}

void World::OpenTab() {
  Browser& browser = SomeBrowser();
  if (browser.tabs().size() >= options_.tabs_per_relay_max) return;
  const ClientID id = NewClient();
  behind_relay_.insert(id);
  browser.tabs().push_back(std::make_unique<Page>(id, ClientGroupID(), history_, random_));
}

void World::OpenDirect() {
  if (direct_.size() >= options_.direct_clients_max) return;
  const ClientID id = NewClient();
  direct_.push_back(
      std::make_unique<Page>(id, ClientGroupID("direct-" + id.value), history_, random_));
}

void World::Drop(std::vector<std::unique_ptr<Page>>& pages, std::size_t index) {
  pages[index]->Close();
  pages.erase(pages.begin() + static_cast<std::ptrdiff_t>(index));
}

void World::CloseTab() {
  auto& pages = random_.OneIn(4) ? direct_ : SomeBrowser().tabs();
  if (!pages.empty()) Drop(pages, random_.Below(pages.size()));
}

void World::CrashServer(bool after_commit) {
  if (!server_.is_up()) return;
  if (after_commit) server_.authority().CommitUnheard();
  server_.Crash();
  for (const ChannelPtr& channel : std::exchange(server_channels_, {})) channel->ForgetUpper();
}

void World::CrashRelay() {
  Browser& browser = SomeBrowser();
  if (browser.is_up()) browser.Crash();
}

void World::CrashBrowser() {
  Browser& browser = SomeBrowser();
  while (!browser.tabs().empty()) Drop(browser.tabs(), 0);
  if (browser.is_up()) browser.Crash();
}

/// A change on its way down from the server is lost, or a row is another. Once a connection: who
/// gets a wrong result, a wrong difference and a wrong result again does not ask for ever.
void World::AlterSomeRow() {
  struct Place {
    Channel* channel;
    std::string* frame;
    protocol::Message message;
  };
  std::vector<Place> segments;
  for (const ChannelPtr& channel : server_channels_) {
    if (channel->altered) continue;
    for (std::string& frame : channel->frames_down()) {
      protocol::Message message = protocol::Decode(frame).value();
      const auto* segment = std::get_if<protocol::Segment>(&message);
      if (segment == nullptr || segment->changes.empty()) continue;
      segments.push_back(Place{channel.get(), &frame, std::move(message)});
    }
  }
  if (segments.empty()) return;
  auto& [channel, frame, message] = segments[random_.Below(segments.size())];
  auto& changes = std::get<protocol::Segment>(message).changes;
  const auto at = changes.begin() + static_cast<std::ptrdiff_t>(random_.Below(changes.size()));
  const std::size_t value = at->row_json.find("true");
  if (value == std::string::npos || random_.OneIn(2)) {
    changes.erase(at);
  } else {
    at->row_json.replace(value, 4, "false");
  }
  *frame = protocol::Encode(message);
  channel->altered = true;
  history_.OnAltered();
}

// ---- rest ----

bool World::DeliverAll() {
  bool delivered = false;
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    const ChannelPtr channel = channels_[i];
    for (; channel->can_deliver_up(); delivered = true) channel->DeliverUp();
    for (; channel->can_deliver_down(); delivered = true) channel->DeliverDown();
    if (channel->is_gone()) continue;
    delivered = delivered || !channel->is_open();
    channel->TellLower();
    channel->TellUpper();
  }
  return delivered;
}

bool World::RestRound() {
  bool worked = false;
  if (!server_.is_up()) server_.Start();
  for (const auto& browser : browsers_) {
    if (browser->tabs().empty()) {
      const ClientID id = NewClient();
      behind_relay_.insert(id);
      browser->tabs().push_back(std::make_unique<Page>(id, ClientGroupID(), history_, random_));
    }
    Reconnect(*browser);
    if (browser->is_up() && browser->needs_flush()) {
      browser->Flush();
      worked = true;
    }
    worked = worked || !browser->is_up() || !browser->is_linked();
  }
  for (const auto& page : direct_) ConnectDirect(*page);
  for (; server_.authority().has_work() && history_.violation().empty(); worked = true) {
    server_.authority().Work();
  }
  return DeliverAll() || worked;
}

/// Everything is up and connected, and all there is to say is said.
void World::Rest() {
  for (int round = 0; RestRound() && history_.violation().empty(); ++round) {
    history_.Require(round < 1000, "it never comes to rest");
  }
  if (history_.violation().empty()) CheckAtRest();
}

void World::CheckAtRest() {
  const Results fresh = Evaluate(server_.database());
  std::set<ClientID> alive;
  for (Page* page : Pages()) {
    alive.insert(page->id());
    page->CheckAtRest(fresh);
  }
  for (const auto& browser : browsers_) {
    history_.Require(browser->pending() == 0, "a relay's log is not empty at rest");
  }
  history_.CheckAtRest(server_.database(), alive, behind_relay_);
}

}  // namespace tidemark::sim
