#include "draw.h"

#include <math.h>
#include <stdio.h>

static uint64_t splitmix64(uint64_t *state);
static uint64_t rotate_left(uint64_t value, int bits);
static double unit_interval(draw_t *stream);

draw_t draw_stream(uint64_t seed, const char *label) {
  uint64_t hash = 0xCBF29CE484222325ULL; /* FNV-1a, 64 bits */
  for (const char *c = label; *c; c++) hash = (hash ^ (uint8_t)*c) * 0x100000001B3ULL;
  uint64_t mix = seed;
  mix = splitmix64(&mix) ^ hash;
  draw_t stream = {0};
  for (int i = 0; i < 4; i++) stream.state[i] = splitmix64(&mix);
  return stream;
}

draw_t draw_stream_at(uint64_t seed, const char *label, unsigned index) {
  char name[96];
  snprintf(name, sizeof name, "%s.%u", label, index);
  return draw_stream(seed, name);
}

uint64_t draw_bits(draw_t *stream) {
  uint64_t *s = stream->state;
  uint64_t result = rotate_left(s[0] + s[3], 23) + s[0];
  uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate_left(s[3], 45);
  return result;
}

double draw_uniform(draw_t *stream, double low, double high) {
  return low + (high - low) * unit_interval(stream);
}

/* Marsaglia's polar method: two values a round, the second is kept. */
double draw_normal(draw_t *stream) {
  if (stream->has_spare) {
    stream->has_spare = false;
    return stream->spare_normal;
  }
  double x, y, square;
  do {
    x = draw_uniform(stream, -1, 1);
    y = draw_uniform(stream, -1, 1);
    square = x * x + y * y;
  } while (square >= 1 || square == 0);
  double factor = sqrt(-2 * log(square) / square);
  stream->spare_normal = y * factor;
  stream->has_spare = true;
  return x * factor;
}

double draw_exponential(draw_t *stream, double mean) {
  return -mean * log1p(-unit_interval(stream));
}

static uint64_t splitmix64(uint64_t *state) {
  uint64_t z = *state += 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

static uint64_t rotate_left(uint64_t value, int bits) {
  return value << bits | value >> (64 - bits);
}

/* [0, 1) with 53 bits. */
static double unit_interval(draw_t *stream) {
  return (double)(draw_bits(stream) >> 11) * 0x1p-53;
}
