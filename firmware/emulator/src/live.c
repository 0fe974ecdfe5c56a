#include "live.h"

#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "host_clock.h"
#include "live_port.h"
#include "power_feed.h"
#include "statistics.h"
#include "testbed.h"

/*
 * Causality. Emulated time 0 is the origin on CLOCK_MONOTONIC; emulated time runs LAG behind it, because the card's
 * powers are known only some ms after they happened.
 *  - A slice [t, t + 0.5 ms) is computed at wall t + LAG - HEAD_START, once the feed's watermark has passed its end.
 *  - A byte from the host acts at the emulated instant of its arrival on the pty, which has not been computed yet.
 *  - A byte to the host leaves at its emulated instant + LAG, never earlier: LAG is a certified floor of the uplink.
 */
static const int64_t HEAD_START_NS = 200000;
/* A claimed floor that is too high is the one error nothing detects: what is offered is less than LAG. */
static const int64_t FLOOR_DERATE_NS = 10000;

/* How long the last bytes may take to leave at the end, when the host does not read. */
static const int64_t DRAIN_NS = 50000000;

static atomic_int stop;

typedef struct {
  const options_t *options;
  int64_t origin_ns, lag_ns;
  testbed_t testbed;
  live_port_t port;
  power_feed_t feed;
  uint64_t late_injections;
  int64_t longest_late_injection_ns, furthest_behind_ns;
} live_t;

static void on_signal(int number);
static bool open_all(live_t *run, failure_t *failure);
static bool describe(live_t *run, failure_t *failure);
static void announce(const live_t *run);
static bool run_slices(live_t *run, failure_t *failure);
static void take_power(void *context, const power_message_t *message);
static void take_from_host(live_t *run);
static void inject(live_t *run, const live_chunk_t *chunk);
static void replug(live_t *run, double from_s, double until_s);
static void unplug(live_t *run, double from_s, double until_s);
static void hand_over(void *context, const uint8_t *bytes, size_t count, double last_s);
static int64_t host_ns(const live_t *run, double t_s);
static void print_statistics(live_t *run);

bool live_run(const options_t *options, failure_t *failure) {
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  signal(SIGPIPE, SIG_IGN);
  host_clock_tighten_wakeups();

  live_t *run = calloc(1, sizeof *run);
  run->options = options;
  run->lag_ns = llround(options->lag_s * 1e9);
  failure_t later;
  bool ok = open_all(run, failure);
  if (ok) {
    announce(run);
    ok = run_slices(run, failure);
    /* the truth up to here, also of a crashed firmware */
    ok = testbed_finish(&run->testbed, ok ? failure : &later) && ok;
    live_port_close(&run->port, host_clock_ns() + run->lag_ns + DRAIN_NS);
    print_statistics(run);
  }
  testbed_free(&run->testbed);
  power_feed_close(&run->feed);
  free(run);
  return ok;
}

static void on_signal(int number) {
  (void)number;
  stop = 1;
}

/* The port opens last, for its thread would have to be ended again. */
static bool open_all(live_t *run, failure_t *failure) {
  const options_t *options = run->options;
  testbed_t *testbed = &run->testbed;
  if (!board_read_file(&testbed->board, options->board, failure)) return false;
  if (!power_feed_open(&run->feed, options->powers, failure)) return false;
  run->origin_ns = host_clock_ns();
  testbed->faults = options->faults;
  testbed->setup = (testbed_setup_t){.firmware_path = options->firmware,
                                     .truth_directory = options->truth,
                                     .eeprom_path = options->eeprom,
                                     .codes_path = options->codes,
                                     .origin_ns = run->origin_ns};
  testbed->marker_wired = options->marker != NULL;
  testbed->feed_wire = options->feed_wire;
  if (!testbed_open(testbed, hand_over, run, failure)) return false;
  return describe(run, failure) && live_port_open(&run->port, options->link, options->marker, &stop, failure);
}

static bool describe(live_t *run, failure_t *failure) {
  cJSON *board = specimen_describe(&run->testbed.specimen, &run->testbed.board);
  cJSON_AddStringToObject(board, "mode", "live");
  cJSON_AddStringToObject(board, "link_model", "live");
  cJSON_AddNumberToObject(board, "lag_ns", (double)run->lag_ns);
  cJSON_AddNumberToObject(board, "floor_up_ns", (double)(run->lag_ns - FLOOR_DERATE_NS));
  cJSON_AddNumberToObject(board, "floor_down_ns", 0);
  statistics_add_integer(board, "origin_mono_ns", run->origin_ns);
  bool ok = truth_board(&run->testbed.truth, board, failure);
  cJSON_Delete(board);
  return ok;
}

static void announce(const live_t *run) {
  cJSON *ready = cJSON_CreateObject();
  cJSON_AddBoolToObject(ready, "ready", true);
  cJSON_AddStringToObject(ready, "pty", run->port.terminal.path);
  cJSON_AddNumberToObject(ready, "lag_ns", (double)run->lag_ns);
  cJSON_AddNumberToObject(ready, "floor_up_ns", (double)(run->lag_ns - FLOOR_DERATE_NS));
  statistics_add_integer(ready, "origin_mono_ns", run->origin_ns);
  statistics_print(ready, stdout);
}

