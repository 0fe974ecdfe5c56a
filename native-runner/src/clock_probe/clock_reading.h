// One bracketed reading of the host's clocks, as the journal keeps it (protocol/journal.md, kind clock).
#ifndef JOULESPAN_CLOCK_PROBE_CLOCK_READING_H_
#define JOULESPAN_CLOCK_PROBE_CLOCK_READING_H_

#include <cstdint>

namespace joulespan {

struct ClockReading {
  int64_t mono_before_ns = 0;
  int64_t raw_ns = 0;
  int64_t boottime_ns = 0;
  int64_t realtime_ns = 0;
  int64_t mono_after_ns = 0;
  int64_t suspend_count = 0;
};

static_assert(sizeof(ClockReading) == 48);

// The other clocks were read between the two monotonic readings. Of five tries the tightest: whoever was preempted
// between two readings says little. `suspend_count` is left 0.
ClockReading ReadClocks();

// Counts suspends: CLOCK_BOOTTIME goes on through them, CLOCK_MONOTONIC does not, and nothing else parts the two.
class SuspendCounter {
 public:
  // Sets `reading->suspend_count` to the suspends since the first reading.
  void Count(ClockReading* reading);

 private:
  bool has_offset_ = false;
  int64_t offset_ns_ = 0;  // boottime - monotonic
  int64_t count_ = 0;
};

}  // namespace joulespan

#endif  // JOULESPAN_CLOCK_PROBE_CLOCK_READING_H_
