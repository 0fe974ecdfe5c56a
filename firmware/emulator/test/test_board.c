/* board.json: defaults, every key, and errors that name what is wrong. */
#include <string.h>

#include "board.h"
#include "check.h"
#include "specimen.h"

static void check_defaults(void);
static void check_keys(void);
static void check_errors(void);
static void check_specimen(void);

int main(void) {
  check_defaults();
  check_keys();
  check_errors();
  check_specimen();
  return check_report();
}

static void check_defaults(void) {
  board_t board;
  failure_t failure;
  CHECK(board_read_text(&board, "{}", &failure));
  CHECK(board.seed == 7 && board.f_cpu_hz == 16e6 && isnan(board.clock.ppm));
  CHECK(board.rail_count == 1 && !strcmp(board.rails[0].name, "rail_12v") && board.rails[0].volts == 12);
  CHECK(board.channel_count == 2 && board.channels[0].kind == CHANNEL_CURRENT && board.channels[0].ratiometric);
  CHECK(board.channels[1].kind == CHANNEL_VOLTAGE && board.channels[1].scale_v_per_unit == 0.25);
  CHECK(board.device_lag_us[0] == 20 && board.device_lag_us[1] == 100);
}

static void check_keys(void) {
  board_t board;
  failure_t failure;
  const char *text =
      "{\"seed\": 11, \"clock\": {\"ppm\": -2021, \"warmup_ppm\": 200, \"warmup_tau_s\": 180},"
      "\"adc\": {\"noise_lsb\": [0, 0.1, 0.2]}, \"supply\": {\"vcc_u_rel\": 0},"
      "\"rails\": [{\"name\": \"a\", \"device_share\": 0.7}, {\"name\": \"b\", \"volts\": 3.3, \"device_share\": 0.3}],"
      "\"channels\": [{\"input\": 3, \"rail\": 1, \"kind\": \"voltage\", \"noise_v\": 0}],"
      "\"devices\": {\"lag_us\": [50, 50], \"thermal\": {\"w_per_k\": 0}}}";
  CHECK(board_read_text(&board, text, &failure));
  CHECK(board.seed == 11 && board.clock.ppm == -2021 && board.clock.warmup_ppm == 200);
  CHECK(board.noise_seed == 11);
  CHECK(board.adc_noise_lsb[0] == 0 && board.adc_noise_lsb[2] == 0.2);
  CHECK(board.rail_count == 2 && board.rails[1].volts == 3.3 && board.rails[1].base_w == 2.0);
  CHECK(board.channel_count == 1 && board.channels[0].input == 3 && board.channels[0].rail == 1);
  CHECK(board.channels[0].zero_v == 0 && !board.channels[0].ratiometric);
  CHECK(board.thermal.w_per_k == 0 && board.thermal.k_per_w == 10);
}

static void check_errors(void) {
  const struct {
    const char *text, *names;
  } cases[] = {
      {"[]", "object"},
      {"{\"sede\": 1}", "sede"},
      {"{\"clock\": {\"pmp\": 1}}", "clock.pmp"},
      {"{\"rails\": [{\"vots\": 1}]}", "rails[0].vots"},
      {"{\"devices\": {\"thermal\": {\"tau\": 1}}}", "devices.thermal.tau"},
      {"{\"seed\": \"x\"}", "seed"},
      {"{\"seed\": 1.5}", "seed"},
      {"{\"noise_seed\": -1}", "noise_seed"},
      {"{\"adc\": {\"noise_lsb\": [1, 2]}}", "adc.noise_lsb"},
      {"{\"channels\": [{\"kind\": \"power\"}]}", "channels[0].kind"},
      {"{\"channels\": [{\"input\": 8}]}", "channels[0].input"},
      {"{\"channels\": [{\"rail\": 1}]}", "channels[0].rail"},
      {"{\"channels\": [{\"input\": 2}, {\"input\": 2}]}", "channels[1].input"},
      {"{\"rails\": []}", "rails"},
      {"{\"devices\": {\"lag_us\": [0, 1]}}", "devices.lag_us"},
      /* 300 ppm in 120 s is 2.5 ppm/s: the host's bound would be wrong without anything telling */
      {"{\"clock\": {\"warmup_ppm\": 300}}", "declared_drift_ppm_per_s"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    board_t board;
    failure_t failure = {""};
    CHECK(!board_read_text(&board, cases[i].text, &failure));
    CHECK(strstr(failure.text, cases[i].names) != NULL);
  }
  board_t board;
  failure_t failure;
  CHECK(board_read_text(&board, "{\"clock\": {\"warmup_ppm\": 300, \"declared_drift_ppm_per_s\": 3}}", &failure));
}

static void check_specimen(void) {
  board_t board = board_default(), wider;
  specimen_t specimen = specimen_draw(&board);
  CHECK(fabs(specimen.clock_ppm) <= 4500 && specimen.clock_ppm != 0);
  CHECK(fabs(specimen.vcc_v / 5 - 1) <= 0.06 && specimen.vcc_v != 5);
  for (int i = 0; i < BOARD_DEVICES_MAX; i++)
    CHECK(specimen.device_lag_s[i] >= 20e-6 && specimen.device_lag_s[i] <= 100e-6);
  /* another rail and another channel shift no draw that was there before */
  failure_t failure;
  CHECK(board_read_text(&wider, "{\"rails\": [{}, {}], \"channels\": [{\"input\": 5}, {\"input\": 0}]}", &failure));
  specimen_t wider_specimen = specimen_draw(&wider);
  CHECK(wider_specimen.clock_ppm == specimen.clock_ppm && wider_specimen.rail_v[0] == specimen.rail_v[0]);
  CHECK(wider_specimen.channel_gain[1] == specimen.channel_gain[0]);
  board.seed = 8;
  specimen_t other = specimen_draw(&board);
  CHECK(other.clock_ppm != specimen.clock_ppm && other.device_lag_s[0] != specimen.device_lag_s[0]);
}
