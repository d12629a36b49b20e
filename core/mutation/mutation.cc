#include "core/mutation/mutation.h"

#include <cstddef>

#include "core/base/hash.h"

namespace tidemark::mutation {

std::string MutationUuid(const Mutation& mutation, std::uint32_t n) {
  const Hash128 random = HashBytes(mutation.seed, n);
  const auto time = static_cast<std::uint64_t>(mutation.timestamp_ms);
  // RFC 9562, 5.7: 48 bits of time, the version, 12 random bits; the variant, 62 random bits.
  const std::uint64_t high =
      (time & 0xffff'ffff'ffffu) << 16 | std::uint64_t{7} << 12 | (random.high & 0xfffu);
  const std::uint64_t low = std::uint64_t{2} << 62 | random.low >> 2;
  const std::string hex = ToHex(Hash128{high, low});
  std::string uuid;
  uuid.reserve(36);
  for (std::size_t i = 0; i < hex.size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) uuid += '-';
    uuid += hex[i];
  }
  return uuid;
}

}  // namespace tidemark::mutation
