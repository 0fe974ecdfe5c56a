// The events of a run, all but their stamps (protocol/event.md): the live and the simulated session fill them alike.
#ifndef JOULESPAN_SESSION_RUN_EVENTS_H_
#define JOULESPAN_SESSION_RUN_EVENTS_H_

#include <cstdint>

#include "schedule/scheduler.h"
#include "wire/event.h"

namespace joulespan {

inline Event SpanEvent(const SpanWork& work, uint8_t edge, bool ok = true) {
  Event event;
  event.span_id = work.span_id;
  event.inference_id = work.inference_id;
  event.kind = work.kind;
  event.edge = edge;
  event.device = work.device;
  event.model = work.model;
  event.segment = work.segment;
  event.task = work.task;
  event.value = ok ? JS_VALUE_OK : JS_VALUE_FAILED;
  return event;
}

inline Event InferenceEvent(uint16_t task, uint16_t model, const Admission& admission, uint8_t edge, bool ok = true) {
  Event event;
  event.span_id = admission.span_id;
  event.inference_id = admission.inference_id;
  event.kind = JS_KIND_INFERENCE;
  event.edge = edge;
  event.model = model;
  event.task = task;
  event.value = ok ? JS_VALUE_OK : JS_VALUE_FAILED;
  return event;
}

// Of the inference whose last stage `order` is.
inline Event InferenceEndEvent(const Order& order, bool ok) {
  const QueuedInference& inference = order.stage.inference;
  return InferenceEvent(order.work.task, order.work.model, Admission{inference.inference_id, inference.span_id},
                        JS_EDGE_END, ok);
}

inline Event StateEvent(uint16_t device, uint16_t state) {
  Event event;
  event.kind = JS_KIND_STATE;
  event.edge = JS_EDGE_INSTANT;
  event.device = device;
  event.value = state;
  return event;
}

// `t_ns` and `bracket_ns` are the bracket of the write.
inline Event MarkerEvent(bool level) {
  Event event;
  event.kind = JS_KIND_MARKER;
  event.edge = JS_EDGE_INSTANT;
  event.value = level ? 1 : 0;
  return event;
}

}  // namespace joulespan

#endif  // JOULESPAN_SESSION_RUN_EVENTS_H_
