// How two sides find out in what their copies of one pipeline's result differ, without sending
// them: each member has a hash of its key, which also says its bucket, and one of its row; the
// hashes of the rows of a bucket add up to its sum. Four bytes of each travel: the fingerprint of
// the result, which follows with the differences, decides whether the copies are equal.
#ifndef TIDEMARK_CORE_PROTOCOL_MEMBER_HASH_H_
#define TIDEMARK_CORE_PROTOCOL_MEMBER_HASH_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/hash.h"
#include "core/base/ids.h"
#include "core/base/result.h"

namespace tidemark::protocol {

inline constexpr std::uint32_t kBucketsMax = 4096;

std::uint32_t HashKey(std::string_view table, const RowKey& key);

/// What sums are made of: a part of the row's hash (model::HashRow).
inline std::uint32_t ShortRowHash(std::uint64_t row_hash_low) {
  return static_cast<std::uint32_t>(row_hash_low);
}

/// For a result of so many rows: some four to eight rows a bucket, while that is possible.
std::uint32_t BucketsFor(std::size_t rows);

/// kInvalidArgs if it is a number of buckets that nobody compares by.
Status CheckBuckets(std::uint32_t buckets);

/// `buckets` is not 0.
inline std::uint32_t BucketOf(std::uint32_t key_hash, std::uint32_t buckets) {
  return static_cast<std::uint32_t>((std::uint64_t{key_hash} * buckets) >> 32);
}

/// Whether Members with so many hashes is a message of at most so many bytes. Where it is not, the
/// result is to come whole.
bool FitInMessage(std::size_t hashes, std::size_t message_bytes_max);

/// Which of `buckets` are named in `wanted`; those that there are not are left out.
std::vector<bool> WantedBuckets(const std::vector<std::uint32_t>& wanted, std::uint32_t buckets);

}  // namespace tidemark::protocol

#endif  // TIDEMARK_CORE_PROTOCOL_MEMBER_HASH_H_
