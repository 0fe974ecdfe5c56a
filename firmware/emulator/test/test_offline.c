/*
 * The whole program, offline, with a small firmware: what the device sampled arrives, as the truth says it was; twice
 * the same run gives the same bytes; every fault is where faults.csv has it. Prints the speed.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "joulespan_protocol.h"
#include "link_model.h"
#include "oscillator.h"
#include "power_log_writer.h"
#include "run_emulator.h"
#include "run_files.h"

static const int64_t START_NS = INT64_C(4000000000123);
enum { SAMPLE_CYCLES = 13 * 32, ECHO = 0xC0, MARKER = 0x20 };

static const char *program, *firmware;

typedef struct {
  uint16_t *codes;
  uint8_t *markers;
  size_t samples;
  struct {
    uint8_t nibble;
    size_t before_sample;
  } echoes[64];
  size_t echo_count, stray_bytes;
} decoded_t;

static void write_inputs(const scratch_t *scratch, double duration_s);
static cJSON *run(const scratch_t *scratch, const char *name, const char *link, const char *duration,
                  const char *const *more);
static decoded_t decode(const journal_t *journal);
static void check_clean_run(const scratch_t *scratch);
static void check_clock(const scratch_t *scratch, const clock_table_t *clock);
static void check_power(const scratch_t *scratch, const codes_t *codes, const clock_table_t *clock);
static void check_same_again(const scratch_t *scratch);
static void check_byte_faults(const scratch_t *scratch);
static void check_reset(const scratch_t *scratch);
static void check_stall_and_unplug(const scratch_t *scratch);
static void check_usage(const scratch_t *scratch);

int main(int argument_count, char **arguments) {
  if (argument_count != 3) return 1;
  program = arguments[1];
  firmware = arguments[2];
  scratch_t scratch = scratch_make();
  write_inputs(&scratch, 4);
  check_clean_run(&scratch);
  check_same_again(&scratch);
  check_byte_faults(&scratch);
  check_reset(&scratch);
  check_stall_and_unplug(&scratch);
  check_usage(&scratch);
  scratch_remove(&scratch);
  return check_report();
}

static void write_inputs(const scratch_t *scratch, double duration_s) {
  FILE *log = fopen(scratch_file(scratch, "powers.bin"), "wb");
  FILE *script = fopen(scratch_file(scratch, "host.txt"), "w");
  FILE *marker = fopen(scratch_file(scratch, "marker.txt"), "w");
  static uint8_t bytes[JS_EVENT_HEADER_BYTES + POWER_BATCH_MAX * JS_POWER_RECORD_BYTES];
  power_record_t records[POWER_BATCH_MAX];
  card_activity_t activity = card_activity_start(4, 0.5, START_NS);
  uint32_t count = card_activity_idle_levels(&activity, START_NS - 1, records);
  fwrite(bytes, 1, power_message_write(bytes, JS_POWER_MESSAGE_RECORDS, 9, START_NS, records, count), log);
  int milliseconds = (int)(duration_s * 1000);
  for (int ms = 0; ms < milliseconds; ms++) {
    int64_t until_ns = START_NS + (ms + 1) * INT64_C(1000000);
    count = card_activity_until(&activity, until_ns, records, POWER_BATCH_MAX);
    uint8_t message = count ? JS_POWER_MESSAGE_RECORDS : JS_MESSAGE_HEARTBEAT;
    fwrite(bytes, 1, power_message_write(bytes, message, 9, until_ns, records, count), log);
    if (ms % 100 == 50) fprintf(script, "%" PRId64 " %02x\n", until_ns + 123, ms / 100 % 16);
    if (ms % 500 == 250) fprintf(marker, "%" PRId64 " %d\n", until_ns + 77, ms / 500 % 2 == 0);
  }
  fclose(log);
  fclose(script);
  fclose(marker);
  scratch_write(scratch, "board.json", "{\"seed\": 21}");
}

/* Files are named after the run. Returns the statistics. */
static cJSON *run(const scratch_t *scratch, const char *name, const char *link, const char *duration,
                  const char *const *more) {
  char truth[32], journal[32], codes[32], start[32];
  snprintf(truth, sizeof truth, "%s.truth", name);
  snprintf(journal, sizeof journal, "%s.bin", name);
  snprintf(codes, sizeof codes, "%s.codes", name);
  snprintf(start, sizeof start, "%" PRId64, START_NS);
  const char *arguments[48] = {"--firmware",    firmware,
                               "--board",       scratch_file(scratch, "board.json"),
                               "--truth",       scratch_file(scratch, truth),
                               "--to-journal",  scratch_file(scratch, journal),
                               "--codes",       scratch_file(scratch, codes),
                               "--power-log",   scratch_file(scratch, "powers.bin"),
                               "--host-script", scratch_file(scratch, "host.txt"),
                               "--start-ns",    start,
                               "--duration-s",  duration,
                               "--link-model",  link};
  int used = 20;
  for (; more && *more; more++) arguments[used++] = *more;
  emulator_t emulator = emulator_start(program, arguments);
  cJSON *statistics = emulator_line(&emulator);
  CHECK(emulator_wait(&emulator) == 0);
  CHECK(statistics != NULL);
  return statistics;
}

