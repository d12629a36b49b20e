// The order-independent sum of row hashes of one query's result, over the columns of one client
// schema: fingerprint = Σ HashRow(table, projected row). Equal on both sides, or the set is
// repaired. And the same by buckets of the key hash (protocol/member_hash.h), by which it is found
// out in what two sets differ.
#ifndef TIDEMARK_CORE_HUB_FINGERPRINT_H_
#define TIDEMARK_CORE_HUB_FINGERPRINT_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/hash.h"
#include "core/base/ids.h"
#include "core/protocol/member_hash.h"

namespace tidemark::hub {

class Fingerprint {
 public:
  void Add(std::string_view table, const RowKey& key, const Hash128& row_hash) {
    sum_ = sum_ + row_hash;
    SumOf(table, key) += protocol::ShortRowHash(row_hash.low);
  }
  void Remove(std::string_view table, const RowKey& key, const Hash128& row_hash) {
    sum_ = sum_ - row_hash;
    SumOf(table, key) -= protocol::ShortRowHash(row_hash.low);
  }
  Hash128 sum() const { return sum_; }
  const std::vector<std::uint32_t>& bucket_sums() const { return bucket_sums_; }

  /// As few buckets as are good for a set of so many rows.
  void Shrink(std::size_t rows) {
    const std::uint32_t wanted = protocol::BucketsFor(rows);
    while (bucket_sums_.size() > wanted) {
      for (std::size_t i = 0; i < bucket_sums_.size() / 2; ++i) {
        bucket_sums_[i] = bucket_sums_[2 * i] + bucket_sums_[2 * i + 1];
      }
      bucket_sums_.resize(bucket_sums_.size() / 2);
    }
    bucket_sums_.shrink_to_fit();
  }

 private:
  std::uint32_t& SumOf(std::string_view table, const RowKey& key) {
    const auto buckets = static_cast<std::uint32_t>(bucket_sums_.size());
    return bucket_sums_[protocol::BucketOf(protocol::HashKey(table, key), buckets)];
  }

  Hash128 sum_;
  std::vector<std::uint32_t> bucket_sums_ =
      std::vector<std::uint32_t>(protocol::kBucketsMax, 0);  // a power of two of them
};

}  // namespace tidemark::hub

#endif  // TIDEMARK_CORE_HUB_FINGERPRINT_H_
