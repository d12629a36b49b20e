#include "core/protocol/member_hash.h"

#include <string>

namespace tidemark::protocol {
namespace {

constexpr std::uint32_t kBucketsMin = 16;
constexpr std::size_t kRowsPerBucketMax = 8;
constexpr std::size_t kMembersOverheadBytes = 128;

}  // namespace

std::uint32_t HashKey(std::string_view table, const RowKey& key) {
  return static_cast<std::uint32_t>(HashBytes(key.value, HashBytes(table).low).low >> 32);
}

std::uint32_t BucketsFor(std::size_t rows) {
  std::uint32_t buckets = kBucketsMin;
  while (buckets < kBucketsMax && buckets * kRowsPerBucketMax < rows) buckets *= 2;
  return buckets;
}

Status CheckBuckets(std::uint32_t buckets) {
  if (buckets > 0 && buckets <= kBucketsMax) return Ok{};
  return Error{ErrorCode::kInvalidArgs, "a comparison by " + std::to_string(buckets) + " buckets"};
}

bool FitInMessage(std::size_t hashes, std::size_t message_bytes_max) {
  // Four bytes each, in base64url.
  return hashes * 16 / 3 + kMembersOverheadBytes <= message_bytes_max;
}

std::vector<bool> WantedBuckets(const std::vector<std::uint32_t>& wanted, std::uint32_t buckets) {
  std::vector<bool> is_wanted(buckets, false);
  for (const std::uint32_t bucket : wanted) {
    if (bucket < buckets) is_wanted[bucket] = true;
  }
  return is_wanted;
}

}  // namespace tidemark::protocol