static decoded_t decode(const journal_t *journal) {
  size_t bytes = 0;
  for (size_t i = 0; i < journal->count; i++) bytes += journal->entries[i].length;
  decoded_t decoded = {.codes = calloc(bytes + 1, sizeof *decoded.codes), .markers = calloc(bytes + 1, 1)};
  int first = -1;
  for (size_t i = 0; i < journal->count; i++) {
    if (journal->entries[i].kind != JS_JOURNAL_SERIAL_IN) continue;
    for (uint32_t k = 0; k < journal->entries[i].length; k++) {
      uint8_t byte = journal->entries[i].payload[k];
      if ((byte & 0xF0) == ECHO && decoded.echo_count < 64) {
        decoded.echoes[decoded.echo_count].nibble = byte & 15;
        decoded.echoes[decoded.echo_count++].before_sample = decoded.samples;
      } else if (byte & 0x80) {
        first = byte;
      } else if (first >= 0) {
        decoded.markers[decoded.samples] = (first & MARKER) != 0;
        decoded.codes[decoded.samples++] = (uint16_t)((first & 7) << 7 | byte);
        first = -1;
      } else {
        decoded.stray_bytes++;
      }
    }
  }
  return decoded;
}

static void check_clean_run(const scratch_t *scratch) {
  const char *more[] = {"--marker", scratch_file(scratch, "marker.txt"), NULL};
  cJSON *statistics = run(scratch, "clean", "cdc", "4", more);
  printf("offline, %.0f samples, 4 devices at 50 %% load: %.1f x real time, %.1f x per cpu second\n",
         json_number(statistics, "samples"), json_number(statistics, "speed"),
         json_number(statistics, "emulated_s") / json_number(statistics, "cpu_s"));
  journal_t journal = read_journal(scratch_file(scratch, "clean.bin"));
  codes_t codes = read_codes(scratch_file(scratch, "clean.codes"));
  clock_table_t clock = read_clock(scratch_file(scratch, "clean.truth/clock.csv"));
  decoded_t decoded = decode(&journal);

  size_t out = 0, disordered = 0;
  for (size_t i = 0; i < journal.count; i++) {
    if (i > 0 && journal.entries[i].stamp_ns < journal.entries[i - 1].stamp_ns) disordered++;
    if (journal.entries[i].kind == JS_JOURNAL_SERIAL_OUT) out++;
  }
  CHECK(disordered == 0);
  CHECK(out == 40);
  CHECK(json_number(statistics, "udr_violations") == 0 && json_number(statistics, "adc_results_lost") == 0);
  CHECK(json_number(statistics, "samples") == codes.count);

  size_t differing = 0;
  for (size_t i = 0; i < decoded.samples; i++)
    if (i >= codes.count || decoded.codes[i] != codes.entries[i].code || codes.entries[i].input != 0) differing++;
  CHECK(differing == 0 && decoded.stray_bytes == 0);
  CHECK(codes.count - decoded.samples <= 1 && codes.count > 150000);
  CHECK(codes.entries[0].boot == 0); /* erased EEPROM is 0xFFFF, and one more */

  /* a host byte acts between its arrival and the next sample; the marker likewise, to one sample */
  link_kind_t kind;
  link_model_named("cdc", &kind);
  link_model_t link = link_model_open(kind, 21, 0);
  CHECK(decoded.echo_count == 40);
  for (size_t i = 0; i < decoded.echo_count; i++) {
    double written_s = (i * 100 + 51) * 1e-3 + 123e-9;
    double arrival_ns = link_model_down_s(&link, written_s) * 1e9;
    double received_ns =
        arrival_ns + 9.5 * 8 / 16e-3; /* the middle of its stop bit; the clock is off by some us in 1 s */
    double sampled_ns = hold_ns(&clock, 0, decoded.echoes[i].before_sample, START_NS) + 11.5 * 2000;
    CHECK(decoded.echoes[i].nibble == i % 16);
    CHECK(sampled_ns > received_ns - 200 && sampled_ns < received_ns + 28000);
  }
  size_t edges = 0;
  for (size_t i = 1; i < decoded.samples; i++) {
    if (decoded.markers[i] == decoded.markers[i - 1]) continue;
    double edge_ns = (edges * 500 + 251) * 1e6 + 77, seen_ns = hold_ns(&clock, 0, i, START_NS) + 11.5 * 2000;
    CHECK(decoded.markers[i] == (edges % 2 == 0));
    CHECK(seen_ns > edge_ns - 12000 && seen_ns < edge_ns + 28000); /* read up to two bytes after the conversion */
    edges++;
  }
  CHECK(edges == 8);

  check_clock(scratch, &clock);
  check_power(scratch, &codes, &clock);
  cJSON_Delete(statistics);
}

