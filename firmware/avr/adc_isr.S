/*
 * The converter's interrupt: stores a sample and hands up to two bytes of the frame being sent to the UART, every 208
 * cycles in the fast mode. In assembly because of the cycles; README.md has the counts.
 *
 * Real-chip rules kept here, two of which simavr does not enforce:
 *  - UDR0 is written only when TXC0 says that the UART is empty, then twice: the first byte moves on into the shift
 *    register within one bit (8 cycles), and 17 cycles lie between the two. So no byte meets a full register, however
 *    late the interrupt before was. When TXC0 says no, this interrupt sends nothing.
 *  - ADMUX selects the input of the conversion after the one now running (data sheet 24.5.1): it is written no sooner
 *    than one ADC clock after that was started, and before it ends, even 170 cycles late in the fast mode.
 *  - ADCL is read before ADCH.
 */
#include <avr/io.h>

#include "adc.h"
#include "isr_registers.h"
#include "joulespan_protocol.h"
#include "pin_map.h"

/* High bits of the sample, in r3, into the byte that collects them; carry set when that was the fourth. */
    .macro collect_high_bits
    in    r30, _SFR_IO_ADDR(ADC_HIGH_BITS)
    lsr   r3
    ror   r30
    lsr   r3
    ror   r30
    out   _SFR_IO_ADDR(ADC_HIGH_BITS), r30
    .endm

    .section .text.ADC_vect, "ax", @progbits
    .global ADC_vect
ADC_vect:
    isr_save
    .global adc_isr_saved
adc_isr_saved:                      ; the receive interrupt goes on from here
    lds   r30, adc_fill_at
    lds   r31, adc_fill_at + 1
    lds   r24, ADCL
    st    Z+, r24
    lds   r3, ADCH
    sts   adc_fill_at, r30
    in    r25, _SFR_IO_ADDR(MARKER_PIN)
    nop
    sbic  _SFR_IO_ADDR(ADC_FLAGS), ADC_FLAG_SLOW_CLOCK_BIT
    rcall .Lone_clock
    lds   r30, ADMUX
    subi  r30, lo8(-(adc_next_input - ADC_REFERENCE))  /* aligned: no carry */
    ldi   r31, hi8(adc_next_input)
    ld    r24, Z
    sts   ADMUX, r24
    sbic  _SFR_IO_ADDR(ADC_FLAGS), MARKER_BIT
    com   r25
    sbrc  r25, MARKER_BIT
    rjmp  .Lmarker_edge
.Lsend:
    lds   r24, UCSR0A
    sbrs  r24, RXC0                 ; a byte waits: more may be coming at line rate, and sending can wait
    sbrs  r24, TXC0
    rjmp  .Lsend_nothing
    lds   r25, uart_transmit_left
    subi  r25, 2
    brcs  .Lless_than_two
    breq  .Llast_two

.Lsend_two:
    ldi   r24, _BV(U2X0) | _BV(TXC0)
    sts   UCSR0A, r24               ; clears TXC0, which is set again when both bytes are out
    lds   r30, uart_transmit_at
    lds   r31, uart_transmit_at + 1
    ld    r24, Z+
    sts   UDR0, r24
    sts   uart_transmit_left, r25
    ld    r25, Z+
    sts   uart_transmit_at, r30
    sts   uart_transmit_at + 1, r31
    collect_high_bits
    brcs  .Lfourth_and_send
    sts   UDR0, r25
    isr_return

.Llast_two:
    lds   r24, TCNT1L
    sts   uart_transmit_stamp, r24
    lds   r24, TCNT1H
    sts   uart_transmit_stamp + 1, r24
    rjmp  .Lsend_two

.Lfourth_and_send:
    mov   r24, r30
    lds   r30, adc_fill_at
    lds   r31, adc_fill_at + 1
    st    Z+, r24
    sts   UDR0, r25
    rjmp  .Lfourth_stored

.Lless_than_two:
    sbrc  r25, 0                    ; 255: one is left; 254: none
    rjmp  .Lsend_last
