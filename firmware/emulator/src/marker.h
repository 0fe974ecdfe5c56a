#ifndef EMULATOR_MARKER_H
#define EMULATOR_MARKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failure.h"

/* How the runner's virtual marker line, which comes with the powers, is wired to the pin. */
typedef enum { FEED_WIRE_OPEN, FEED_WIRE_STRAIGHT, FEED_WIRE_INVERTED } feed_wire_t;

typedef struct {
  double t_s;
  bool level;
} marker_edge_t;

/* Edges of the marker wire (PD2) that are still to come, ascending. */
typedef struct {
  marker_edge_t *edges;
  size_t next, count, capacity;
  bool level; /* that the wire has now */
} marker_t;

void marker_push(marker_t *marker, marker_edge_t edge);
/* Infinite when no edge is left. */
double marker_next_s(const marker_t *marker);
marker_edge_t marker_take(marker_t *marker);
/* Lines of `<host_ns> <0|1>`. */
bool marker_read_file(marker_t *marker, const char *path, int64_t origin_ns, failure_t *failure);
void marker_free(marker_t *marker);

#endif
