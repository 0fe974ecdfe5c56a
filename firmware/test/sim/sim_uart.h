/*
 * The ATmega328P's USART 0, put in place of simavr's: a shift register and one holding register to send, two bytes of
 * buffer and a shift register to receive, 80 cycles a byte. What the real chip would lose is lost and counted.
 */
#ifndef JOULESPAN_SIM_UART_H
#define JOULESPAN_SIM_UART_H

#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_UART_BYTE_CYCLES 80
#define SIM_UART_BIT_CYCLES 8

struct sim_uart {
  avr_t *avr;
  avr_uart_t *io;
  /* sending */
  void (*on_byte)(void *owner, uint8_t byte, uint64_t written_cycle, uint64_t sent_cycle);
  void *owner;
  uint64_t written; /* bytes accepted */
  uint64_t dropped; /* bytes written while the holding register was full */
  uint64_t gap_min; /* cycles between two writes */
  uint64_t last_write_cycle;
  uint64_t shift_start; /* of the byte accepted last */
  uint64_t line_free;   /* when that byte is out */
  uint64_t idle_since;  /* when the line last fell idle, as far as known */
  uint64_t txc_cleared;
  bool stalled; /* fault: its flags never say that it is ready */
  /* receiving: bytes and the cycle at which each is complete */
  struct {
    uint8_t byte;
    uint64_t cycle;
  } *incoming;
  size_t incoming_count;
  size_t incoming_next;
  size_t incoming_capacity;
  uint8_t received[3]; /* two buffered, then the shift register */
  int received_count;
  uint64_t overruns;
};

void sim_uart_attach(struct sim_uart *uart, avr_t *avr);
/* After avr_reset(). Bytes on their way to the device are gone. */
void sim_uart_reset(struct sim_uart *uart);

/* Queues bytes at line rate; the first start bit is at `cycle`, or behind what is queued. Returns the cycle at which
 * the first byte is complete. */
uint64_t sim_uart_send(struct sim_uart *uart, uint64_t cycle, const uint8_t *bytes, size_t count);

#endif