.Lsend_nothing:
    collect_high_bits
    brcs  .Lfourth
    isr_return

.Lfourth:
    mov   r24, r30
    lds   r30, adc_fill_at
    lds   r31, adc_fill_at + 1
    st    Z+, r24
.Lfourth_stored:
    ldi   r24, ADC_HIGH_BITS_EMPTY
    out   _SFR_IO_ADDR(ADC_HIGH_BITS), r24
    lds   r24, adc_frame_end
    cp    r30, r24
    breq  .Lframe_end
    sts   adc_fill_at, r30
    isr_return

.Lsend_last:
    lds   r24, TCNT1L
    sts   uart_transmit_stamp, r24
    lds   r24, TCNT1H
    sts   uart_transmit_stamp + 1, r24
    ldi   r24, 0
    sts   uart_transmit_left, r24
    ldi   r24, _BV(U2X0) | _BV(TXC0)
    sts   UCSR0A, r24
    lds   r30, uart_transmit_at
    lds   r31, uart_transmit_at + 1
    ld    r24, Z+
    sts   UDR0, r24
    sts   uart_transmit_at, r30     ; the CRC of the frame may still follow
    sts   uart_transmit_at + 1, r31
    rjmp  .Lsend_nothing

/* In the accurate mode one ADC clock is 64 cycles, 32 of which have passed: 34 more, with call and return. */
.Lone_clock:
    ldi   r24, 9
1:  dec   r24
    brne  1b
    ret

.Lmarker_edge:
    in    r24, _SFR_IO_ADDR(ADC_FLAGS)
    ldi   r25, _BV(MARKER_BIT)
    eor   r24, r25
    out   _SFR_IO_ADDR(ADC_FLAGS), r24
    lds   r24, adc_fill_at
    lds   r31, adc_fill_at + 1
    ldi   r30, 0
    ldd   r25, Z + ADC_FRAME_AT_MARKER_EDGES
    cpse  r25, r30
    rjmp  1f
    std   Z + ADC_FRAME_AT_MARKER_POSITION, r24
1:  inc   r25                       ; a frame has fewer than 255 samples
    std   Z + ADC_FRAME_AT_MARKER_EDGES, r25
    rjmp  .Lsend

/* Z is behind the last count. */
.Lframe_end:
    ldi   r30, 0
    lds   r24, TCNT1L
    std   Z + ADC_FRAME_AT_END_STAMP, r24
    lds   r24, TCNT1H
    std   Z + ADC_FRAME_AT_END_STAMP + 1, r24
    lds   r24, adc_ordinal
    std   Z + ADC_FRAME_AT_ORDINAL, r24
    inc   r24
    sts   adc_ordinal, r24
    ldi   r30, ADC_FRAME_AT_FULL
    mov   r24, r31
    inc   r31
    cpi   r31, hi8(adc_frames + ADC_FRAMES * ADC_PAGE_BYTES)
    brne  1f
    ldi   r31, hi8(adc_frames)
1:  ld    r25, Z
    cpi   r25, 0
    brne  .Lfill_again
    mov   r25, r31                  ; the next frame is free: the one in r24 is full
    mov   r31, r24
    st    Z, r31                    ; no page is numbered 0
    mov   r31, r25
.Lbegin_frame:
    in    r24, _SFR_IO_ADDR(ADC_FLAGS)
    ldi   r30, ADC_FRAME_AT_FLAGS_BEFORE
    st    Z, r24
    ldi   r30, JS_SAMPLE_AT_COUNTS
    sts   adc_fill_at, r30
    sts   adc_fill_at + 1, r31
    isr_return

.Lfill_again:
    mov   r31, r24
    ldi   r30, 0
    std   Z + ADC_FRAME_AT_MARKER_EDGES, r30
    ldi   r24, JS_SAMPLE_MARKER_NONE
    std   Z + ADC_FRAME_AT_MARKER_POSITION, r24
    rjmp  .Lbegin_frame
