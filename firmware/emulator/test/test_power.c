/* The card: energies to 1e-6 and better, the lag's shape, late and early records, spans. */
#include "check.h"
#include "joulespan_protocol.h"
#include "power.h"
#include "power_log_writer.h"

enum { ORIGIN_NS = 1000000000 };

static power_record_t phase(uint16_t device, double start_s, double duration_s, double start_w, double end_w,
                            uint32_t span);
static power_record_t idle_level(uint16_t device, double t_s, double watts);
static board_t quiet_board(void);
static void check_step_response(void);
static void check_energy_by_sampling(void);
static void check_activity(void);
static void check_late_and_early(void);
static void check_thermal_and_wander(void);

int main(void) {
  check_step_response();
  check_energy_by_sampling();
  check_activity();
  check_late_and_early();
  check_thermal_and_wander();
  return check_report();
}

/* A rectangle through one pole. */
static void check_step_response(void) {
  board_t board = quiet_board();
  specimen_t specimen = specimen_draw(&board);
  specimen.device_lag_s[0] = 50e-6;
  power_t *power = power_new(&board, &specimen, ORIGIN_NS);
  power_record_t record = phase(0, 1e-3, 400e-6, 2, 2, 1);
  CHECK(power_add(power, &record, 1) == POWER_ON_TIME);
  power_advance(power, 1e-3);
  CHECK_NEAR(power_device_w(power, 0), 0, 1e-15);
  power_advance(power, 1.1e-3);
  CHECK_NEAR(power_device_w(power, 0), 2 * (1 - exp(-2)), 1e-12);
  power_advance(power, 1.4e-3);
  CHECK_NEAR(power_device_w(power, 0), 2 * (1 - exp(-8)), 1e-12);
  power_advance(power, 1.5e-3);
  CHECK_NEAR(power_device_w(power, 0), 2 * (1 - exp(-8)) * exp(-2), 1e-12);
  power_advance(power, 3e-3);
  CHECK_NEAR(power_rail_energy(power, 0).dynamic_j, 2 * 400e-6, 1e-16);
  power_free(power);
}

/* What the rail shows, added up in small steps, is what the phases hold: an integration that shares no formula. */
static void check_energy_by_sampling(void) {
  board_t board = quiet_board();
  board.rails[0].device_share = 0.7;
  specimen_t specimen = specimen_draw(&board);
  power_t *power = power_new(&board, &specimen, ORIGIN_NS);
  power_record_t records[] = {
      idle_level(0, -1, 0.6),
      idle_level(1, -1, 0.5),
      phase(0, 1.0003e-3, 150e-6, 0.1, 0.7, 1),
      phase(0, 1.1503e-3, 2e-3, 1.4, 1.4, 1),
      phase(1, 1.7e-3, 3.1e-3, 2, 0.4, 2),
      phase(0, 2.4e-3, 40e-6, 3, 0, 3),
      phase(1, 2e-3, 1e-6, 5, 5, 4),
  };
  double phases_j = 0;
  for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
    CHECK(power_add(power, &records[i], 1) == POWER_ON_TIME);
    if (records[i].type == JS_POWER_PHASE)
      phases_j += records[i].duration_ns * 1e-9 * ((double)records[i].watts_start + records[i].watts_end) / 2;
  }
  enum { STEPS = 600000 };
  double width_s = 6e-3 / STEPS, sum_j = 0, last_w = 2 + 0.7 * 1.1, apart_j = 0;
  CHECK_NEAR(power_rail_w(power, 0), 2, 0); /* before the first step nothing has been applied yet */
  for (int i = 1; i <= STEPS; i++) {
    power_advance(power, i * width_s);
    double rail_w = power_rail_w(power, 0);
    sum_j += width_s * (rail_w + last_w) / 2;
    last_w = rail_w;
    apart_j = fmax(apart_j, fabs(sum_j - power_rail_energy(power, 0).total_j));
  }
  CHECK(apart_j < 5e-9); /* also in the middle of every edge: of 8 mJ */
  double base_j = 6e-3 * (2 + 0.7 * ((double)0.6f + (double)0.5f));
  CHECK_NEAR((sum_j - base_j) / (0.7 * phases_j), 1, 1e-6);
  CHECK_NEAR(power_rail_energy(power, 0).dynamic_j / (0.7 * phases_j), 1, 1e-10);
  CHECK_NEAR(power_rail_energy(power, 0).total_j / sum_j, 1, 1e-6);
  const span_ledger_t *spans = power_close(power);
  CHECK(spans->count == 4);
  double spans_j = 0;
  for (size_t i = 0; i < spans->count; i++) spans_j += spans->spans[i].energy_j;
  CHECK_NEAR(spans_j / phases_j, 1, 1e-12);
  power_free(power);
}

