#include "timer.h"

#include <avr/io.h>
#include <util/atomic.h>

#include "joulespan_protocol.h"

_Static_assert(JS_TICK_DIVIDER == 8, "the prescaler below is 8");

volatile uint16_t timer_overflows;

void timer_init(void) {
  TCCR1A = 0;
  TCCR1B = _BV(CS11);
  TIMSK1 = _BV(TOIE1);
}

uint32_t timer_ticks(void) {
  uint16_t low;
  uint16_t high;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    low = TCNT1;
    high = timer_overflows;
    /* an overflow whose interrupt is still to come: it belongs to this reading only if the count has wrapped already */
    if ((TIFR1 & _BV(TOV1)) && low < 0x8000) high++;
  }
  return (uint32_t)high << 16 | low;
}

uint16_t timer_stamp(void) {
  uint16_t stamp;
  /* the two halves go through one temporary register, which the interrupts use too */
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) stamp = TCNT1;
  return stamp;
}
