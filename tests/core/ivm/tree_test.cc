// The walk over trees (tree_walk.h). SEED= runs another, CASES= a longer one; the run counts which
// pairs of features met, and fails if one that should did not.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/core/ivm/tree_walk.h"
#include "tests/core/store/random_data.h"

namespace tidemark::ivm {
namespace {

// Enough that every pair of features meets.
constexpr std::uint64_t kCases = 1500;

TEST(TreeTest, MaintainedEqualsFreshAtEveryDepthAfterEveryBatch) {
  Random random(store::SeedFromEnvironment(11));
  Coverage coverage;
  const std::uint64_t cases = store::CasesFromEnvironment(kCases);
  ASSERT_EQ(WalkTrees(random, cases, nullptr, coverage), "");
  std::printf("%s", coverage.Report().c_str());
  // Another seed may miss one that hardly ever occurs.
  if (cases >= kCases && std::getenv("SEED") == nullptr) {
    EXPECT_EQ(coverage.Missing(), "");
  }
}

}  // namespace
}  // namespace tidemark::ivm
