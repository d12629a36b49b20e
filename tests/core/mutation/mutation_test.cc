#include "core/mutation/mutation.h"

#include <gtest/gtest.h>

namespace tidemark::mutation {
namespace {

const Mutation kMutation{
    ClientID("c"), 1, "m", "", 0x0190a0b1c2d3, "00112233445566778899aabbccddeeff"};

TEST(MutationTest, UuidsAreOfVersion7) {
  const std::string uuid = MutationUuid(kMutation, 0);
  ASSERT_EQ(uuid.size(), 36u);
  EXPECT_EQ(uuid.substr(0, 15), "0190a0b1-c2d3-7");
  EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos) << uuid;
}

TEST(MutationTest, UuidsAreTheSameInEveryRun) {
  EXPECT_EQ(MutationUuid(kMutation, 3), MutationUuid(kMutation, 3));
  EXPECT_NE(MutationUuid(kMutation, 3), MutationUuid(kMutation, 4));
  Mutation other = kMutation;
  other.seed.back() = '0';
  EXPECT_NE(MutationUuid(kMutation, 3), MutationUuid(other, 3));
}

}  // namespace
}  // namespace tidemark::mutation
