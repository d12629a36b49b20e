// Bytes that nobody would send. Decoding must neither crash nor read outside (the sanitizers
// watch), and what it accepts must be a message that can be sent on.

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "core/base/random.h"
#include "core/protocol/codec.h"
#include "tests/core/protocol/sample_messages.h"

namespace tidemark::protocol {
namespace {

std::uint64_t Seed() {
  const char* seed = std::getenv("SEED");
  return seed == nullptr ? 1 : std::strtoull(seed, nullptr, 10);
}

std::string Mutated(std::string bytes, Random& random) {
  static constexpr std::string_view kTokens = "{}[]\",:\\0123456789.eE-+tfnu \x01\x80\xff";
  for (std::uint64_t edits = 1 + random.Below(4); edits > 0 && !bytes.empty(); --edits) {
    const std::size_t at = random.Below(bytes.size());
    const char token = kTokens[random.Below(kTokens.size())];
    switch (random.Below(5)) {
      case 0:
        bytes[at] = token;
        break;
      case 1:
        bytes.insert(at, 1, token);
        break;
      case 2:
        bytes.erase(at, 1 + random.Below(8));
        break;
      case 3:
        bytes.insert(at, bytes.substr(random.Below(bytes.size()), random.Below(20)));
        break;
      default:
        bytes.resize(at);
    }
  }
  return bytes;
}

TEST(CodecFuzzTest, SurvivesMutatedMessages) {
  const std::uint64_t seed = Seed();
  SCOPED_TRACE("SEED=" + std::to_string(seed));
  Random random(seed);
  const std::vector<Message> messages = SampleMessages();
  int accepted = 0;
  for (int i = 0; i < 40000; ++i) {
    const std::string bytes = Mutated(Encode(messages[random.Below(messages.size())]), random);
    const Result<Message> message = Decode(bytes);
    if (!message.ok()) {
      ASSERT_FALSE(message.error().message.empty());
      continue;
    }
    ++accepted;
    const Result<Message> again = Decode(Encode(*message));
    ASSERT_TRUE(again.ok()) << bytes << "\n" << again.error().message;
    ASSERT_TRUE(*again == *message) << bytes;
  }
  EXPECT_GT(accepted, 100) << "the mutations are too wild to test anything";
}

TEST(CodecFuzzTest, SurvivesDeepNesting) {
  for (const std::size_t depth : {10u, 150u, 161u, 100000u}) {
    const std::string nested = std::string(depth, '[') + std::string(depth, ']');
    const std::string bytes = R"({"t":"link","connection":"x","auth":)" + nested + "}";
    EXPECT_EQ(Decode(bytes).ok(), depth < 160) << depth;
    EXPECT_FALSE(Decode(bytes.substr(0, bytes.size() / 2)).ok());
  }
}

}  // namespace
}  // namespace tidemark::protocol
