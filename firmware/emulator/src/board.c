#include "board.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_fields.h"
#include "oscillator.h"

static bool read_slews(board_t *board, const cJSON *list, failure_t *failure);
static bool read_rails(board_t *board, const cJSON *list, failure_t *failure);
static bool read_channels(board_t *board, const cJSON *list, failure_t *failure);
static bool board_check(const board_t *board, failure_t *failure);
static board_rail_t default_rail(int index);
static board_channel_t default_channel(channel_kind_t kind, int input);
static char *read_whole_file(const char *path, failure_t *failure);

board_t board_default(void) {
  board_t board = {
      .seed = 7,
      .noise_seed = 7,
      .f_cpu_hz = 16e6,
      .clock = {.ppm_sd = 1500,
                .ppm = NAN,
                .warmup_ppm = 60,
                .warmup_tau_s = 120,
                .sine_ppm = 3,
                .sine_period_s = 60,
                .declared_drift_ppm_per_s = 2},
      .adc_noise_lsb = {0.6, 0.3, 0.15},
      .vcc_v = 5.0,
      .vcc_u_rel = 0.02,
      .bandgap_v = 1.1,
      .bandgap_u_rel = 0.03,
      .rails = {default_rail(0)},
      .rail_count = 1,
      .channels = {default_channel(CHANNEL_CURRENT, 0), default_channel(CHANNEL_VOLTAGE, 1)},
      .channel_count = 2,
      .device_lag_us = {20, 100},
      .thermal = {.w_per_k = 0.004, .k_per_w = 10, .tau_s = 60},
  };
  return board;
}

bool board_read_file(board_t *board, const char *path, failure_t *failure) {
  char *text = read_whole_file(path, failure);
  if (!text) return false;
  failure_t inner;
  bool ok = board_read_text(board, text, &inner);
  free(text);
  return ok || failure_set(failure, "%s: %.400s", path, inner.text);
}

