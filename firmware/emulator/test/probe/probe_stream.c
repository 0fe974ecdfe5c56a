/*
 * Samples input 0 every 26 us from boot on and sends each sample as two bytes:
 *   10Mxxccc 0ccccccc   M: level of the marker pin, c: the code
 * and before the next sample 1100nnnn for a byte n from the host. Counts its boots in EEPROM at address 0.
 */
#include <avr/eeprom.h>
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>

static volatile uint8_t echo;

static void send(uint8_t byte) {
  loop_until_bit_is_set(UCSR0A, UDRE0);
  UDR0 = byte;
}

ISR(USART_RX_vect) {
  echo = 0xC0 | (UDR0 & 15);
}

ISR(ADC_vect) {
  uint16_t code = ADC;
  if (echo) {
    send(echo);
    echo = 0;
  }
  send(0x80 | (PIND & _BV(PIND2) ? 0x20 : 0) | (uint8_t)(code >> 7));
  send(code & 0x7F);
}

int main(void) {
  eeprom_write_word((uint16_t *)0, eeprom_read_word((uint16_t *)0) + 1);
  UCSR0A = _BV(U2X0);
  UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
  UBRR0 = 0;
  UCSR0B = _BV(TXEN0) | _BV(RXEN0) | _BV(RXCIE0);
  PORTD = _BV(PORTD2);
  ADMUX = _BV(REFS0);
  ADCSRA = _BV(ADEN) | _BV(ADSC) | _BV(ADATE) | _BV(ADIE) | 5;
  set_sleep_mode(SLEEP_MODE_IDLE);
  sleep_enable();
  sei();
  for (;;) sleep_cpu();
}
