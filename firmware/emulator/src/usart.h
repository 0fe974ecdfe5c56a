#ifndef EMULATOR_USART_H
#define EMULATOR_USART_H

#include <simavr/avr_uart.h>

#include "mcu.h"

/*
 * The ATmega328P's USART (datasheet 20), in place of simavr's: a transmitter with a shift and a holding register, so a
 * write with UDRE clear is lost as on the chip (and counted); frames of exactly their bits; a receiver with a two-byte
 * buffer and a shift register; interrupts that follow the level of their flags.
 */
typedef void (*usart_sent_t)(void *context, uint8_t byte, uint64_t end_cycle);

typedef struct {
  mcu_t *mcu;
  avr_uart_t *registers;
  usart_sent_t sent; /* at the end of a byte's stop bit */
  void *context;
  uint64_t baud_origin; /* cycle of the last write of UBRRL: the bit clock runs from there, never in step with writes */
  enum { USART_IDLE, USART_LOADING, USART_SHIFTING } phase;
  uint8_t shifting, holding;
  bool holding_full;
  uint8_t received[3]; /* two of the buffer, one still in the shift register */
  int received_count;
  uint64_t udr_violations; /* bytes written while UDRE or TXEN was clear */
  uint64_t rx_overruns;    /* bytes lost because three were waiting when another began */
  uint64_t rx_while_disabled;
} usart_t;

bool usart_attach(usart_t *usart, mcu_t *mcu, usart_sent_t sent, void *context, failure_t *failure);
uint64_t usart_byte_cycles(const usart_t *usart);
/* From the start edge to the middle of the start bit, where it is known for one, and of the stop bit: RXC. */
uint64_t usart_start_cycles(const usart_t *usart);
uint64_t usart_receive_cycles(const usart_t *usart);
/* A start bit is seen, now. */
void usart_receive_start(usart_t *usart);
/* A byte is complete in the receiver, now. */
void usart_receive(usart_t *usart, uint8_t byte);

#endif
