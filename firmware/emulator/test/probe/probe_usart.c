/* Writes and reads the USART in every way that test_usart.c checks. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/delay.h>

#include "report.h"

enum { BURST = 1, SPACED, POLLED, INTERRUPTED, TRANSMITTED, LISTENING, STATUS, BYTE, STATUS_AFTER, ANSWERING, ECHO };

static volatile uint8_t next = 'A';
static volatile uint8_t echoes;

ISR(USART_UDRE_vect) {
  UDR0 = next++;
  if (next > 'J') UCSR0B &= (uint8_t)~_BV(UDRIE0);
}

ISR(USART_RX_vect) {
  report(ECHO, UDR0);
  echoes++;
}

static void wait_transmitted(void) {
  loop_until_bit_is_set(UCSR0A, TXC0);
  UCSR0A = _BV(U2X0) | _BV(TXC0);
}

int main(void) {
  UCSR0A = _BV(U2X0);
  UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
  UBRR0 = 0;
  UCSR0B = _BV(TXEN0) | _BV(RXEN0);

  report(BURST, 0);
  UDR0 = 'a';
  UDR0 = 'b';
  UDR0 = 'c';
  UDR0 = 'd';
  wait_transmitted();

  report(SPACED, 0);
  UDR0 = 'e';
  _delay_us(1);
  UDR0 = 'f';
  UDR0 = 'g';
  wait_transmitted();

  report(POLLED, 0);
  for (uint8_t c = '0'; c <= '9'; c++) {
    loop_until_bit_is_set(UCSR0A, UDRE0);
    UDR0 = c;
  }
  wait_transmitted();

  report(INTERRUPTED, 0);
  sei();
  UCSR0B |= _BV(UDRIE0);
  wait_transmitted();
  report(TRANSMITTED, UCSR0A);

  cli();
  report(LISTENING, 0);
  _delay_us(200);
  report(STATUS, UCSR0A);
  while (UCSR0A & _BV(RXC0)) report(BYTE, UDR0);
  report(STATUS_AFTER, UCSR0A);

  UCSR0B |= _BV(RXCIE0);
  sei();
  report(ANSWERING, 0);
  while (echoes < 20) continue;
  cli();
  report(REPORT_DONE, 0);
  sei();
  for (;;) continue;
}