bool board_read_text(board_t *board, const char *text, failure_t *failure) {
  *board = board_default();
  cJSON *root = cJSON_Parse(text);
  if (!cJSON_IsObject(root)) {
    cJSON_Delete(root);
    return failure_set(failure, "expected a JSON object");
  }
  double seed = (double)board->seed, noise_seed = NAN;
  const cJSON *clock = NULL, *adc = NULL, *supply = NULL, *rails = NULL, *channels = NULL, *devices = NULL,
              *thermal = NULL, *slews = NULL;
  const json_field_t top[] = {{"seed", JSON_NUMBER, &seed, 1},
                              {"noise_seed", JSON_NUMBER, &noise_seed, 1},
                              {"f_cpu_hz", JSON_NUMBER, &board->f_cpu_hz, 1},
                              {"clock", JSON_CHILD_OBJECT, &clock, 1},
                              {"adc", JSON_CHILD_OBJECT, &adc, 1},
                              {"supply", JSON_CHILD_OBJECT, &supply, 1},
                              {"rails", JSON_CHILD_ARRAY, &rails, 1},
                              {"channels", JSON_CHILD_ARRAY, &channels, 1},
                              {"devices", JSON_CHILD_OBJECT, &devices, 1},
                              {0}};
  const json_field_t clock_fields[] = {
      {"ppm_sd", JSON_NUMBER, &board->clock.ppm_sd, 1},
      {"ppm", JSON_NUMBER_OR_NULL, &board->clock.ppm, 1},
      {"warmup_ppm", JSON_NUMBER, &board->clock.warmup_ppm, 1},
      {"warmup_tau_s", JSON_NUMBER, &board->clock.warmup_tau_s, 1},
      {"sine_ppm", JSON_NUMBER, &board->clock.sine_ppm, 1},
      {"sine_period_s", JSON_NUMBER, &board->clock.sine_period_s, 1},
      {"declared_drift_ppm_per_s", JSON_NUMBER, &board->clock.declared_drift_ppm_per_s, 1},
      {"host_slew", JSON_CHILD_ARRAY, &slews, 1},
      {0}};
  const json_field_t adc_fields[] = {{"noise_lsb", JSON_NUMBER, board->adc_noise_lsb, 3}, {0}};
  const json_field_t supply_fields[] = {{"vcc_v", JSON_NUMBER, &board->vcc_v, 1},
                                        {"vcc_u_rel", JSON_NUMBER, &board->vcc_u_rel, 1},
                                        {"bandgap_v", JSON_NUMBER, &board->bandgap_v, 1},
                                        {"bandgap_u_rel", JSON_NUMBER, &board->bandgap_u_rel, 1},
                                        {0}};
  const json_field_t device_fields[] = {
      {"lag_us", JSON_NUMBER, board->device_lag_us, 2}, {"thermal", JSON_CHILD_OBJECT, &thermal, 1}, {0}};
  const json_field_t thermal_fields[] = {{"w_per_k", JSON_NUMBER, &board->thermal.w_per_k, 1},
                                         {"k_per_w", JSON_NUMBER, &board->thermal.k_per_w, 1},
                                         {"tau_s", JSON_NUMBER, &board->thermal.tau_s, 1},
                                         {0}};
  bool ok = json_read_fields(root, "", top, failure) && json_read_fields(clock, "clock.", clock_fields, failure) &&
            json_read_fields(adc, "adc.", adc_fields, failure) &&
            json_read_fields(supply, "supply.", supply_fields, failure) &&
            json_read_fields(devices, "devices.", device_fields, failure) &&
            json_read_fields(thermal, "devices.thermal.", thermal_fields, failure) &&
            read_slews(board, slews, failure) && read_rails(board, rails, failure) && read_channels(board, channels, failure);
  cJSON_Delete(root);
  if (!ok) return false;
  if (!(seed >= 0 && seed <= 0x1p53 && seed == floor(seed)))
    return failure_set(failure, "seed: expected an integer from 0 to 2^53, saw %g", seed);
  if (isnan(noise_seed)) noise_seed = seed;
  if (!(noise_seed >= 0 && noise_seed <= 0x1p53 && noise_seed == floor(noise_seed)))
    return failure_set(failure, "noise_seed: expected an integer from 0 to 2^53, saw %g", noise_seed);
  board->seed = (uint64_t)seed;
  board->noise_seed = (uint64_t)noise_seed;
  return board_check(board, failure);
}

static bool read_slews(board_t *board, const cJSON *list, failure_t *failure) {
  double end_s = 0;
  const cJSON *item;
  cJSON_ArrayForEach(item, list) {
    int index = board->clock.slew_count;
    if (index == OSCILLATOR_SLEWS_MAX) return failure_set(failure, "clock.host_slew: at most %d", OSCILLATOR_SLEWS_MAX);
    char where[40];
    snprintf(where, sizeof where, "clock.host_slew[%d].", index);
    double from_s = 0, until_s = 0, ppm = 0;
    const json_field_t fields[] = {{"from_s", JSON_NUMBER, &from_s, 1},
                                   {"until_s", JSON_NUMBER, &until_s, 1},
                                   {"ppm", JSON_NUMBER, &ppm, 1},
                                   {0}};
    if (!json_read_fields(item, where, fields, failure)) return false;
    if (!(from_s >= end_s && until_s > from_s && fabs(ppm) <= 1e5))
      return failure_set(failure, "%s: expected from_s before until_s, behind the one before, and at most 1e5 ppm", where);
    board->clock.slews[board->clock.slew_count++] = (host_slew_t){from_s, until_s, ppm * 1e-6};
    end_s = until_s;
  }
  return true;
}

