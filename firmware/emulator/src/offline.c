#include "offline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host_script.h"
#include "joulespan_protocol.h"
#include "journal_file.h"
#include "power_log.h"
#include "statistics.h"
#include "testbed.h"

/* A claimed floor that is too high is the one error nothing detects: what is offered is less than what is modelled. */
static const double FLOOR_DERATE_S = 10e-6;

typedef struct {
  const options_t *options;
  testbed_t testbed;
  link_model_t link;
  journal_file_t journal;
  power_log_t power_log;
  host_script_t script;
  size_t next_write;
  size_t next_port_event;
  double last_delivery_s;
  uint64_t bytes_delivered, bytes_lost_in_adapter;
} offline_t;

static bool open_all(offline_t *run, failure_t *failure);
static bool describe(offline_t *run, failure_t *failure);
static bool run_slices(offline_t *run, failure_t *failure);
static void deliver(void *context, const uint8_t *bytes, size_t count, double last_s);
static void take_power(void *context, const power_message_t *message);
static void write_script(offline_t *run, double until_s);
static void note_port_events(offline_t *run);
static int64_t stamp_ns(const offline_t *run, double t_s);
static void print_statistics(offline_t *run, double wall_s);
static double wall_now_s(void);

bool offline_run(const options_t *options, failure_t *failure) {
  offline_t *run = calloc(1, sizeof *run);
  run->options = options;
  double start_s = wall_now_s();
  bool ok = open_all(run, failure) && describe(run, failure) && run_slices(run, failure);
  ok = ok && testbed_finish(&run->testbed, failure) && journal_file_finish(&run->journal, failure);
  if (ok) print_statistics(run, wall_now_s() - start_s);
  testbed_free(&run->testbed);
  journal_file_free(&run->journal);
  power_log_close(&run->power_log);
  host_script_free(&run->script);
  free(run);
  return ok;
}

static bool open_all(offline_t *run, failure_t *failure) {
  const options_t *options = run->options;
  testbed_t *testbed = &run->testbed;
  if (!board_read_file(&testbed->board, options->board, failure)) return false;
  testbed->faults = options->faults;
  testbed->setup = (testbed_setup_t){.firmware_path = options->firmware,
                                     .truth_directory = options->truth,
                                     .eeprom_path = options->eeprom,
                                     .codes_path = options->codes,
                                     .origin_ns = options->start_ns};
  testbed->marker_wired = options->marker != NULL;
  testbed->feed_wire = options->feed_wire;
  run->link = link_model_open(options->link_kind, testbed->board.noise_seed, options->lag_s);
  if (!host_script_read(&run->script, options->host_script, failure)) return false;
  if (!power_log_open(&run->power_log, options->power_log, failure)) return false;
  if (options->marker && !marker_read_file(&testbed->marker, options->marker, options->start_ns, failure)) return false;
  if (!journal_file_open(&run->journal, options->journal, failure)) return false;
  if (!testbed_open(testbed, deliver, run, failure)) return false;
  note_port_events(run);
  return true;
}

static bool describe(offline_t *run, failure_t *failure) {
  cJSON *board = specimen_describe(&run->testbed.specimen, &run->testbed.board);
  cJSON_AddStringToObject(board, "mode", "offline");
  cJSON_AddStringToObject(board, "link_model", link_model_name(run->link.kind));
  cJSON_AddNumberToObject(board, "lag_ns", run->link.lag_s * 1e9);
  cJSON_AddNumberToObject(board, "floor_up_ns", round((link_model_floor_up_s(&run->link) - FLOOR_DERATE_S) * 1e9));
  cJSON_AddNumberToObject(board, "floor_down_ns", round((link_model_floor_down_s(&run->link) - FLOOR_DERATE_S) * 1e9));
  statistics_add_integer(board, "origin_mono_ns", run->options->start_ns);
  bool ok = truth_board(&run->testbed.truth, board, failure);
  cJSON_Delete(board);
  return ok;
}

