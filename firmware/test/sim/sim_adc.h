/*
 * The ATmega328P's converter, put in place of simavr's: conversions exactly 13 ADC clocks apart, the input latched when
 * a conversion starts, the result latched at its end and locked between the reading of ADCL and ADCH.
 */
#ifndef JOULESPAN_SIM_ADC_H
#define JOULESPAN_SIM_ADC_H

#include <simavr/avr_adc.h>
#include <simavr/sim_avr.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_conversion {
  uint64_t hold_cycle;
  uint64_t end_cycle;
  uint8_t mux;
  uint16_t code;
};

struct sim_adc {
  avr_t *avr;
  avr_adc_t *io;
  /* every conversion since the converter was last started free-running */
  struct sim_conversion *conversions;
  size_t count;
  size_t capacity;
  /* what the outside does when conversion `ordinal` ends, before its interrupt */
  void (*on_end)(void *owner, size_t ordinal);
  void *owner;
  /* fault: the interrupt of this conversion never comes */
  size_t lost_interrupt;
  /* cycles from a conversion's start to a write of ADMUX while it runs: at least one ADC clock on the real chip */
  uint64_t mux_write_delay_min;
  uint64_t mux_writes_early;
  /* cycles from a conversion's end to the reading of its result */
  uint64_t read_delay_max;
  uint64_t start_cycle;
  uint16_t result;
  bool locked;
};

/* Input 14 is the 1.1 V reference, as seen against a supply of 5 V. */
#define SIM_ADC_BANDGAP_CODE 225
#define SIM_ADC_NO_CONVERSION SIZE_MAX

void sim_adc_attach(struct sim_adc *adc, avr_t *avr);
/* After avr_reset(). */
void sim_adc_reset(struct sim_adc *adc);

/* The code that input `mux` has in conversion `ordinal`: any two are unrelated. */
uint16_t sim_adc_code(size_t ordinal, uint8_t mux);

#endif
