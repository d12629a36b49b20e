// 128-bit hashes (XXH3, https://xxhash.com) that are equal in wasm and natively. Not cryptographic:
// fingerprints detect divergence, not attacks.
#ifndef TIDEMARK_CORE_BASE_HASH_H_
#define TIDEMARK_CORE_BASE_HASH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark {

struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend bool operator==(const Hash128&, const Hash128&) = default;
};

Hash128 HashBytes(std::string_view bytes, std::uint64_t seed = 0);

/// Addition modulo 2^128: the order-independent sum that fingerprints are made of.
Hash128 operator+(Hash128 a, Hash128 b);
Hash128 operator-(Hash128 a, Hash128 b);

/// 32 lower-case hexadecimal digits, most significant first.
std::string ToHex(Hash128 hash);
std::optional<Hash128> HashFromHex(std::string_view hex);

}  // namespace tidemark

#endif  // TIDEMARK_CORE_BASE_HASH_H_
