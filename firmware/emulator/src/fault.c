#include "fault.h"

#include <stdio.h>
#include <string.h>

static const double UNPLUG_LEAST_S = 10e-3; /* a hand is slower, and hang-up and replug must not overtake each other */

static bool add_rate(double *rate, double value, const char *text, failure_t *failure);
static bool add_event(fault_plan_t *plan, fault_event_t event, const char *text, failure_t *failure);

bool fault_plan_add(fault_plan_t *plan, const char *text, failure_t *failure) {
  double a, b;
  int used = 0;
  if (sscanf(text, "drop:%lf%n", &a, &used) == 1 && !text[used]) return add_rate(&plan->drop_rate, a, text, failure);
  if (sscanf(text, "flip:%lf%n", &a, &used) == 1 && !text[used]) return add_rate(&plan->flip_rate, a, text, failure);
  if (sscanf(text, "insert:%lf%n", &a, &used) == 1 && !text[used])
    return add_rate(&plan->insert_rate, a, text, failure);
  if (sscanf(text, "reset@%lf%n", &a, &used) == 1 && !text[used])
    return add_event(plan, (fault_event_t){FAULT_RESET, a, 0}, text, failure);
  if (sscanf(text, "stall@%lf:%lf%n", &a, &b, &used) == 2 && !text[used])
    return add_event(plan, (fault_event_t){FAULT_STALL, a, b}, text, failure);
  if (sscanf(text, "unplug@%lf:%lf%n", &a, &b, &used) == 2 && !text[used])
    return b < UNPLUG_LEAST_S ? failure_set(failure, "--fault %s: expected to last at least %g s", text, UNPLUG_LEAST_S)
                              : add_event(plan, (fault_event_t){FAULT_UNPLUG, a, b}, text, failure);
  return failure_set(failure,
                     "--fault %s: expected drop:RATE, flip:RATE, insert:RATE, reset@T, stall@T:D or unplug@T:D", text);
}

double fault_plan_after_stall_s(const fault_plan_t *plan, double t_s) {
  for (int i = 0; i < plan->event_count; i++) {
    const fault_event_t *event = &plan->events[i];
    if (event->kind == FAULT_STALL && t_s >= event->at_s && t_s < event->at_s + event->duration_s)
      t_s = event->at_s + event->duration_s;
  }
  return t_s;
}

bool fault_plan_unplugged(const fault_plan_t *plan, double t_s) {
  for (int i = 0; i < plan->event_count; i++) {
    const fault_event_t *event = &plan->events[i];
    if (event->kind == FAULT_UNPLUG && t_s >= event->at_s && t_s < event->at_s + event->duration_s) return true;
  }
  return false;
}

byte_fault_t fault_plan_hit(const fault_plan_t *plan, draw_t *stream, uint8_t byte) {
  byte_fault_t hit = {.kind = BYTE_PASSED, .bytes = {byte}, .count = 1};
  if (plan->drop_rate + plan->flip_rate + plan->insert_rate == 0) return hit;
  double lot = draw_uniform(stream, 0, 1);
  uint64_t bits = draw_bits(stream);
  if (lot < plan->drop_rate) {
    hit.kind = BYTE_DROPPED;
    hit.count = 0;
  } else if (lot < plan->drop_rate + plan->flip_rate) {
    hit.kind = BYTE_FLIPPED;
    hit.detail = (uint8_t)(1 << (bits & 7));
    hit.bytes[0] ^= hit.detail;
  } else if (lot < plan->drop_rate + plan->flip_rate + plan->insert_rate) {
    hit.kind = BYTE_INSERTED;
    hit.detail = (uint8_t)bits;
    hit.bytes[0] = hit.detail;
    hit.bytes[1] = byte;
    hit.count = 2;
  }
  return hit;
}

static bool add_rate(double *rate, double value, const char *text, failure_t *failure) {
  if (!(value >= 0 && value <= 0.3)) return failure_set(failure, "--fault %s: expected a rate from 0 to 0.3", text);
  *rate = value;
  return true;
}

static bool add_event(fault_plan_t *plan, fault_event_t event, const char *text, failure_t *failure) {
  if (!(event.at_s >= 0 && event.duration_s >= 0))
    return failure_set(failure, "--fault %s: expected times from 0", text);
  if (plan->event_count == FAULT_EVENTS_MAX)
    return failure_set(failure, "--fault %s: at most %d events", text, FAULT_EVENTS_MAX);
  int at = plan->event_count++;
  for (; at > 0 && plan->events[at - 1].at_s > event.at_s; at--) plan->events[at] = plan->events[at - 1];
  plan->events[at] = event;
  return true;
}