/* The rows lie on the oscillator that truth/board.json describes, 416 cycles apart. */
static void check_clock(const scratch_t *scratch, const clock_table_t *clock) {
  size_t size;
  uint8_t *text = read_file(scratch_file(scratch, "clean.truth/board.json"), &size);
  cJSON *board = cJSON_Parse((char *)text), *parameters = cJSON_GetObjectItem(board, "clock");
  oscillator_t oscillator = {.f_hz = json_number(board, "f_cpu_hz"),
                             .offset = json_number(parameters, "ppm") * 1e-6,
                             .warmup = json_number(parameters, "warmup_ppm") * 1e-6,
                             .warmup_tau_s = json_number(parameters, "warmup_tau_s"),
                             .sine = json_number(parameters, "sine_ppm") * 1e-6,
                             .sine_period_s = json_number(parameters, "sine_period_s")};
  double first = 0, worst = 0;
  size_t missing = 0;
  for (size_t i = 0; i < clock->count; i++) {
    double t_s = ((double)(clock->rows[i].host_ns - START_NS) + clock->rows[i].fraction_ns) * 1e-9;
    double cycle = oscillator_cycles(&oscillator, t_s);
    if (i == 0) first = cycle;
    worst = fmax(worst, fabs(cycle - first - (double)clock->rows[i].index * SAMPLE_CYCLES));
    if (i + 1 < clock->count && clock->rows[i].index != i * 256) missing++;
  }
  CHECK(clock->count > 600 && missing == 0);
  CHECK(worst < 1e-4); /* cycles: the three decimals of a nanosecond */
  CHECK_NEAR(json_number(board, "floor_up_ns"), 90000, 0);
  cJSON_Delete(board);
  free(text);
}

/* Mean power by the codes, with the drawn gain, offset and supply, against the true energy of the rail. */
static void check_power(const scratch_t *scratch, const codes_t *codes, const clock_table_t *clock) {
  size_t size;
  uint8_t *text = read_file(scratch_file(scratch, "clean.truth/board.json"), &size);
  cJSON *board = cJSON_Parse((char *)text);
  cJSON *channel = cJSON_GetArrayItem(cJSON_GetObjectItem(board, "channels"), 0);
  cJSON *rail = cJSON_GetArrayItem(cJSON_GetObjectItem(board, "rails"), 0);
  csv_t rails = read_csv(scratch_file(scratch, "clean.truth/rails.csv"));
  double vcc_v = json_number(board, "vcc_v"), sum_w = 0;
  size_t from = 0, until = 0, samples = 0;
  for (; hold_ns(clock, 0, from, START_NS) < 1e9; from += 64) continue;
  for (until = from; hold_ns(clock, 0, until, START_NS) < 3e9; until += 64) continue;
  for (size_t i = from; i < until; i++, samples++) {
    double volts = (codes->entries[i].code + 0.5) * vcc_v / 1024 * (5 / vcc_v) - json_number(channel, "zero_v");
    sum_w +=
        volts / (json_number(channel, "scale_v_per_unit") * json_number(channel, "gain")) * json_number(rail, "volts");
  }
  double energy_j = rails.cells[299][2] - rails.cells[99][2]; /* rows of 10 ms: from 1 s to 3 s */
  CHECK(rails.count == 400);
  CHECK_NEAR(sum_w / (double)samples / (energy_j / 2), 1, 2e-3);
  csv_t stages = read_csv(scratch_file(scratch, "clean.truth/stages.csv"));
  double stages_j = 0;
  for (size_t i = 0; i < stages.count; i++) stages_j += stages.cells[i][7];
  /* what is under way at the end is still behind the lag of 100 us or less */
  CHECK(stages.count > 1000);
  CHECK_NEAR(rails.cells[399][4], stages_j, 1e-3);
  CHECK_NEAR(rails.cells[399][3] + rails.cells[399][4], rails.cells[399][2], 1e-9);
  cJSON_Delete(board);
  free(text);
}

