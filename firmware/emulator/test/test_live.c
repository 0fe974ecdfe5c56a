/*
 * The whole program, live on a pty: nothing reaches the host before its emulated instant + LAG, nothing from the host
 * acts before it arrived, nothing is lost; a pulled cable; a feed that falls silent. Prints the latencies; only what no
 * load of the machine can change is checked.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "little_endian.h"
#include "live_feed.h"
#include "run_emulator.h"
#include "run_files.h"

enum { LAG_NS = 5000000, ECHO = 0xC0, MARKER = 0x20, WIRE_NS = 5000, CONVERSION_END_NS = 23000, SAMPLES_MAX = 1000000 };

static const char *program, *firmware;

typedef struct {
  int first_byte;
  size_t samples;
  uint16_t *codes;
  uint8_t *markers;
  struct {
    size_t samples; /* complete after this read */
    int64_t arrival_ns;
  } *reads;
  size_t read_count;
  struct {
    uint8_t nibble;
    size_t before_sample;
  } echoes[256];
  size_t echo_count;
  int64_t hung_up_ns;
} host_t;

static host_t host_new(void);
static bool host_read(host_t *host, int port, int timeout_ms);
static int open_port(const char *path);
static emulator_t start(const scratch_t *scratch, const char *name, const char *const *more);
static void check_causality(const scratch_t *scratch);
static void check_unplug(const scratch_t *scratch);
static void check_silent_feed(const scratch_t *scratch);

int main(int argument_count, char **arguments) {
  if (argument_count != 3) return 1;
  program = arguments[1];
  firmware = arguments[2];
  scratch_t scratch = scratch_make();
  scratch_write(&scratch, "board.json", "{}");
  check_causality(&scratch);
  check_unplug(&scratch);
  check_silent_feed(&scratch);
  scratch_remove(&scratch);
  return check_report();
}

