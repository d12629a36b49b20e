// The hub's law under a random walk of commits, sessions that come and go (also with an older
// schema, also with what they had before, recent or not), and queries put and removed while others
// are being resolved or compared and while whole results are being read, at any moment and also
// ahead of the hub.

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/random.h"
#include "tests/core/hub/hub_world.h"
#include "tests/support/seed.h"

namespace tidemark::hub {
namespace {

const std::vector<std::string> kTrees = {
    R"({"table":"todo"})",
    R"({"table":"todo","where":{"op":"=","column":"done","value":false}})",
    R"({"table":"todo","where":{"op":"not","arg":{"op":"=","column":"done","value":true}}})",
    R"({"table":"todo","orderBy":[["rank","asc"]],"limit":3})",
    R"({"table":"todo","orderBy":[["rank","desc"]],"limit":4,
        "where":{"op":">","column":"rank","value":3}})",
    R"({"table":"todo","where":{"op":"=","column":"id","value":"t1"},"one":true})",
    R"({"table":"todo","aggregates":[{"function":"count"},{"function":"avg","column":"rank"}]})",
    R"({"table":"todo","groupBy":["done"],"orderBy":[["done","desc"]],"limit":1,
        "aggregates":[{"function":"max","column":"rank"},{"function":"sum","column":"rank"}]})",
};

class HubWalk {
 public:
  /// Odd seeds: the hub remembers next to nothing, and compares what is not quite new.
  explicit HubWalk(std::uint64_t seed) : random_(seed), world_(LimitsOf(seed)) {
    world_.HoldJobs();
  }
  int compared() const { return compared_; }

  void Run(int steps) {
    for (int step = 0; step < steps; ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      Step();
      Check();
      if (::testing::Test::HasFailure()) return;
    }
    Rest();
  }

 private:
  static protocol::Limits LimitsOf(std::uint64_t seed) {
    protocol::Limits limits;
    if (seed % 2 == 0) return limits;
    limits.recent_row_changes_max = 2;
    limits.compared_rows_min = 0;
    return limits;
  }

  struct Past {
    Version version;
    const model::Schema* schema;
    Receiver rows;
    std::map<std::string, protocol::DesiredQuery::Have> had;
  };

  /// In the end everybody has what he asked for.
  void Rest() {
    for (const SessionID session : std::exchange(congested_, {})) {
      world_.hub().SetCongested(session, false);
    }
    world_.Pump();
    world_.ResolveAll();
    // Read, compare, read what differs, until nobody waits for anything.
    for (bool is_done = false; !is_done;) {
      world_.FinishJobs();
      is_done = true;
      for (const auto& [session, schema] : sessions_) {
        for (; world_.AnswerOne(session); ++compared_) is_done = false;
      }
    }
    Check();
    for (const auto& [asked, answers] : asked_) {
      if (sessions_.count(asked.first) == 0) continue;
      EXPECT_TRUE(world_.receiver(asked.first).has(QueryKey(asked.second))) << asked.second;
    }
  }

  void Step() {
    switch (random_.Below(15)) {
      case 0:
        return OpenSession();
      case 1:
        return CloseSession();
      case 2:
      case 3:
        if (!sessions_.empty()) Put(AnySession(), kTrees[random_.Below(kTrees.size())]);
        return;
      case 4:
        return RemoveQuery();
      case 13:
      case 14:
        return AnswerOne();
      case 5:
      case 6:
        world_.ResolveOne();
        return;
      case 7:
      case 8:
        return StepJob();
      case 9:
        return Congest();
      default:
        return CommitRows();
    }
  }

  void Put(SessionID session, const std::string& tree) {
    world_.Put(session, tree);
    asked_[{session, tree}] = world_.receiver(session).answers[QueryKey(tree)];
  }

  void StepJob() {
    if (world_.jobs() == 0) return;
    const std::size_t index = random_.Below(world_.jobs());
    if (world_.was_run(index)) return world_.GiveBack(index);
    world_.RunJob(index);
  }

  /// The store has a commit that the hub has not been told of. Nothing else may reach the hub then:
  /// it may read the store.
  void RunAhead() {
    if (world_.jobs() == 0) return;
    const std::size_t index = random_.Below(world_.jobs());
    world_.RunJob(index);
    if (random_.OneIn(2)) world_.GiveBack(index);
  }

  void Congest() {
    if (sessions_.empty()) return;
    const SessionID session = AnySession();
    const bool is_over = congested_.erase(session) > 0;
    if (is_over) catching_up_[session] = world_.receiver(session).pokes;
    if (!is_over) congested_.insert(session);
    world_.hub().SetCongested(session, !is_over);
    world_.Pump();
  }

  SessionID AnySession() {
    auto position = sessions_.begin();
    std::advance(position, static_cast<std::ptrdiff_t>(random_.Below(sessions_.size())));
    return position->first;
  }