static bool read_rails(board_t *board, const cJSON *list, failure_t *failure) {
  if (!list) return true;
  board->rail_count = 0;
  const cJSON *item;
  cJSON_ArrayForEach(item, list) {
    if (board->rail_count == BOARD_RAILS_MAX) return failure_set(failure, "rails: at most %d", BOARD_RAILS_MAX);
    char where[32];
    snprintf(where, sizeof where, "rails[%d].", board->rail_count);
    board_rail_t *rail = &board->rails[board->rail_count];
    *rail = default_rail(board->rail_count++);
    const json_field_t fields[] = {
        {"name", JSON_TEXT, rail->name, sizeof rail->name},    {"volts", JSON_NUMBER, &rail->volts, 1},
        {"volts_u_rel", JSON_NUMBER, &rail->volts_u_rel, 1},   {"base_w", JSON_NUMBER, &rail->base_w, 1},
        {"device_share", JSON_NUMBER, &rail->device_share, 1}, {"wander_w", JSON_NUMBER, &rail->wander_w, 1},
        {"wander_tau_s", JSON_NUMBER, &rail->wander_tau_s, 1}, {0}};
    if (!json_read_fields(item, where, fields, failure)) return false;
  }
  return true;
}

static bool read_channels(board_t *board, const cJSON *list, failure_t *failure) {
  if (!list) return true;
  board->channel_count = 0;
  const cJSON *item;
  cJSON_ArrayForEach(item, list) {
    int index = board->channel_count;
    if (index == BOARD_CHANNELS_MAX) return failure_set(failure, "channels: at most %d", BOARD_CHANNELS_MAX);
    char where[32], kind[16] = "current";
    snprintf(where, sizeof where, "channels[%d].", index);
    const char *given = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "kind"));
    bool is_voltage = given && !strcmp(given, "voltage");
    board_channel_t *channel = &board->channels[board->channel_count++];
    *channel = default_channel(is_voltage ? CHANNEL_VOLTAGE : CHANNEL_CURRENT, index);
    double input = channel->input, rail = channel->rail;
    const json_field_t fields[] = {{"input", JSON_NUMBER, &input, 1},
                                   {"kind", JSON_TEXT, kind, sizeof kind},
                                   {"rail", JSON_NUMBER, &rail, 1},
                                   {"scale_v_per_unit", JSON_NUMBER, &channel->scale_v_per_unit, 1},
                                   {"gain_u_rel", JSON_NUMBER, &channel->gain_u_rel, 1},
                                   {"zero_v", JSON_NUMBER, &channel->zero_v, 1},
                                   {"zero_u_v", JSON_NUMBER, &channel->zero_u_v, 1},
                                   {"noise_v", JSON_NUMBER, &channel->noise_v, 1},
                                   {"bandwidth_hz", JSON_NUMBER, &channel->bandwidth_hz, 1},
                                   {"ratiometric", JSON_FLAG, &channel->ratiometric, 1},
                                   {0}};
    if (!json_read_fields(item, where, fields, failure)) return false;
    if (strcmp(kind, "current") && strcmp(kind, "voltage"))
      return failure_set(failure, "%skind: expected \"current\" or \"voltage\", saw \"%s\"", where, kind);
    channel->input = (int)input;
    channel->rail = (int)rail;
    if (input != channel->input || channel->input < 0 || channel->input >= BOARD_CHANNELS_MAX)
      return failure_set(failure, "%sinput: expected 0 to %d, saw %g", where, BOARD_CHANNELS_MAX - 1, input);
    if (rail != channel->rail || channel->rail < 0 || channel->rail >= board->rail_count)
      return failure_set(failure, "%srail: expected 0 to %d, saw %g", where, board->rail_count - 1, rail);
  }
  return true;
}

