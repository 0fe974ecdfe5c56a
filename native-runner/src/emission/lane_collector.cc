#include "emission/lane_collector.h"

#include <algorithm>

namespace joulespan {
namespace {

// The clock is read before the lanes' pending stamps are, but no fence of C++ orders a clock read with a load (on x86
// rdtsc is neither): the processor may have looked at a lane some nanoseconds before it read the clock. A microsecond
// is far more than any processor runs ahead.
constexpr int64_t kClockOrderSlackNs = 1'000;

bool IsEarlier(const Event& a, const Event& b) { return a.t_ns < b.t_ns; }

}  // namespace

const CollectedBatch& LaneCollector::Collect() {
  int64_t watermark_ns = NowNs() - kClockOrderSlackNs;
  for (const EmissionLane* lane : lanes_) watermark_ns = std::min(watermark_ns, lane->pending_ns());
  return Take(watermark_ns);
}

const CollectedBatch& LaneCollector::CollectLast() { return Take(NowNs() + 1); }

uint64_t LaneCollector::EventsDropped() const {
  uint64_t dropped = 0;
  for (const EmissionLane* lane : lanes_) dropped += lane->events_dropped();
  return dropped;
}

uint64_t LaneCollector::PowersDropped() const {
  uint64_t dropped = 0;
  for (const EmissionLane* lane : lanes_) dropped += lane->powers_dropped();
  return dropped;
}

// A lane caught between its pending stamp and its push lowers this watermark to its last stamp, which may lie before
// the watermark published last; the stamp it is about to take does not, since that was promised then.
const CollectedBatch& LaneCollector::Take(int64_t watermark_ns) {
  batch_.watermark_ns = std::max(batch_.watermark_ns, watermark_ns);
  batch_.powers.clear();
  for (EmissionLane* lane : lanes_) lane->DrainTo(&waiting_, &batch_.powers);
  std::stable_sort(waiting_.begin(), waiting_.end(), IsEarlier);
  const auto first_late = std::partition_point(waiting_.begin(), waiting_.end(),
                                               [this](const Event& event) { return event.t_ns < batch_.watermark_ns; });
  batch_.events.assign(waiting_.begin(), first_late);
  waiting_.erase(waiting_.begin(), first_late);
  return batch_;
}

}  // namespace joulespan
