// A page of the simulated app: the real client, a mirror of its views as an app would keep it, and
// a user who calls mutators at random. Checks with every event what can be known at that moment.
#ifndef TIDEMARK_TESTS_SIM_PAGE_H_
#define TIDEMARK_TESTS_SIM_PAGE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/random.h"
#include "core/client/client.h"
#include "core/mutation/mutator.h"
#include "tests/core/ivm/mirror.h"
#include "tests/sim/channel.h"
#include "tests/sim/history.h"

namespace tidemark::sim {

class Page {
 public:
  /// `group` empty: it talks to a relay.
  Page(ClientID id, ClientGroupID group, History& history, Random& random);

  const ClientID& id() const { return client_.id(); }
  bool is_connected() const { return channel_ != nullptr; }
  const ChannelPtr& channel() const { return channel_; }
  /// What the lower side of this page's next channel does.
  Channel::Side side();
  void Connect(ChannelPtr channel);
  /// The tab is gone, with everything in its memory.
  void Close();

  void CallSomething();
  void WatchSomething();
  /// At rest: nothing is pending, and every view is what `fresh` says.
  void CheckAtRest(const Results& fresh);

 private:
  struct Mirror {
    std::size_t query = 0;  // of AppQueries()
    ivm::Mirror rows;
    client::ViewStatus status = client::ViewStatus::kPartial;
  };
  struct Draft {
    std::string name;
    std::string args;  // members, without those that every call has
    std::string item;
    std::string expected;  // the title after it
    Call call;
  };

  void Watch(std::size_t query);
  Draft DraftCall();
  model::Row FindItem(const std::string& id);
  void OnFrame(std::string_view bytes);
  void NoteFrame(std::string_view bytes);
  void Drain();
  void Show(const client::ViewFlush& flush);
  /// What must be shown of a complete query while mutations are pending, when all rows are known.
  void CheckCounts(const Results& results);
  void RequireResult(const Mirror& mirror, const std::string& expected, const std::string& when);
  void NoteEvent(const client::MutationEvent& event);
  void CheckViews();
  void Require(bool holds, const std::string& law) {
    if (!holds) history_.Require(false, "page " + client_.id().value + ": " + law);
  }

  History& history_;
  Random& random_;
  mutation::MutatorRegistry mutators_;
  client::Client client_;
  ChannelPtr channel_;
  std::map<client::ViewID, Mirror> views_;
  std::uint32_t pending_ = 0;
  MutationID calls_ = 0;
  std::uint64_t position_ = 0;  // of the rows
  std::uint64_t next_position_ = 0;
  std::uint32_t segments_ = 0;  // of a poke, still to come
};

}  // namespace tidemark::sim

#endif  // TIDEMARK_TESTS_SIM_PAGE_H_
