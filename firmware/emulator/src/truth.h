#ifndef EMULATOR_TRUTH_H
#define EMULATOR_TRUTH_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "failure.h"
#include "power.h"
#include "span_ledger.h"

/* The files of --truth DIR: what the testbed knows and the measurement may not read (README.md lists the columns). */
typedef struct {
  int64_t origin_ns;
  FILE *stages, *clock, *stretches, *rails, *faults;
  char board_path[4096];
} truth_t;

bool truth_open(truth_t *truth, const char *directory, int64_t origin_ns, failure_t *failure);
void truth_clock_row(truth_t *truth, unsigned boot, uint64_t index, double t_s);
void truth_stretch_row(truth_t *truth, unsigned boot, uint64_t first_index, double first_s, uint64_t last_index,
                       double last_s);
void truth_rail_row(truth_t *truth, const char *rail, double t_s, power_energy_t energy);
/* stream_offset: bytes the device had sent before, -1 where it means nothing. */
void truth_fault_row(truth_t *truth, double t_s, const char *kind, int64_t stream_offset, const char *detail);
void truth_stages(truth_t *truth, const span_ledger_t *ledger);
bool truth_board(truth_t *truth, const cJSON *description, failure_t *failure);
/* False when the disk did not take everything. */
bool truth_close(truth_t *truth, failure_t *failure);

#endif
