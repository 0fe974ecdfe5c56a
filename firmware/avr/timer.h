/* Timer 1 as the device clock: 2 MHz, never stopped or written, extended to 32 bits by its overflow interrupt. */
#ifndef JOULESPAN_AVR_TIMER_H
#define JOULESPAN_AVR_TIMER_H

#include <stdint.h>

void timer_init(void);

uint32_t timer_ticks(void);

/* The low 16 bits, for tick_extend16(); cheaper, and safe against interrupts. */
uint16_t timer_stamp(void);

/* High word of the clock; the receive interrupt takes its low byte into a stamp. Written by the overflow interrupt. */
extern volatile uint16_t timer_overflows;

#endif
