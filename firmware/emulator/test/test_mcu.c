/* The core's timing where simavr 1.6 differs from the chip; resets; the marker pin. */
#include "adc.h"
#include "check.h"
#include "probe_bench.h"

enum { AWAKE = 1, ASLEEP, SERVED, PIN = 6, LATEST_CYCLES = 4000000 };
enum { RESPONSE_AND_JUMP = 4 + 3, WAKE_UP = 4 };

typedef struct {
  uint64_t complete_cycle[16];
  int count;
  adc_t *adc;
} completions_t;

static uint16_t hold(void *context, const adc_conversion_t *conversion);
static void complete(void *context, const adc_conversion_t *conversion);
static void stretch_end(void *context, bool unserved);
static void check_timing(const probe_bench_t *bench, const completions_t *completions);
static void check_reset_and_pin(mcu_t *mcu, probe_bench_t *bench);
static uint8_t pin_level(mcu_t *mcu, probe_bench_t *bench);

int main(int argument_count, char **arguments) {
  if (argument_count != 2) return 1;
  static mcu_t mcu;
  static adc_t adc;
  static probe_bench_t bench;
  static completions_t completions = {.adc = &adc};
  failure_t failure;
  CHECK(!mcu_open(&mcu, "no-such-file.elf", 16e6, &failure));
  CHECK(mcu_open(&mcu, arguments[1], 16e6, &failure));
  adc_listener_t listener = {.hold = hold, .complete = complete, .stretch_end = stretch_end, .context = &completions};
  CHECK(adc_attach(&adc, &mcu, listener, &failure));
  probe_bench_attach(&bench, &mcu);
  CHECK(probe_bench_run(&bench, LATEST_CYCLES, 5));
  CHECK(bench.overshoot <= PROBE_OVERSHOOT_MAX);
  check_timing(&bench, &completions);
  check_reset_and_pin(&mcu, &bench);
  mcu_close(&mcu);
  return check_report();
}

static void check_timing(const probe_bench_t *bench, const completions_t *completions) {
  /* tags in order: awake, served, asleep, served, after sei, 1 (incremented once), before sleep, served, done */
  const uint8_t expected[] = {AWAKE, SERVED, ASLEEP, SERVED, 4, 1, 5, SERVED, PROBE_DONE};
  int differing = 0;
  for (size_t i = 0; i < sizeof expected; i++)
    if (bench->reports[i].tag != expected[i]) differing++;
  CHECK(differing == 0);
  uint64_t awake = bench->reports[1].cycle - completions->complete_cycle[0];
  CHECK(awake >= RESPONSE_AND_JUMP &&
        awake <= RESPONSE_AND_JUMP + 1); /* the instruction under way is a nop or a branch */
  uint64_t asleep = bench->reports[3].cycle - completions->complete_cycle[1];
  CHECK(asleep == RESPONSE_AND_JUMP + WAKE_UP);
  uint64_t at_once = bench->reports[7].cycle - bench->reports[6].cycle;
  CHECK(at_once < 30);                 /* ldi, sei, sleep, response: no waiting for another event */
  CHECK(bench->reports[8].value == 1); /* MCUSR: power-on */
}

static void check_reset_and_pin(mcu_t *mcu, probe_bench_t *bench) {
  CHECK(pin_level(mcu, bench) == 1); /* nothing drives it: pulled up */
  mcu_drive_pin(mcu, 'D', 2, false);
  CHECK(pin_level(mcu, bench) == 0); /* and not pulled up against its driver */
  mcu_drive_pin(mcu, 'D', 2, true);
  CHECK(pin_level(mcu, bench) == 1);
  mcu_drive_pin(mcu, 'D', 2, false);

  uint64_t before = mcu->avr->cycle;
  mcu_reset(mcu);
  mcu_drive_pin(mcu, 'D', 2, false);
  CHECK(mcu->resets == 1 && mcu->avr->cycle >= before);
  bench->count = 0;
  CHECK(probe_bench_run(bench, 2 * LATEST_CYCLES, 1000));
  CHECK(bench->reports[8].value == 2); /* MCUSR: external */
  CHECK(pin_level(mcu, bench) == 0);
}

static uint8_t pin_level(mcu_t *mcu, probe_bench_t *bench) {
  bench->count = 0;
  probe_bench_run_until(bench, mcu->avr->cycle + 200);
  return (uint8_t)(bench->reports[bench->count - 1].value >> 2 & 1);
}

static uint16_t hold(void *context, const adc_conversion_t *conversion) {
  (void)context;
  (void)conversion;
  return 0;
}

static void complete(void *context, const adc_conversion_t *conversion) {
  completions_t *completions = context;
  (void)conversion;
  if (completions->count < 16) completions->complete_cycle[completions->count++] = completions->adc->complete_cycle;
}

static void stretch_end(void *context, bool unserved) {
  (void)context;
  (void)unserved;
}
