/* Interrupt timing of the core, for test_mcu.c. Handlers are naked: their first instruction is the report. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>

#include "report.h"

enum { AWAKE = 1, ASLEEP, SERVED, AFTER_SEI, BEFORE_SLEEP };

EMPTY_INTERRUPT(TIMER1_OVF_vect)

ISR(ADC_vect, ISR_NAKED) {
  __asm__ volatile(
      "out %0, r16\n\t"
      "reti" ::"I"(_SFR_IO_ADDR(GPIOR0)));
}

static void start_conversion(void) {
  ADCSRA = _BV(ADEN) | _BV(ADSC) | _BV(ADIE) | _BV(ADIF) | 4;
}

static void wait_until_pending(void) {
  cli();
  start_conversion();
  loop_until_bit_is_set(ADCSRA, ADIF);
}

int main(void) {
  register uint8_t tag __asm__("r16") = SERVED;

  GPIOR0 = AWAKE;
  sei();
  start_conversion();
  for (uint8_t i = 0; i < 100; i++)
    __asm__ volatile("nop\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop" ::"r"(tag));
  loop_until_bit_is_clear(ADCSRA, ADSC);

  GPIOR0 = ASLEEP;
  start_conversion();
  sleep_enable();
  sleep_cpu();
  __asm__ volatile("" ::"r"(tag));

  wait_until_pending();
  GPIOR0 = AFTER_SEI;
  __asm__ volatile(
      "clr r16\n\t"
      "sei\n\t"
      "inc r16\n\t" /* this one runs before the interrupt, no other */
      "inc r16\n\t"
      "inc r16\n\t"
      "inc r16\n\t" ::
          : "r16");

  wait_until_pending();
  GPIOR0 = BEFORE_SLEEP;
  __asm__ volatile(
      "ldi r16, 3\n\t"
      "sei\n\t"
      "sleep\n\t" ::
          : "r16"); /* nothing else would ever wake it */

  /* wakes only for the timer, every 4 ms: a stop in between must not be slept over */
  cli();
  TCCR1B = _BV(CS10);
  TIMSK1 = _BV(TOIE1);
  for (uint8_t i = 0; i < 20; i++) {
    sei();
    sleep_cpu();
    cli();
  }
  TIMSK1 = 0;
  report(REPORT_DONE, MCUSR);
  DDRD = 0;
  PORTD = _BV(PORTD2);
  for (;;) {
    GPIOR1 = PIND;
    GPIOR0 = 6;
  }
}
