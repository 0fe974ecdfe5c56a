#include "power_timeline.h"

#include <math.h>
#include <stdlib.h>

static bool earlier(const timeline_event_t *a, const timeline_event_t *b);

void power_timeline_push(power_timeline_t *timeline, timeline_event_t event) {
  if (timeline->count == timeline->capacity) {
    timeline->capacity = timeline->capacity ? 2 * timeline->capacity : 256;
    timeline->events = realloc(timeline->events, timeline->capacity * sizeof *timeline->events);
  }
  event.order = timeline->next_order++;
  size_t at = timeline->count++;
  while (at > 0) {
    size_t parent = (at - 1) / 2;
    if (!earlier(&event, &timeline->events[parent])) break;
    timeline->events[at] = timeline->events[parent];
    at = parent;
  }
  timeline->events[at] = event;
}

double power_timeline_next_s(const power_timeline_t *timeline) {
  return timeline->count ? timeline->events[0].t_s : INFINITY;
}

timeline_event_t power_timeline_pop(power_timeline_t *timeline) {
  timeline_event_t *events = timeline->events;
  timeline_event_t first = events[0], last = events[--timeline->count];
  size_t at = 0;
  for (;;) {
    size_t child = 2 * at + 1;
    if (child >= timeline->count) break;
    if (child + 1 < timeline->count && earlier(&events[child + 1], &events[child])) child++;
    if (!earlier(&events[child], &last)) break;
    events[at] = events[child];
    at = child;
  }
  events[at] = last;
  return first;
}

void power_timeline_free(power_timeline_t *timeline) {
  free(timeline->events);
  *timeline = (power_timeline_t){0};
}

static bool earlier(const timeline_event_t *a, const timeline_event_t *b) {
  return a->t_s < b->t_s || (a->t_s == b->t_s && a->order < b->order);
}
