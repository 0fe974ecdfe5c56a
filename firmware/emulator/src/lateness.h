#ifndef EMULATOR_LATENESS_H
#define EMULATOR_LATENESS_H

#include <stdint.h>

/* Distribution of delays: bins of 1 us up to 20 ms, one more for the rest. */
enum { LATENESS_BINS = 20001 };

typedef struct {
  uint32_t bins[LATENESS_BINS];
  uint64_t count;
  int64_t longest_ns;
} lateness_t;

void lateness_add(lateness_t *lateness, int64_t delay_ns);
/* Smallest delay in us that `share` of all do not exceed. */
double lateness_quantile_us(const lateness_t *lateness, double share);

#endif