static void check_same_again(const scratch_t *scratch) {
  const char *more[] = {"--marker", scratch_file(scratch, "marker.txt"), NULL};
  cJSON_Delete(run(scratch, "again", "cdc", "4", more));
  CHECK(same_files(scratch_file(scratch, "clean.bin"), scratch_file(scratch, "again.bin")));
  CHECK(same_files(scratch_file(scratch, "clean.codes"), scratch_file(scratch, "again.codes")));
  const char *tables[] = {"stages.csv", "clock.csv", "stretches.csv", "rails.csv", "faults.csv", "board.json"};
  for (int i = 0; i < 6; i++) {
    char a[48], b[48];
    snprintf(a, sizeof a, "clean.truth/%s", tables[i]);
    snprintf(b, sizeof b, "again.truth/%s", tables[i]);
    CHECK(same_files(scratch_file(scratch, a), scratch_file(scratch, b)));
  }
}

/* The faulty stream is the clean one with exactly the listed changes. */
static void check_byte_faults(const scratch_t *scratch) {
  const char *faults[] = {"--fault", "drop:1e-3", "--fault", "flip:1e-3", "--fault", "insert:1e-3", NULL};
  cJSON *statistics = run(scratch, "plain", "ideal", "1", NULL);
  cJSON_Delete(statistics);
  statistics = run(scratch, "bytes", "ideal", "1", faults);
  journal_t plain = read_journal(scratch_file(scratch, "plain.bin")),
            bytes = read_journal(scratch_file(scratch, "bytes.bin"));
  uint8_t *streams[2];
  size_t sizes[2] = {0, 0};
  journal_t *journals[2] = {&plain, &bytes};
  for (int s = 0; s < 2; s++) {
    streams[s] = calloc(1, 1 << 20);
    for (size_t i = 0; i < journals[s]->count; i++) {
      if (journals[s]->entries[i].kind != JS_JOURNAL_SERIAL_IN) continue;
      memcpy(streams[s] + sizes[s], journals[s]->entries[i].payload, journals[s]->entries[i].length);
      sizes[s] += journals[s]->entries[i].length;
    }
  }
  csv_t table = read_csv(scratch_file(scratch, "bytes.truth/faults.csv"));
  size_t drops = 0, flips = 0, inserts = 0, at = 0, row = 0, differing = 0;
  for (size_t offset = 0; offset < sizes[0]; offset++) {
    bool hit = row < table.count && table.cells[row][2] == (double)offset;
    if (hit && !strcmp(table.second[row], "drop")) {
      drops++;
    } else if (hit && !strcmp(table.second[row], "flip")) {
      flips++;
      if (__builtin_popcount(streams[1][at++] ^ streams[0][offset]) != 1) differing++;
    } else if (hit) {
      inserts++;
      at++;
      if (streams[1][at++] != streams[0][offset]) differing++;
    } else if (streams[1][at++] != streams[0][offset]) {
      differing++;
    }
    if (hit) row++;
  }
  CHECK(differing == 0 && at == sizes[1] && row == table.count);
  CHECK(drops > 30 && flips > 30 && inserts > 30);
  CHECK(drops == json_number(statistics, "bytes_dropped") && flips == json_number(statistics, "bytes_flipped"));
  CHECK(inserts == json_number(statistics, "bytes_inserted"));
  cJSON_Delete(statistics);
}

