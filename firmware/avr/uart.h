/*
 * USART 0 to the USB bridge, 8N1 at 2 000 000 baud.
 *
 * Receiving: an interrupt (uart_isr.S) fills a ring that holds more than the longest command, and stamps sync bytes.
 * Sending: one run of bytes at a time. While the converter runs its interrupt (adc_isr.S) is the only writer of UDR0;
 * otherwise uart_transmit_finish() is.
 */
#ifndef JOULESPAN_AVR_UART_H
#define JOULESPAN_AVR_UART_H

#define UART_STAMPS 8
#define UART_STAMP_BYTES 4

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stdint.h>

#include "command_parser.h"

void uart_init(void);

bool uart_receive(struct received_byte *received);

void uart_transmit(const uint8_t *bytes, uint8_t count);
void uart_transmit_more(uint8_t count);
void uart_transmit_finish(void);
uint32_t uart_transmit_tick(void);

extern volatile uint8_t uart_ring_head;
extern volatile uint8_t uart_ring_tail;
extern volatile uint8_t uart_transmit_left;

/* Inline, as they are asked after every interrupt. */
static inline bool uart_ring_is_half_full(void) { return (uint8_t)(uart_ring_head - uart_ring_tail) >= 128; }
static inline bool uart_is_transmitting(void) { return uart_transmit_left != 0; }
#endif

#endif
