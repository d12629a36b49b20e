// The seed of a random test: `SEED=` in the environment, else a fixed one. A test says which seed
// it ran with: SCOPED_TRACE(SeedTrace(seed)).
#ifndef TIDEMARK_TESTS_SUPPORT_SEED_H_
#define TIDEMARK_TESTS_SUPPORT_SEED_H_

#include <cstdint>
#include <cstdlib>
#include <string>

namespace tidemark::testing {

inline std::uint64_t TestSeed(std::uint64_t fixed) {
  const char* seed = std::getenv("SEED");
  return seed == nullptr ? fixed : std::strtoull(seed, nullptr, 10);
}

inline std::string SeedTrace(std::uint64_t seed) { return "SEED=" + std::to_string(seed); }

}  // namespace tidemark::testing

#endif  // TIDEMARK_TESTS_SUPPORT_SEED_H_
