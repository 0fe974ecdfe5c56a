#ifndef EMULATOR_SPAN_LEDGER_H
#define EMULATOR_SPAN_LEDGER_H

#include <stddef.h>
#include <stdint.h>

/* True net energy of one span: what it causes above idle. */
typedef struct {
  uint64_t source_id; /* of the runner: span ids restart with it */
  uint32_t span_id, inference_id;
  uint16_t device, segment, model;
  uint8_t kind;
  int64_t start_ns; /* of its first phase */
  double energy_j;
} span_t;

typedef struct {
  span_t *spans; /* in order of first appearance */
  size_t count, capacity;
  size_t *slots; /* open addressing: index + 1 of a span, 0 is free */
  size_t slot_count;
} span_ledger_t;

/* Adds the energy of one phase; the first phase of a span fixes its other columns. */
void span_ledger_add(span_ledger_t *ledger, const span_t *phase);
void span_ledger_free(span_ledger_t *ledger);

#endif
