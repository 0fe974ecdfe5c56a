#ifndef EMULATOR_POWER_TIMELINE_H
#define EMULATOR_POWER_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What happens to a device at an instant. Ordered by time, and by arrival where times are equal. */
typedef struct {
  double t_s;
  uint64_t order;
  enum { TIMELINE_IDLE_LEVEL, TIMELINE_PHASE_START, TIMELINE_PHASE_END } kind;
  uint16_t device;
  float watts;    /* idle level */
  uint32_t phase; /* index of the phase in its store */
} timeline_event_t;

/* Binary min-heap: records arrive out of order and up to a whole phase ahead. */
typedef struct {
  timeline_event_t *events;
  size_t count, capacity;
  uint64_t next_order;
} power_timeline_t;

void power_timeline_push(power_timeline_t *timeline, timeline_event_t event);
/* Time of the earliest event, infinite when there is none. */
double power_timeline_next_s(const power_timeline_t *timeline);
timeline_event_t power_timeline_pop(power_timeline_t *timeline);
void power_timeline_free(power_timeline_t *timeline);

#endif
