// Takes what the lanes hold and puts it in order of time, up to a watermark that nothing later will precede.
#ifndef JOULESPAN_EMISSION_LANE_COLLECTOR_H_
#define JOULESPAN_EMISSION_LANE_COLLECTOR_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "emission/emission_lane.h"

namespace joulespan {

struct CollectedBatch {
  std::vector<Event> events;        // in order of time, all before the watermark, none before the previous watermark
  std::vector<PowerRecord> powers;  // none before the previous watermark, some after this one
  int64_t watermark_ns = 0;         // never falls
};

// Owned by one consuming thread; the lanes outlive it.
class LaneCollector {
 public:
  explicit LaneCollector(std::vector<EmissionLane*> lanes) : lanes_(std::move(lanes)) {}

  const CollectedBatch& Collect();

  // Once no lane has a producer any more: everything that is left.
  const CollectedBatch& CollectLast();

  uint64_t EventsDropped() const;
  uint64_t PowersDropped() const;

 private:
  const CollectedBatch& Take(int64_t watermark_ns);

  std::vector<EmissionLane*> lanes_;
  std::vector<Event> waiting_;  // drained, not yet before a watermark
  CollectedBatch batch_;
};

}  // namespace joulespan

#endif  // JOULESPAN_EMISSION_LANE_COLLECTOR_H_
