#include "specimen.h"

#include <math.h>
#include <string.h>

#include "draw.h"

static double draw_around(uint64_t seed, const char *label, unsigned index, double mean, double deviation);
static cJSON *describe_rails(const specimen_t *specimen, const board_t *board);
static cJSON *describe_channels(const specimen_t *specimen, const board_t *board);

specimen_t specimen_draw(const board_t *board) {
  specimen_t specimen = {0};
  uint64_t seed = board->seed;
  specimen.clock_ppm =
      isnan(board->clock.ppm) ? draw_around(seed, "clock.ppm", 0, 0, board->clock.ppm_sd) : board->clock.ppm;
  specimen.vcc_v = draw_around(seed, "supply.vcc", 0, board->vcc_v, board->vcc_v * board->vcc_u_rel);
  specimen.bandgap_v =
      draw_around(seed, "supply.bandgap", 0, board->bandgap_v, board->bandgap_v * board->bandgap_u_rel);
  for (int i = 0; i < board->rail_count; i++)
    specimen.rail_v[i] =
        draw_around(seed, "rail.volts", i, board->rails[i].volts, board->rails[i].volts * board->rails[i].volts_u_rel);
  for (int i = 0; i < board->channel_count; i++) {
    const board_channel_t *channel = &board->channels[i];
    unsigned input = (unsigned)channel->input;
    specimen.channel_gain[i] = draw_around(seed, "channel.gain", input, 1, channel->gain_u_rel);
    specimen.channel_zero_v[i] = draw_around(seed, "channel.zero", input, channel->zero_v, channel->zero_u_v);
  }
  for (unsigned i = 0; i < BOARD_DEVICES_MAX; i++) {
    draw_t stream = draw_stream_at(seed, "device.lag", i);
    specimen.device_lag_s[i] = 1e-6 * draw_uniform(&stream, board->device_lag_us[0], board->device_lag_us[1]);
  }
  return specimen;
}

oscillator_t specimen_oscillator(const specimen_t *specimen, const board_t *board) {
  oscillator_t oscillator = {.f_hz = board->f_cpu_hz,
                        .offset = specimen->clock_ppm * 1e-6,
                        .warmup = board->clock.warmup_ppm * 1e-6,
                        .warmup_tau_s = board->clock.warmup_tau_s,
                        .sine = board->clock.sine_ppm * 1e-6,
                        .sine_period_s = board->clock.sine_period_s,
                        .slew_count = board->clock.slew_count};
  memcpy(oscillator.slews, board->clock.slews, sizeof oscillator.slews);
  return oscillator;
}

cJSON *specimen_describe(const specimen_t *specimen, const board_t *board) {
  cJSON *root = cJSON_CreateObject();
  cJSON_AddNumberToObject(root, "seed", (double)board->seed);
  cJSON_AddNumberToObject(root, "f_cpu_hz", board->f_cpu_hz);
  cJSON *clock = cJSON_AddObjectToObject(root, "clock");
  cJSON_AddNumberToObject(clock, "ppm", specimen->clock_ppm);
  cJSON_AddNumberToObject(clock, "warmup_ppm", board->clock.warmup_ppm);
  cJSON_AddNumberToObject(clock, "warmup_tau_s", board->clock.warmup_tau_s);
  cJSON_AddNumberToObject(clock, "sine_ppm", board->clock.sine_ppm);
  cJSON_AddNumberToObject(clock, "sine_period_s", board->clock.sine_period_s);
  cJSON_AddNumberToObject(clock, "declared_drift_ppm_per_s", board->clock.declared_drift_ppm_per_s);
  cJSON_AddItemToObject(root, "adc_noise_lsb", cJSON_CreateDoubleArray(board->adc_noise_lsb, 3));
  cJSON_AddNumberToObject(root, "vcc_v", specimen->vcc_v);
  cJSON_AddNumberToObject(root, "bandgap_v", specimen->bandgap_v);
  cJSON_AddItemToObject(root, "rails", describe_rails(specimen, board));
  cJSON_AddItemToObject(root, "channels", describe_channels(specimen, board));
  cJSON_AddItemToObject(root, "device_lag_s", cJSON_CreateDoubleArray(specimen->device_lag_s, BOARD_DEVICES_MAX));
  cJSON *thermal = cJSON_AddObjectToObject(root, "thermal");
  cJSON_AddNumberToObject(thermal, "w_per_k", board->thermal.w_per_k);
  cJSON_AddNumberToObject(thermal, "k_per_w", board->thermal.k_per_w);
  cJSON_AddNumberToObject(thermal, "tau_s", board->thermal.tau_s);
  return root;
}

/* Cut at three deviations, as a factory's own selection does: a resonator of 1500 ppm never leaves its +-0.5 %. */
static double draw_around(uint64_t seed, const char *label, unsigned index, double mean, double deviation) {
  draw_t stream = draw_stream_at(seed, label, index);
  double normal;
  do normal = draw_normal(&stream);
  while (fabs(normal) > 3);
  return mean + deviation * normal;
}

static cJSON *describe_rails(const specimen_t *specimen, const board_t *board) {
  cJSON *list = cJSON_CreateArray();
  for (int i = 0; i < board->rail_count; i++) {
    const board_rail_t *rail = &board->rails[i];
    cJSON *item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "name", rail->name);
    cJSON_AddNumberToObject(item, "volts", specimen->rail_v[i]);
    cJSON_AddNumberToObject(item, "volts_nominal", rail->volts);
    cJSON_AddNumberToObject(item, "base_w", rail->base_w);
    cJSON_AddNumberToObject(item, "device_share", rail->device_share);
    cJSON_AddNumberToObject(item, "wander_w", rail->wander_w);
    cJSON_AddNumberToObject(item, "wander_tau_s", rail->wander_tau_s);
    cJSON_AddItemToArray(list, item);
  }
  return list;
}

static cJSON *describe_channels(const specimen_t *specimen, const board_t *board) {
  cJSON *list = cJSON_CreateArray();
  for (int i = 0; i < board->channel_count; i++) {
    const board_channel_t *channel = &board->channels[i];
    cJSON *item = cJSON_CreateObject();
    cJSON_AddNumberToObject(item, "input", channel->input);
    cJSON_AddStringToObject(item, "kind", channel->kind == CHANNEL_CURRENT ? "current" : "voltage");
    cJSON_AddNumberToObject(item, "rail", channel->rail);
    cJSON_AddNumberToObject(item, "scale_v_per_unit", channel->scale_v_per_unit);
    cJSON_AddNumberToObject(item, "gain", specimen->channel_gain[i]);
    cJSON_AddNumberToObject(item, "zero_v", specimen->channel_zero_v[i]);
    cJSON_AddNumberToObject(item, "noise_v", channel->noise_v);
    cJSON_AddNumberToObject(item, "bandwidth_hz", channel->bandwidth_hz);
    cJSON_AddBoolToObject(item, "ratiometric", channel->ratiometric);
    cJSON_AddItemToArray(list, item);
  }
  return list;
}