static bool run_slices(offline_t *run, failure_t *failure) {
  testbed_t *testbed = &run->testbed;
  uint64_t slices = (uint64_t)llround(run->options->duration_s * 1e9 / TESTBED_SLICE_NS);
  while (testbed->slices < slices) {
    double end_s = testbed_slice_end_s(testbed);
    power_log_read(&run->power_log, stamp_ns(run, end_s), take_power, run);
    write_script(run, end_s);
    if (!testbed_run_slice(testbed, failure)) return false;
    /* What is still to come from the device ends after this slice, and no link is faster than time. */
    journal_file_settle(&run->journal, stamp_ns(run, end_s - 1e-3));
  }
  return true;
}

static void deliver(void *context, const uint8_t *bytes, size_t count, double last_s) {
  offline_t *run = context;
  const fault_plan_t *faults = &run->testbed.faults;
  double arrival_s = fault_plan_after_stall_s(faults, link_model_up_s(&run->link, last_s));
  if (arrival_s < run->last_delivery_s) arrival_s = run->last_delivery_s;
  run->last_delivery_s = arrival_s;
  if (fault_plan_unplugged(faults, arrival_s)) {
    run->bytes_lost_in_adapter += count;
    return;
  }
  run->bytes_delivered += count;
  journal_file_add(&run->journal, stamp_ns(run, arrival_s), JS_JOURNAL_SERIAL_IN, bytes, count);
}

static void take_power(void *context, const power_message_t *message) {
  offline_t *run = context;
  testbed_add_power(&run->testbed, message);
}

/* A write is recorded whether or not anything is there to take it. */
static void write_script(offline_t *run, double until_s) {
  for (; run->next_write < run->script.count; run->next_write++) {
    const host_write_t *write = &run->script.writes[run->next_write];
    double t_s = (double)(write->host_ns - run->options->start_ns) * 1e-9;
    if (t_s >= until_s) return;
    const uint8_t *bytes = run->script.bytes + write->offset;
    journal_file_add(&run->journal, write->host_ns, JS_JOURNAL_SERIAL_OUT, bytes, write->length);
    if (t_s < 0 || fault_plan_unplugged(&run->testbed.faults, t_s))
      run->testbed.counts.host_bytes_lost_unplugged += write->length;
    else
      testbed_receive(&run->testbed, bytes, write->length, link_model_down_s(&run->link, t_s));
  }
}

static void note_port_events(offline_t *run) {
  const fault_plan_t *faults = &run->testbed.faults;
  const char lost[] = "{\"event\":\"lost\"}", reopened[] = "{\"event\":\"reopen\"}";
  for (int i = 0; i < faults->event_count; i++) {
    const fault_event_t *event = &faults->events[i];
    double back_s = event->at_s + event->duration_s;
    if (event->kind != FAULT_UNPLUG) continue;
    if (event->at_s < run->options->duration_s)
      journal_file_add(&run->journal, stamp_ns(run, event->at_s), JS_JOURNAL_PORT, lost, strlen(lost));
    if (back_s < run->options->duration_s)
      journal_file_add(&run->journal, stamp_ns(run, back_s), JS_JOURNAL_PORT, reopened, strlen(reopened));
  }
}

static int64_t stamp_ns(const offline_t *run, double t_s) {
  return run->options->start_ns + (int64_t)ceil(t_s * 1e9);
}

static void print_statistics(offline_t *run, double wall_s) {
  cJSON *root = statistics_of(&run->testbed, wall_s);
  cJSON_AddNumberToObject(root, "bytes_delivered", (double)run->bytes_delivered);
  cJSON_AddNumberToObject(root, "bytes_lost_in_adapter", (double)run->bytes_lost_in_adapter);
  cJSON_AddNumberToObject(root, "power_messages", (double)run->power_log.messages);
  cJSON_AddNumberToObject(root, "bad_power_messages", (double)run->power_log.bad_messages);
  statistics_print(root, strcmp(run->options->journal, "-") ? stdout : stderr);
}

static double wall_now_s(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}