static void check_causality(const scratch_t *scratch) {
  char endpoint[200];
  snprintf(endpoint, sizeof endpoint, "ipc://%s/powers", scratch->path);
  live_feed_t feed;
  live_feed_start(&feed, endpoint);
  const char *fifo = scratch_file(scratch, "marker"), *codes_path = scratch_file(scratch, "codes");
  const char *more[] = {"--marker", fifo, "--codes", codes_path, NULL};
  emulator_t emulator = start(scratch, "causality", more);
  cJSON *ready = emulator_line(&emulator);
  CHECK(ready && json_number(ready, "lag_ns") == LAG_NS && json_number(ready, "floor_up_ns") == LAG_NS - 10000);
  int64_t origin_ns = (int64_t)json_number(ready, "origin_mono_ns");
  int port = open_port(scratch_file(scratch, "tty"));
  CHECK(port >= 0);
  int marker = open(fifo, O_WRONLY);

  host_t host = host_new();
  int64_t writes_ns[256], edges_ns[256], begin_ns = now_ns(), next_write_ns = begin_ns, next_edge_ns = begin_ns;
  size_t writes = 0, edges = 0;
  while (now_ns() - begin_ns < INT64_C(3000000000)) {
    host_read(&host, port, 3);
    /* one at a time: on a loaded machine two could arrive within one sample, and the probe answers one in each */
    if (now_ns() > next_write_ns && host.echo_count == writes) {
      next_write_ns = now_ns() + 37000000;
      uint8_t byte = writes % 16;
      writes_ns[writes++] = now_ns();
      CHECK(write(port, &byte, 1) == 1);
    }
    if (now_ns() > next_edge_ns) {
      next_edge_ns = now_ns() + 251000000;
      uint8_t record[16] = {[8] = edges % 2 == 0};
      edges_ns[edges] = now_ns();
      store_u64le(record, (uint64_t)edges_ns[edges++]);
      CHECK(write(marker, record, sizeof record) == sizeof record);
    }
  }
  close(emulator.input);
  emulator.input = -1;
  while (host_read(&host, port, 100)) continue;
  cJSON *statistics = emulator_line(&emulator);
  CHECK(emulator_wait(&emulator) == 0);
  live_feed_stop(&feed);
  close(port);
  close(marker);

  codes_t codes = read_codes(codes_path);
  clock_table_t clock = read_clock(scratch_file(scratch, "causality.truth/clock.csv"));
  size_t differing = 0, early = 0;
  for (size_t i = 0; i < host.samples; i++)
    if (i >= codes.count || codes.entries[i].code != host.codes[i]) differing++;
  CHECK(differing == 0 && host.samples > 0);
  double closest_ns = 1e18;
  for (size_t i = 0; i < host.read_count; i++) {
    if (host.reads[i].samples == 0) continue;
    double leaves_ns =
        hold_ns(&clock, 0, host.reads[i].samples - 1, origin_ns) + CONVERSION_END_NS + 2 * WIRE_NS + LAG_NS;
    double after_ns = (double)(host.reads[i].arrival_ns - origin_ns) - leaves_ns;
    if (after_ns < -200) early++; /* the device's microseconds are up to 0.5 % longer or shorter */
    if (after_ns < closest_ns) closest_ns = after_ns;
  }
  CHECK(early == 0);
  CHECK(closest_ns < 1e9);
  CHECK(host.echo_count >= 1 && host.echo_count + 1 >= writes);
  size_t before_arrival = 0;
  double soonest_ns = 1e18, latest_ns = 0;
  for (size_t i = 0; i < host.echo_count; i++) {
    CHECK(host.echoes[i].nibble == i % 16);
    double sampled_ns = hold_ns(&clock, 0, host.echoes[i].before_sample, origin_ns) + CONVERSION_END_NS;
    double acted_ns = sampled_ns - (double)(writes_ns[i] - origin_ns);
    if (acted_ns < 0) before_arrival++;
    soonest_ns = fmin(soonest_ns, acted_ns);
    latest_ns = fmax(latest_ns, acted_ns);
  }
  CHECK(before_arrival == 0);
  size_t seen = 0;
  for (size_t i = 1; i < host.samples && seen < edges; i++) {
    if (host.markers[i] == host.markers[i - 1]) continue;
    double sampled_ns = hold_ns(&clock, 0, i, origin_ns) + CONVERSION_END_NS - (double)(edges_ns[seen] - origin_ns);
    CHECK(sampled_ns > -15000);
    if (json_number(statistics, "late_marker_edges") == 0) CHECK(sampled_ns < 30000);
    seen++;
  }
  double last_ns = hold_ns(&clock, 0, host.samples - 1, origin_ns);
  size_t due = 0;
  while (due < edges && (double)(edges_ns[due] - origin_ns) < last_ns - 1e6) due++;
  CHECK(json_number(statistics, "late_marker_edges") > 0 || seen >= due); /* late ones may fall together */
  CHECK(json_number(statistics, "early_writes") == 0);
  CHECK(json_number(statistics, "bytes_lost_queue_full") == 0);
  CHECK(json_number(statistics, "bad_power_messages") == 0 && json_number(statistics, "power_messages") > 100);
  printf(
      "live: cpu share %.2f, writer late %.0f/%.0f/%.0f us (p50/p99/max), host reads at least %.0f us after, "
      "bytes act %.0f..%.0f us after the write, late injections %.0f, late power records %.0f, furthest behind %.1f "
      "ms\n",
      json_number(statistics, "cpu_share"), json_number(statistics, "writer_late_p50_us"),
      json_number(statistics, "writer_late_p99_us"), json_number(statistics, "writer_late_max_us"), closest_ns * 1e-3,
      soonest_ns * 1e-3, latest_ns * 1e-3, json_number(statistics, "late_injections"),
      json_number(statistics, "late_power_records"), json_number(statistics, "furthest_behind_ms"));
  cJSON_Delete(statistics);
  cJSON_Delete(ready);
}

static void check_unplug(const scratch_t *scratch) {
  const char *more[] = {"--fault", "unplug@0.5:0.4", NULL};
  emulator_t emulator = start(scratch, "unplug", more); /* no feed at all: nothing is waited for */
  cJSON *ready = emulator_line(&emulator);
  int64_t origin_ns = (int64_t)json_number(ready, "origin_mono_ns");
  const char *link = scratch_file(scratch, "tty");
  int port = open_port(link);
  host_t host = host_new();
  while (host_read(&host, port, 2000)) continue;
  CHECK(host.hung_up_ns - origin_ns >= 500000000 + LAG_NS);
  close(port);
  CHECK(access(link, F_OK) != 0);
  int64_t begin_ns = now_ns();
  while (access(link, F_OK) != 0 && now_ns() - begin_ns < INT64_C(10000000000)) usleep(5000);
  CHECK(now_ns() - origin_ns >= 900000000 + LAG_NS);
  port = open_port(link);
  CHECK(port >= 0);
  host_t again = host_new();
  begin_ns = now_ns();
  while (again.samples < 1000 && now_ns() - begin_ns < INT64_C(10000000000)) host_read(&again, port, 100);
  CHECK(again.samples >= 1000);
  close(emulator.input);
  emulator.input = -1;
  cJSON *statistics = emulator_line(&emulator);
  CHECK(emulator_wait(&emulator) == 0);
  close(port);
  CHECK(json_number(statistics, "bytes_lost_unplugged") > 0.39 * 76923);
  CHECK(json_number(statistics, "early_writes") == 0);
  CHECK(access(link, F_OK) != 0); /* taken away at the end */
  csv_t faults = read_csv(scratch_file(scratch, "unplug.truth/faults.csv"));
  CHECK(faults.count == 2 && !strcmp(faults.second[0], "unplug") && !strcmp(faults.second[1], "replug"));
  cJSON_Delete(statistics);
  cJSON_Delete(ready);
}

