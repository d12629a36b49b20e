// A connection in the simulated network: two queues of frames, each in order. It can be cut at any
// moment: what is in flight is lost, and each side learns of it on its own, sooner or later.
#ifndef TIDEMARK_TESTS_SIM_CHANNEL_H_
#define TIDEMARK_TESTS_SIM_CHANNEL_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace tidemark::sim {

class Channel {
 public:
  /// What a side does with a frame, and with the news that the connection is over.
  struct Side {
    std::function<void(std::string_view)> receive;
    std::function<void()> closed;
  };

  Channel(Side lower, Side upper) : lower_(std::move(lower)), upper_(std::move(upper)) {}

  bool is_open() const { return open_; }
  /// Both sides know that it is over.
  bool is_gone() const { return !open_ && lower_told_ && upper_told_; }
  bool can_deliver_up() const { return open_ && !paused_ && !up_.empty(); }
  bool can_deliver_down() const { return open_ && !down_.empty(); }

  void SendUp(std::string frame) {
    if (open_) up_.push_back(std::move(frame));
  }
  void SendDown(std::string frame) {
    if (open_ && !closing_) down_.push_back(std::move(frame));
  }
  void DeliverUp() { Deliver(up_, upper_); }
  void DeliverDown() {
    Deliver(down_, lower_);
    if (closing_ && down_.empty()) Cut();
  }
  /// What is on its way down.
  std::deque<std::string>& frames_down() { return down_; }
  /// The upper side takes nothing for now.
  void SetPaused(bool paused) { paused_ = paused; }

  void Cut() {
    open_ = false;
    up_.clear();
    down_.clear();
  }
  /// The upper side closes behind what it has sent.
  void CloseFromAbove() {
    closing_ = true;
    up_.clear();
    paused_ = true;
    if (down_.empty()) Cut();
  }
  void CloseFromBelow() {
    Cut();
    lower_told_ = true;
  }
  /// The upper side is not there any more.
  void ForgetUpper() {
    Cut();
    upper_told_ = true;
  }

  void TellLower() {
    if (!open_ && !std::exchange(lower_told_, true)) lower_.closed();
  }
  void TellUpper() {
    if (!open_ && !std::exchange(upper_told_, true)) upper_.closed();
  }

  std::uint64_t stalled_until = 0;  // step
  bool altered = false;             // something that came down was

 private:
  static void Deliver(std::deque<std::string>& queue, const Side& side) {
    const std::string frame = std::move(queue.front());
    queue.pop_front();
    side.receive(frame);
  }

  const Side lower_;
  const Side upper_;
  std::deque<std::string> up_;
  std::deque<std::string> down_;
  bool open_ = true;
  bool closing_ = false;
  bool paused_ = false;
  bool lower_told_ = false;
  bool upper_told_ = false;
};

using ChannelPtr = std::shared_ptr<Channel>;

}  // namespace tidemark::sim

#endif  // TIDEMARK_TESTS_SIM_CHANNEL_H_