  void OpenSession() {
    HubWorld::OpenOptions options;
    options.schema = random_.OneIn(3) ? &world_.older_schema() : &world_.schema();
    const Past* past = nullptr;
    if (!pasts_.empty() && !random_.OneIn(3)) {
      past = &pasts_[random_.Below(pasts_.size())];
      options.schema = past->schema;
      options.base = past->version;
      for (const auto& [tree, have] : past->had) options.queries.push_back(Desired(tree, have));
    }
    const model::Schema* schema = options.schema;
    const SessionID session = world_.Open(std::move(options));
    sessions_[session] = schema;
    if (past == nullptr) return;
    world_.receiver(session).TakeUp(past->rows);
    for (const auto& [tree, have] : past->had) asked_[{session, tree}] = 0;
  }

  void AnswerOne() {
    for (const auto& [session, schema] : sessions_) {
      if (random_.OneIn(2) && world_.AnswerOne(session)) {
        ++compared_;
        return;
      }
    }
  }

  void CloseSession() {
    if (sessions_.empty()) return;
    const SessionID session = AnySession();
    const Receiver& receiver = world_.receiver(session);
    Past past{receiver.version, sessions_[session], receiver, {}};
    for (const std::string& tree : kTrees) {
      if (receiver.has(QueryKey(tree))) past.had[tree] = receiver.have(QueryKey(tree));
    }
    pasts_.push_back(std::move(past));
    world_.Close(session);
    sessions_.erase(session);
    congested_.erase(session);
  }

  void RemoveQuery() {
    if (sessions_.empty()) return;
    const SessionID session = AnySession();
    const std::string& tree = kTrees[random_.Below(kTrees.size())];
    world_.Remove(session, tree);
    asked_.erase({session, tree});
  }

  void CommitRows() {
    std::vector<model::Row> puts;
    std::vector<std::string> removed;
    for (std::uint64_t i = random_.Below(4) + 1; i > 0; --i) {
      const std::string id = "t" + std::to_string(random_.Below(12));
      if (random_.OneIn(4)) {
        removed.push_back(id);
      } else {
        puts.push_back(Todo(id, "title " + std::to_string(random_.Below(3)), random_.OneIn(2),
                            static_cast<double>(random_.Below(10)), Document()));
      }
    }
    hub::Commit commit = world_.Write(std::move(puts), std::move(removed));
    if (random_.OneIn(2)) RunAhead();
    world_.Tell(std::move(commit));
  }

  std::string Document() {
    if (random_.OneIn(3)) return "null";
    std::string doc = R"({"a":[)";
    for (int i = 0; i < 200; ++i) doc += (i > 0 ? "," : "") + std::to_string(i);
    return doc + R"(],"b":)" + std::to_string(random_.Below(5)) + "}";
  }

  /// It missed more than is remembered, and is told nothing until that is read.
  bool IsCatchingUp(SessionID session) {
    const auto entry = catching_up_.find(session);
    return entry != catching_up_.end() && world_.jobs() > 0 &&
           world_.receiver(session).pokes == entry->second;
  }

  void Check() {
    for (const auto& [session, schema] : sessions_) {
      if (congested_.count(session) > 0 || IsCatchingUp(session)) continue;
      Receiver& receiver = world_.receiver(session);
      EXPECT_TRUE(receiver.settled());
      EXPECT_FALSE(receiver.refused.has_value());
      for (const std::string& tree : kTrees) {
        if (!receiver.has(QueryKey(tree))) continue;
        const auto asked = asked_.find({session, tree});
        if (asked != asked_.end() && receiver.answers[QueryKey(tree)] == asked->second) continue;
        EXPECT_EQ(receiver.rows(QueryKey(tree)), world_.Expected(tree, *schema)) << tree;
      }
    }
  }

  Random random_;
  HubWorld world_;
  std::map<SessionID, const model::Schema*> sessions_;
  std::vector<Past> pasts_;
  std::set<SessionID> congested_;
  std::map<SessionID, int> catching_up_;  // congested before: its pokes until then
  std::map<std::pair<SessionID, std::string>, int> asked_;  // answers when it was put last
  int compared_ = 0;
};

TEST(HubWalkTest, EverySessionHoldsAFreshEvaluationAfterEveryStep) {
  const std::uint64_t seed = testing::TestSeed(20240607);
  SCOPED_TRACE(testing::SeedTrace(seed));
  int compared = 0;
  for (std::uint64_t number = 0; number < 40; ++number) {
    SCOPED_TRACE("walk " + std::to_string(number));
    HubWalk walk(seed + number);
    walk.Run(300);
    compared += walk.compared();
    if (HasFailure()) return;
  }
  EXPECT_GT(compared, 5) << "questions that were answered";
}

}  // namespace
}  // namespace tidemark::hub
