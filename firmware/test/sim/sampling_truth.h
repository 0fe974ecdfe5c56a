/*
 * Judges a stretch of sample frames against what the simulated converter, UART and marker pin really did: every count,
 * its input, its tick, the frame's index, flags, marker fields and stamp.
 */
#ifndef JOULESPAN_SAMPLING_TRUTH_H
#define JOULESPAN_SAMPLING_TRUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim_host.h"

/* The marker pin is driven so that conversion `ordinal` sees this level: seldom an edge, and now and then many. */
bool truth_marker_level(size_t ordinal);

/* From now on the marker follows truth_marker_level(). */
void truth_drive_marker(struct sim_board *board);

struct truth_stretch {
  size_t first_frame; /* position in host->frames of the reply to start */
  uint32_t first_index;
  uint8_t mode;
  uint8_t channels;
  bool marker_before; /* level when sampling was started */
};

struct truth_verdict {
  size_t frames;
  size_t samples;
  uint32_t next_index;
  size_t slips;
  size_t overruns;
  size_t dropped_samples;
};

/* Checks the sample frames that follow `stretch->first_frame`; sampling has been stopped. */
struct truth_verdict truth_check(const struct sim_host *host, const struct truth_stretch *stretch);

/* Checks that no byte was lost in the UART and ADMUX was never written too early. */
void truth_check_chip_rules(const struct sim_board *board);

#endif
