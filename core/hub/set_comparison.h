// The server's side of a comparison (protocol/member_hash.h) of a result with what one receiver
// holds of it: which buckets differ, then which rows. Pure: knows neither sessions nor stores.
#ifndef TIDEMARK_CORE_HUB_SET_COMPARISON_H_
#define TIDEMARK_CORE_HUB_SET_COMPARISON_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/protocol/messages.h"

namespace tidemark::hub {

class SetComparison {
 public:
  /// `number` tells its answers from others'.
  SetComparison(std::uint32_t number, std::uint32_t buckets) : number_(number), buckets_(buckets) {}

  std::uint32_t number() const { return number_; }
  std::uint32_t buckets() const { return buckets_; }

  enum class State : std::uint8_t {
    kSums,     // asked for
    kMembers,  // asked for, of the buckets in wanted()
    kReading,  // the result is being read, to be held against them
    kKnown,    // what differs can be told
    kWhole,    // the result is better sent whole
  };
  State state() const { return state_; }
  bool is_over() const { return state_ == State::kKnown || state_ == State::kWhole; }

  /// What the receiver's members add up to, and those of the result at `position`.
  void TakeSums(const std::vector<std::uint32_t>& theirs, const std::vector<std::uint32_t>& ours,
                std::uint64_t position);
  /// Pairs of key hash and row hash, of the wanted buckets.
  void TakeMembers(std::vector<std::uint32_t> theirs);
  void GiveUp() { state_ = State::kWhole; }
  /// What the receiver lacks of the wanted buckets, and when the result was that.
  struct Lack {
    std::vector<std::uint32_t> left;  // key hashes of what it should not have; before the puts
    std::vector<protocol::SegmentChange> puts;
  };
  void TakeLack(Lack lack, std::uint64_t position) {
    theirs_ = {};
    lack_ = std::move(lack);
    lack_position_ = position;
    state_ = State::kKnown;
  }

  /// The buckets whose members were not the same at position(), rising.
  const std::vector<std::uint32_t>& wanted() const { return wanted_; }
  std::uint64_t position() const { return position_; }
  /// When kKnown.
  const Lack& lack() const { return lack_; }
  std::uint64_t lack_position() const { return lack_position_; }

  /// A row of the result in a wanted bucket; `row` is the caller's.
  struct Member {
    std::uint32_t key_hash;
    std::uint32_t row_hash;
    std::size_t row;
  };
  struct Difference {
    std::vector<std::size_t> puts;    // rows that the receiver lacks or has otherwise, rising
    std::vector<std::uint32_t> left;  // key hashes of what it has and should not; before the puts
  };
  /// The order that Compare takes members in.
  static void Sort(std::vector<Member>& members);
  /// When kReading: `all_of_ours` are, sorted, at least all members in the wanted buckets.
  Difference Compare(const std::vector<Member>& all_of_ours) const;

 private:
  std::uint32_t number_;
  std::uint32_t buckets_;
  State state_ = State::kSums;
  std::uint64_t position_ = 0;
  std::vector<std::uint32_t> wanted_;
  std::vector<std::uint32_t> theirs_;
  Lack lack_;
  std::uint64_t lack_position_ = 0;
};

}  // namespace tidemark::hub

#endif  // TIDEMARK_CORE_HUB_SET_COMPARISON_H_
