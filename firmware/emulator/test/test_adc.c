/* The converter, seen from the pins and from a real program: periods, hold instants, multiplexer, result register. */
#include "adc.h"
#include "check.h"
#include "probe_bench.h"

enum { BANDGAP = 1, SINGLE, LEFT_ADJUSTED, STRETCH, SAMPLE, LOCKED, FRESH, ASLEEP };
enum { CONVERSIONS_MAX = 1000, SAMPLES_PER_STRETCH = 40, LATEST_CYCLES = 40000000 };

typedef struct {
  adc_conversion_t conversions[CONVERSIONS_MAX];
  int count, completed, stretches;
} conversion_log_t;

static uint16_t hold(void *context, const adc_conversion_t *conversion);
static void complete(void *context, const adc_conversion_t *conversion);
static void stretch_end(void *context, bool unserved);
static int check_stretch(const conversion_log_t *log, const probe_bench_t *bench, int at, int sample, int n);

int main(int argument_count, char **arguments) {
  if (argument_count != 2) return 1;
  static mcu_t mcu;
  static adc_t adc;
  static probe_bench_t bench;
  static conversion_log_t log;
  failure_t failure;
  CHECK(mcu_open(&mcu, arguments[1], 16e6, &failure));
  adc_listener_t listener = {.hold = hold, .complete = complete, .stretch_end = stretch_end, .context = &log};
  CHECK(adc_attach(&adc, &mcu, listener, &failure));
  probe_bench_attach(&bench, &mcu);
  CHECK(probe_bench_run(&bench, LATEST_CYCLES, 6000));
  CHECK(bench.overshoot <= PROBE_OVERSHOOT_MAX);

  /* single conversions: 25 ADC clocks the first, 13 the second, on the prescaler's grid */
  const adc_conversion_t *c = log.conversions;
  CHECK(c[0].multiplexer == 14 && c[0].prescaler == 128 && !c[0].triggered && c[0].reference == 1);
  CHECK((c[1].hold_cycle - c[0].hold_cycle) % 128 == 0);
  CHECK(c[1].hold_cycle - c[0].hold_cycle >= (25 - 13 + 1) * 128);
  CHECK(probe_bench_find(&bench, BANDGAP, 0).value == c[0].code);
  CHECK(probe_bench_find(&bench, BANDGAP, 1).value == c[1].code);
  uint64_t from_hold = probe_bench_find(&bench, BANDGAP, 1).cycle - c[1].hold_cycle;
  CHECK(from_hold >= 23 * 64 && from_hold < 23 * 64 + 40); /* complete 11.5 clocks after the hold */
  CHECK(c[2].multiplexer == 3 && probe_bench_find(&bench, SINGLE, 0).value == c[2].code);
  CHECK(probe_bench_find(&bench, LEFT_ADJUSTED, 0).value == (uint16_t)(c[3].code << 6));

  int at = 4;
  for (int n = 0; n < 6; n++) at = check_stretch(&log, &bench, at, n * SAMPLES_PER_STRETCH, n);
  CHECK(log.stretches == 6);

  /* between the reads of ADCL and ADCH nothing overwrites the result */
  uint16_t locked = probe_bench_find(&bench, LOCKED, 0).value, fresh = probe_bench_find(&bench, FRESH, 0).value;
  bool locked_is_one = false, fresh_is_one = false;
  for (int i = at; i < log.count; i++) {
    locked_is_one |= c[i].code == locked;
    fresh_is_one |= c[i].code == fresh;
  }
  CHECK(locked_is_one && fresh_is_one && locked != fresh);
  CHECK(adc.results_lost > 0);
  mcu_close(&mcu);
  return check_report();
}

/* Conversions come every 13 ADC clocks to the cycle, and each sample the program saw is the conversion it should be. */
static int check_stretch(const conversion_log_t *log, const probe_bench_t *bench, int at, int sample, int n) {
  const adc_conversion_t *c = log->conversions + at;
  int prescaler = 16 << n % 3, wrong_periods = 0, wrong_codes = 0, wrong_inputs = 0;
  probe_report_t begin = probe_bench_find(bench, n < 3 ? STRETCH : ASLEEP, n % 3);
  CHECK(begin.value == 4 + n % 3);
  int64_t to_first_hold = (int64_t)(c[0].hold_cycle - begin.cycle);
  CHECK(to_first_hold >= 27 * prescaler / 2 &&
        to_first_hold < 27 * prescaler / 2 + 60); /* 13.5 clocks, and the way there */
  for (int k = 0; k < SAMPLES_PER_STRETCH; k++) {
    if (k > 0 && c[k].hold_cycle - c[k - 1].hold_cycle != 13u * (unsigned)prescaler) wrong_periods++;
    if (probe_bench_find(bench, SAMPLE, sample + k).value != c[k].code) wrong_codes++;
    /* 0 and 1 started with the first input; the interrupt of k chose for k + 2 */
    int expected = k < 2 ? 0 : (k - 1) % 2;
    if (c[k].multiplexer != expected) wrong_inputs++;
    if (!c[k].triggered || c[k].prescaler != prescaler) wrong_inputs++;
  }
  CHECK(wrong_periods == 0);
  CHECK(wrong_codes == 0);
  CHECK(wrong_inputs == 0);
  int used = SAMPLES_PER_STRETCH;
  while (at + used < log->count && log->conversions[at + used].prescaler == prescaler &&
         log->conversions[at + used].hold_cycle - log->conversions[at + used - 1].hold_cycle ==
             13u * (unsigned)prescaler)
    used++; /* begun before the program had stopped the converter */
  CHECK(used <= SAMPLES_PER_STRETCH + 1);
  return at + used;
}

/* Every conversion its own code, the high byte moving too. */
static uint16_t hold(void *context, const adc_conversion_t *conversion) {
  conversion_log_t *log = context;
  uint16_t code = (uint16_t)((log->count * 357 + 5) & 1023);
  if (log->count < CONVERSIONS_MAX) {
    log->conversions[log->count] = *conversion;
    log->conversions[log->count++].code = code;
  }
  return code;
}

static void complete(void *context, const adc_conversion_t *conversion) {
  conversion_log_t *log = context;
  if (conversion->code != log->conversions[log->count - 1].code) checks_failed++;
  log->completed++;
}

static void stretch_end(void *context, bool unserved) {
  conversion_log_t *log = context;
  CHECK(!unserved);
  log->stretches++;
}
