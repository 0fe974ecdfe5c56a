#include "sensor.h"

#include <math.h>
#include <stdlib.h>

#include "draw.h"

typedef struct {
  double angular_hz; /* 2 pi bandwidth */
  double filtered_w; /* rail power seen through the pole; a rail's voltage is constant, so current is this over it */
  double noise_v;    /* state of the noise process */
  double noise_t_s;
  draw_t noise;
} sensor_t;

struct sensor_bank {
  const board_t *board;
  const specimen_t *specimen;
  sensor_t sensors[BOARD_CHANNELS_MAX];
  int channel_of_input[BOARD_CHANNELS_MAX]; /* -1: none */
};

static void follow(void *context, const power_segment_t *segment);
static double exponential_through_pole(double pole, double rate, double pole_decay, double decay, double duration_s);
static double noise_v(sensor_t *sensor, double rms_v, double t_s);

sensor_bank_t *sensor_bank_new(const board_t *board, const specimen_t *specimen, power_t *power) {
  sensor_bank_t *bank = calloc(1, sizeof *bank);
  bank->board = board;
  bank->specimen = specimen;
  for (int i = 0; i < BOARD_CHANNELS_MAX; i++) bank->channel_of_input[i] = -1;
  for (int i = 0; i < board->channel_count; i++) {
    const board_channel_t *channel = &board->channels[i];
    sensor_t *sensor = &bank->sensors[i];
    bank->channel_of_input[channel->input] = i;
    sensor->angular_hz = 2 * M_PI * channel->bandwidth_hz;
    sensor->filtered_w = power_rail_w(power, channel->rail);
    sensor->noise = draw_stream_at(board->noise_seed, "channel.noise", (unsigned)channel->input);
    sensor->noise_v = channel->noise_v * draw_normal(&sensor->noise);
  }
  power_follow(power, follow, bank);
  return bank;
}

void sensor_bank_free(sensor_bank_t *bank) {
  free(bank);
}

double sensor_bank_pin_v(sensor_bank_t *bank, int input, double t_s) {
  int index = bank->channel_of_input[input];
  if (index < 0) return 0;
  const board_channel_t *channel = &bank->board->channels[index];
  const specimen_t *specimen = bank->specimen;
  sensor_t *sensor = &bank->sensors[index];
  double rail_v = specimen->rail_v[channel->rail];
  double quantity = channel->kind == CHANNEL_CURRENT ? sensor->filtered_w / rail_v : rail_v;
  double output_v =
      specimen->channel_zero_v[index] + specimen->channel_gain[index] * channel->scale_v_per_unit * quantity;
  if (channel->ratiometric) output_v *= specimen->vcc_v / bank->board->vcc_v;
  return output_v + noise_v(sensor, channel->noise_v, t_s);
}

/* x' = pole (P - x) over one segment, P the sum that power.h gives, term by term in closed form. */
static void follow(void *context, const power_segment_t *segment) {
  sensor_bank_t *bank = context;
  double duration_s = segment->duration_s;
  for (int i = 0; i < bank->board->channel_count; i++) {
    const board_channel_t *channel = &bank->board->channels[i];
    if (channel->kind != CHANNEL_CURRENT) continue;
    sensor_t *sensor = &bank->sensors[i];
    double pole = sensor->angular_hz, pole_decay = exp(-pole * duration_s), reached = 1 - pole_decay;
    double devices_w = 0;
    for (int k = 0; k < segment->device_count; k++) {
      devices_w += segment->device[k].level_w * reached;
      devices_w += segment->device[k].slope_w_per_s * (duration_s - reached / pole);
      devices_w +=
          segment->device[k].transient_w * exponential_through_pole(pole, 1 / segment->device[k].lag_s, pole_decay,
                                                                    segment->device[k].decay, duration_s);
    }
    double share = bank->board->rails[channel->rail].device_share;
    sensor->filtered_w = sensor->filtered_w * pole_decay + segment->slow_w[channel->rail] * reached + share * devices_w;
  }
}

/* Response at the end of the segment to exp(-rate tau): pole (exp(-rate T) - exp(-pole T)) / (pole - rate). */
static double exponential_through_pole(double pole, double rate, double pole_decay, double decay, double duration_s) {
  double difference = (pole - rate) * duration_s;
  if (fabs(difference) < 1e-5) return pole * duration_s * decay * (1 - difference / 2); /* lag equals bandwidth: 0/0 */
  return pole * duration_s * (decay - pole_decay) / difference;
}

/* Ornstein-Uhlenbeck, exact for any spacing: white noise through the same pole with the stated rms. */
static double noise_v(sensor_t *sensor, double rms_v, double t_s) {
  double elapsed = fmax(0, t_s - sensor->noise_t_s) * sensor->angular_hz;
  sensor->noise_t_s = t_s;
  sensor->noise_v = sensor->noise_v * exp(-elapsed) + rms_v * sqrt(-expm1(-2 * elapsed)) * draw_normal(&sensor->noise);
  return sensor->noise_v;
}
