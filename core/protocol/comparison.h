// The messages by which a server finds out what somebody who holds an older result of a pipeline
// lacks (member_hash.h): Compare, Sums, Want, Members, in this order. What differs then comes in a
// segment. Plain structs, a part of messages.h.
#ifndef TIDEMARK_CORE_PROTOCOL_COMPARISON_H_
#define TIDEMARK_CORE_PROTOCOL_COMPARISON_H_

#include <cstdint>
#include <vector>

#include "core/base/ids.h"

namespace tidemark::protocol {

// ---- up ----

/// Answers Compare: what the members here add up to in each bucket (member_hash.h). Empty, also as
/// an answer to Want: the pipeline is not here (any more), or there is more to say than a message
/// takes, and its result is to come whole.
struct Sums {
  std::uint32_t comparison = 0;
  std::vector<std::uint32_t> sums;
  friend bool operator==(const Sums&, const Sums&) = default;
};

/// Answers Want: the members here that are in those buckets, each as the hash of its key and that
/// of its row.
struct Members {
  std::uint32_t comparison = 0;
  std::vector<std::uint32_t> hashes;
  friend bool operator==(const Members&, const Members&) = default;
};

// ---- down ----

/// Server to whoever holds an older result of the pipeline, first step of a comparison: what do its
/// members add up to in each of that many buckets?
struct Compare {
  std::uint32_t comparison = 0;  // comes back with the answer
  PipelineID pipeline;
  std::uint32_t buckets = 0;
  friend bool operator==(const Compare&, const Compare&) = default;
};

/// Second step: which members are in these of the buckets, whose sums are not the server's? What
/// differs comes in a segment.
struct Want {
  std::uint32_t comparison = 0;
  PipelineID pipeline;
  std::uint32_t buckets = 0;
  std::vector<std::uint32_t> wanted;  // rising
  friend bool operator==(const Want&, const Want&) = default;
};

}  // namespace tidemark::protocol

#endif  // TIDEMARK_CORE_PROTOCOL_COMPARISON_H_
