#ifndef EMULATOR_FAULT_H
#define EMULATOR_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "draw.h"
#include "failure.h"

enum { FAULT_EVENTS_MAX = 64 };

typedef enum { FAULT_RESET, FAULT_STALL, FAULT_UNPLUG } fault_kind_t;

typedef struct {
  fault_kind_t kind;
  double at_s, duration_s; /* emulated time; a reset has no duration */
} fault_event_t;

/* What is to go wrong: byte faults by rate on the device's stream, events at emulated times. */
typedef struct {
  double drop_rate, flip_rate, insert_rate; /* per byte */
  fault_event_t events[FAULT_EVENTS_MAX];   /* ascending at_s */
  int event_count;
} fault_plan_t;

/* drop:RATE flip:RATE insert:RATE reset@T stall@T:D unplug@T:D */
bool fault_plan_add(fault_plan_t *plan, const char *text, failure_t *failure);
/* t_s, or the end of the stall it falls into: the link delivers nothing before. */
double fault_plan_after_stall_s(const fault_plan_t *plan, double t_s);
bool fault_plan_unplugged(const fault_plan_t *plan, double t_s);

typedef enum { BYTE_PASSED, BYTE_DROPPED, BYTE_FLIPPED, BYTE_INSERTED } byte_fault_kind_t;

typedef struct {
  byte_fault_kind_t kind;
  uint8_t detail;   /* flipped bits, or the byte inserted before this one */
  uint8_t bytes[2]; /* what goes on the wire */
  size_t count;
} byte_fault_t;

/* At most one fault hits a byte. */
byte_fault_t fault_plan_hit(const fault_plan_t *plan, draw_t *stream, uint8_t byte);

#endif
