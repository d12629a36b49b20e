#include "server/embedded/sqlite_replay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "tests/server/embedded/replay_world.h"
#include "tests/support/seed.h"

namespace tidemark::server {
namespace {

const char kAddOne[] = R"({"id":"x","by":1})";

TEST(SqliteReplayTest, CommitsEffectsAndIdAndResultInOneStep) {
  ReplayWorld world;
  const ClientID client = NewClient("a");
  const ReplayOutcome outcome =
      world.Push({Call(client, 1, "add", kAddOne), Call(client, 2, "add", kAddOne)});
  ASSERT_TRUE(outcome.commit.has_value());
  EXPECT_TRUE(outcome.pushes.at(0).ok());
  EXPECT_EQ(outcome.commit->to, (Version{"epoch", 1}));
  ASSERT_EQ(outcome.commit->changes.size(), 1u);  // net
  EXPECT_FALSE(outcome.commit->changes[0].before);
  EXPECT_EQ(outcome.commit->changes[0].after[1].bigint(), 2);
  EXPECT_EQ(outcome.commit->lmids, (std::vector<protocol::ClientState>{{client, 2}}));
  ASSERT_EQ(outcome.commit->results.size(), 2u);
  EXPECT_EQ(outcome.commit->results[1].result_json, "\"2\"");
  EXPECT_EQ(world.Counter("x"), 2);
}

TEST(SqliteReplayTest, SkipsWhatIsSentAgainAlsoAfterARestart) {
  ReplayWorld world;
  const ClientID client = NewClient("a");
  world.Push({Call(client, 1, "add", kAddOne)});
  const ReplayOutcome again = world.Push({Call(client, 1, "add", kAddOne)});
  EXPECT_TRUE(again.pushes.at(0).ok());
  EXPECT_FALSE(again.commit.has_value());
  world.Reopen();
  world.Push({Call(client, 1, "add", kAddOne), Call(client, 2, "add", kAddOne)});
  EXPECT_EQ(world.Counter("x"), 2);
}

TEST(SqliteReplayTest, AnswersAGapWithTheExpectedIdAndRunsNothing) {
  ReplayWorld world;
  const ClientID client = NewClient("a");
  world.Push({Call(client, 1, "add", kAddOne)});
  const ReplayOutcome outcome =
      world.Push({Call(client, 2, "add", kAddOne), Call(client, 4, "add", kAddOne)});
  ASSERT_FALSE(outcome.pushes.at(0).ok());
  EXPECT_EQ(outcome.pushes.at(0).error().code, ErrorCode::kConflict);
  EXPECT_NE(outcome.pushes.at(0).error().message.find("expected mutation 3"), std::string::npos);
  EXPECT_EQ(world.Counter("x"), 2);  // what came before the gap counts
}

TEST(SqliteReplayTest, UndoesAMutatorThatThrowsAndGoesOn) {
  ReplayWorld world;
  const ClientID client = NewClient("a");
  const ReplayOutcome outcome =
      world.Push({Call(client, 1, "fail", kAddOne), Call(client, 2, "add", kAddOne)});
  EXPECT_EQ(world.Counter("x"), 1);
  ASSERT_EQ(outcome.commit->results.size(), 2u);
  const Error& error = *outcome.commit->results[0].error;
  EXPECT_EQ(error.code, ErrorCode::kApp);
  EXPECT_EQ(error.app_code, "no-luck");
  EXPECT_EQ(error.message, "not \"1\"");
  EXPECT_EQ(outcome.commit->lmids[0].lmid, 2u);
  ASSERT_EQ(outcome.commit->changes.size(), 1u);
  EXPECT_EQ(outcome.commit->changes[0].after[1].bigint(), 1);
}

TEST(SqliteReplayTest, RejectsAWriteThatBreaksAConstraint) {
  ReplayWorld world;
  const ClientID client = NewClient("a");
  world.Push({Call(client, 1, "add", R"({"id":"x","by":1})"),
              Call(client, 2, "add", R"({"id":"y","by":1})"),
              Call(client, 3, "label", R"({"id":"x","label":"same"})")});
  const ReplayOutcome outcome =
      world.Push({Call(client, 4, "label", R"({"id":"y","label":"same"})"),
                  Call(client, 5, "label", R"({"id":"nobody","label":"other"})")});
  ASSERT_EQ(outcome.commit->results.size(), 2u);
  EXPECT_EQ(outcome.commit->results[0].error->code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(outcome.commit->results[1].error->code, ErrorCode::kNotFound);
  EXPECT_TRUE(outcome.commit->changes.empty());
}

TEST(SqliteReplayTest, KeepsAnUnknownMutatorAsADeadLetter) {
  ReplayWorld world;
  const ClientID client = NewClient("a");
  const ReplayOutcome outcome = world.Push({Call(client, 1, "gone.away", R"({"n":1})")});
  const Error& error = *outcome.commit->results.at(0).error;
  EXPECT_EQ(error.code, ErrorCode::kUnknownMutator);
  EXPECT_EQ(error.details_json, R"({"name":"gone.away","args":{"n":1}})");
}

TEST(SqliteReplayTest, ConsumesATimeoutAfterBoundedAttempts) {
  ReplayWorld world;
  const ReplayOutcome outcome = world.Push({Call(NewClient("a"), 1, "slow", "null")});
  EXPECT_EQ(world.slow_runs, 2);
  EXPECT_EQ(outcome.commit->results.at(0).error->code, ErrorCode::kTimeout);
  EXPECT_EQ(outcome.commit->lmids.at(0).lmid, 1u);
}

TEST(SqliteReplayTest, ReplacesATimestampThatIsFarAhead) {
  ReplayWorld world;
  const ClientID client = NewClient("a");
  mutation::Mutation near = Call(client, 1, "time", "null");
  near.timestamp_ms = kNowMs + 60 * 1000;
  mutation::Mutation far = Call(client, 2, "time", "null");
  far.timestamp_ms = kNowMs + 3600 * 1000;
  const ReplayOutcome outcome = world.Push({near, far});
  EXPECT_EQ(outcome.commit->results.at(0).result_json, std::to_string(kNowMs + 60 * 1000));
  EXPECT_EQ(outcome.commit->results.at(1).result_json, std::to_string(kNowMs));
}

TEST(SqliteReplayTest, KeepsResultsUntilTheyAreAcknowledged) {
  ReplayWorld world;
  const ClientID client = NewClient("a");
  world.Push({Call(client, 1, "fail", kAddOne), Call(client, 2, "add", kAddOne)});
  GroupState state = world.Group({{client, 0}});
  EXPECT_EQ(state.lmids, (std::vector<protocol::ClientState>{{client, 2}}));
  ASSERT_EQ(state.results.size(), 2u);
  EXPECT_EQ(state.results[0].error->app_code, "no-luck");

  ReplayBatch foreign;
  foreign.acknowledgements.push_back({ClientGroupID("other"), {{client, 2}}});
  ASSERT_TRUE(world.Apply(foreign).ok());
  EXPECT_EQ(world.Group({{client, 0}}).results.size(), 2u);

  ReplayBatch batch;
  batch.acknowledgements.push_back({ClientGroupID("g"), {{client, 1}}});
  const Result<ReplayOutcome> outcome = world.Apply(batch);
  ASSERT_TRUE(outcome.ok());
  EXPECT_FALSE(outcome->commit.has_value());
  state = world.Group({{client, 0}});
  ASSERT_EQ(state.results.size(), 1u);
  EXPECT_EQ(state.results[0].id, 2u);
}

TEST(SqliteReplayTest, RefusesClientsOfOthersAndThoseItDoesNotKnow) {
  ReplayWorld world;
  const ClientID client = NewClient("a");
  world.Push({Call(client, 1, "add", kAddOne)}, "g", "ada");
  const auto code = [&](std::vector<mutation::Mutation> mutations, const char* group,
                        const char* subject) {
    const ReplayOutcome outcome = world.Push(std::move(mutations), group, subject);
    return outcome.pushes.at(0).ok() ? ErrorCode::kInternal : outcome.pushes.at(0).error().code;
  };
  EXPECT_EQ(code({Call(client, 2, "add", kAddOne)}, "other", "ada"), ErrorCode::kForbidden);
  EXPECT_EQ(code({Call(client, 2, "add", kAddOne)}, "g", "bob"), ErrorCode::kForbidden);
  EXPECT_EQ(code({Call(client, 1, "add", kAddOne)}, "g", "bob"), ErrorCode::kForbidden);
  EXPECT_EQ(code({Call(NewClient("b"), 1, "add", kAddOne)}, "g", "bob"), ErrorCode::kForbidden);
  EXPECT_EQ(code({Call(NewClient("c"), 5, "add", kAddOne)}, "g", "ada"), ErrorCode::kExpired);
  EXPECT_EQ(code({Call(ClientID("000000001-old"), 1, "add", kAddOne)}, "g", "ada"),
            ErrorCode::kExpired);
  EXPECT_EQ(world.Counter("x"), 1);
}

TEST(SqliteReplayTest, LoadsAGroupSayingWhoIsExpired) {
  ReplayWorld world;
  const ClientID known = NewClient("a");
  const ClientID fresh = NewClient("b");
  const ClientID lost = NewClient("c");
  world.Push({Call(known, 1, "add", kAddOne)});
  const GroupState state = world.Group({{known, 1}, {fresh, 0}, {lost, 3}});
  EXPECT_EQ(state.lmids, (std::vector<protocol::ClientState>{{known, 1}}));
  EXPECT_EQ(state.expired, std::vector<ClientID>{lost});
  const Result<GroupState> foreign =
      ReadGroup(world.database(), ClientGroupID("g"), "somebody", {}, kNowMs);
  ASSERT_FALSE(foreign.ok());
  EXPECT_EQ(foreign.error().code, ErrorCode::kForbidden);
}

TEST(SqliteReplayTest, ForgetsClientsBeyondTheHorizon) {
  ReplayWorld world;
  const ClientID client = NewClient("a");
  world.Push({Call(client, 1, "fail", kAddOne)});
  const std::int64_t later = kNowMs + kClientHorizonMs + 1;
  ASSERT_TRUE(PrepareDatabase(world.database(), CounterSchema(), "new", later).ok());
  EXPECT_EQ(world.Group({{client, 1}}).expired, std::vector<ClientID>{client});
  EXPECT_EQ(ReadVersion(world.database())->epoch, "epoch");  // of the first time
}

TEST(SqliteReplayTest, EndsABatchEarlyAndGoesOnWithTheRest) {
  ReplayWorld world;
  const ClientID client = NewClient("a");
  ReplayBatch batch;
  for (MutationID id = 1; id <= 6; id += 2) {
    batch.pushes.push_back(
        PushRequest{ClientGroupID("g"),
                    "null",
                    "",
                    {Call(client, id, "add", kAddOne), Call(client, id + 1, "add", kAddOne)}});
  }
  int runs = 0;
  const auto after_three = [&runs] { return ++runs == 3; };
  const auto nothing = [] {};
  const Result<ReplayOutcome> first =
      world.replay().Apply(batch, kNowMs, ReplayHooks{after_three, nothing});
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->pushes.size(), 1u);  // the second is half done
  EXPECT_EQ(world.Counter("x"), 3);
  batch.pushes.erase(batch.pushes.begin());
  const Result<ReplayOutcome> second = world.Apply(batch);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->pushes.size(), 2u);
  EXPECT_EQ(world.Counter("x"), 6);
}

/// A crash is a batch whose commit never happened: everything in it is as if never sent.
TEST(SqliteReplayTest, AppliesEachMutationOnceThroughCrashesAndResends) {
  const std::uint64_t seed = testing::TestSeed(7);
  SCOPED_TRACE(testing::SeedTrace(seed));
  Random random(seed);
  ReplayWorld world;
  const std::vector<ClientID> clients = {NewClient("a"), NewClient("b"), NewClient("c")};
  std::vector<MutationID> sent(clients.size(), 0);
  std::vector<MutationID> confirmed(clients.size(), 0);
  for (int step = 0; step < 500; ++step) {
    ReplayBatch batch;
    for (std::uint64_t pushes = random.Below(4); pushes > 0; --pushes) {
      const std::size_t who = random.Below(clients.size());
      // From any point that the server may not have seen, or has.
      MutationID first =
          confirmed[who] + 1 - random.Below(std::min<MutationID>(confirmed[who], 3) + 1);
      const MutationID last = std::max(sent[who], first) + random.Below(3);
      PushRequest push{ClientGroupID("g"), "null", "", {}};
      for (; first <= last; ++first) {
        push.mutations.push_back(
            Call(clients[who], first, first % 5 == 0 ? "fail" : "add", kAddOne));
      }
      sent[who] = std::max(sent[who], last);
      batch.pushes.push_back(std::move(push));
    }
    const bool crash = random.OneIn(4);
    const auto never = [] { return false; };
    const auto before_commit = [&] {
      // The transaction is taken away under the commit, as a crash would.
      if (!crash) return;
      EXPECT_TRUE(world.database().Execute("ROLLBACK").ok());
    };
    const Result<ReplayOutcome> outcome =
        world.replay().Apply(batch, kNowMs, ReplayHooks{never, before_commit});
    EXPECT_EQ(outcome.ok(), !crash);
    if (crash) world.Reopen();
    if (outcome.ok() && outcome->commit.has_value()) {
      for (const protocol::ClientState& client : outcome->commit->lmids) {
        for (std::size_t who = 0; who < clients.size(); ++who) {
          if (clients[who] == client.client) confirmed[who] = client.lmid;
        }
      }
    }
    std::int64_t expected = 0;
    for (const MutationID lmid : confirmed) {
      expected += static_cast<std::int64_t>(lmid - lmid / 5);  // each fifth fails
    }
    ASSERT_EQ(world.Counter("x").value_or(0), expected) << "step " << step;
  }
}

}  // namespace
}  // namespace tidemark::server
