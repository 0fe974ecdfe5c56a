#include "adc.h"

#include <stddef.h>

enum { ADSC_BIT = 6, ADATE_BIT = 5, ADIF_BIT = 4, ADIE_BIT = 3, ADEN_BIT = 7, ADPS_MASK = 7 }; /* ADCSRA */
enum { ADLAR_BIT = 5, MUX_MASK = 15, REFS_SHIFT = 6 };                                         /* ADMUX */
enum { ADTS_MASK = 7 };                                                                        /* ADCSRB */

static void write_control(avr_t *avr, avr_io_addr_t address, uint8_t value, void *context);
static void write_trigger_source(avr_t *avr, avr_io_addr_t address, uint8_t value, void *context);
static uint8_t read_low(avr_t *avr, avr_io_addr_t address, void *context);
static uint8_t read_high(avr_t *avr, avr_io_addr_t address, void *context);
static void request_start(adc_t *adc);
static avr_cycle_count_t advance(avr_t *avr, avr_cycle_count_t when, void *context);
static avr_cycle_count_t begin_conversion(adc_t *adc, avr_cycle_count_t when);
static avr_cycle_count_t complete_conversion(adc_t *adc, avr_cycle_count_t when);
static void on_reset(void *context);
static uint8_t *control(adc_t *adc);
static uint16_t prescaler(adc_t *adc);
static bool free_running(adc_t *adc);

bool adc_attach(adc_t *adc, mcu_t *mcu, adc_listener_t listener, failure_t *failure) {
  avr_adc_t *registers = (avr_adc_t *)mcu_find_peripheral(mcu, "adc");
  if (!registers) return failure_set(failure, "simavr: the atmega328p has no adc");
  *adc = (adc_t){.mcu = mcu, .registers = registers, .listener = listener};
  registers->io.reset = NULL;
  mcu_hook_write(mcu, registers->r_adcsra, write_control, adc);
  mcu_hook_write(mcu, registers->r_adcsrb, write_trigger_source, adc);
  mcu_hook_read(mcu, registers->r_adcl, read_low, adc);
  mcu_hook_read(mcu, registers->r_adch, read_high, adc);
  mcu_on_reset(mcu, on_reset, adc);
  return true;
}

static void write_control(avr_t *avr, avr_io_addr_t address, uint8_t value, void *context) {
  adc_t *adc = context;
  uint8_t before = avr->data[address];
  bool was_enabled = before >> ADEN_BIT & 1, enabled = value >> ADEN_BIT & 1;
  bool flag = (before >> ADIF_BIT & 1) && !(value >> ADIF_BIT & 1); /* writing one clears it */
  bool unserved = before >> ADIF_BIT & 1;
  bool converting = adc->phase != ADC_IDLE && enabled;

  if ((before >> ADIF_BIT & 1) && !flag) mcu_withdraw_interrupt(adc->mcu, &adc->registers->adc);
  bool start = enabled && !converting && (value >> ADSC_BIT & 1);
  value &= (uint8_t)~(1 << ADSC_BIT | 1 << ADIF_BIT);
  value |= (uint8_t)((converting || start) << ADSC_BIT | flag << ADIF_BIT);
  avr->data[address] = value;

  if (!was_enabled && enabled) {
    adc->first = true;
    adc->prescaler_origin = avr->cycle;
  }
  if (was_enabled && !enabled) {
    avr_cycle_timer_cancel(avr, advance, adc);
    adc->phase = ADC_IDLE;
  }
  bool interrupting = enabled && (value >> ADATE_BIT & 1) && (value >> ADIE_BIT & 1);
  if (adc->in_stretch && !interrupting) {
    adc->in_stretch = false;
    adc->listener.stretch_end(adc->listener.context, unserved && (before >> ADIE_BIT & 1));
  }
  if (start) request_start(adc);
  if (flag && (value >> ADIE_BIT & 1)) avr_raise_interrupt(avr, &adc->registers->adc);
}

static void write_trigger_source(avr_t *avr, avr_io_addr_t address, uint8_t value, void *context) {
  adc_t *adc = context;
  avr->data[address] = value;
  if (value & ADTS_MASK) adc->unsupported_triggers++;
}

