/*
 * Index and tick of every sample, by counting conversions from the instant the converter was started, and the check of
 * that count against the timer once a frame.
 */
#ifndef JOULESPAN_SAMPLE_CLOCK_H
#define JOULESPAN_SAMPLE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct sample_clock {
  /* of the first sample of the frame after the last one placed */
  uint32_t index;
  uint32_t tick;
  uint16_t period_ticks;
  uint16_t frame_ticks;
  uint8_t frame_samples;
  uint8_t ordinal;
  uint8_t flags;
};

struct sample_place {
  uint32_t index;
  uint32_t tick;
  uint8_t flags; /* JS_FLAG_ANCHOR, JS_FLAG_SLIP, JS_FLAG_OVERRUN */
};

uint16_t sample_clock_period_ticks(uint8_t mode);

/* `index` and `tick` (sample-and-hold instant) of the first sample. */
void sample_clock_start(struct sample_clock *clock, uint32_t index, uint32_t tick, uint8_t mode, uint8_t frame_samples);

/*
 * Place of the next frame that was filled. `ordinal` counts frames since the start, those dropped for want of a buffer
 * too, and wraps at 256. `last_hold_stamp` is when the last sample was held, as the low 16 bits of the timer tell it:
 * late by the latency of its interrupt, early by at most one tick.
 */
struct sample_place sample_clock_place(struct sample_clock *clock, uint8_t ordinal, uint16_t last_hold_stamp);

#endif
