// When the marker line is toggled next, and to what level: every `every_ns`, early or late by up to a tenth, so that its
// edges meet the sampling of a board at every phase.
#ifndef JOULESPAN_MARKER_TOGGLE_SOURCE_H_
#define JOULESPAN_MARKER_TOGGLE_SOURCE_H_

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "clock/monotonic_clock.h"
#include "plan/plan.h"
#include "random/keyed_random.h"

namespace joulespan {

class ToggleSource {
 public:
  explicit ToggleSource(const Plan& plan) : marker_(plan.marker), seed_(plan.seed) {}

  void Start(int64_t now_ns) {
    start_ns_ = now_ns;
    Draw();
  }

  // kNever without a marker.
  int64_t next_ns() const { return next_ns_; }

  // Consumes the toggle that is due and answers its level. One that comes late does not make the next one early.
  bool Take(int64_t now_ns) {
    const double place = static_cast<double>(now_ns - start_ns_) / static_cast<double>(marker_.every_ns);
    taken_ = std::max(taken_ + 1, static_cast<uint64_t>(place + 0.5));
    level_ = !level_;
    Draw();
    return level_;
  }

  // Simulated: how long the write takes, and which part of it has passed when the edge is there.
  int64_t DrawBracketNs() const {
    return std::llround(kBracketLeastNs + kBracketMeanMoreNs * Random(1).Exponential());
  }
  double DrawEdgeShare() const { return Random(2).Uniform(); }

 private:
  static constexpr double kJitter = 0.1;
  // A write to a line of the SoC's own GPIO block.
  static constexpr double kBracketLeastNs = 1'500;
  static constexpr double kBracketMeanMoreNs = 1'000;

  KeyedRandom Random(uint64_t use) const { return {seed_, RandomUse::kMarker, {use, taken_}}; }

  void Draw() {
    if (marker_.wire == MarkerWire::kNone) return;
    const double place = static_cast<double>(taken_ + 1) + kJitter * (2 * Random(0).Uniform() - 1);
    next_ns_ = start_ns_ + std::llround(place * static_cast<double>(marker_.every_ns));
  }

  const MarkerPlan marker_;
  const uint64_t seed_;
  int64_t start_ns_ = 0;
  int64_t next_ns_ = kNever;
  uint64_t taken_ = 0;
  bool level_ = false;
};

}  // namespace joulespan

#endif  // JOULESPAN_MARKER_TOGGLE_SOURCE_H_
