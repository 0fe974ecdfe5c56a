#include "clock_probe/clock_reading.h"

#include "clock/monotonic_clock.h"

namespace joulespan {
namespace {

constexpr int kTries = 5;
constexpr int64_t kSuspendNs = kNsPerMs;

}  // namespace

ClockReading ReadClocks() {
  ClockReading best;
  for (int i = 0; i < kTries; ++i) {
    ClockReading reading;
    reading.mono_before_ns = NowNs();
    reading.raw_ns = ReadClockNs(CLOCK_MONOTONIC_RAW);
    reading.boottime_ns = ReadClockNs(CLOCK_BOOTTIME);
    reading.realtime_ns = ReadClockNs(CLOCK_REALTIME);
    reading.mono_after_ns = NowNs();
    const int64_t width_ns = reading.mono_after_ns - reading.mono_before_ns;
    if (i == 0 || width_ns < best.mono_after_ns - best.mono_before_ns) best = reading;
  }
  return best;
}

// The offset is known to the width of the bracket only: a jump counts when no reading within the bracket explains it.
void SuspendCounter::Count(ClockReading* reading) {
  const int64_t least_ns = reading->boottime_ns - reading->mono_after_ns;
  const int64_t most_ns = reading->boottime_ns - reading->mono_before_ns;
  if (has_offset_ && (least_ns > offset_ns_ + kSuspendNs || most_ns < offset_ns_ - kSuspendNs)) {
    ++count_;
    has_offset_ = false;
  }
  if (!has_offset_) {
    offset_ns_ = least_ns + (most_ns - least_ns) / 2;
    has_offset_ = true;
  }
  reading->suspend_count = count_;
}

}  // namespace joulespan
