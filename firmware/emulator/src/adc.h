#ifndef EMULATOR_ADC_H
#define EMULATOR_ADC_H

#include <simavr/avr_adc.h>

#include "mcu.h"

/*
 * The ATmega328P's converter (datasheet 24), in place of simavr's: conversions of exactly 13 ADC clocks (the first
 * after ADEN 25) on the prescaler's grid, held 1.5 (13.5) ADC clocks after their start, multiplexer and reference
 * latched at the start, the result locked between the reads of ADCL and ADCH. Triggers: ADSC and free running, no
 * others.
 */
typedef struct {
  uint8_t multiplexer; /* MUX3:0: 0-7 inputs, 14 bandgap, 15 ground */
  uint8_t reference;   /* REFS1:0 */
  uint16_t prescaler;  /* CPU cycles per ADC clock, 2-128 */
  bool triggered;      /* part of a free-running stretch */
  uint64_t hold_cycle; /* sample-and-hold instant */
  uint16_t code;
} adc_conversion_t;

typedef struct {
  /* At the hold instant: the code that the pin's voltage gives. */
  uint16_t (*hold)(void *context, const adc_conversion_t *conversion);
  /* Completed, the flag is raised. */
  void (*complete)(void *context, const adc_conversion_t *conversion);
  /* A free-running stretch is over; `unserved`: its last conversion's flag was never answered by its interrupt. */
  void (*stretch_end)(void *context, bool unserved);
  void *context;
} adc_listener_t;

typedef struct {
  mcu_t *mcu;
  avr_adc_t *registers;
  adc_listener_t listener;
  enum { ADC_IDLE, ADC_STARTING, ADC_TRACKING, ADC_CONVERTING } phase;
  adc_conversion_t conversion;
  bool first, in_stretch;
  uint64_t prescaler_origin; /* cycle of the last ADEN 0 to 1: the prescaler is held in reset before */
  uint64_t complete_cycle;
  uint16_t result;
  bool result_locked;
  uint64_t results_lost;         /* completed while the result was locked, or over an unserved one */
  uint64_t unsupported_triggers; /* ADATE with a source other than free running */
} adc_t;

bool adc_attach(adc_t *adc, mcu_t *mcu, adc_listener_t listener, failure_t *failure);

#endif