/* Ten seconds of four devices, sampled at an odd rate: rail, spans and phases agree. */
static void check_activity(void) {
  board_t board = quiet_board();
  specimen_t specimen = specimen_draw(&board);
  power_t *power = power_new(&board, &specimen, ORIGIN_NS);
  card_activity_t activity = card_activity_start(4, 0.5, ORIGIN_NS);
  power_record_t records[POWER_BATCH_MAX];
  double phases_j = 0;
  uint32_t spans_sent = 0;
  for (int ms = 0; ms < 10000; ms++) {
    uint32_t count = card_activity_until(&activity, ORIGIN_NS + (ms + 1) * INT64_C(1000000), records, POWER_BATCH_MAX);
    for (uint32_t i = 0; i < count; i++) {
      power_add(power, &records[i], 1);
      phases_j += records[i].duration_ns * 1e-9 * ((double)records[i].watts_start + records[i].watts_end) / 2;
    }
    for (int i = 1; i <= 37; i++) power_advance(power, 1e-3 * (ms + i / 37.0));
  }
  spans_sent = activity.next_span - 1;
  power_advance(power, 10.02); /* what was under way has ended */
  CHECK_NEAR(power_rail_energy(power, 0).dynamic_j / phases_j, 1, 1e-10);
  const span_ledger_t *spans = power_close(power);
  CHECK(spans->count == spans_sent && spans_sent > 4000);
  double spans_j = 0;
  for (size_t i = 0; i < spans->count; i++) spans_j += spans->spans[i].energy_j;
  CHECK_NEAR(spans_j / phases_j, 1, 1e-10);
  power_free(power);
}

static void check_late_and_early(void) {
  board_t board = quiet_board();
  specimen_t specimen = specimen_draw(&board);
  power_t *power = power_new(&board, &specimen, ORIGIN_NS);
  power_record_t before = phase(0, -2e-3, 1e-3, 1, 1, 1), across = phase(0, -1e-3, 3e-3, 0, 3, 2);
  CHECK(power_add(power, &before, 1) == POWER_BEFORE_START);
  CHECK(power_add(power, &across, 1) == POWER_ON_TIME);
  power_advance(power, 10e-3);
  CHECK_NEAR(power_rail_energy(power, 0).dynamic_j, 2e-3 * (1.0 + 3.0) / 2, 1e-10); /* the part after power-on */
  power_record_t late = phase(0, 4e-3, 2e-3, 1, 1, 3);
  CHECK(power_add(power, &late, 1) == POWER_LATE);
  power_advance(power, 11e-3);
  CHECK(power_device_w(power, 0) > 0.9);
  power_advance(power, 20e-3);
  CHECK_NEAR(power_rail_energy(power, 0).dynamic_j, 4e-3 + 2e-3, 1e-10); /* shifted to the front, whole */
  power_record_t unfinished = phase(0, 21e-3, 10e-3, 1, 1, 4);
  power_add(power, &unfinished, 1);
  power_advance(power, 25e-3);
  const span_ledger_t *spans = power_close(power);
  CHECK(spans->count == 3);
  CHECK_NEAR(spans->spans[2].energy_j, 4e-3, 1e-12); /* up to the end */
  power_free(power);
}

static void check_thermal_and_wander(void) {
  board_t board = quiet_board();
  board.thermal.w_per_k = 0.004;
  specimen_t specimen = specimen_draw(&board);
  power_t *power = power_new(&board, &specimen, ORIGIN_NS);
  power_record_t level = idle_level(0, -1, 1.5);
  power_add(power, &level, 1);
  power_advance(power, 60); /* one time constant */
  double rise_w = 0.004 * 10 * 1.5 * (1 - exp(-1));
  CHECK_NEAR(power_rail_w(power, 0), 2 + 1.5 + rise_w, 1e-5);
  power_free(power);

  board = quiet_board();
  board.rails[0].wander_w = 0.005;
  board.rails[0].wander_tau_s = 0.05;
  power = power_new(&board, &specimen, ORIGIN_NS);
  enum { N = 40000 };
  double square = 0, product = 0, last = 0;
  for (int i = 0; i < N; i++) {
    power_advance(power, (i + 1) * 10e-3);
    double wander = power_rail_w(power, 0) - 2;
    square += wander * wander;
    product += wander * last;
    last = wander;
  }
  CHECK_NEAR(sqrt(square / N), 0.005, 0.0003);
  CHECK_NEAR(product / square, exp(-10e-3 / 0.05), 0.02);
  power_free(power);
}

static power_record_t phase(uint16_t device, double start_s, double duration_s, double start_w, double end_w,
                            uint32_t span) {
  return (power_record_t){.t_ns = ORIGIN_NS + llround(start_s * 1e9),
                          .duration_ns = (uint32_t)llround(duration_s * 1e9),
                          .watts_start = (float)start_w,
                          .watts_end = (float)end_w,
                          .span_id = span,
                          .device = device,
                          .type = JS_POWER_PHASE,
                          .kind = JS_KIND_STAGE};
}

static power_record_t idle_level(uint16_t device, double t_s, double watts) {
  return (power_record_t){.t_ns = ORIGIN_NS + llround(t_s * 1e9),
                          .watts_start = (float)watts,
                          .device = device,
                          .type = JS_POWER_IDLE_LEVEL};
}

static board_t quiet_board(void) {
  board_t board = board_default();
  board.thermal.w_per_k = 0;
  board.rails[0].wander_w = 0;
  return board;
}
