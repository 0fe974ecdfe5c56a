// The clock that the runner tells its subscribers: CLOCK_MONOTONIC, or, for tests of a host on another machine, one that
// is off by a constant and runs at another rate. Everything inside the runner, its sleeping and the virtual card's powers
// among it, stays on the machine's own.
#ifndef JOULESPAN_CLOCK_TOLD_CLOCK_H_
#define JOULESPAN_CLOCK_TOLD_CLOCK_H_

#include <cmath>
#include <cstdint>

namespace joulespan {

struct ToldClock {
  int64_t offset_ns = 0;
  double rate_ppm = 0;

  int64_t Tell(int64_t own_ns) const {
    if (rate_ppm == 0) return own_ns + offset_ns;
    return own_ns + offset_ns + std::llround(static_cast<double>(own_ns) * rate_ppm * 1e-6);
  }
};

}  // namespace joulespan

#endif  // JOULESPAN_CLOCK_TOLD_CLOCK_H_
