#ifndef EMULATOR_TEST_POWER_LOG_WRITER_H
#define EMULATOR_TEST_POWER_LOG_WRITER_H

#include <stdint.h>

#include "power_message.h"

enum { POWER_BATCH_MAX = 256 };

/* A message as a runner sends it. Returns its size; `bytes` holds POWER_BATCH_MAX records and a header. */
size_t power_message_write(uint8_t *bytes, uint8_t message, uint64_t source_id, int64_t watermark_ns,
                           const power_record_t *records, uint32_t count);

/* The card's activity by the millisecond: every device runs stages one after another with gaps between, each a transfer
   in (ramp), a compute level and a transfer out, so that it is busy for `load` of the time. */
typedef struct {
  int devices;
  double load;
  double idle_w, transfer_w, compute_w;
  uint32_t next_span;
  struct {
    int64_t free_ns;
    uint64_t random;
  } device[16];
} card_activity_t;

card_activity_t card_activity_start(int devices, double load, int64_t start_ns);
/* Records whose spans start before until_ns, as far as there is room. */
uint32_t card_activity_until(card_activity_t *activity, int64_t until_ns, power_record_t *records, uint32_t room);
uint32_t card_activity_idle_levels(const card_activity_t *activity, int64_t t_ns, power_record_t *records);

#endif
