// A random walk of edits, foreign edits, confirmations and reconnects, held against the law itself:
// what the view shows is base with every pending mutation run on it, one after the other.

#include <algorithm>
#include <cstdlib>
#include <map>

#include "core/base/random.h"
#include "core/protocol/version.h"
#include "tests/core/client/test_page.h"

namespace tidemark::client {
namespace {

std::uint64_t Seed() {
  const char* seed = std::getenv("SEED");
  return seed == nullptr ? 1 : std::strtoull(seed, nullptr, 10);
}

struct TodoState {
  std::string title;
  double rank = 0;
};
using Todos = std::map<std::string, TodoState>;

struct Call {
  ClientID client;
  MutationID id = 0;
  std::string name;
  std::string todo;
  std::string value;  // JSON

  std::string args() const { return "[\"" + todo + "\"," + value + "]"; }
};

/// The law's own, simple version of the mutators. False: it throws. Knowledge is complete where the
/// walk calls it: rows that are not there are skipped, as an unknown row predicts nothing.
bool Run(const Call& call, Todos& todos, bool is_server) {
  const auto found = todos.find(call.todo);
  const std::string text = call.value.substr(call.value[0] == '"' ? 1 : 0,
                                             call.value.size() - (call.value[0] == '"' ? 2 : 0));
  if (call.name == "add" || call.name == "addUnique") {
    if (call.name == "addUnique") {
      for (const auto& [id, todo] : todos) {
        if (todo.title == text) return false;
      }
    }
    if (found != todos.end()) return false;
    todos[call.todo] = TodoState{text, 0};
    return true;
  }
  if (call.name == "remove") {
    todos.erase(call.todo);
    return true;
  }
  if (found == todos.end()) return !is_server;
  if (call.name == "rename") found->second.title = text;
  if (call.name == "raise") found->second.rank += std::stod(call.value);
  return true;
}

class Walk {
 public:
  explicit Walk(std::uint64_t seed) : random_(seed), page_("") {
    page_.Watch();
    page_.Connect();
    page_.ServeAllTodos({});
  }

  void Step() {
    switch (random_.Below(8)) {
      case 0:
      case 1:
      case 2:
        return OwnCall();
      case 3:
        return ForeignCall();
      case 4:
        return LogOwn();
      case 5:
        return Commit(/*confirm=*/random_.Below(4));
      case 6:
        return Commit(0);
      default:
        if (random_.OneIn(4)) return Reconnect();
        return Commit(1);
    }
  }

  void Check() {
    Todos expected = base_;
    for (const Call& call : log_) Run(call, expected, false);
    for (const Call& call : tail_) Run(call, expected, false);
    std::vector<std::pair<double, std::string>> order;
    for (const auto& [id, todo] : expected) order.emplace_back(todo.rank, id);
    std::sort(order.begin(), order.end());
    std::string titles;
    for (const auto& [rank, id] : order) {
      if (!titles.empty()) titles += ", ";
      titles += expected[id].title;
    }
    ASSERT_EQ(page_.Titles(), titles);
    ASSERT_EQ(page_.pending(), log_.size() + tail_.size());
  }

 private:
  Call RandomCall() {
    static constexpr const char* kNames[] = {"add",    "addUnique", "rename",
                                             "rename", "raise",     "remove"};
    Call call;
    call.name = kNames[random_.Below(6)];
    call.todo = std::string(1, static_cast<char>('a' + random_.Below(6)));
    call.value = call.name == "raise" ? std::to_string(1 + random_.Below(3))
                                      : "\"t" + std::to_string(random_.Below(8)) + "\"";
    return call;
  }

  /// Rows that are known to be absent throw at the call; the walk leaves those calls out.
  bool Predictable(const Call& call) const {
    Todos todos = base_;
    for (const Call& other : log_) Run(other, todos, false);
    for (const Call& other : tail_) Run(other, todos, false);
    if (call.name == "rename" || call.name == "raise") return todos.count(call.todo) > 0;
    return Run(call, todos, false);
  }

  void OwnCall() {
    Call call = RandomCall();
    if (!Predictable(call)) return;
    call.client = page_.client().id();
    call.id = page_.Mutate(call.name, call.args());
    tail_.push_back(std::move(call));
  }

  void ForeignCall() {
    Call call = RandomCall();
    call.client = ClientID("tab-2");
    call.id = ++foreign_id_;
    page_.Receive(protocol::Logged{{Foreign(call.id, call.name, call.args())}, true});
    log_.push_back(std::move(call));
  }

  void LogOwn() {
    if (tail_.empty()) return;
    page_.Receive(protocol::Logged{{{tail_[0].client, tail_[0].id, "", "", 0, ""}}, true});
    log_.push_back(tail_[0]);
    tail_.erase(tail_.begin());
  }

  /// The server replays the first `confirm` of the log, between edits of somebody else.
  void Commit(std::uint64_t confirm) {
    const Todos before = base_;
    if (random_.OneIn(2)) {
      Call call = RandomCall();
      Run(call, base_, true);
    }
    std::map<ClientID, MutationID> lmids;
    for (; confirm > 0 && !log_.empty(); --confirm) {
      Todos after = base_;
      if (Run(log_[0], after, true)) base_ = std::move(after);
      lmids[log_[0].client] = log_[0].id;
      log_.erase(log_.begin());
    }
    ScriptedUpstream::Step step;
    for (const auto& [id, todo] : before) {
      if (base_.count(id) == 0) step.changes.push_back({id, ""});
    }
    for (const auto& [id, todo] : base_) {
      const auto old = before.find(id);
      if (old != before.end() && old->second.title == todo.title && old->second.rank == todo.rank) {
        continue;
      }
      step.changes.push_back(PutTodo(id, todo.title, todo.rank));
    }
    for (const auto& [client, lmid] : lmids) {
      step.lmids.push_back({client, lmid});
      if (client == page_.client().id()) own_lmid_ = lmid;
    }
    page_.Receive(std::move(step));
  }

  void Reconnect() {
    page_.Close();
    std::vector<mutation::Mutation> log;
    for (const Call& call : log_) {
      log.push_back({call.client, call.id, call.name, call.args(), 1000, "00"});
    }
    page_.Connect(own_lmid_, std::move(log));
  }

  Random random_;
  TestPage page_;
  Todos base_;
  std::vector<Call> log_;
  std::vector<Call> tail_;
  MutationID foreign_id_ = 0;
  MutationID own_lmid_ = 0;
};

TEST(ClientWalkTest, ShowsBaseWithEveryPendingMutationRunOnIt) {
  const std::uint64_t first = Seed();
  for (std::uint64_t seed = first; seed < first + 20; ++seed) {
    SCOPED_TRACE("SEED=" + std::to_string(seed));
    Walk walk(seed);
    for (int step = 0; step < 300; ++step) {
      walk.Step();
      walk.Check();
      if (::testing::Test::HasFatalFailure()) {
        FAIL() << "at step " << step;
      }
    }
  }
}

}  // namespace
}  // namespace tidemark::client
