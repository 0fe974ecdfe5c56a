/* The overflow of the clock: in assembly because it may come while the other two interrupts are already late. */
#include <avr/io.h>

#include "isr_registers.h"

    .section .text.TIMER1_OVF_vect, "ax", @progbits
    .global TIMER1_OVF_vect
TIMER1_OVF_vect:
    isr_save
    lds   r24, timer_overflows
    lds   r25, timer_overflows + 1
    adiw  r24, 1
    sts   timer_overflows, r24
    sts   timer_overflows + 1, r25
    isr_return
