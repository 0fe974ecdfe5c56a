#ifndef EMULATOR_TEST_PROBE_BENCH_H
#define EMULATOR_TEST_PROBE_BENCH_H

#include "mcu.h"

/* An instruction, the EEPROM's halt and an interrupt's response from sleep may lie across a stop, no more. */
enum { PROBE_REPORTS_MAX = 4096, PROBE_DONE = 0xFF, PROBE_OVERSHOOT_MAX = 16 };

/* What a probe reported (probe/report.h), with the cycle of its report. */
typedef struct {
  uint8_t tag;
  uint16_t value;
  uint64_t cycle;
} probe_report_t;

typedef struct {
  mcu_t *mcu;
  probe_report_t reports[PROBE_REPORTS_MAX];
  int count;
  uint64_t overshoot; /* the furthest that the mcu ran past where it was told to stop */
  uint64_t random;
} probe_bench_t;

void probe_bench_attach(probe_bench_t *bench, mcu_t *mcu);
/* Runs in pieces of 1 to `longest_piece` cycles until the probe is done; false when it is not by then. */
bool probe_bench_run(probe_bench_t *bench, uint64_t latest_cycle, uint64_t longest_piece);
/* Runs until the cycle, and notes how far past it. */
bool probe_bench_run_until(probe_bench_t *bench, uint64_t cycle);
bool probe_bench_done(const probe_bench_t *bench);
/* The n-th report with this tag; a report of tag 0 when there is none. */
probe_report_t probe_bench_find(const probe_bench_t *bench, uint8_t tag, int n);

#endif
