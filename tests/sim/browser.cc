#include "tests/sim/browser.h"

#include <utility>

namespace tidemark::sim {

Browser::Browser(std::string name, History& history, Random& random)
    : name_(std::move(name)), history_(history), random_(random), disk_(random.Next()) {
  Start();
}

Browser::~Browser() { CloseDatabases(); }

// ---- the worker ----

void Browser::CloseDatabases() {
  relay_.reset();
  log_.reset();
  base_.reset();
  sqlite_.reset();
}

Status Browser::Open() {
  sqlite_ = std::make_unique<testing::SqliteOnDisk>(disk_, "sim-" + name_, random_.Next());
  TIDEMARK_TRY(sqlite_->Add("log"));
  TIDEMARK_TRY(sqlite_->Add("base"));
  TIDEMARK_ASSIGN_OR_RETURN(log_, sqlite_->Open("log"));
  TIDEMARK_ASSIGN_OR_RETURN(base_, sqlite_->Open("base"));
  relay::Options options;
  options.build = "sim";
  options.new_group = ClientGroupID("group-" + name_);
  TIDEMARK_ASSIGN_OR_RETURN(relay_, relay::Relay::Open(*log_, *base_, options));
  return Ok{};
}

void Browser::Start() {
  const Status opened = Open();
  if (opened.ok()) return Pump();
  Require(faulty_, "cannot be opened: " + opened.error().message);
  Require(opened.error().code != ErrorCode::kCorrupt, "is damaged: " + opened.error().message);
  CloseDatabases();
  if (disk_.crashed()) disk_.Restart();
}

void Browser::Crash() {
  disk_.Crash();
  CloseDatabases();
  disk_.Restart();
  needs_flush_ = false;
  if (const ChannelPtr link = std::exchange(link_, nullptr)) link->CloseFromBelow();
  for (const auto& [tab, channel] : std::exchange(channels_, {})) channel->ForgetUpper();
}

void Browser::PlanDiskFault() {
  static constexpr testing::DiskFault kFaults[] = {
      testing::DiskFault::kCrash, testing::DiskFault::kNoSpace, testing::DiskFault::kIoError};
  faulty_ = true;
  disk_.FailAt(disk_.operations() + random_.Below(30), kFaults[random_.Below(3)]);
}

void Browser::Flush() {
  const Status flushed = relay_->Flush();
  if (!flushed.ok()) {
    Require(faulty_, "cannot flush: " + flushed.error().message);
    const ErrorCode code = flushed.error().code;
    Require(disk_.crashed() || code == ErrorCode::kUnavailable || code == ErrorCode::kLimit,
            "cannot flush: " + flushed.error().message);
  }
  Pump();
}

void Browser::Pump() {
  if (disk_.crashed()) return Crash();
  relay::Output output = relay_->TakeOutput();
  needs_flush_ = output.needs_flush;
  for (relay::TabMessage& message : output.to_tabs) {
    const auto channel = channels_.find(message.tab);
    if (channel != channels_.end()) channel->second->SendDown(std::move(message.bytes));
  }
  if (link_ != nullptr) {
    for (std::string& bytes : output.to_server) link_->SendUp(std::move(bytes));
  }
  for (const relay::TabID tab : output.close_tabs) {
    const auto channel = channels_.find(tab);
    if (channel != channels_.end()) channel->second->CloseFromAbove();
  }
  Require(!output.refused, output.refused ? "refused: " + output.refused->message : "");
  if (!output.reopen_link || link_ == nullptr) return;
  std::exchange(link_, nullptr)->CloseFromBelow();
  relay_->OnLinkClosed();
  Pump();
}

// ---- the link to the server ----

Channel::Side Browser::link_side() {
  return Channel::Side{[this](std::string_view bytes) {
                         const Status status = relay_->OnLinkMessage(bytes);
                         Require(status.ok(),
                                 status.ok() ? "" : "cannot take: " + status.error().message);
                         Pump();
                       },
                       [this] {
                         link_.reset();
                         relay_->OnLinkClosed();
                         relay_->SetLinkState("offline", "");
                         Pump();
                       }};
}

void Browser::Link(ChannelPtr channel) {
  link_ = std::move(channel);
  relay_->OnLinkOpened();
  relay_->SetLinkState("connected", "");
  Pump();
}

// ---- tabs ----

ChannelPtr Browser::Connect(Page& page) {
  const relay::TabID tab = ++last_tab_;
  Channel::Side upper{[this, tab](std::string_view bytes) {
                        const Status status = relay_->OnTabMessage(tab, bytes);
                        Require(status.ok(),
                                status.ok() ? "" : "refuses a tab: " + status.error().message);
                        Pump();
                      },
                      [this, tab] {
                        channels_.erase(tab);
                        relay_->OnTabClosed(tab);
                        Pump();
                      }};
  auto channel = std::make_shared<Channel>(page.side(), std::move(upper));
  channels_[tab] = channel;
  relay_->OnTabOpened(tab);
  Pump();
  return channel;
}

}  // namespace tidemark::sim
