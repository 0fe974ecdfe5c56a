#include "power_log.h"

#include <stdlib.h>
#include <string.h>

#include "joulespan_protocol.h"

static bool read_message(power_log_t *log, power_sink_t sink, void *context);
static size_t read_header(power_log_t *log);

bool power_log_open(power_log_t *log, const char *path, failure_t *failure) {
  *log = (power_log_t){.path = path, .watermark_ns = INT64_MIN, .capacity = 1 << 16};
  log->file = fopen(path, "rb");
  if (!log->file) return failure_set(failure, "%s: power log cannot be read, check --power-log", path);
  log->bytes = malloc(log->capacity);
  return true;
}

void power_log_read(power_log_t *log, int64_t until_ns, power_sink_t sink, void *context) {
  while (log->watermark_ns < until_ns)
    if (!read_message(log, sink, context)) log->watermark_ns = INT64_MAX;
}

void power_log_close(power_log_t *log) {
  if (log->file) fclose(log->file);
  free(log->bytes);
}

static bool read_message(power_log_t *log, power_sink_t sink, void *context) {
  size_t size = read_header(log);
  if (!size) return false;
  if (size > log->capacity) {
    log->capacity = size;
    log->bytes = realloc(log->bytes, size);
  }
  size_t body = size - JS_EVENT_HEADER_BYTES;
  if (fread(log->bytes + JS_EVENT_HEADER_BYTES, 1, body, log->file) != body) {
    log->bad_messages++;
    fprintf(stderr, "%s: ends in the middle of a message\n", log->path);
    return false;
  }
  power_message_t message;
  failure_t failure;
  if (!power_message_open(&message, log->bytes, size, &failure)) {
    log->bad_messages++;
    fprintf(stderr, "%s: %s\n", log->path, failure.text);
    return true;
  }
  log->messages++;
  if (message.message == JS_MESSAGE_END) return true; /* another runner's messages may follow */
  sink(context, &message);
  log->watermark_ns = message.watermark_ns;
  return true;
}

/* Into bytes; returns the size of the whole message, 0 at the end. What is no header is skipped byte by byte. */
static size_t read_header(power_log_t *log) {
  size_t have = fread(log->bytes, 1, JS_EVENT_HEADER_BYTES, log->file);
  bool skipping = false;
  while (have == JS_EVENT_HEADER_BYTES) {
    size_t size = power_message_size(log->bytes);
    if (size) return size;
    if (!skipping) {
      skipping = true;
      log->bad_messages++;
      fprintf(stderr, "%s: no message at byte %ld, looking for the next one\n", log->path,
              ftell(log->file) - JS_EVENT_HEADER_BYTES);
    }
    memmove(log->bytes, log->bytes + 1, JS_EVENT_HEADER_BYTES - 1);
    have = JS_EVENT_HEADER_BYTES - 1 + fread(log->bytes + JS_EVENT_HEADER_BYTES - 1, 1, 1, log->file);
  }
  if (have > 0 && !skipping) {
    log->bad_messages++;
    fprintf(stderr, "%s: ends in the middle of a header\n", log->path);
  }
  return 0;
}
