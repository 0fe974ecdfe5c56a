#include "lateness.h"

void lateness_add(lateness_t *lateness, int64_t delay_ns) {
  int64_t bin = delay_ns / 1000;
  if (bin < 0) bin = 0;
  if (bin >= LATENESS_BINS) bin = LATENESS_BINS - 1;
  lateness->bins[bin]++;
  lateness->count++;
  if (delay_ns > lateness->longest_ns) lateness->longest_ns = delay_ns;
}

double lateness_quantile_us(const lateness_t *lateness, double share) {
  uint64_t wanted = (uint64_t)(share * (double)lateness->count), seen = 0;
  for (int bin = 0; bin < LATENESS_BINS; bin++) {
    seen += lateness->bins[bin];
    if (seen > wanted) return bin;
  }
  return (double)lateness->longest_ns * 1e-3;
}
