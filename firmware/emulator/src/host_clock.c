#include "host_clock.h"

#include <sys/prctl.h>
#include <time.h>

enum { NS_PER_S = 1000000000 };

int64_t host_clock_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * (int64_t)NS_PER_S + now.tv_nsec;
}

bool host_clock_sleep_until(int64_t at_ns) {
  struct timespec at = {.tv_sec = at_ns / NS_PER_S, .tv_nsec = at_ns % NS_PER_S};
  return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == 0;
}

void host_clock_tighten_wakeups(void) {
  prctl(PR_SET_TIMERSLACK, 1UL);
}
