#ifndef EMULATOR_POWER_MESSAGE_H
#define EMULATOR_POWER_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failure.h"

/* protocol/power.md: what a device draws from t_ns on. */
typedef struct {
  int64_t t_ns;
  uint32_t duration_ns;
  float watts_start, watts_end;
  uint32_t span_id, inference_id;
  uint16_t device, model, segment;
  uint8_t type, kind;
} power_record_t;

typedef struct {
  const uint8_t *bytes; /* the whole message, owned by the reader */
  uint8_t message;
  uint64_t source_id;
  int64_t watermark_ns;
  uint32_t count;
} power_message_t;

/* Size of the message whose header is given, 0 when it is no power message header. */
size_t power_message_size(const uint8_t *header);
/* Checks size, checksum and every record; the records point into `bytes`. */
bool power_message_open(power_message_t *message, const uint8_t *bytes, size_t size, failure_t *failure);
power_record_t power_message_record(const power_message_t *message, uint32_t index);

#endif