static bool board_check(const board_t *board, failure_t *failure) {
  if (!(board->f_cpu_hz > 0)) return failure_set(failure, "f_cpu_hz: expected more than 0");
  if (!(board->clock.warmup_tau_s > 0 && board->clock.sine_period_s > 0))
    return failure_set(failure, "clock.warmup_tau_s and clock.sine_period_s: expected more than 0");
  oscillator_t oscillator = {.warmup = board->clock.warmup_ppm * 1e-6,
                             .warmup_tau_s = board->clock.warmup_tau_s,
                             .sine = board->clock.sine_ppm * 1e-6,
                             .sine_period_s = board->clock.sine_period_s};
  double drift = oscillator_worst_drift_ppm_per_s(&oscillator);
  if (drift > board->clock.declared_drift_ppm_per_s)
    return failure_set(failure,
                       "clock: warm-up and sine drift by up to %.3g ppm/s, clock.declared_drift_ppm_per_s allows %.3g; "
                       "the host's bound rests on it: lower one or declare more",
                       drift, board->clock.declared_drift_ppm_per_s);
  if (!(board->vcc_v > 0)) return failure_set(failure, "supply.vcc_v: expected more than 0");
  if (!(board->thermal.tau_s > 0)) return failure_set(failure, "devices.thermal.tau_s: expected more than 0");
  if (!(board->device_lag_us[0] > 0 && board->device_lag_us[1] >= board->device_lag_us[0]))
    return failure_set(failure, "devices.lag_us: expected two ascending values above 0");
  if (board->rail_count == 0) return failure_set(failure, "rails: expected at least one");
  for (int i = 0; i < board->rail_count; i++)
    if (!(board->rails[i].volts > 0 && board->rails[i].wander_tau_s > 0))
      return failure_set(failure, "rails[%d]: expected volts and wander_tau_s above 0", i);
  for (int i = 0; i < board->channel_count; i++) {
    if (!(board->channels[i].bandwidth_hz > 0))
      return failure_set(failure, "channels[%d].bandwidth_hz: expected more than 0", i);
    for (int j = 0; j < i; j++)
      if (board->channels[j].input == board->channels[i].input)
        return failure_set(failure, "channels[%d].input: %d is already taken by channels[%d]", i,
                           board->channels[i].input, j);
  }
  return true;
}

/* A 12 V supply through the connector of a CRL-G18U-like card. */
static board_rail_t default_rail(int index) {
  board_rail_t rail = {
      .volts = 12.0, .volts_u_rel = 0.002, .base_w = 2.0, .device_share = 1.0, .wander_w = 0.005, .wander_tau_s = 3};
  if (index == 0)
    snprintf(rail.name, sizeof rail.name, "rail_12v");
  else
    snprintf(rail.name, sizeof rail.name, "rail_%d", index);
  return rail;
}

/* Current: ACS712-05B with the 47 nF filter capacitor. Voltage: a 1:4 divider, so that 12 V gives 3 V. */
static board_channel_t default_channel(channel_kind_t kind, int input) {
  if (kind == CHANNEL_CURRENT)
    return (board_channel_t){.input = input,
                             .kind = kind,
                             .scale_v_per_unit = 0.185,
                             .gain_u_rel = 0.003,
                             .zero_v = 2.5,
                             .zero_u_v = 0.008,
                             .noise_v = 0.0035,
                             .bandwidth_hz = 2000,
                             .ratiometric = true};
  return (board_channel_t){.input = input,
                           .kind = kind,
                           .scale_v_per_unit = 0.25,
                           .gain_u_rel = 0.002,
                           .zero_v = 0,
                           .zero_u_v = 0.001,
                           .noise_v = 0.0005,
                           .bandwidth_hz = 2000,
                           .ratiometric = false};
}

static char *read_whole_file(const char *path, failure_t *failure) {
  enum { LIMIT_BYTES = 1 << 20 };
  FILE *file = fopen(path, "rb");
  if (!file) {
    failure_set(failure, "%s: cannot be read, check the path", path);
    return NULL;
  }
  char *text = calloc(1, LIMIT_BYTES + 1);
  size_t size = fread(text, 1, LIMIT_BYTES, file);
  fclose(file);
  if (size == LIMIT_BYTES) {
    free(text);
    failure_set(failure, "%s: expected less than %d bytes", path, LIMIT_BYTES);
    return NULL;
  }
  return text;
}
