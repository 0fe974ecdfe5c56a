#ifndef EMULATOR_SAMPLING_LOG_H
#define EMULATOR_SAMPLING_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "adc.h"
#include "truth.h"

/*
 * Counts the samples as the firmware does: conversions of free-running stretches with their interrupt enabled, from 0
 * at each boot. Single conversions are none of them, nor is a last one whose interrupt was never served. Writes every
 * 256th and the first and last of each stretch to truth/clock.csv, each stretch to truth/stretches.csv, every code to
 * --codes.
 */
typedef struct {
  truth_t *truth;
  FILE *codes;   /* may be NULL */
  unsigned boot; /* of the running stretch */
  uint64_t next_index;
  uint64_t total; /* over all boots */
  bool in_stretch;
  struct sampling_log_entry {
    bool valid, written, first;
    uint64_t index;
    double t_s;
    uint16_t code;
    uint8_t input;
  } pending, committed, first; /* pending: may still turn out unserved; first: of the stretch */
} sampling_log_t;

void sampling_log_add(sampling_log_t *log, unsigned boot, const adc_conversion_t *conversion, double t_s);
void sampling_log_end_stretch(sampling_log_t *log, bool unserved);
void sampling_log_boot(sampling_log_t *log);

#endif
