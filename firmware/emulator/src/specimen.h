#ifndef EMULATOR_SPECIMEN_H
#define EMULATOR_SPECIMEN_H

#include <cjson/cJSON.h>

#include "board.h"
#include "oscillator.h"

/* One board as it came out of the factory: what a lab cannot know and the host may not read. */
typedef struct {
  double clock_ppm;
  double vcc_v;
  double bandgap_v;
  double rail_v[BOARD_RAILS_MAX];
  double channel_gain[BOARD_CHANNELS_MAX];
  double channel_zero_v[BOARD_CHANNELS_MAX]; /* zero_v plus its drawn error, at nominal Vcc */
  double device_lag_s[BOARD_DEVICES_MAX];
} specimen_t;

specimen_t specimen_draw(const board_t *board);
oscillator_t specimen_oscillator(const specimen_t *specimen, const board_t *board);
/* Every drawn value and the nominal ones beside it, for truth/board.json. Owned by the caller. */
cJSON *specimen_describe(const specimen_t *specimen, const board_t *board);

#endif
