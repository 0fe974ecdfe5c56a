// CLOCK_MONOTONIC in nanoseconds: the clock of every stamp, the same that the host reads (protocol/event.md).
#ifndef JOULESPAN_CLOCK_MONOTONIC_CLOCK_H_
#define JOULESPAN_CLOCK_MONOTONIC_CLOCK_H_

#include <sys/prctl.h>
#include <time.h>

#include <cstdint>
#include <limits>

namespace joulespan {

constexpr int64_t kNsPerUs = 1'000;
constexpr int64_t kNsPerMs = 1'000'000;
constexpr int64_t kNsPerS = 1'000'000'000;
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

inline int64_t ReadClockNs(clockid_t clock) {
  timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * kNsPerS + t.tv_nsec;
}

inline int64_t NowNs() { return ReadClockNs(CLOCK_MONOTONIC); }

inline void SleepUntilNs(int64_t wake_ns) {
  const timespec t{static_cast<time_t>(wake_ns / kNsPerS), static_cast<long>(wake_ns % kNsPerS)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, nullptr) != 0) {
  }
}

// Linux lets a timer of the calling thread fire up to 50 us late unless told otherwise (prctl(2), PR_SET_TIMERSLACK).
inline void UseFinestTimerSlack() { prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0); }

}  // namespace joulespan

#endif  // JOULESPAN_CLOCK_MONOTONIC_CLOCK_H_
