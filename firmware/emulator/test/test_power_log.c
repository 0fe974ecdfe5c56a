/* Power messages and logs: what is broken is refused, counted and skipped, what is whole gets through. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "board.h"
#include "check.h"
#include "joulespan_protocol.h"
#include "power_log.h"
#include "power_log_writer.h"

static void check_messages(void);
static void check_log(void);
static void count_records(void *context, const power_message_t *message);

int main(void) {
  check_messages();
  check_log();
  return check_report();
}

static void check_messages(void) {
  uint8_t bytes[JS_EVENT_HEADER_BYTES + 2 * JS_POWER_RECORD_BYTES + 8];
  power_record_t records[2] = {{.t_ns = 5,
                                .duration_ns = 7,
                                .watts_start = 1.5f,
                                .watts_end = 2.5f,
                                .span_id = 9,
                                .inference_id = 3,
                                .device = 2,
                                .model = 4,
                                .segment = 6,
                                .type = JS_POWER_PHASE,
                                .kind = JS_KIND_STAGE},
                               {.t_ns = 6, .type = JS_POWER_IDLE_LEVEL}};
  size_t size = power_message_write(bytes, JS_POWER_MESSAGE_RECORDS, 77, 100, records, 2);
  power_message_t message;
  failure_t failure;
  CHECK(power_message_open(&message, bytes, size, &failure));
  CHECK(message.count == 2 && message.source_id == 77 && message.watermark_ns == 100);
  power_record_t back = power_message_record(&message, 0);
  CHECK(back.t_ns == 5 && back.duration_ns == 7 && back.watts_start == 1.5f && back.watts_end == 2.5f);
  CHECK(back.span_id == 9 && back.inference_id == 3 && back.device == 2 && back.model == 4 && back.segment == 6);
  CHECK(back.type == JS_POWER_PHASE && back.kind == JS_KIND_STAGE);

  CHECK(!power_message_open(&message, bytes, size - 1, &failure));
  CHECK(!power_message_open(&message, bytes, size + 1, &failure));
  CHECK(!power_message_open(&message, bytes, 10, &failure));
  int undetected = 0;
  for (size_t i = 0; i < size; i++) {
    bytes[i] ^= 1;
    if (power_message_open(&message, bytes, size, &failure)) undetected++;
    bytes[i] ^= 1;
  }
  CHECK(undetected == 0);

  power_record_t toggle = {.t_ns = 8, .segment = 1, .device = JS_NONE16, .type = JS_POWER_MARKER, .kind = JS_KIND_MARKER};
  size = power_message_write(bytes, JS_POWER_MESSAGE_RECORDS, 77, 100, &toggle, 1);
  CHECK(power_message_open(&message, bytes, size, &failure));
  back = power_message_record(&message, 0);
  CHECK(back.type == JS_POWER_MARKER && back.t_ns == 8 && back.segment == 1);
  toggle.segment = 2;
  size = power_message_write(bytes, JS_POWER_MESSAGE_RECORDS, 77, 100, &toggle, 1);
  CHECK(!power_message_open(&message, bytes, size, &failure));

  records[0].device = BOARD_DEVICES_MAX;
  size = power_message_write(bytes, JS_POWER_MESSAGE_RECORDS, 77, 100, records, 2);
  CHECK(!power_message_open(&message, bytes, size, &failure));
  records[0].device = 0;
  records[0].watts_end = NAN;
  size = power_message_write(bytes, JS_POWER_MESSAGE_RECORDS, 77, 100, records, 2);
  CHECK(!power_message_open(&message, bytes, size, &failure));
}

static void check_log(void) {
  char path[] = P_tmpdir "/joulespan-power-log-XXXXXX";
  FILE *file = fdopen(mkstemp(path), "wb");
  uint8_t bytes[JS_EVENT_HEADER_BYTES + JS_POWER_RECORD_BYTES];
  for (int i = 0; i < 10; i++) {
    power_record_t record = {.t_ns = i * 100, .type = JS_POWER_IDLE_LEVEL};
    size_t size = power_message_write(bytes, JS_POWER_MESSAGE_RECORDS, 1, (i + 1) * 100, &record, 1);
    if (i == 3) bytes[50] ^= 4;                                   /* a broken record: this message is lost */
    if (i == 6) fwrite("not a message JSP1 at all", 1, 25, file); /* between messages: none is lost */
    fwrite(bytes, 1, i == 9 ? size - 5 : size, file);             /* torn at the end */
  }
  fclose(file);
  if (!freopen("/dev/null", "w", stderr)) return;
  power_log_t log;
  failure_t failure;
  uint32_t records = 0;
  CHECK(power_log_open(&log, path, &failure));
  power_log_read(&log, 200, count_records, &records);
  CHECK(records == 2 && log.watermark_ns == 200); /* no further than asked */
  power_log_read(&log, 201, count_records, &records);
  CHECK(records == 3 && log.bad_messages == 0);
  power_log_read(&log, 100000, count_records, &records);
  CHECK(records == 8 && log.bad_messages == 3 && log.watermark_ns == INT64_MAX);
  power_log_close(&log);
  unlink(path);
}

static void count_records(void *context, const power_message_t *message) {
  *(uint32_t *)context += message->count;
}
