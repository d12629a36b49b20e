// The whole system in one process: browsers with relays and tabs, pages without a relay, one
// server, and a network between them, stepped by one generator. The same seed is the same run.
//
// Laws, during the run: a write is seen at once; every view is its query on the page's rows, and
// the server's result at the page's version when nothing is pending; versions and LMIDs never go
// back; nothing is settled twice, or before the server has replayed it. At rest: every page shows
// the server's data, every log is empty, every durable mutation was applied exactly once and in
// order or its failure was told.
#ifndef TIDEMARK_TESTS_SIM_WORLD_H_
#define TIDEMARK_TESTS_SIM_WORLD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "tests/sim/browser.h"
#include "tests/sim/channel.h"
#include "tests/sim/history.h"
#include "tests/sim/options.h"
#include "tests/sim/page.h"
#include "tests/sim/server.h"

namespace tidemark::sim {

class World {
 public:
  explicit World(Options options);
  ~World();

  /// Runs to the end and to rest. Empty, or the law that was broken, with seed and step.
  std::string Run();
  const History& history() const { return history_; }

 private:
  void Step();
  bool StepFault(std::uint64_t& draw);
  void StepWork(std::uint64_t draw);

  // Events; each does nothing where it does not apply.
  void Deliver();
  void TellSomebody();
  void ConnectSomebody();
  void FlushSomething();
  void OpenTab();
  void OpenDirect();
  void CloseTab();
  void Stall();
  void Cut();
  void CrashServer(bool after_commit);
  void CrashRelay();
  void CrashBrowser();
  void AlterSomeRow();

  void Rest();
  bool RestRound();
  bool DeliverAll();
  void CheckAtRest();

  ClientID NewClient();
  Browser& SomeBrowser() { return *browsers_[random_.Below(browsers_.size())]; }
  /// Any open page; none if there is none.
  Page* SomePage();
  std::vector<Page*> Pages();
  void Reconnect(Browser& browser);
  void ConnectDirect(Page& page);
  void Drop(std::vector<std::unique_ptr<Page>>& pages, std::size_t index);

  const Options options_;
  Random random_;
  History history_;
  SimServer server_;
  std::vector<std::unique_ptr<Browser>> browsers_;
  std::vector<std::unique_ptr<Page>> direct_;
  std::vector<ChannelPtr> channels_;
  std::vector<ChannelPtr> server_channels_;
  std::set<ClientID> behind_relay_;
  std::uint64_t step_ = 0;
  std::uint64_t clients_ = 0;
};

}  // namespace tidemark::sim

#endif  // TIDEMARK_TESTS_SIM_WORLD_H_
