#include "uart.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

#include "joulespan_protocol.h"
#include "tick.h"
#include "timer.h"

#define BAUD_DIVISOR (F_CPU / 8 / JS_BAUD - 1)
_Static_assert(F_CPU == 8 * JS_BAUD * (BAUD_DIVISOR + 1), "the baud rate must divide exactly, at double speed");

/* One page, so that 8-bit positions wrap by themselves. Shared with uart_isr.S, as is all that is volatile here. */
volatile uint8_t uart_ring[256] __attribute__((aligned(256)));
volatile uint8_t uart_ring_head; /* written by the interrupt */
volatile uint8_t uart_ring_tail; /* written here */
_Static_assert(COMMAND_BYTES_MAX < 256, "the ring must hold the longest command at line rate");

/* When sync bytes were taken: one behind the position in the ring, then 24 bits of the clock. Dropped when full. */
volatile uint8_t uart_stamps[UART_STAMPS * UART_STAMP_BYTES] __attribute__((aligned(UART_STAMPS * UART_STAMP_BYTES)));
volatile uint8_t uart_stamps_head;
volatile uint8_t uart_stamps_tail;

/* The bytes still to be handed to UDR0, and the timer before the last one was. */
const uint8_t *volatile uart_transmit_at;
volatile uint8_t uart_transmit_left;
volatile uint16_t uart_transmit_stamp;

static bool take_stamp(uint8_t position, uint32_t *tick);

void uart_init(void) {
  UCSR0A = _BV(U2X0);
  UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
  UBRR0 = BAUD_DIVISOR;
  UCSR0B = _BV(RXEN0) | _BV(TXEN0) | _BV(RXCIE0);
}

bool uart_receive(struct received_byte *received) {
  const uint8_t tail = uart_ring_tail;
  if (tail == uart_ring_head) return false;
  received->byte = uart_ring[tail];
  received->stamped = received->byte == JS_COMMAND_SYNC && take_stamp(tail, &received->tick);
  uart_ring_tail = tail + 1;
  return true;
}

void uart_transmit(const uint8_t *bytes, uint8_t count) {
  uart_transmit_at = bytes;
  uart_transmit_left = count;
}

void uart_transmit_more(uint8_t count) {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) uart_transmit_left += count;
}

void uart_transmit_finish(void) {
  while (uart_transmit_left) {
    loop_until_bit_is_set(UCSR0A, UDRE0);
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
      if (uart_transmit_left == 1) uart_transmit_stamp = TCNT1;
      /* TXC0 must say no until this byte is out: the ADC interrupt sends only when it says yes */
      UCSR0A = _BV(U2X0) | _BV(TXC0);
      UDR0 = *uart_transmit_at++;
      uart_transmit_left--;
    }
  }
}

uint32_t uart_transmit_tick(void) { return tick_extend16(timer_ticks(), uart_transmit_stamp); }

/* Every sync byte that found room has a stamp, in order: the oldest is this byte's, or the byte has none. */
static bool take_stamp(uint8_t position, uint32_t *tick) {
  const uint8_t tail = uart_stamps_tail;
  if (tail == uart_stamps_head) return false;
  volatile uint8_t *stamp = uart_stamps + tail;
  if (stamp[0] != (uint8_t)(position + 1)) return false;
  const uint32_t ticks = stamp[1] | (uint16_t)stamp[2] << 8 | (uint32_t)stamp[3] << 16;
  uart_stamps_tail = (uint8_t)(tail + UART_STAMP_BYTES) % (UART_STAMPS * UART_STAMP_BYTES);
  *tick = tick_extend24(timer_ticks(), ticks);
  return true;
}
