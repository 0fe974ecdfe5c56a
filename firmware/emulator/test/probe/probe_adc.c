/* Uses the converter in every way that test_adc.c checks. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <util/delay.h>

#include "report.h"

enum { BANDGAP = 1, SINGLE, LEFT_ADJUSTED, STRETCH, SAMPLE, LOCKED, FRESH, ASLEEP };

static volatile uint8_t left;

ISR(ADC_vect) {
  report(SAMPLE, ADC);
  ADMUX ^= 1; /* inputs 0 and 1 in turn: chosen now, converted after the next */
  left--;
}

static uint16_t convert(void) {
  ADCSRA |= _BV(ADSC);
  loop_until_bit_is_clear(ADCSRA, ADSC);
  return ADC;
}

static void stretch(uint8_t prescaler_bits, uint8_t asleep) {
  report(asleep ? ASLEEP : STRETCH, prescaler_bits);
  left = 40;
  ADMUX = _BV(REFS0);
  ADCSRA = _BV(ADEN) | _BV(ADSC) | _BV(ADATE) | _BV(ADIE) | _BV(ADIF) | prescaler_bits;
  while (left) {
    if (!asleep) continue;
    cli();
    if (left) {
      sleep_enable();
      sei();
      sleep_cpu();
      sleep_disable();
    }
    sei();
  }
  ADCSRA = 0;
}

int main(void) {
  ADMUX = _BV(REFS0) | 14;
  ADCSRA = _BV(ADEN) | 7;
  report(BANDGAP, convert());
  report(BANDGAP, convert());
  ADMUX = _BV(REFS0) | 3;
  report(SINGLE, convert());
  ADMUX = _BV(REFS0) | _BV(ADLAR) | 3;
  report(LEFT_ADJUSTED, convert());
  ADCSRA = 0;

  sei();
  for (uint8_t bits = 4; bits <= 6; bits++) stretch(bits, 0);
  for (uint8_t bits = 4; bits <= 6; bits++) stretch(bits, 1);
  cli();

  ADMUX = _BV(REFS0);
  ADCSRA = _BV(ADEN) | _BV(ADSC) | _BV(ADATE) | 4;
  _delay_us(100);
  uint8_t low = ADCL; /* from here to the read of ADCH the result stands still */
  _delay_us(100);
  report(LOCKED, low | (uint16_t)ADCH << 8);
  _delay_us(100);
  report(FRESH, ADC);
  ADCSRA = 0;

  report(REPORT_DONE, 0);
  sei();
  for (;;) continue;
}
