/*
 * What cannot be kept from happening: a conversion whose interrupt is lost, a UART that stands still, more bytes from
 * the host than the fast mode can take. The frames must say so, and be right again behind it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "sampling_truth.h"

/* A receive interrupt with a stamp, an overflow of the clock, and the way to the reading of ADCL. */
#define READ_DELAY_CYCLES_MAX 125

static struct sim_board board;
static struct sim_host host;
static uint32_t next_index;
static bool marker_level = true;

static struct truth_stretch start(uint8_t mode, uint8_t channels) {
  const uint8_t setting[] = {mode, channels};
  CHECK_EQ(reply_status(sim_host_ask(&host, JS_COMMAND_CONFIGURE, setting, 2)), JS_STATUS_OK);
  struct truth_stretch stretch = {
      .first_index = next_index, .mode = mode, .channels = channels, .marker_before = marker_level};
  CHECK_EQ(reply_status(sim_host_ask(&host, JS_COMMAND_START, NULL, 0)), JS_STATUS_OK);
  stretch.first_frame = host.count - 1;
  while (host.frames[stretch.first_frame].frame.kind != JS_FRAME_KIND_REPLY) stretch.first_frame--;
  return stretch;
}

static struct truth_verdict stop(const struct truth_stretch *stretch) {
  CHECK_EQ(reply_status(sim_host_ask(&host, JS_COMMAND_STOP, NULL, 0)), JS_STATUS_OK);
  marker_level = truth_marker_level(board.adc.count - 2);
  const struct truth_verdict verdict = truth_check(&host, stretch);
  next_index = verdict.next_index;
  return verdict;
}

/* Wherever in a frame it happens, the next frame tells, and its index and tick are right. */
static void a_lost_interrupt_is_a_slip(void) {
  static const size_t places[] = {0, 1, 3, 4, 63, 126, 127, 128, 129, 255};
  for (uint8_t mode = 0; mode < JS_MODE_COUNT; mode++)
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
      const int failures_before = check_failures();
      const struct truth_stretch stretch = start(mode, 0x03);
      const size_t lost = board.adc.count + 500 + places[i];
      board.adc.lost_interrupt = lost;
      sim_board_run(&board, 1500u * 13u * 16u << mode);
      board.adc.lost_interrupt = SIM_ADC_NO_CONVERSION;
      const struct truth_verdict verdict = stop(&stretch);
      CHECK_EQ(verdict.slips, 1);
      CHECK_EQ(verdict.dropped_samples, 1);
      CHECK_EQ(verdict.overruns, 0);
      if (check_failures() > failures_before) fprintf(stderr, "in mode %d, %zu\n", mode, places[i]);
    }
}

/* No real UART stands still; should something like it ever happen, samples are dropped by whole frames and told. */
static void a_line_that_stands_still_is_an_overrun(void) {
  for (uint8_t mode = 0; mode < JS_MODE_COUNT; mode++) {
    const int failures_before = check_failures();
    const struct truth_stretch stretch = start(mode, 0x07);
    const uint64_t frame_cycles = 132u * 13u * 16u << mode;
    sim_board_run(&board, 4 * frame_cycles + 5000);
    board.uart.stalled = true;
    sim_board_run(&board, 7 * frame_cycles);
    board.uart.stalled = false;
    sim_board_run(&board, 6 * frame_cycles);
    const struct truth_verdict verdict = stop(&stretch);
    CHECK_EQ(verdict.slips, 0);
    CHECK_EQ(verdict.overruns, 1);
    /* three frames were kept */
    CHECK_BETWEEN(verdict.dropped_samples, 4 * 132, 6 * 132);
    if (check_failures() > failures_before) fprintf(stderr, "in mode %d\n", mode);
  }
}

/* The contract asks one short command of the fast mode; the longest there is costs no sample either. */
static void a_long_command_in_the_fast_mode_is_refused_and_costs_nothing(void) {
  const struct truth_stretch stretch = start(JS_MODE_FAST, 0x05);
  const uint8_t payload[JS_CALIBRATION_BYTES] = {0};
  for (int i = 0; i < 20; i++) {
    sim_board_run(&board, 50000 + (uint64_t)i * 33);
    const struct decoded_frame *reply =
        sim_host_ask(&host, JS_COMMAND_WRITE_CALIBRATION, payload, sizeof payload);
    CHECK_EQ(reply_status(reply), JS_STATUS_BUSY);
  }
  const struct truth_verdict verdict = stop(&stretch);
  CHECK_EQ(verdict.slips, 0);
  CHECK_EQ(verdict.overruns, 0);
}

/* Bytes without a pause: what they cost must be told, and indices and ticks stay true. */
static void a_flood_of_bytes_is_survived(void) {
  const struct truth_stretch stretch = start(JS_MODE_FAST, 0x01);
  const uint8_t payload[JS_CALIBRATION_BYTES] = {0};
  for (int i = 0; i < 100; i++) sim_host_send(&host, 0, JS_COMMAND_WRITE_CALIBRATION, payload, sizeof payload);
  sim_board_run(&board, 100 * 191 * 80 + 500000);
  const struct truth_verdict verdict = stop(&stretch);
  CHECK(verdict.frames > 10);
  CHECK(verdict.overruns > 0); /* else this test would show nothing */
}

/*
 * Two pings back to back, whose ids look like syncs, at every phase to the conversions and at many to the frames: the
 * receive interrupt at its slowest must not keep a conversion waiting for long.
 */
static void bursts_at_every_phase_delay_no_conversion(void) {
  const struct truth_stretch stretch = start(JS_MODE_FAST, 0x05);
  sim_board_clear_stats(&board);
  for (uint64_t phase = 0; phase < 208; phase++)
    for (int times = 0; times < 2; times++) {
      sim_host_ping(&host, board.adc.start_cycle + 208 + phase, JS_COMMAND_SYNC);
      sim_host_ping(&host, 0, JS_COMMAND_SYNC);
      sim_board_run(&board, 60000);
    }
  const uint64_t read_delay = board.adc.read_delay_max;
  const struct truth_verdict verdict = stop(&stretch);
  CHECK_EQ(verdict.slips, 0);
  CHECK_EQ(verdict.overruns, 0);
  CHECK_BETWEEN(read_delay, 14, READ_DELAY_CYCLES_MAX);
}

static void all_is_well_afterwards(void) {
  const struct truth_stretch stretch = start(JS_MODE_FAST, 0x3F);
  sim_board_run(&board, SIM_CPU_HZ / 20);
  const struct truth_verdict verdict = stop(&stretch);
  CHECK(verdict.frames > 20);
  CHECK_EQ(verdict.slips, 0);
  CHECK_EQ(verdict.overruns, 0);
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s <uno.elf>\n", argv[0]);
    return 2;
  }
  if (!sim_board_open(&board, argv[1])) return 1;
  sim_host_attach(&host, &board);
  truth_drive_marker(&board);
  sim_board_boot(&board);
  a_lost_interrupt_is_a_slip();
  a_line_that_stands_still_is_an_overrun();
  a_long_command_in_the_fast_mode_is_refused_and_costs_nothing();
  bursts_at_every_phase_delay_no_conversion();
  a_flood_of_bytes_is_survived();
  all_is_well_afterwards();
  CHECK_EQ(host.bad_bytes, 0);
  CHECK_EQ(board.uart.dropped, 0);
  sim_host_detach(&host);
  sim_board_close(&board);
  return check_report("sim faults");
}
