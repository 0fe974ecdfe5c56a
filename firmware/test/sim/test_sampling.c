/*
 * Sampling in every mode with 1, 2, 3 and 6 inputs: every sample right, none lost, pings answered with their true
 * arrival, for as many simulated seconds each as the second argument says.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "sampling_truth.h"

#define SECONDS_DEFAULT 0.25
/* 6 bytes at line rate each, at times one behind the other, and at times more than the three that a frame reports. */
#define PING_PAUSE_PERIODS_MAX 192
#define PING_CYCLES 480
#define PING_LATE_CYCLES_MAX 250
#define TICK_CYCLES 8
/* Later than this the interrupt would go on to select an input after the conversion concerned had begun. */
#define FAST_READ_DELAY_CYCLES_MAX 180
#define STACK_SPARE_BYTES_MIN 64

static struct sim_board board;
static struct sim_host host;
static uint32_t random_state = 1;
static bool marker_level = true; /* pulled up */

struct ping {
  uint8_t id;
  uint64_t arrival_cycle;
  bool answered;
};

static void sample(uint8_t mode, uint8_t channels, double seconds);
static size_t run_with_pings(struct ping **pings, uint64_t cycles, uint32_t period_cycles);
static void check_pings(struct ping *pings, size_t count, size_t first_frame);
static void check_ping(struct ping *pings, size_t count, uint8_t id, uint32_t rx_tick, uint64_t near_cycle);
static uint32_t random_below(uint32_t limit);

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s <uno.elf> [simulated seconds each]\n", argv[0]);
    return 2;
  }
  const double seconds = argc > 2 ? atof(argv[2]) : SECONDS_DEFAULT;
  if (!sim_board_open(&board, argv[1])) return 1;
  sim_host_attach(&host, &board);
  truth_drive_marker(&board);
  sim_board_boot(&board);
  static const uint8_t channel_sets[] = {0x01, 0x20, 0x05, 0x31, 0x3F};
  for (uint8_t mode = 0; mode < JS_MODE_COUNT; mode++)
    for (size_t i = 0; i < sizeof channel_sets; i++) sample(mode, channel_sets[i], seconds);
  CHECK(board.stack_lowest >= board.variables_end + STACK_SPARE_BYTES_MIN);
  sim_host_detach(&host);
  sim_board_close(&board);
  return check_report("sim sampling");
}

static void sample(uint8_t mode, uint8_t channels, double seconds) {
  static uint32_t next_index;
  const int failures_before = check_failures();
  const uint8_t setting[] = {mode, channels};
  CHECK_EQ(reply_status(sim_host_ask(&host, JS_COMMAND_CONFIGURE, setting, 2)), JS_STATUS_OK);
  struct truth_stretch stretch = {
      .first_index = next_index, .mode = mode, .channels = channels, .marker_before = marker_level};
  CHECK_EQ(reply_status(sim_host_ask(&host, JS_COMMAND_START, NULL, 0)), JS_STATUS_OK);
  stretch.first_frame = host.count - 1;
  while (host.frames[stretch.first_frame].frame.kind != JS_FRAME_KIND_REPLY) stretch.first_frame--;
  sim_board_clear_stats(&board);
  struct ping *pings;
  const size_t ping_count = run_with_pings(&pings, (uint64_t)(seconds * SIM_CPU_HZ), 13u * 16 << mode);
  const uint64_t read_delay = board.adc.read_delay_max;

  const struct decoded_frame *stopped = sim_host_ask(&host, JS_COMMAND_STOP, NULL, 0);
  CHECK_EQ(reply_status(stopped), JS_STATUS_OK);
  sim_board_run(&board, SIM_CPU_HZ / 500); /* pings that no frame carried are answered behind it */
  marker_level = truth_marker_level(board.adc.count - 2); /* of the last conversion that came to its end */
  const struct truth_verdict verdict = truth_check(&host, &stretch);
  CHECK_EQ(verdict.slips, 0);
  CHECK_EQ(verdict.overruns, 0);
  CHECK_EQ(verdict.dropped_samples, 0);
  /* all but the frame that was being filled, and the conversion under way */
  CHECK_BETWEEN(board.adc.count - 1 - verdict.samples, 0, JS_SAMPLE_COUNT_MAX);
  if (stopped) {
    uint32_t told;
    memcpy(&told, reply_payload(stopped), sizeof told);
    CHECK_EQ(told, verdict.next_index);
  }
  next_index = verdict.next_index;
  check_pings(pings, ping_count, stretch.first_frame);
  free(pings);
  CHECK_EQ(host.bad_bytes, 0);
  if (mode == JS_MODE_FAST) CHECK_BETWEEN(read_delay, 0, FAST_READ_DELAY_CYCLES_MAX);
  truth_check_chip_rules(&board);
  if (check_failures() > failures_before) fprintf(stderr, "in mode %d, channels 0x%02x\n", mode, channels);
}

/* Pings at line rate at any phase to the converter; the ids of those under way are all different. */
static size_t run_with_pings(struct ping **pings, uint64_t cycles, uint32_t period_cycles) {
  size_t count = 0;
  *pings = calloc(cycles / PING_CYCLES + 1, sizeof **pings);
  if (!*pings) abort();
  const uint64_t end = board.avr->cycle + cycles;
  while (board.avr->cycle < end) {
    struct ping *ping = &(*pings)[count++];
    ping->id = (uint8_t)(count * 197);
    ping->arrival_cycle = sim_host_ping(&host, board.avr->cycle + random_below(200), ping->id);
    sim_board_run(&board, PING_CYCLES + random_below(PING_PAUSE_PERIODS_MAX * period_cycles));
  }
  return count;
}

static void check_pings(struct ping *pings, size_t count, size_t first_frame) {
  for (size_t at = first_frame; at < host.count; at++) {
    const struct decoded_frame *frame = &host.frames[at].frame;
    const uint64_t sent = host.frames[at].last_byte_sent_cycle;
    if (frame->kind == JS_FRAME_KIND_SAMPLE)
      for (int i = 0; i < frame->ping_count; i++)
        check_ping(pings, count, frame->pings[i].id, frame->pings[i].rx_tick, sent);
    else if (frame->kind == JS_FRAME_KIND_REPLY && frame->body[0] == JS_COMMAND_PING) {
      uint32_t rx_tick;
      memcpy(&rx_tick, reply_payload(frame) + 1, sizeof rx_tick);
      check_ping(pings, count, reply_payload(frame)[0], rx_tick, sent);
    }
  }
  for (size_t i = 0; i < count; i++) CHECK(pings[i].answered);
}

static void check_ping(struct ping *pings, size_t count, uint8_t id, uint32_t rx_tick, uint64_t near_cycle) {
  size_t i = 0;
  while (i < count && (pings[i].id != id || pings[i].answered)) i++;
  CHECK(i < count);
  if (i == count) return;
  pings[i].answered = true;
  const uint64_t taken = sim_board_cycle_of(&board, rx_tick, near_cycle);
  CHECK_BETWEEN((int64_t)(taken - pings[i].arrival_cycle), -TICK_CYCLES, PING_LATE_CYCLES_MAX);
}

static uint32_t random_below(uint32_t limit) {
  random_state = random_state * 1664525u + 1013904223u;
  return (uint32_t)((uint64_t)random_state * limit >> 32);
}
