#ifndef EMULATOR_POWER_LOG_H
#define EMULATOR_POWER_LOG_H

#include <stdint.h>
#include <stdio.h>

#include "power_message.h"

/* A power log on disk: concatenated messages of protocol/power.md, read as far as a slice needs. */
typedef struct {
  FILE *file;
  const char *path;
  uint8_t *bytes;
  size_t capacity;
  int64_t watermark_ns; /* INT64_MAX after the end */
  uint64_t messages, bad_messages;
} power_log_t;

typedef void (*power_sink_t)(void *context, const power_message_t *message);

bool power_log_open(power_log_t *log, const char *path, failure_t *failure);
/* Hands over messages until every record before until_ns is in. A broken message is told on stderr and skipped. */
void power_log_read(power_log_t *log, int64_t until_ns, power_sink_t sink, void *context);
void power_log_close(power_log_t *log);

#endif
