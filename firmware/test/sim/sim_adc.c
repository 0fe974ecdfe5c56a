#include "sim_adc.h"

#include <simavr/sim_io.h>
#include <stdlib.h>
#include <string.h>

enum { ADCL_AT = 0x78, ADCH_AT = 0x79, ADCSRA_AT = 0x7A, ADMUX_AT = 0x7C };
enum { ADEN = 1 << 7, ADSC = 1 << 6, ADATE = 1 << 5, ADIF = 1 << 4 };

static void write_adcsra(avr_t *avr, avr_io_addr_t at, uint8_t value, void *owner);
static void write_admux(avr_t *avr, avr_io_addr_t at, uint8_t value, void *owner);
static uint8_t read_adcl(avr_t *avr, avr_io_addr_t at, void *owner);
static uint8_t read_adch(avr_t *avr, avr_io_addr_t at, void *owner);
static void start(struct sim_adc *adc, uint64_t cycle, double clocks_to_hold, uint32_t clocks);
static avr_cycle_count_t end(avr_t *avr, avr_cycle_count_t when, void *owner);
static uint32_t clock_cycles(const struct sim_adc *adc);

void sim_adc_attach(struct sim_adc *adc, avr_t *avr) {
  memset(adc, 0, sizeof *adc);
  adc->avr = avr;
  for (avr_io_t *io = avr->io_port; io; io = io->next)
    if (strcmp(io->kind, "adc") == 0) adc->io = (avr_adc_t *)io;
  avr->io[AVR_DATA_TO_IO(ADCSRA_AT)].w.c = write_adcsra;
  avr->io[AVR_DATA_TO_IO(ADCSRA_AT)].w.param = adc;
  avr->io[AVR_DATA_TO_IO(ADMUX_AT)].w.c = write_admux;
  avr->io[AVR_DATA_TO_IO(ADMUX_AT)].w.param = adc;
  avr->io[AVR_DATA_TO_IO(ADCL_AT)].r.c = read_adcl;
  avr->io[AVR_DATA_TO_IO(ADCL_AT)].r.param = adc;
  avr->io[AVR_DATA_TO_IO(ADCH_AT)].r.c = read_adch;
  avr->io[AVR_DATA_TO_IO(ADCH_AT)].r.param = adc;
  sim_adc_reset(adc);
}

void sim_adc_reset(struct sim_adc *adc) {
  adc->count = 0;
  adc->locked = false;
  adc->lost_interrupt = SIM_ADC_NO_CONVERSION;
  adc->mux_write_delay_min = UINT64_MAX;
  adc->mux_writes_early = 0;
}

uint16_t sim_adc_code(size_t ordinal, uint8_t mux) {
  uint64_t x = (uint64_t)ordinal * 8 + mux + 1;
  x *= 0x9E3779B97F4A7C15u;
  x ^= x >> 29;
  x *= 0xBF58476D1CE4E5B9u;
  return (uint16_t)(x >> 54);
}

static void write_adcsra(avr_t *avr, avr_io_addr_t at, uint8_t value, void *owner) {
  struct sim_adc *adc = owner;
  const uint8_t before = avr->data[at];
  if (value & ADIF) avr_clear_interrupt(avr, &adc->io->adc);
  uint8_t after = (uint8_t)((value & ~ADIF) | (avr->data[at] & ADIF));
  if (!(value & ADEN)) {
    avr->data[at] = (uint8_t)(after & ~ADSC);
    avr_cycle_timer_cancel(avr, end, adc);
    return;
  }
  if (before & ADSC) after |= ADSC;
  avr->data[at] = after;
  if (before & ADSC || !(value & ADSC)) return;
  adc->count = 0;
  if (before & ADEN)
    start(adc, avr->cycle, 1.5, 13);
  else
    start(adc, avr->cycle, 13.5, 25);
}

/* Registers the conversion that starts at `cycle`, with the input selected now. */
static void start(struct sim_adc *adc, uint64_t cycle, double clocks_to_hold, uint32_t clocks) {
  if (adc->count == adc->capacity) {
    adc->capacity = adc->capacity ? 2 * adc->capacity : 1 << 14;
    adc->conversions = realloc(adc->conversions, adc->capacity * sizeof *adc->conversions);
    if (!adc->conversions) abort();
  }
  const uint8_t mux = adc->avr->data[ADMUX_AT] & 15;
  const size_t ordinal = adc->count++;
  adc->start_cycle = cycle;
  adc->conversions[ordinal] = (struct sim_conversion){
      .hold_cycle = cycle + (uint64_t)(clocks_to_hold * clock_cycles(adc)),
      .end_cycle = cycle + clocks * clock_cycles(adc),
      .mux = mux,
      .code = mux == 14 ? SIM_ADC_BANDGAP_CODE : sim_adc_code(ordinal, mux),
  };
  if (ordinal == 0 || !(adc->avr->data[ADCSRA_AT] & ADATE))
    avr_cycle_timer_register(adc->avr, clocks * clock_cycles(adc), end, adc);
}

static avr_cycle_count_t end(avr_t *avr, avr_cycle_count_t when, void *owner) {
  struct sim_adc *adc = owner;
  const size_t ordinal = adc->count - 1;
  if (!adc->locked) adc->result = adc->conversions[ordinal].code;
  const bool free_running = avr->data[ADCSRA_AT] & ADATE;
  if (adc->on_end && free_running) adc->on_end(adc->owner, ordinal);
  if (!free_running) avr->data[ADCSRA_AT] &= (uint8_t)~ADSC;
  if (ordinal != adc->lost_interrupt || !free_running) avr_raise_interrupt(avr, &adc->io->adc);
  if (!free_running) return 0;
  start(adc, when, 1.5, 13);
  return when + 13 * clock_cycles(adc);
}

static void write_admux(avr_t *avr, avr_io_addr_t at, uint8_t value, void *owner) {
  struct sim_adc *adc = owner;
  avr->data[at] = value;
  if (!(avr->data[ADCSRA_AT] & ADSC)) return;
  const uint64_t delay = avr->cycle - adc->start_cycle;
  if (delay < adc->mux_write_delay_min) adc->mux_write_delay_min = delay;
  if (delay < clock_cycles(adc)) adc->mux_writes_early++;
}

static uint8_t read_adcl(avr_t *avr, avr_io_addr_t at, void *owner) {
  struct sim_adc *adc = owner;
  const uint64_t delay = avr->cycle - adc->start_cycle;
  if (avr->data[ADCSRA_AT] & ADATE && delay > adc->read_delay_max) adc->read_delay_max = delay;
  adc->locked = true;
  return avr->data[at] = (uint8_t)adc->result;
}

static uint8_t read_adch(avr_t *avr, avr_io_addr_t at, void *owner) {
  struct sim_adc *adc = owner;
  adc->locked = false;
  return avr->data[at] = (uint8_t)(adc->result >> 8);
}

static uint32_t clock_cycles(const struct sim_adc *adc) {
  const uint32_t bits = adc->avr->data[ADCSRA_AT] & 7;
  return bits ? 1u << bits : 2;
}
