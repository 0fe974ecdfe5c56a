#ifndef EMULATOR_BOARD_H
#define EMULATOR_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "failure.h"
#include "oscillator.h"

enum {
  BOARD_RAILS_MAX = 4,
  BOARD_CHANNELS_MAX = 8, /* ADC inputs of the ATmega328P */
  BOARD_DEVICES_MAX = 64,
  BOARD_NAME_MAX = 32,
};

typedef enum { CHANNEL_CURRENT, CHANNEL_VOLTAGE } channel_kind_t;

typedef struct {
  char name[BOARD_NAME_MAX];
  double volts, volts_u_rel;
  double base_w;
  double device_share; /* part of every device's power that this rail feeds */
  double wander_w, wander_tau_s;
} board_rail_t;

typedef struct {
  int input;
  channel_kind_t kind;
  int rail;
  double scale_v_per_unit, gain_u_rel;
  double zero_v, zero_u_v;
  double noise_v;
  double bandwidth_hz;
  bool ratiometric;
} board_channel_t;

/* What a lab knows of its board: nominal values and tolerances, as in board.json (README.md lists the keys). */
typedef struct {
  uint64_t seed;       /* of what stays the same from run to run: the specimen */
  uint64_t noise_seed; /* of what does not: noise, wander, the link, its faults; as seed unless it is given */
  double f_cpu_hz;
  struct {
    double ppm_sd;
    double ppm; /* NAN: drawn from ppm_sd */
    double warmup_ppm, warmup_tau_s;
    double sine_ppm, sine_period_s;
    double declared_drift_ppm_per_s;
    host_slew_t slews[OSCILLATOR_SLEWS_MAX];
    int slew_count;
  } clock;
  double adc_noise_lsb[3]; /* rms, by prescaler: up to 16, 32, from 64 */
  double vcc_v, vcc_u_rel;
  double bandgap_v, bandgap_u_rel;
  board_rail_t rails[BOARD_RAILS_MAX];
  int rail_count;
  board_channel_t channels[BOARD_CHANNELS_MAX];
  int channel_count;
  double device_lag_us[2]; /* drawn uniformly between the two, once per device */
  struct {
    double w_per_k, k_per_w, tau_s;
  } thermal;
} board_t;

board_t board_default(void);
bool board_read_file(board_t *board, const char *path, failure_t *failure);
bool board_read_text(board_t *board, const char *text, failure_t *failure);

#endif
