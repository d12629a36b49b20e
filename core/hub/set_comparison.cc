#include "core/hub/set_comparison.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "core/protocol/member_hash.h"

namespace tidemark::hub {
namespace {

using Member = SetComparison::Member;
using Members = std::vector<Member>;

Members::const_iterator EndOfKey(Members::const_iterator begin, Members::const_iterator end) {
  return std::find_if(begin, end,
                      [begin](const Member& other) { return other.key_hash != begin->key_hash; });
}

}  // namespace

void SetComparison::TakeSums(const std::vector<std::uint32_t>& theirs,
                             const std::vector<std::uint32_t>& ours, std::uint64_t position) {
  if (theirs.size() != buckets_ || ours.size() != buckets_) return GiveUp();
  for (std::uint32_t bucket = 0; bucket < buckets_; ++bucket) {
    if (theirs[bucket] != ours[bucket]) wanted_.push_back(bucket);
  }
  position_ = position;
  lack_position_ = position;
  state_ = wanted_.empty() ? State::kKnown : State::kMembers;
  // Most of it would travel, after all was said about it.
  if (wanted_.size() > buckets_ / 2) GiveUp();
}

void SetComparison::TakeMembers(std::vector<std::uint32_t> theirs) {
  if (theirs.size() % 2 != 0) return GiveUp();
  theirs_ = std::move(theirs);
  state_ = State::kReading;
}

void SetComparison::Sort(Members& members) {
  std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) {
    return std::tie(a.key_hash, a.row_hash, a.row) < std::tie(b.key_hash, b.row_hash, b.row);
  });
}

SetComparison::Difference SetComparison::Compare(const Members& all_of_ours) const {
  const std::vector<bool> wanted = protocol::WantedBuckets(wanted_, buckets_);
  Members ours;
  std::copy_if(
      all_of_ours.begin(), all_of_ours.end(), std::back_inserter(ours),
      [&](const Member& member) { return wanted[protocol::BucketOf(member.key_hash, buckets_)]; });
  Members theirs;
  theirs.reserve(theirs_.size() / 2);
  for (std::size_t i = 0; i < theirs_.size(); i += 2) {
    theirs.push_back(Member{theirs_[i], theirs_[i + 1], 0});
  }
  Sort(theirs);

  Difference difference;
  auto our = ours.cbegin();
  auto their = theirs.cbegin();
  while (our != ours.cend() || their != theirs.cend()) {
    // One key hash at a time: nearly always one row on each side.
    const bool is_ours =
        our != ours.cend() && (their == theirs.cend() || our->key_hash <= their->key_hash);
    const bool is_theirs =
        their != theirs.cend() && (our == ours.cend() || their->key_hash <= our->key_hash);
    const auto our_end = is_ours ? EndOfKey(our, ours.cend()) : our;
    const auto their_end = is_theirs ? EndOfKey(their, theirs.cend()) : their;
    const bool is_same =
        std::equal(our, our_end, their, their_end,
                   [](const Member& a, const Member& b) { return a.row_hash == b.row_hash; });
    if (!is_same) {
      // Where keys share a hash it is not known which of them is whose: all of them begin anew.
      const bool is_edit = our_end - our == 1 && their_end - their == 1;
      if (is_theirs && !is_edit) difference.left.push_back(their->key_hash);
      for (auto put = our; put != our_end; ++put) difference.puts.push_back(put->row);
    }
    our = our_end;
    their = their_end;
  }
  std::sort(difference.puts.begin(), difference.puts.end());
  return difference;
}

}  // namespace tidemark::hub
