// A small seeded generator (SplitMix64, Steele et al. 2014) with the same sequence on every
// platform: for back-off jitter, simulation and property tests. Never for ids or secrets: those
// come in from outside the core.
#ifndef TIDEMARK_CORE_BASE_RANDOM_H_
#define TIDEMARK_CORE_BASE_RANDOM_H_

#include <cstdint>

#include "core/base/check.h"

namespace tidemark {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t Next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// Uniform in [0, bound); bound > 0. The bias of the modulo does not matter for the uses above.
  std::uint64_t Below(std::uint64_t bound) {
    TIDEMARK_CHECK(bound > 0);
    return Next() % bound;
  }
  /// True in one of `n` calls on average.
  bool OneIn(std::uint64_t n) { return Below(n) == 0; }

 private:
  std::uint64_t state_;
};

}  // namespace tidemark

#endif  // TIDEMARK_CORE_BASE_RANDOM_H_
