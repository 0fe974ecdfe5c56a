/*
 * The receive interrupt: short, so that a command at line rate (80 cycles a byte) leaves the ADC interrupt its time in
 * the fast mode; README.md has the counts. It comes before the ADC interrupt in the chip's order, and in a burst would
 * be due again at its end; so if a conversion has ended meanwhile, it goes on as the ADC interrupt instead of returning.
 */
#include <avr/io.h>

#include "isr_registers.h"
#include "joulespan_protocol.h"
#include "uart.h"

    .section .text.USART_RX_vect, "ax", @progbits
    .global USART_RX_vect
USART_RX_vect:
    isr_save
    lds   r24, UDR0
    lds   r30, uart_ring_head
    ldi   r31, hi8(uart_ring)
    st    Z, r24                    ; the slot at head is free even when the ring is full
    inc   r30
    lds   r25, uart_ring_tail
    cp    r30, r25
    breq  .Lreturn                  ; full: the byte is lost, and the CRC of its command will tell
    sts   uart_ring_head, r30
    cpi   r24, JS_COMMAND_SYNC
    breq  .Lstamp
.Lreturn:
    lds   r24, ADCSRA
    andi  r24, _BV(ADIF) | _BV(ADIE)
    cpi   r24, _BV(ADIF) | _BV(ADIE)
    breq  .Lconversion_waits
    isr_return

.Lconversion_waits:
    lds   r24, ADCSRA
    sts   ADCSRA, r24               ; ADIF is cleared by writing the one it reads as; the rest stays
    jmp   adc_isr_saved

.Lstamp:
    mov   r3, r30                   ; one behind the position of the byte
    lds   r30, uart_stamps_head
    mov   r24, r30
    subi  r24, -UART_STAMP_BYTES
    andi  r24, UART_STAMPS * UART_STAMP_BYTES - 1
    lds   r25, uart_stamps_tail
    cp    r24, r25
    breq  .Lreturn                  ; full: this sync byte stays without a stamp
    sts   uart_stamps_head, r24
    subi  r30, lo8(-(uart_stamps))  ; aligned: no carry
    ldi   r31, hi8(uart_stamps)
    st    Z, r3
    lds   r24, TCNT1L
    lds   r25, TCNT1H
    std   Z+1, r24
    std   Z+2, r25
    lds   r24, timer_overflows
    sbrs  r25, 7                    ; an overflow not counted yet belongs to the stamp if the count has wrapped
    sbis  _SFR_IO_ADDR(TIFR1), TOV1
    rjmp  .Lcounted
    inc   r24
.Lcounted:
    std   Z+3, r24
    rjmp  .Lreturn
