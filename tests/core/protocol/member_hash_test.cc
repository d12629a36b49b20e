#include "core/protocol/member_hash.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "core/protocol/codec.h"
#include "core/protocol/messages.h"

namespace tidemark::protocol {
namespace {

TEST(MemberHashTest, GivesAFewRowsToEachBucket) {
  EXPECT_EQ(BucketsFor(0), 16u);
  EXPECT_EQ(BucketsFor(128), 16u);
  EXPECT_EQ(BucketsFor(129), 32u);
  EXPECT_EQ(BucketsFor(20000), kBucketsMax);
  EXPECT_EQ(BucketsFor(10'000'000), kBucketsMax);
}

TEST(MemberHashTest, TwoBucketsMakeOneOfHalfAsMany) {
  for (std::uint32_t hash = 12345; hash < 4'000'000'000; hash += 77'777'777) {
    for (std::uint32_t buckets = 32; buckets <= kBucketsMax; buckets *= 2) {
      EXPECT_LT(BucketOf(hash, buckets), buckets);
      EXPECT_EQ(BucketOf(hash, buckets) / 2, BucketOf(hash, buckets / 2));
    }
  }
  EXPECT_EQ(BucketOf(std::numeric_limits<std::uint32_t>::max(), 16), 15u);
}

TEST(MemberHashTest, TellsRowsOfTwoTablesWithOneKeyApart) {
  EXPECT_NE(HashKey("todo", RowKey("[1]")), HashKey("list", RowKey("[1]")));
}

TEST(MemberHashTest, KnowsBucketsThatNobodyComparesBy) {
  EXPECT_FALSE(CheckBuckets(0).ok());
  EXPECT_TRUE(CheckBuckets(kBucketsMax).ok());
  EXPECT_FALSE(CheckBuckets(kBucketsMax + 1).ok());
  EXPECT_EQ(WantedBuckets({1, 4, 9}, 4), (std::vector<bool>{false, true, false, false}));
}

TEST(MemberHashTest, WhatFitsInAMessageIsNoLargerThanThat) {
  constexpr std::size_t kBytesMax = 1000;
  std::size_t hashes = 0;
  while (FitInMessage(hashes + 1, kBytesMax)) ++hashes;
  EXPECT_GT(hashes, kBytesMax / 8);
  const Members members{std::numeric_limits<std::uint32_t>::max(),
                        std::vector<std::uint32_t>(hashes, 1)};
  EXPECT_LE(Encode(members).size(), kBytesMax);
}

}  // namespace
}  // namespace tidemark::protocol