static void check_silent_feed(const scratch_t *scratch) {
  char endpoint[200];
  snprintf(endpoint, sizeof endpoint, "ipc://%s/powers", scratch->path);
  live_feed_t feed;
  live_feed_start(&feed, endpoint);
  emulator_t emulator = start(scratch, "silent", NULL);
  cJSON *ready = emulator_line(&emulator);
  usleep(700000);
  live_feed_stop(&feed);
  int64_t silent_ns = now_ns();
  usleep(2600000);
  close(emulator.input);
  emulator.input = -1;
  cJSON *statistics = emulator_line(&emulator);
  CHECK(emulator_wait(&emulator) == 0);
  CHECK(json_number(statistics, "feed_silences") == 1);
  double silent_s = (double)(silent_ns - (int64_t)json_number(ready, "origin_mono_ns")) * 1e-9;
  CHECK(json_number(statistics, "emulated_s") > silent_s); /* it went on */
  CHECK(json_number(statistics, "feed_longest_wait_ms") > 500);
  cJSON_Delete(statistics);
  cJSON_Delete(ready);
}

static emulator_t start(const scratch_t *scratch, const char *name, const char *const *more) {
  char endpoint[200], truth[64];
  snprintf(endpoint, sizeof endpoint, "ipc://%s/powers", scratch->path);
  snprintf(truth, sizeof truth, "%s.truth", name);
  const char *arguments[32] = {"--firmware", firmware,
                               "--board",    scratch_file(scratch, "board.json"),
                               "--truth",    scratch_file(scratch, truth),
                               "--powers",   endpoint,
                               "--lag-ms",   "5",
                               "--link",     scratch_file(scratch, "tty")};
  int used = 12;
  for (; more && *more; more++) arguments[used++] = *more;
  return emulator_start(program, arguments);
}

static int open_port(const char *path) {
  return open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
}

static host_t host_new(void) {
  return (host_t){.first_byte = -1,
                  .codes = calloc(SAMPLES_MAX, sizeof(uint16_t)),
                  .markers = calloc(SAMPLES_MAX, 1),
                  .reads = calloc(SAMPLES_MAX, sizeof *((host_t *)0)->reads)};
}

/* One read, stamped right after; false on a hang-up or when nothing comes. */
static bool host_read(host_t *host, int port, int timeout_ms) {
  struct pollfd watched = {.fd = port, .events = POLLIN};
  if (poll(&watched, 1, timeout_ms) <= 0) return false;
  uint8_t bytes[4096];
  ssize_t count = read(port, bytes, sizeof bytes);
  int64_t arrival_ns = now_ns();
  if (count <= 0) {
    host->hung_up_ns = arrival_ns;
    return false;
  }
  for (ssize_t i = 0; i < count && host->samples < SAMPLES_MAX; i++) {
    if ((bytes[i] & 0xF0) == ECHO && host->echo_count < 256) {
      host->echoes[host->echo_count].nibble = bytes[i] & 15;
      host->echoes[host->echo_count++].before_sample = host->samples;
    } else if (bytes[i] & 0x80) {
      host->first_byte = bytes[i];
    } else if (host->first_byte >= 0) {
      host->markers[host->samples] = (host->first_byte & MARKER) != 0;
      host->codes[host->samples++] = (uint16_t)((host->first_byte & 7) << 7 | bytes[i]);
      host->first_byte = -1;
    }
  }
  host->reads[host->read_count].samples = host->samples;
  host->reads[host->read_count++].arrival_ns = arrival_ns;
  return true;
}
