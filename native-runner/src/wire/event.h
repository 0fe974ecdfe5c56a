// One inference event, laid out as on the wire (protocol/event.md, "Event, 32 bytes").
#ifndef JOULESPAN_WIRE_EVENT_H_
#define JOULESPAN_WIRE_EVENT_H_

#include <cstddef>
#include <cstdint>

#include "joulespan_protocol.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the wire is little endian and structures are written as they lie in memory: a big-endian port must swap here"
#endif

namespace joulespan {

constexpr uint16_t kNone16 = JS_NONE16;
constexpr uint32_t kNone32 = JS_NONE32;

struct Event {
  int64_t t_ns = 0;
  uint32_t span_id = 0;
  uint32_t inference_id = kNone32;
  uint8_t kind = 0;
  uint8_t edge = 0;
  uint16_t device = kNone16;
  uint16_t model = kNone16;
  uint16_t segment = kNone16;
  uint16_t task = kNone16;
  uint16_t value = 0;
  uint32_t bracket_ns = 0;  // marker
};

static_assert(sizeof(Event) == JS_EVENT_BYTES);
static_assert(offsetof(Event, span_id) == 8 && offsetof(Event, inference_id) == 12);
static_assert(offsetof(Event, kind) == 16 && offsetof(Event, edge) == 17 && offsetof(Event, device) == 18);
static_assert(offsetof(Event, model) == 20 && offsetof(Event, segment) == 22 && offsetof(Event, task) == 24);
static_assert(offsetof(Event, value) == 26 && offsetof(Event, bracket_ns) == JS_EVENT_AT_BRACKET);

}  // namespace joulespan

#endif  // JOULESPAN_WIRE_EVENT_H_