static uint8_t read_low(avr_t *avr, avr_io_addr_t address, void *context) {
  adc_t *adc = context;
  (void)address;
  adc->result_locked = true;
  bool left = avr->data[adc->registers->r_admux] >> ADLAR_BIT & 1;
  return (uint8_t)(left ? adc->result << 6 : adc->result);
}

static uint8_t read_high(avr_t *avr, avr_io_addr_t address, void *context) {
  adc_t *adc = context;
  (void)address;
  adc->result_locked = false;
  bool left = avr->data[adc->registers->r_admux] >> ADLAR_BIT & 1;
  return (uint8_t)(left ? adc->result >> 2 : adc->result >> 8);
}

/* A conversion starts at the next rising edge of the ADC clock (datasheet 24.3). */
static void request_start(adc_t *adc) {
  avr_t *avr = adc->mcu->avr;
  uint64_t since = avr->cycle - adc->prescaler_origin, period = prescaler(adc);
  uint64_t wait = (period - since % period) % period;
  adc->phase = ADC_STARTING;
  avr_cycle_timer_register(avr, wait, advance, adc);
}

/* `when` is the exact cycle; the call comes at the next instruction boundary. Returns the cycle of the next call. */
static avr_cycle_count_t advance(avr_t *avr, avr_cycle_count_t when, void *context) {
  (void)avr;
  adc_t *adc = context;
  switch (adc->phase) {
    case ADC_STARTING: return begin_conversion(adc, when);
    case ADC_TRACKING:
      adc->conversion.code = adc->listener.hold(adc->listener.context, &adc->conversion);
      adc->phase = ADC_CONVERTING;
      return adc->complete_cycle;
    case ADC_CONVERTING: return complete_conversion(adc, when);
    case ADC_IDLE: break;
  }
  return 0;
}

static avr_cycle_count_t begin_conversion(adc_t *adc, avr_cycle_count_t when) {
  uint8_t admux = adc->mcu->avr->data[adc->registers->r_admux];
  uint16_t period = prescaler(adc);
  uint64_t hold_half_clocks = adc->first ? 27 : 3;
  uint64_t clocks = adc->first ? 25 : 13;
  adc->conversion = (adc_conversion_t){.multiplexer = admux & MUX_MASK,
                                       .reference = admux >> REFS_SHIFT,
                                       .prescaler = period,
                                       .triggered = free_running(adc),
                                       .hold_cycle = when + hold_half_clocks * period / 2};
  adc->first = false;
  adc->complete_cycle = when + clocks * period;
  adc->phase = ADC_TRACKING;
  return adc->conversion.hold_cycle;
}

static avr_cycle_count_t complete_conversion(adc_t *adc, avr_cycle_count_t when) {
  bool unserved = *control(adc) >> ADIF_BIT & 1, interrupting = *control(adc) >> ADIE_BIT & 1;
  if (adc->result_locked || (unserved && interrupting)) adc->results_lost++;
  if (!adc->result_locked) adc->result = adc->conversion.code;
  adc->in_stretch = adc->conversion.triggered && interrupting;
  adc->listener.complete(adc->listener.context, &adc->conversion);
  avr_raise_interrupt(adc->mcu->avr, &adc->registers->adc);
  if (free_running(adc)) return begin_conversion(adc, when);
  *control(adc) &= (uint8_t)~(1 << ADSC_BIT);
  adc->phase = ADC_IDLE;
  return 0;
}

static void on_reset(void *context) {
  adc_t *adc = context;
  if (adc->in_stretch) adc->listener.stretch_end(adc->listener.context, false);
  adc->in_stretch = false;
  adc->phase = ADC_IDLE; /* simavr has dropped all timers */
  adc->result = 0;
  adc->result_locked = false;
}

static uint8_t *control(adc_t *adc) {
  return &adc->mcu->avr->data[adc->registers->r_adcsra];
}

/* ADPS 0 and 1 both divide by 2. */
static uint16_t prescaler(adc_t *adc) {
  uint8_t power = *control(adc) & ADPS_MASK;
  return (uint16_t)(1u << (power ? power : 1));
}

static bool free_running(adc_t *adc) {
  uint8_t source = adc->mcu->avr->data[adc->registers->r_adcsrb] & ADTS_MASK;
  return (*control(adc) >> ADATE_BIT & 1) && source == 0;
}
