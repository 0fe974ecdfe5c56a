// The marker line of the virtual testbed: a toggle goes out with the card's powers, which only the emulator reads.
#ifndef JOULESPAN_MARKER_VIRTUAL_LINE_H_
#define JOULESPAN_MARKER_VIRTUAL_LINE_H_

#include "emission/emission_lane.h"
#include "marker/marker_line.h"

namespace joulespan {

class VirtualLine : public MarkerLine {
 public:
  explicit VirtualLine(EmissionLane* lane) : lane_(lane) {}

  void Set(bool level) override { lane_->PushPower(MarkerRecord(level, NowNs())); }

 private:
  EmissionLane* lane_;
};

}  // namespace joulespan

#endif  // JOULESPAN_MARKER_VIRTUAL_LINE_H_
