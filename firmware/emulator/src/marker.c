#include "marker.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void marker_push(marker_t *marker, marker_edge_t edge) {
  if (marker->count == marker->capacity && marker->next > 0) {
    memmove(marker->edges, marker->edges + marker->next, (marker->count - marker->next) * sizeof *marker->edges);
    marker->count -= marker->next;
    marker->next = 0;
  }
  if (marker->count == marker->capacity) {
    marker->capacity = marker->capacity ? 2 * marker->capacity : 64;
    marker->edges = realloc(marker->edges, marker->capacity * sizeof *marker->edges);
  }
  size_t at = marker->count++;
  for (; at > marker->next && marker->edges[at - 1].t_s > edge.t_s; at--) marker->edges[at] = marker->edges[at - 1];
  marker->edges[at] = edge;
}

double marker_next_s(const marker_t *marker) {
  return marker->next < marker->count ? marker->edges[marker->next].t_s : INFINITY;
}

marker_edge_t marker_take(marker_t *marker) {
  marker->level = marker->edges[marker->next].level;
  return marker->edges[marker->next++];
}

bool marker_read_file(marker_t *marker, const char *path, int64_t origin_ns, failure_t *failure) {
  FILE *file = fopen(path, "r");
  if (!file) return failure_set(failure, "%s: marker file cannot be read, check --marker", path);
  char line[128];
  bool ok = true;
  for (int number = 1; ok && fgets(line, sizeof line, file); number++) {
    int64_t host_ns;
    int level, used = 0;
    if (sscanf(line, "%" SCNd64 " %d %n", &host_ns, &level, &used) != 2 || line[used] || (level != 0 && level != 1))
      ok = failure_set(failure, "%s line %d: expected `<host_ns> <0|1>`, saw %.60s", path, number, line);
    else
      marker_push(marker, (marker_edge_t){.t_s = (double)(host_ns - origin_ns) * 1e-9, .level = level});
  }
  fclose(file);
  return ok;
}

void marker_free(marker_t *marker) {
  free(marker->edges);
  *marker = (marker_t){0};
}
