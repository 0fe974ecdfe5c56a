#include "check.h"
#include "joulespan_protocol.h"
#include "sample_clock.h"

#define N 128
#define PERIOD JS_MODE_FAST_PERIOD_TICKS

static struct sample_clock clock;

/* The hold of the last sample of a frame that begins at `tick`, its interrupt `late` ticks late. */
static uint16_t last_hold(uint32_t tick, int late) { return (uint16_t)(tick + (N - 1) * PERIOD + (uint32_t)late); }

static void check_place(struct sample_place place, uint32_t index, uint32_t tick, uint8_t flags) {
  CHECK_EQ(place.index, index);
  CHECK_EQ(place.tick, tick);
  CHECK_EQ(place.flags, flags);
}

static void frames_follow_one_another(void) {
  sample_clock_start(&clock, 5, 1000, JS_MODE_FAST, N);
  uint32_t tick = 1000;
  for (int i = 0; i < 600; i++, tick += N * PERIOD) {
    /* from one tick early to just within the period: nothing was missed */
    const int late = i % 3 == 0 ? -1 : i % 3 == 1 ? 0 : PERIOD - 1;
    check_place(sample_clock_place(&clock, (uint8_t)i, last_hold(tick, late)), 5 + (uint32_t)i * N, tick,
                i == 0 ? JS_FLAG_ANCHOR : 0);
  }
}

static void counters_wrap(void) {
  sample_clock_start(&clock, 0xFFFFFFC0, 0xFFFFFF00, JS_MODE_FAST, N);
  sample_clock_place(&clock, 0, last_hold(0xFFFFFF00, 3));
  const uint32_t tick = 0xFFFFFF00u + N * PERIOD;
  check_place(sample_clock_place(&clock, 1, last_hold(tick, 3)), 0x40, tick, 0);
}

static void a_missed_conversion_is_a_slip(void) {
  for (uint32_t missed = 1; missed < 1000; missed += missed) {
    sample_clock_start(&clock, 0, 0, JS_MODE_FAST, N);
    /* missed within the first frame: its own place is right, the next is corrected and says so */
    const uint32_t lost = missed * PERIOD;
    check_place(sample_clock_place(&clock, 0, last_hold(lost, 0)), 0, 0, JS_FLAG_ANCHOR);
    uint32_t tick = N * PERIOD + lost;
    check_place(sample_clock_place(&clock, 1, last_hold(tick, 5)), N + missed, tick, JS_FLAG_SLIP);
    tick += N * PERIOD;
    check_place(sample_clock_place(&clock, 2, last_hold(tick, 5)), 2 * N + missed, tick, 0);
  }
}

static void dropped_frames_are_an_overrun(void) {
  sample_clock_start(&clock, 0, 0, JS_MODE_FAST, N);
  sample_clock_place(&clock, 0, last_hold(0, 0));
  /* frames 1 and 2 were never handed over */
  uint32_t tick = 3 * N * PERIOD;
  check_place(sample_clock_place(&clock, 3, last_hold(tick, 0)), 3 * N, tick, JS_FLAG_OVERRUN);
  tick += N * PERIOD;
  check_place(sample_clock_place(&clock, 4, last_hold(tick, 0)), 4 * N, tick, 0);
}

static void the_first_frame_may_be_dropped_too(void) {
  sample_clock_start(&clock, 0, 0, JS_MODE_FAST, N);
  const uint32_t tick = N * PERIOD;
  check_place(sample_clock_place(&clock, 1, last_hold(tick, 0)), N, tick, JS_FLAG_ANCHOR | JS_FLAG_OVERRUN);
}

int main(void) {
  CHECK_EQ(sample_clock_period_ticks(JS_MODE_FAST), 26);
  CHECK_EQ(sample_clock_period_ticks(JS_MODE_BALANCED), 52);
  CHECK_EQ(sample_clock_period_ticks(JS_MODE_ACCURATE), 104);
  frames_follow_one_another();
  counters_wrap();
  a_missed_conversion_is_a_slip();
  dropped_frames_are_an_overrun();
  the_first_frame_may_be_dropped_too();
  return check_report("sample_clock");
}