static void check_reset(const scratch_t *scratch) {
  const char *more[] = {"--fault", "reset@0.5", "--eeprom", scratch_file(scratch, "eeprom.bin"), NULL};
  cJSON *statistics = run(scratch, "reset", "ideal", "1", more);
  CHECK(json_number(statistics, "resets") == 1);
  cJSON_Delete(statistics);
  codes_t codes = read_codes(scratch_file(scratch, "reset.codes"));
  csv_t stretches = read_csv(scratch_file(scratch, "reset.truth/stretches.csv"));
  csv_t faults = read_csv(scratch_file(scratch, "reset.truth/faults.csv"));
  CHECK(stretches.count == 2 && stretches.cells[0][0] == 0 && stretches.cells[1][0] == 1); /* boots */
  CHECK(stretches.cells[1][1] == 0);                                                       /* the index begins again */
  CHECK(stretches.cells[0][3] + stretches.cells[1][3] + 2 == (double)codes.count);
  CHECK_NEAR(stretches.cells[0][4], (double)START_NS + 0.5e9 - 36e3, 14e3); /* complete, 23 us behind its hold */
  CHECK(faults.count == 1 && !strcmp(faults.second[0], "reset") && faults.cells[0][0] == (double)START_NS + 0.5e9);
  cJSON_Delete(run(scratch, "later", "ideal", "0.2", more + 2));
  codes = read_codes(scratch_file(scratch, "later.codes"));
  CHECK(codes.entries[0].boot == 2); /* the EEPROM was kept */
}

static void check_stall_and_unplug(const scratch_t *scratch) {
  const char *more[] = {"--fault", "stall@0.3:0.2", "--fault", "unplug@1:0.4", NULL};
  cJSON *statistics = run(scratch, "link", "ftdi1", "2", more);
  journal_t journal = read_journal(scratch_file(scratch, "link.bin"));
  size_t stalled = 0, at_end = 0, unplugged = 0, delivered = 0, ports = 0, out = 0;
  for (size_t i = 0; i < journal.count; i++) {
    const journal_entry_t *entry = &journal.entries[i];
    double t_s = (double)(entry->stamp_ns - START_NS) * 1e-9;
    if (entry->kind == JS_JOURNAL_SERIAL_OUT) out++;
    if (entry->kind == JS_JOURNAL_PORT) {
      const char *expected = ports ? "{\"event\":\"reopen\"}" : "{\"event\":\"lost\"}";
      CHECK(entry->length == strlen(expected) && !memcmp(entry->payload, expected, entry->length));
      CHECK_NEAR(t_s, ports ? 1.4 : 1.0, 1e-9);
      ports++;
    }
    if (entry->kind != JS_JOURNAL_SERIAL_IN) continue;
    delivered += entry->length;
    if (t_s > 0.3 && t_s < 0.5 - 1e-9) stalled++;
    if (fabs(t_s - 0.5) < 2e-9) at_end += entry->length;
    if (t_s >= 1 && t_s < 1.4) unplugged++;
  }
  CHECK(stalled == 0 && unplugged == 0 && ports == 2);
  CHECK(out == 20); /* also those that nobody heard */
  CHECK(at_end > 0.19 * 76923);
  double lost = json_number(statistics, "bytes_lost_unplugged") + json_number(statistics, "bytes_lost_in_adapter");
  CHECK(json_number(statistics, "bytes_from_device") == (double)delivered + lost);
  CHECK(json_number(statistics, "bytes_lost_unplugged") > 0.39 * 76923);
  CHECK(json_number(statistics, "host_bytes_lost_unplugged") == 4);
  cJSON_Delete(statistics);
}

static void check_usage(const scratch_t *scratch) {
  const struct {
    const char *arguments[8];
    int code;
  } cases[] = {{{"--help", NULL}, 0},
               {{"--nonsense", NULL}, 2},
               {{"--firmware", firmware, NULL}, 2},
               {{"--fault", "drop:2", NULL}, 2},
               {{"--link-model", "usb4", NULL}, 2}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    emulator_t emulator = emulator_start(program, cases[i].arguments);
    CHECK(emulator_wait(&emulator) == cases[i].code);
  }
  scratch_write(scratch, "bad.json", "{\"sede\": 1}");
  const char *bad_board[] = {"--firmware",
                             firmware,
                             "--board",
                             scratch_file(scratch, "bad.json"),
                             "--truth",
                             scratch_file(scratch, "bad.truth"),
                             "--to-journal",
                             scratch_file(scratch, "bad.bin"),
                             "--power-log",
                             scratch_file(scratch, "powers.bin"),
                             "--host-script",
                             scratch_file(scratch, "host.txt"),
                             "--duration-s",
                             "1",
                             NULL};
  emulator_t emulator = emulator_start(program, bad_board);
  CHECK(emulator_wait(&emulator) == 1);
}
