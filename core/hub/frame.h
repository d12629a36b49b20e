// Frames: immutable bytes, written once and shared by every session they go to; and what of them
// brings a session to a result. The one place where core shares ownership: a frame lives until the
// last socket has written it.
#ifndef TIDEMARK_CORE_HUB_FRAME_H_
#define TIDEMARK_CORE_HUB_FRAME_H_

#include <cstdint>
#include <memory>
#include <string>

namespace tidemark::hub {

using Frame = std::shared_ptr<const std::string>;

/// A result as a reset segment at a position of the replica.
struct WholeResult {
  Frame frame;  // null: none
  std::uint64_t position = 0;
};

/// What brings a receiver to the present, if it is known: nothing, or changes of what it has, or a
/// whole result and what has changed since.
struct Update {
  bool possible = false;
  Frame whole;
  Frame changes;
};

}  // namespace tidemark::hub

#endif  // TIDEMARK_CORE_HUB_FRAME_H_
