/*
 * The joulespan firmware on the emulator, offline: every frame whole, every count and channel as sampled, index, boot
 * id and tick as the truth has them, supply measured as it is. Prints the speed of two modes. Skipped while it is not
 * built.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "joulespan_protocol.h"
#include "little_endian.h"
#include "power_log_writer.h"
#include "run_emulator.h"
#include "run_files.h"
#include "uno_link.h"

static const int64_t START_NS = INT64_C(7000000000000);
enum { SKIPPED = 77, DURATION_S = 5, MEASURE_MS = 50, START_MS = 200, PINGS = 71 };

static const char *program, *firmware;

static void write_powers(const scratch_t *scratch);
static void write_script(const scratch_t *scratch, uint8_t mode, uint8_t channels);
static void add_command(FILE *script, double at_ms, uint8_t command, const uint8_t *payload, uint8_t length);
static cJSON *run(const scratch_t *scratch);
static void check_balanced(const scratch_t *scratch, uint8_t channels);
static void check_sample_frame(const uno_frame_t *frame, const codes_t *codes, size_t *differing);
static void check_vcc_reply(const uno_frame_t *frame, const scratch_t *scratch);
static void print_speed(const char *mode, const cJSON *statistics);

int main(int argument_count, char **arguments) {
  if (argument_count != 3) return 1;
  program = arguments[1];
  firmware = arguments[2];
  if (access(firmware, R_OK) != 0) {
    printf("skipped: %s is not built\n", firmware);
    return SKIPPED;
  }
  scratch_t scratch = scratch_make();
  scratch_write(&scratch, "board.json", "{\"clock\": {\"ppm\": -2021}}");
  write_powers(&scratch);
  check_balanced(&scratch, 0x01);
  check_balanced(&scratch, 0x03);
  write_script(&scratch, JS_MODE_FAST, 0x01);
  cJSON *statistics = run(&scratch);
  print_speed("fast", statistics);
  CHECK(json_number(statistics, "udr_violations") == 0);
  cJSON_Delete(statistics);
  scratch_remove(&scratch);
  return check_report();
}

static void write_powers(const scratch_t *scratch) {
  FILE *log = fopen(scratch_file(scratch, "powers.bin"), "wb");
  static uint8_t bytes[JS_EVENT_HEADER_BYTES + POWER_BATCH_MAX * JS_POWER_RECORD_BYTES];
  power_record_t records[POWER_BATCH_MAX];
  card_activity_t activity = card_activity_start(4, 0.5, START_NS);
  uint32_t count = card_activity_idle_levels(&activity, START_NS - 1, records);
  fwrite(bytes, 1, power_message_write(bytes, JS_POWER_MESSAGE_RECORDS, 9, START_NS, records, count), log);
  for (int ms = 0; ms < DURATION_S * 1000; ms++) {
    int64_t until_ns = START_NS + (ms + 1) * INT64_C(1000000);
    count = card_activity_until(&activity, until_ns, records, POWER_BATCH_MAX);
    uint8_t message = count ? JS_POWER_MESSAGE_RECORDS : JS_MESSAGE_HEARTBEAT;
    fwrite(bytes, 1, power_message_write(bytes, message, 9, until_ns, records, count), log);
  }
  fclose(log);
}

static void write_script(const scratch_t *scratch, uint8_t mode, uint8_t channels) {
  FILE *script = fopen(scratch_file(scratch, "host.txt"), "w");
  uint8_t configuration[2] = {mode, channels};
  add_command(script, MEASURE_MS, JS_COMMAND_MEASURE_VCC, NULL, 0);
  add_command(script, MEASURE_MS + 50, JS_COMMAND_CONFIGURE, configuration, 2);
  add_command(script, START_MS, JS_COMMAND_START, NULL, 0);
  uint8_t id = 0;
  for (double ms = START_MS + 100; id < PINGS; ms += 61.7, id++) add_command(script, ms, JS_COMMAND_PING, &id, 1);
  add_command(script, DURATION_S * 1000 - 100, JS_COMMAND_STOP, NULL, 0);
  fclose(script);
}

static void add_command(FILE *script, double at_ms, uint8_t command, const uint8_t *payload, uint8_t length) {
  uint8_t bytes[UNO_COMMAND_MAX];
  size_t size = uno_command(bytes, command, payload, length);
  fprintf(script, "%" PRId64 " ", START_NS + (int64_t)(at_ms * 1e6));
  for (size_t i = 0; i < size; i++) fprintf(script, "%02x", bytes[i]);
  fputc('\n', script);
}

static cJSON *run(const scratch_t *scratch) {
  char start[32], duration[8];
  snprintf(start, sizeof start, "%" PRId64, START_NS);
  snprintf(duration, sizeof duration, "%d", DURATION_S);
  const char *arguments[] = {"--firmware",
                             firmware,
                             "--board",
                             scratch_file(scratch, "board.json"),
                             "--truth",
                             scratch_file(scratch, "truth"),
                             "--to-journal",
                             scratch_file(scratch, "serial.bin"),
                             "--codes",
                             scratch_file(scratch, "codes"),
                             "--power-log",
                             scratch_file(scratch, "powers.bin"),
                             "--host-script",
                             scratch_file(scratch, "host.txt"),
                             "--start-ns",
                             start,
                             "--duration-s",
                             duration,
                             "--link-model",
                             "ftdi1",
                             NULL};
  emulator_t emulator = emulator_start(program, arguments);
  cJSON *statistics = emulator_line(&emulator);
  CHECK(emulator_wait(&emulator) == 0);
  return statistics;
}

static void check_balanced(const scratch_t *scratch, uint8_t channels) {
  write_script(scratch, JS_MODE_BALANCED, channels);
  cJSON *statistics = run(scratch);
  print_speed(channels == 1 ? "balanced, one channel" : "balanced, two channels", statistics);
  CHECK(json_number(statistics, "udr_violations") == 0 && json_number(statistics, "rx_overruns") == 0);
  CHECK(json_number(statistics, "adc_results_lost") == 0);
  journal_t journal = read_journal(scratch_file(scratch, "serial.bin"));
  codes_t codes = read_codes(scratch_file(scratch, "codes"));
  clock_table_t clock = read_clock(scratch_file(scratch, "truth/clock.csv"));

  uint8_t *stream = calloc(1, 1 << 22);
  size_t size = 0, at = 0, garbage = 0, differing = 0, frames = 0, pings = 0, wrong_boots = 0, early = 0, entry = 0;
  for (size_t i = 0; i < journal.count; i++) {
    if (journal.entries[i].kind != JS_JOURNAL_SERIAL_IN) continue;
    memcpy(stream + size, journal.entries[i].payload, journal.entries[i].length);
    size += journal.entries[i].length;
  }
  uint32_t first_tick = 0, first_index = 0, next_index = 0;
  double worst_tick_us = 0, first_hold_ns = 0;
  size_t read_end = 0;
  for (uno_frame_t frame; uno_next_frame(stream, size, &at, &frame, &garbage);) {
    while (entry < journal.count && read_end < frame.end) {
      if (journal.entries[entry].kind == JS_JOURNAL_SERIAL_IN) read_end += journal.entries[entry].length;
      entry++;
    }
    if (frame.boot_id != clock.rows[0].boot) wrong_boots++;
    if (frame.kind == JS_FRAME_KIND_REPLY && frame.bytes[JS_REPLY_AT_COMMAND] == JS_COMMAND_MEASURE_VCC)
      check_vcc_reply(&frame, scratch);
    if (frame.kind != JS_FRAME_KIND_SAMPLE) continue;
    check_sample_frame(&frame, &codes, &differing);
    uint32_t index = load_u32le(frame.bytes + JS_SAMPLE_AT_FIRST_INDEX),
             tick = load_u32le(frame.bytes + JS_SAMPLE_AT_TICK);
    double hold = hold_ns(&clock, frame.boot_id, index, START_NS);
    if (frames++ == 0) {
      first_tick = tick;
      first_index = index;
      first_hold_ns = hold;
    } else {
      CHECK(index == next_index);
      /* every sample is 52 ticks on, and the truth's holds are 52 ticks of the true clock apart */
      CHECK(tick - first_tick == (index - first_index) * JS_MODE_BALANCED_PERIOD_TICKS);
      double slow_us = (hold - first_hold_ns) * 1e-3 * (1 - 2021e-6) - (tick - first_tick) * 0.5;
      worst_tick_us = fmax(worst_tick_us, fabs(slow_us));
    }
    next_index = index + frame.bytes[JS_SAMPLE_AT_SAMPLE_COUNT];
    pings += frame.bytes[JS_SAMPLE_AT_FLAGS] >> JS_FLAG_PING_SHIFT & 3;
    /* the read that holds the frame's end comes after its last sample and the wire */
    double arrival = (double)(journal.entries[entry - 1].stamp_ns - START_NS);
    double last_hold = hold_ns(&clock, frame.boot_id, next_index - 1, START_NS);
    if (arrival < last_hold + 23000 + frame.body_length * 5000.0) early++;
  }
  CHECK(garbage == 0 && wrong_boots == 0 && early == 0);
  CHECK(differing == 0);
  CHECK(frames > 1300);
  CHECK(pings == PINGS);
  CHECK(worst_tick_us < 30); /* warm-up and sine, 5 s of at most 4 ppm */
  free(stream);
  cJSON_Delete(statistics);
}

