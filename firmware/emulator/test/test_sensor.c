/* Sensors: the filter against a numeric solution, area kept, noise rms and correlation, gain, zero and ratio. */
#include "check.h"
#include "joulespan_protocol.h"
#include "sensor.h"

enum { ORIGIN_NS = 0 };

static board_t silent_board(void);
static power_record_t phase(double start_s, double duration_s, double start_w, double end_w);
static void check_filter(double lag_s, double bandwidth_hz);
static void check_noise(void);
static void check_transfer(void);

int main(void) {
  check_filter(20e-6, 2000);
  check_filter(100e-6, 2000);
  check_filter(1 / (2 * M_PI * 2000), 2000); /* lag and bandwidth alike: the closed form is 0/0 there */
  check_filter(50e-6, 50000);
  check_noise();
  check_transfer();
  return check_report();
}

/* Fourth-order Runge-Kutta of the two poles in a row, in steps of 0.1 us. */
static void check_filter(double lag_s, double bandwidth_hz) {
  board_t board = silent_board();
  board.channels[0].bandwidth_hz = bandwidth_hz;
  board.channels[0].ratiometric = false;
  specimen_t specimen = specimen_draw(&board);
  specimen.device_lag_s[0] = lag_s;
  specimen.rail_v[0] = 1; /* the sensor shows watts */
  specimen.channel_zero_v[0] = 0;
  specimen.channel_gain[0] = 1;
  board.channels[0].scale_v_per_unit = 1;
  power_t *power = power_new(&board, &specimen, ORIGIN_NS);
  sensor_bank_t *bank = sensor_bank_new(&board, &specimen, power);
  double bounds_s[] = {200e-6, 350e-6, 900e-6}, levels_w[][2] = {{0.2, 1.0}, {1.5, 1.2}};
  for (int i = 0; i < 2; i++) {
    power_record_t record = phase(bounds_s[i], bounds_s[i + 1] - bounds_s[i], levels_w[i][0], levels_w[i][1]);
    power_add(power, &record, 1);
  }
  double pole = 2 * M_PI * bandwidth_hz, device_w = 0, sensor_w = board.rails[0].base_w, worst = 0, area_j = 0;
  const double h = 0.1e-6;
  for (int step = 0; step < 30000; step++) {
    double t_s = step * h;
    int piece = t_s < bounds_s[0] - h / 2 ? -1 : t_s < bounds_s[1] - h / 2 ? 0 : t_s < bounds_s[2] - h / 2 ? 1 : -1;
    double k_device[4], k_sensor[4], weights[] = {0, 0.5, 0.5, 1};
    for (int k = 0; k < 4; k++) {
      double at_s = t_s + weights[k] * h, input_w = 0;
      if (piece >= 0) {
        double part = (at_s - bounds_s[piece]) / (bounds_s[piece + 1] - bounds_s[piece]);
        input_w = (float)levels_w[piece][0] + part * ((double)(float)levels_w[piece][1] - (float)levels_w[piece][0]);
      }
      double y = device_w + (k ? weights[k] * h * k_device[k - 1] : 0),
             x = sensor_w + (k ? weights[k] * h * k_sensor[k - 1] : 0);
      k_device[k] = (input_w - y) / lag_s;
      k_sensor[k] = pole * (board.rails[0].base_w + y - x);
    }
    device_w += h / 6 * (k_device[0] + 2 * k_device[1] + 2 * k_device[2] + k_device[3]);
    sensor_w += h / 6 * (k_sensor[0] + 2 * k_sensor[1] + 2 * k_sensor[2] + k_sensor[3]);
    if (step % 130 == 129) { /* samples every 13 us */
      power_advance(power, t_s + h);
      worst = fmax(worst, fabs(sensor_bank_pin_v(bank, 0, t_s + h) - sensor_w));
    }
    area_j += h * (sensor_w - board.rails[0].base_w);
  }
  CHECK(worst < 1e-6);
  CHECK_NEAR(area_j / power_rail_energy(power, 0).dynamic_j, 1, 1e-4); /* a linear lag keeps the area */
  sensor_bank_free(bank);
  power_free(power);
}

/* rms as stated; spectrum of one pole: the correlation falls by exp(-2 pi bandwidth t), whatever the spacing. */
static void check_noise(void) {
  board_t board = silent_board();
  board.channels[0].noise_v = 0.0035;
  specimen_t specimen = specimen_draw(&board);
  const double spacings_s[] = {13e-6, 26e-6, 52e-6};
  for (int s = 0; s < 3; s++) {
    power_t *power = power_new(&board, &specimen, ORIGIN_NS);
    sensor_bank_t *bank = sensor_bank_new(&board, &specimen, power);
    double level_v = specimen.channel_zero_v[0] + specimen.channel_gain[0] * board.channels[0].scale_v_per_unit *
                                                      power_rail_w(power, 0) / specimen.rail_v[0];
    level_v *= specimen.vcc_v / board.vcc_v;
    enum { N = 400000, LAGS = 4 };
    double history[LAGS + 1] = {0}, products[LAGS + 1] = {0};
    for (int i = 0; i < N; i++) {
      for (int k = LAGS; k > 0; k--) history[k] = history[k - 1];
      history[0] = sensor_bank_pin_v(bank, 0, (i + 1) * spacings_s[s]) - level_v;
      for (int k = 0; k <= LAGS; k++) products[k] += history[0] * history[k];
    }
    double correlation_s = 1 / (2 * M_PI * board.channels[0].bandwidth_hz);
    double independent = N * spacings_s[s] / (2 * correlation_s);
    CHECK_NEAR(sqrt(products[0] / N) / 0.0035, 1, 5 / sqrt(2 * independent));
    for (int k = 1; k <= LAGS; k++)
      CHECK_NEAR(products[k] / products[0], exp(-k * spacings_s[s] / correlation_s), 5 / sqrt(independent));
    sensor_bank_free(bank);
    power_free(power);
  }
}

static void check_transfer(void) {
  board_t board = silent_board();
  specimen_t specimen = specimen_draw(&board);
  power_t *power = power_new(&board, &specimen, ORIGIN_NS);
  sensor_bank_t *bank = sensor_bank_new(&board, &specimen, power);
  double current_a = 2.0 / specimen.rail_v[0];
  double current_v = (specimen.channel_zero_v[0] + specimen.channel_gain[0] * 0.185 * current_a) * specimen.vcc_v / 5;
  double voltage_v = specimen.channel_zero_v[1] + specimen.channel_gain[1] * 0.25 * specimen.rail_v[0];
  CHECK_NEAR(sensor_bank_pin_v(bank, 0, 0), current_v, 1e-12);
  CHECK_NEAR(sensor_bank_pin_v(bank, 1, 0), voltage_v, 1e-12);
  CHECK(sensor_bank_pin_v(bank, 5, 0) == 0);
  CHECK(specimen.channel_zero_v[0] != 2.5 && specimen.channel_gain[0] != 1);
  sensor_bank_free(bank);
  power_free(power);
}

static board_t silent_board(void) {
  board_t board = board_default();
  board.thermal.w_per_k = 0;
  board.rails[0].wander_w = 0;
  for (int i = 0; i < board.channel_count; i++) board.channels[i].noise_v = 0;
  return board;
}

static power_record_t phase(double start_s, double duration_s, double start_w, double end_w) {
  return (power_record_t){.t_ns = llround(start_s * 1e9),
                          .duration_ns = (uint32_t)llround(duration_s * 1e9),
                          .watts_start = (float)start_w,
                          .watts_end = (float)end_w,
                          .type = JS_POWER_PHASE};
}
