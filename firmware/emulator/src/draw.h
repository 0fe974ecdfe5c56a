#ifndef EMULATOR_DRAW_H
#define EMULATOR_DRAW_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A random stream of its own for every quantity, named by a label: a new draw elsewhere never shifts this one.
 * Generator: xoshiro256++ (Blackman, Vigna 2019), seeded by splitmix64 from (seed, label).
 */
typedef struct {
  uint64_t state[4];
  double spare_normal;
  bool has_spare;
} draw_t;

draw_t draw_stream(uint64_t seed, const char *label);
/* "label.index": one stream for each member of a family. */
draw_t draw_stream_at(uint64_t seed, const char *label, unsigned index);

uint64_t draw_bits(draw_t *stream);
double draw_uniform(draw_t *stream, double low, double high);
double draw_normal(draw_t *stream);
double draw_exponential(draw_t *stream, double mean);

#endif