static bool run_slices(live_t *run, failure_t *failure) {
  testbed_t *testbed = &run->testbed;
  while (!stop) {
    double from_s = testbed_now_s(testbed), end_s = testbed_slice_end_s(testbed);
    int64_t due_ns = host_ns(run, from_s) + run->lag_ns - HEAD_START_NS;
    if (!host_clock_sleep_until(due_ns) && stop) break;
    power_feed_wait(&run->feed, host_ns(run, end_s), &stop, take_power, run);
    int64_t behind_ns = host_clock_ns() - due_ns;
    if (behind_ns > run->furthest_behind_ns) run->furthest_behind_ns = behind_ns;
    take_from_host(run);
    replug(run, from_s, end_s);
    if (!testbed_run_slice(testbed, failure)) return false;
    unplug(run, from_s, end_s);
  }
  return true;
}

static void take_power(void *context, const power_message_t *message) {
  live_t *run = context;
  testbed_add_power(&run->testbed, message);
}

static void take_from_host(live_t *run) {
  for (live_chunk_t *chunk; (chunk = live_port_take(&run->port)); free(chunk)) inject(run, chunk);
}

/* Nothing is taken for later here: the testbed keeps arrivals beyond this slice in its own order. */
static void inject(live_t *run, const live_chunk_t *chunk) {
  double arrival_s = (double)(chunk->at_ns - run->origin_ns) * 1e-9;
  if (chunk->kind == LIVE_MARKER_EDGE) {
    testbed_add_marker_edge(&run->testbed, (marker_edge_t){.t_s = arrival_s, .level = chunk->bytes[0] != 0});
    return;
  }
  int64_t late_ns = host_ns(run, testbed_now_s(&run->testbed)) - chunk->at_ns;
  if (late_ns > 0) {
    run->late_injections++;
    if (late_ns > run->longest_late_injection_ns) run->longest_late_injection_ns = late_ns;
  }
  testbed_receive(&run->testbed, chunk->bytes, chunk->count, arrival_s);
}

/*
 * The pty hangs up and comes back LAG behind, in line with the bytes: it hangs up after a last group has had time to
 * close, and is back before a first one is handed over.
 */
static void unplug(live_t *run, double from_s, double until_s) {
  const fault_plan_t *faults = &run->testbed.faults;
  for (int i = 0; i < faults->event_count; i++) {
    const fault_event_t *event = &faults->events[i];
    double closed_s = event->at_s + 2 * BYTE_GROUP_IDLE_S;
    if (event->kind == FAULT_UNPLUG && closed_s >= from_s && closed_s < until_s)
      live_port_unplug(&run->port, host_ns(run, closed_s) + run->lag_ns);
  }
}

static void replug(live_t *run, double from_s, double until_s) {
  const fault_plan_t *faults = &run->testbed.faults;
  for (int i = 0; i < faults->event_count; i++) {
    const fault_event_t *event = &faults->events[i];
    double back_s = event->at_s + event->duration_s;
    if (event->kind == FAULT_UNPLUG && back_s >= from_s && back_s < until_s)
      live_port_replug(&run->port, host_ns(run, back_s) + run->lag_ns);
  }
}

static void hand_over(void *context, const uint8_t *bytes, size_t count, double last_s) {
  live_t *run = context;
  double leaves_s = fault_plan_after_stall_s(&run->testbed.faults, last_s);
  live_port_send(&run->port, bytes, count, host_ns(run, leaves_s) + run->lag_ns);
}

/* Rounded up: nothing is early by a fraction of a nanosecond. */
static int64_t host_ns(const live_t *run, double t_s) {
  return run->origin_ns + (int64_t)ceil(t_s * 1e9);
}

static void print_statistics(live_t *run) {
  double wall_s = (double)(host_clock_ns() - run->origin_ns) * 1e-9;
  cJSON *root = statistics_of(&run->testbed, wall_s);
  cJSON_AddNumberToObject(root, "bytes_written", (double)run->port.bytes_written);
  cJSON_AddNumberToObject(root, "bytes_lost_queue_full", (double)run->port.bytes_lost_full);
  cJSON_AddNumberToObject(root, "queue_peak_bytes", (double)run->port.queue_peak_bytes);
  cJSON_AddNumberToObject(root, "early_writes", (double)run->port.early_writes);
  cJSON_AddNumberToObject(root, "writer_late_p50_us", lateness_quantile_us(&run->port.lateness, 0.5));
  cJSON_AddNumberToObject(root, "writer_late_p99_us", lateness_quantile_us(&run->port.lateness, 0.99));
  cJSON_AddNumberToObject(root, "writer_late_max_us", (double)run->port.lateness.longest_ns * 1e-3);
  cJSON_AddNumberToObject(root, "late_injections", (double)run->late_injections);
  cJSON_AddNumberToObject(root, "late_injection_max_us", (double)run->longest_late_injection_ns * 1e-3);
  cJSON_AddNumberToObject(root, "furthest_behind_ms", (double)run->furthest_behind_ns * 1e-6);
  cJSON_AddNumberToObject(root, "power_messages", (double)run->feed.messages);
  cJSON_AddNumberToObject(root, "bad_power_messages", (double)run->feed.bad_messages);
  cJSON_AddNumberToObject(root, "feed_silences", (double)run->feed.silences);
  cJSON_AddNumberToObject(root, "feed_longest_wait_ms", (double)run->feed.longest_wait_ns * 1e-6);
  statistics_print(root, stdout);
}
