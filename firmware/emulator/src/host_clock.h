#ifndef EMULATOR_HOST_CLOCK_H
#define EMULATOR_HOST_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* CLOCK_MONOTONIC, the clock of the whole testbed. */
int64_t host_clock_ns(void);
/* Until then; false when a signal came first. */
bool host_clock_sleep_until(int64_t at_ns);
/* This thread and those it starts wake up as exactly as the kernel can. */
void host_clock_tighten_wakeups(void);

#endif
