// Powers of spans whose end nobody knows beforehand: what a span draws is told while it runs, a millisecond at a time,
// and the watermark of the powers never gets ahead of what was told.
#ifndef JOULESPAN_SESSION_POWER_FEED_H_
#define JOULESPAN_SESSION_POWER_FEED_H_

#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "emission/emission_lane.h"
#include "schedule/span_work.h"

namespace joulespan {

class PowerFeed {
 public:
  PowerFeed(int64_t born_ns, size_t devices);
  ~PowerFeed();

  // Carries powers only.
  EmissionLane* lane() { return &lane_; }

  // Device threads. Begin while the span's start is held back in the device's own lane.
  void Begin(const SpanWork& work, double watts, int64_t start_ns);
  // `stamp_end` stamps and emits the span's end; nothing is told meanwhile, so that nothing is told beyond it.
  template <typename StampEnd>
  int64_t End(uint16_t device, StampEnd stamp_end) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const int64_t end_ns = stamp_end();
    TellRest(&running_[device], end_ns);
    return end_ns;
  }

 private:
  struct Running {
    SpanWork work;
    double watts = 0;
    int64_t told_until_ns = kNever;  // kNever: no span
  };

  void Run();
  void Tell(Running* running, int64_t until_ns);
  void TellRest(Running* running, int64_t end_ns);
  void HoldAtOldest();

  EmissionLane lane_;
  std::mutex mutex_;  // guards what follows and the lane's producing side
  std::vector<Running> running_;
  std::atomic<bool> is_ending_{false};
  std::thread thread_;
};

}  // namespace joulespan

#endif  // JOULESPAN_SESSION_POWER_FEED_H_
