// Runs the simulated system from a range of seeds. SEED=n runs that seed alone, SEEDS=n runs that
// many seeds, FROM=n begins with that one, STEPS=n makes runs longer.

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "tests/sim/world.h"

namespace tidemark::sim {
namespace {

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// What the seeds together have exercised.
struct Tally {
  std::uint64_t calls = 0;
  std::uint64_t commits = 0;
  std::uint64_t failures = 0;
  std::uint64_t comparisons = 0;
  std::uint64_t alterations = 0;
};

Tally RunSeeds(Options options, std::uint64_t first, std::uint64_t count) {
  spdlog::set_level(spdlog::level::off);
  const bool is_replay = std::getenv("SEED") != nullptr;
  first = FromEnvironment(is_replay ? "SEED" : "FROM", first);
  count = is_replay ? 1 : FromEnvironment("SEEDS", count);
  options.steps = static_cast<std::uint32_t>(FromEnvironment("STEPS", options.steps));
  Tally tally;
  for (options.seed = first; options.seed < first + count; ++options.seed) {
    World world(options);
    const std::string broken = world.Run();
    EXPECT_EQ(broken, "") << "replay: npm run sim -- --seed " << options.seed
                          << " --gtest_filter='*."
                          << ::testing::UnitTest::GetInstance()->current_test_info()->name() << "'";
    tally.calls += world.history().calls();
    tally.commits += world.history().commits();
    tally.failures += world.history().failures();
    tally.comparisons += world.history().comparisons();
    tally.alterations += world.history().alterations();
    if (!broken.empty()) break;
  }
  return tally;
}

TEST(SimTest, ConvergesOnAPerfectNetwork) {
  Options options;
  options.faults = Faults{0, 0, 0, 0, 0, 0, 0, 0, 6};
  const Tally tally = RunSeeds(options, 1, 10);
  EXPECT_GT(tally.calls, 0u);
}

TEST(SimTest, ConvergesWhenConnectionsAreCut) {
  Options options;
  options.faults = Faults{16, 8, 0, 0, 0, 4, 0, 0, 6};
  const Tally tally = RunSeeds(options, 1000, 20);
  if (std::getenv("SEED") == nullptr) {
    EXPECT_GT(tally.comparisons, 3u);
  }
}

TEST(SimTest, ConvergesWhenEverythingFails) {
  const Tally tally = RunSeeds(Options{}, 2000, 40);
  if (std::getenv("SEED") != nullptr) return;
  // The seeds reach what they are for.
  EXPECT_GT(tally.calls, 500u);
  EXPECT_GT(tally.commits, 300u);
  EXPECT_GT(tally.failures, 50u);
  EXPECT_GT(tally.comparisons, 10u);
}

TEST(SimTest, RepairsWhatIsAlteredOnTheWay) {
  Options options;
  options.faults = Faults{16, 8, 0, 0, 0, 4, 0, 0, 6, 200};
  options.steps = 800;
  const Tally tally = RunSeeds(options, 3000, 30);
  if (std::getenv("SEED") == nullptr) {
    EXPECT_GT(tally.alterations, 20u);
  }
}

}  // namespace
}  // namespace tidemark::sim
