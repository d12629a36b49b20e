// A browser of the simulation: the real relay on SQLite on a disk that forgets, and its tabs. The
// worker can die alone or with all tabs; the disk keeps what was flushed.
#ifndef TIDEMARK_TESTS_SIM_BROWSER_H_
#define TIDEMARK_TESTS_SIM_BROWSER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/relay/relay.h"
#include "tests/sim/channel.h"
#include "tests/sim/history.h"
#include "tests/sim/page.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/sqlite_on_disk.h"

namespace tidemark::sim {

class Browser {
 public:
  Browser(std::string name, History& history, Random& random);
  ~Browser();

  // ---- the worker ----
  bool is_up() const { return relay_ != nullptr; }
  /// May fail while the disk fails; is tried again.
  void Start();
  /// The disk forgets; tabs learn later that the worker is gone.
  void Crash();
  /// A coming operation of the disk fails.
  void PlanDiskFault();
  bool needs_flush() const { return needs_flush_; }
  void Flush();
  std::uint32_t pending() const { return relay_->pending(); }

  // ---- the link to the server ----
  bool is_linked() const { return link_ != nullptr; }
  Channel::Side link_side();
  void Link(ChannelPtr channel);

  // ---- tabs ----
  std::vector<std::unique_ptr<Page>>& tabs() { return tabs_; }
  /// A channel between the page and the worker.
  ChannelPtr Connect(Page& page);

 private:
  Status Open();
  void CloseDatabases();
  void Pump();
  void Require(bool holds, const std::string& law) {
    if (!holds) history_.Require(false, "relay " + name_ + ": " + law);
  }

  const std::string name_;
  History& history_;
  Random& random_;
  testing::FaultyDisk disk_;
  std::unique_ptr<testing::SqliteOnDisk> sqlite_;
  std::optional<store::Database> log_;
  std::optional<store::Database> base_;
  std::unique_ptr<relay::Relay> relay_;
  ChannelPtr link_;
  std::map<relay::TabID, ChannelPtr> channels_;
  relay::TabID last_tab_ = 0;
  bool needs_flush_ = false;
  bool faulty_ = false;  // an operation of the disk was planned to fail
  std::vector<std::unique_ptr<Page>> tabs_;
};

}  // namespace tidemark::sim

#endif  // TIDEMARK_TESTS_SIM_BROWSER_H_
