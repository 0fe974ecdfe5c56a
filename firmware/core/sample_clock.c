#include "sample_clock.h"

#include "joulespan_protocol.h"

static void advance(struct sample_clock *clock, uint8_t samples, uint16_t ticks);

uint16_t sample_clock_period_ticks(uint8_t mode) {
  return mode == JS_MODE_FAST       ? JS_MODE_FAST_PERIOD_TICKS
         : mode == JS_MODE_BALANCED ? JS_MODE_BALANCED_PERIOD_TICKS
                                    : JS_MODE_ACCURATE_PERIOD_TICKS;
}

void sample_clock_start(struct sample_clock *clock, uint32_t index, uint32_t tick, uint8_t mode,
                        uint8_t frame_samples) {
  clock->index = index;
  clock->tick = tick;
  clock->period_ticks = sample_clock_period_ticks(mode);
  clock->frame_ticks = (uint16_t)(clock->period_ticks * frame_samples);
  clock->frame_samples = frame_samples;
  clock->ordinal = 0;
  clock->flags = JS_FLAG_ANCHOR;
}

struct sample_place sample_clock_place(struct sample_clock *clock, uint8_t ordinal, uint16_t last_hold_stamp) {
  while (clock->ordinal != ordinal) {
    clock->flags |= JS_FLAG_OVERRUN;
    clock->ordinal++;
    advance(clock, clock->frame_samples, clock->frame_ticks);
  }
  const struct sample_place place = {clock->index, clock->tick, clock->flags};
  clock->flags = 0;
  clock->ordinal++;
  advance(clock, clock->frame_samples, clock->frame_ticks);
  /* the last sample is one period before the next frame, if nothing was missed; up to 16 ms of misses can be told */
  int16_t late_ticks = (int16_t)(last_hold_stamp - (uint16_t)(clock->tick - clock->period_ticks));
  while (late_ticks >= (int16_t)clock->period_ticks) {
    clock->flags |= JS_FLAG_SLIP;
    advance(clock, 1, clock->period_ticks);
    late_ticks -= (int16_t)clock->period_ticks;
  }
  return place;
}

static void advance(struct sample_clock *clock, uint8_t samples, uint16_t ticks) {
  clock->index += samples;
  clock->tick += ticks;
}
