#include "span_ledger.h"

#include <stdlib.h>
#include <string.h>

static size_t *find_slot(const span_ledger_t *ledger, uint64_t source_id, uint32_t span_id);
static void grow(span_ledger_t *ledger);

void span_ledger_add(span_ledger_t *ledger, const span_t *phase) {
  if (ledger->slot_count < 2 * (ledger->count + 1)) grow(ledger);
  size_t *slot = find_slot(ledger, phase->source_id, phase->span_id);
  if (*slot) {
    span_t *span = &ledger->spans[*slot - 1];
    span->energy_j += phase->energy_j;
    if (phase->start_ns < span->start_ns) span->start_ns = phase->start_ns;
    return;
  }
  ledger->spans[ledger->count++] = *phase;
  *slot = ledger->count;
}

void span_ledger_free(span_ledger_t *ledger) {
  free(ledger->spans);
  free(ledger->slots);
  memset(ledger, 0, sizeof *ledger);
}

static size_t *find_slot(const span_ledger_t *ledger, uint64_t source_id, uint32_t span_id) {
  uint64_t hash = (source_id ^ span_id) * 0x9E3779B97F4A7C15ULL;
  size_t mask = ledger->slot_count - 1;
  for (size_t at = (hash >> 32) & mask;; at = (at + 1) & mask) {
    size_t index = ledger->slots[at];
    if (!index) return &ledger->slots[at];
    const span_t *span = &ledger->spans[index - 1];
    if (span->source_id == source_id && span->span_id == span_id) return &ledger->slots[at];
  }
}

static void grow(span_ledger_t *ledger) {
  ledger->slot_count = ledger->slot_count ? 2 * ledger->slot_count : 1024;
  ledger->capacity = ledger->slot_count / 2;
  ledger->spans = realloc(ledger->spans, ledger->capacity * sizeof *ledger->spans);
  free(ledger->slots);
  ledger->slots = calloc(ledger->slot_count, sizeof *ledger->slots);
  for (size_t i = 0; i < ledger->count; i++)
    *find_slot(ledger, ledger->spans[i].source_id, ledger->spans[i].span_id) = i + 1;
}
