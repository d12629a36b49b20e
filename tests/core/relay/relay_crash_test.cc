// The power fails at every write and flush in turn. Laws: a mutation that was acknowledged as
// durable and not confirmed by base is in the log after reopening, once and in order; base is never
// ahead of what it holds.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/core/relay/relay_harness.h"

namespace tidemark::relay {
namespace {

using testing::DiskFault;
using testing::FaultyDisk;

/// What the outside world knows when the machine dies.
struct Witnessed {
  MutationID pushed = 0;
  MutationID acknowledged = 0;
  MutationID confirmed = 0;   // by a poke that the relay took
  MutationID on_server = 0;   // mutations that were sent to the server
  std::uint64_t version = 0;  // of the last poke
  std::uint64_t durable = 0;  // of the last poke before a flush that succeeded
};

protocol::SegmentChange Counter(std::uint64_t version) {
  return PutRow("n", "[\"n\"," + std::to_string(version) + ",\"" + std::string(300, 'r') + "\"]");
}

protocol::Poke FirstPoke() {
  protocol::Poke poke;
  poke.to = At(5);
  poke.resolved = {{QueryKey("q1"), PipelineID("p1")}};
  return poke;
}

void Note(RelayHarness& harness, Witnessed& seen) {
  for (const auto& logged : harness.TakeFor<protocol::Logged>(1)) {
    for (const auto& mutation : logged.mutations) seen.acknowledged = mutation.id;
  }
  for (const auto& push : harness.TakeForServer<protocol::Push>()) {
    for (const auto& mutation : push.mutations) seen.on_server = mutation.id;
  }
}

/// A tab writes, the server confirms two of three, base moves on. Ends when the disk dies.
Witnessed RunUntilCrash(FaultyDisk& disk) {
  Witnessed seen;
  RelayHarness harness(disk);
  if (!harness.Open().ok()) return seen;
  if (!harness.OpenTab(1, harness.HelloOf("a", {"q1"})).ok()) return seen;
  harness.Connect(At(0));
  Version at;
  for (int round = 1; round <= 8; ++round) {
    protocol::Push push;
    for (int i = 0; i < 3; ++i) push.mutations.push_back(MakeMutation("a", ++seen.pushed));
    if (!harness.FromTab(1, push).ok() || !harness.Flush().ok()) return seen;
    Note(harness, seen);

    protocol::Poke poke;
    poke.from = at;
    poke.to = at = At(static_cast<std::uint64_t>(round));
    if (round == 1) poke.resolved = {{QueryKey("q1"), PipelineID("p1")}};
    poke.lmids = {{ClientID("a"), seen.pushed - 1}};
    const auto segment = MakeSegment("p1", at, round == 1, {Counter(at.position)});
    if (!harness.SendPoke(poke, {segment}).ok()) return seen;
    seen.confirmed = seen.pushed - 1;
    seen.version = at.position;
    if (!harness.Flush().ok()) return seen;
    seen.durable = at.position;
    Note(harness, seen);
  }
  return seen;
}

void Check(FaultyDisk& disk, const Witnessed& seen) {
  RelayHarness harness(disk);
  const Status opened = harness.Open();
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  ASSERT_TRUE(harness.OpenTab(9, harness.HelloOf("z", {"q1"})).ok());

  const auto logs = harness.TakeFor<protocol::LogState>(9);
  ASSERT_EQ(logs.size(), 1u);
  const auto& log = logs[0].mutations;
  for (std::size_t i = 1; i < log.size(); ++i) EXPECT_EQ(log[i].id, log[i - 1].id + 1);
  for (const auto& mutation : log) EXPECT_EQ(mutation, MakeMutation("a", mutation.id));
  if (seen.acknowledged > seen.confirmed) {
    // Nothing acknowledged is missing; what is confirmed may still be there, never less.
    ASSERT_FALSE(log.empty());
    EXPECT_LE(log.front().id, seen.confirmed + 1);
    EXPECT_GE(log.back().id, seen.acknowledged);
  }
  EXPECT_LE(seen.on_server, seen.acknowledged);  // the server never knows more than the log
  if (!log.empty()) {
    EXPECT_LE(log.back().id, seen.pushed);
  }

  // Base is at a version whose rows, and whose confirmations, it has.
  const auto pokes = harness.TakeFor<protocol::Poke>(9);
  std::uint64_t version = 0;
  if (!pokes.empty()) {
    ASSERT_EQ(pokes.size(), 1u);
    version = pokes[0].to.position;
    const auto segments = harness.TakeFor<protocol::Segment>(9);
    ASSERT_EQ(segments.size(), pokes[0].resolved.size());
    ASSERT_EQ(segments.size(), 1u);
    EXPECT_EQ(segments[0], MakeSegment("p1", At(version), true, {Counter(version)}));
    if (!log.empty()) {
      EXPECT_GE(log.front().id, 3 * version);
    }
  }
  EXPECT_GE(version, seen.durable);
  EXPECT_LE(version, seen.version);

  // The next mutation goes on where the log ends.
  ASSERT_TRUE(harness.OpenTab(10, harness.HelloOf("a", {}, {}, 0)).ok());
  const MutationID next = log.empty()
                              ? harness.TakeFor<protocol::Welcome>(10)[0].clients[0].lmid + 1
                              : log.back().id + 1;
  EXPECT_TRUE(harness.FromTab(10, protocol::Push{{MakeMutation("a", next)}}).ok());
  EXPECT_TRUE(harness.Flush().ok());
}

TEST(RelayCrashTest, LosesNothingAcknowledgedWhereverThePowerFails) {
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    for (std::uint64_t operation = 0;; ++operation) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", operation " + std::to_string(operation));
      FaultyDisk disk(seed * 100000 + operation);
      disk.FailAt(operation, DiskFault::kCrash);
      const Witnessed seen = RunUntilCrash(disk);
      if (!disk.crashed()) {
        EXPECT_EQ(seen.acknowledged, 24u);
        break;
      }
      disk.Restart();
      Check(disk, seen);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(RelayCrashTest, LosesNothingWhenSingleOperationsFail) {
  for (std::uint64_t operation = 0;; ++operation) {
    SCOPED_TRACE("operation " + std::to_string(operation));
    FaultyDisk disk(operation);
    disk.FailAt(operation, operation % 2 == 0 ? DiskFault::kIoError : DiskFault::kNoSpace);
    const Witnessed seen = RunUntilCrash(disk);
    if (disk.operations() <= operation) break;  // past the last one
    disk.Crash();
    disk.Restart();
    Check(disk, seen);
    if (HasFatalFailure()) return;
  }
}

TEST(RelayCrashTest, EmptiesBaseWhereverTheDiskFailsInBetween) {
  for (std::uint64_t operation = 0; operation < 60; ++operation) {
    SCOPED_TRACE(operation);
    FaultyDisk disk(operation + 1);
    RelayHarness harness(disk);
    ASSERT_TRUE(harness.Open().ok());
    ASSERT_TRUE(harness.OpenTab(1, harness.HelloOf("a", {"q1"})).ok());
    harness.Connect(At(5));
    ASSERT_TRUE(harness
                    .SendPoke(FirstPoke(), {MakeSegment("p1", At(5), true,
                                                        {PutRow("a", R"(["a","first",true])")})})
                    .ok());
    ASSERT_TRUE(harness.Flush().ok());
    protocol::Hello hello = harness.HelloOf("b");
    hello.schema_hash = "schema-2";
    harness.relay().OnTabClosed(1);
    ASSERT_TRUE(harness.OpenTab(2, hello).ok());  // base is of another schema
    disk.FailAt(disk.operations() + operation, DiskFault::kIoError);
    Status flushed = harness.Flush();
    for (int i = 0; i < 3 && !flushed.ok(); ++i) flushed = harness.Flush();
    ASSERT_TRUE(flushed.ok()) << flushed.error().message;
  }
}

TEST(RelayCrashTest, NoLmidIsDurableBeforeTheResultThatCameWithIt) {
  for (std::uint64_t operation = 0; operation < 40; ++operation) {
    SCOPED_TRACE(operation);
    FaultyDisk disk(operation + 1);
    RelayHarness harness(disk);
    ASSERT_TRUE(harness.Open().ok());
    ASSERT_TRUE(harness.OpenTab(1, harness.HelloOf("a", {"q1"})).ok());
    harness.Connect(At(5));
    ASSERT_TRUE(harness
                    .SendPoke(FirstPoke(), {MakeSegment("p1", At(5), true,
                                                        {PutRow("a", R"(["a","first",true])")})})
                    .ok());
    ASSERT_TRUE(harness.FromTab(1, protocol::Push{{MakeMutation("a", 1)}}).ok());
    ASSERT_TRUE(harness.Flush().ok());
    ASSERT_TRUE(harness.FromTab(1, protocol::ChangeQueries{{}, {QueryKey("q1")}}).ok());
    protocol::Poke poke;
    poke.from = At(5);
    poke.to = At(6);
    poke.lmids = {{ClientID("a"), 1}};
    poke.results = {{ClientID("a"), 1, "", Error{ErrorCode::kApp, "no"}}};
    ASSERT_TRUE(harness.SendPoke(poke).ok());
    // The log does not fit, an unwatched query is dropped for it, and the power fails somewhere.
    disk.FailAt(disk.operations(), DiskFault::kNoSpace);
    disk.FailAt(disk.operations() + 1 + operation, DiskFault::kCrash);
    (void)harness.Flush();
    if (!disk.crashed()) disk.Crash();
    harness.Close();
    disk.Restart();
    ASSERT_TRUE(harness.Open().ok());
    harness.ForgetMessages();
    ASSERT_TRUE(harness.OpenTab(1, harness.HelloOf("a")).ok());
    if (harness.TakeFor<protocol::Welcome>(1)[0].clients[0].lmid == 0) continue;
    EXPECT_EQ(harness.TakeFor<protocol::Rejections>(1)[0].entries.size(), 1u);
    EXPECT_EQ(harness.TakeFor<protocol::Poke>(1)[0].results.size(), 1u);
  }
}

TEST(RelayCrashTest, AResultTravelsWithItsLmidAlsoWhenBaseLostThat) {
  int reached = 0;
  for (std::uint64_t operation = 0; operation < 40; ++operation) {
    SCOPED_TRACE(operation);
    FaultyDisk disk(operation + 1);
    RelayHarness harness(disk);
    ASSERT_TRUE(harness.Open().ok());
    ASSERT_TRUE(harness.OpenTab(1, harness.HelloOf("a")).ok());
    harness.Connect(At(5));
    ASSERT_TRUE(harness.FromTab(1, protocol::Push{{MakeMutation("a", 1)}}).ok());
    ASSERT_TRUE(harness.Flush().ok());
    protocol::Poke poke;
    poke.from = harness.TakeForServer<protocol::Hello>()[0].base;
    poke.to = At(6);
    poke.lmids = {{ClientID("a"), 1}};
    poke.results = {{ClientID("a"), 1, "", Error{ErrorCode::kApp, "no"}}};
    ASSERT_TRUE(harness.SendPoke(poke).ok());
    disk.FailAt(disk.operations() + operation, DiskFault::kCrash);
    (void)harness.Flush();
    if (!disk.crashed()) break;
    const bool is_stored = !harness.TakeForServer<protocol::AckResults>().empty();
    harness.Close();
    disk.Restart();
    ASSERT_TRUE(harness.Open().ok());
    harness.ForgetMessages();
    ASSERT_TRUE(harness.OpenTab(1, harness.HelloOf("a")).ok());
    if (!is_stored || harness.TakeFor<protocol::Welcome>(1)[0].clients[0].lmid == 1) continue;
    // The log has the result, which the server was told, and base has lost the LMID.
    ++reached;
    for (const auto& first : harness.TakeFor<protocol::Poke>(1)) {
      EXPECT_TRUE(first.results.empty()) << "they are ahead of their LMID";
    }
    ASSERT_TRUE(harness.FromTab(1, protocol::AckResults{{{ClientID("a"), 1}}}).ok());
    harness.Connect(At(5), {{ClientID("a"), 1}});
    poke.from = harness.TakeForServer<protocol::Hello>()[0].base;
    harness.ForgetMessages();
    poke.results.clear();  // the server was told that it is stored
    ASSERT_TRUE(harness.SendPoke(poke).ok());
    const auto pokes = harness.TakeFor<protocol::Poke>(1);
    ASSERT_EQ(pokes.size(), 1u);
    ASSERT_EQ(pokes[0].results.size(), 1u);
    EXPECT_TRUE(pokes[0].results[0].error.has_value());
  }
  EXPECT_GT(reached, 0);
}

}  // namespace
}  // namespace tidemark::relay
