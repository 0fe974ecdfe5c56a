// One line of the virtual card's power feed, laid out as on the wire (protocol/power.md, "Record, 40 bytes").
#ifndef JOULESPAN_WIRE_POWER_RECORD_H_
#define JOULESPAN_WIRE_POWER_RECORD_H_

#include <cstddef>
#include <cstdint>

#include "wire/event.h"

namespace joulespan {

struct PowerRecord {
  int64_t t_ns = 0;
  uint32_t duration_ns = 0;
  float watts_start = 0;
  float watts_end = 0;
  uint32_t span_id = 0;
  uint32_t inference_id = kNone32;
  uint16_t device = kNone16;
  uint16_t model = kNone16;
  uint16_t segment = kNone16;
  uint8_t type = JS_POWER_IDLE_LEVEL;
  uint8_t kind = JS_KIND_STATE;
  uint32_t reserved = 0;
};

static_assert(sizeof(PowerRecord) == JS_POWER_RECORD_BYTES);
static_assert(offsetof(PowerRecord, duration_ns) == 8 && offsetof(PowerRecord, watts_start) == 12);
static_assert(offsetof(PowerRecord, watts_end) == 16 && offsetof(PowerRecord, span_id) == 20);
static_assert(offsetof(PowerRecord, inference_id) == 24 && offsetof(PowerRecord, device) == 28);
static_assert(offsetof(PowerRecord, model) == 30 && offsetof(PowerRecord, segment) == 32);
static_assert(offsetof(PowerRecord, type) == 34 && offsetof(PowerRecord, kind) == 35);

inline PowerRecord IdleLevelRecord(uint16_t device, double idle_w, int64_t since_ns) {
  PowerRecord record;
  record.t_ns = since_ns;
  record.watts_start = static_cast<float>(idle_w);
  record.watts_end = record.watts_start;
  record.device = device;
  return record;
}

inline PowerRecord MarkerRecord(bool level, int64_t at_ns) {
  PowerRecord record;
  record.t_ns = at_ns;
  record.segment = level ? 1 : 0;
  record.type = JS_POWER_MARKER;
  record.kind = JS_KIND_MARKER;
  return record;
}

}  // namespace joulespan

#endif  // JOULESPAN_WIRE_POWER_RECORD_H_