static void check_sample_frame(const uno_frame_t *frame, const codes_t *codes, size_t *differing) {
  uint32_t index = load_u32le(frame->bytes + JS_SAMPLE_AT_FIRST_INDEX);
  unsigned count = frame->bytes[JS_SAMPLE_AT_SAMPLE_COUNT], channels = frame->bytes[JS_SAMPLE_AT_CHANNELS];
  for (unsigned i = 0; i < count; i++) {
    const code_entry_t *code = &codes->entries[index + i];
    unsigned input = channels == 3 ? i % 2 : 0;
    if (index + i >= codes->count || code->code != uno_count(frame, i) || code->input != input) (*differing)++;
  }
}

/* Vcc = 1.1 V * 1024 * 32 / sum, with the bandgap that this chip happens to have. */
static void check_vcc_reply(const uno_frame_t *frame, const scratch_t *scratch) {
  size_t size;
  uint8_t *text = read_file(scratch_file(scratch, "truth/board.json"), &size);
  cJSON *board = cJSON_Parse((char *)text);
  double code = floor(1024 * json_number(board, "bandgap_v") / json_number(board, "vcc_v"));
  CHECK(load_u16le(frame->bytes + JS_REPLY_AT_PAYLOAD + 2) == 32 * code);
  cJSON_Delete(board);
  free(text);
}

static void print_speed(const char *mode, const cJSON *statistics) {
  printf(
      "offline, %s, 4 devices at 50 %% load: %.1f x real time, %.1f x per cpu second; samples lost by the firmware "
      "%.0f\n",
      mode, json_number(statistics, "speed"), json_number(statistics, "emulated_s") / json_number(statistics, "cpu_s"),
      json_number(statistics, "adc_results_lost"));
}
