#include "sim_uart.h"

#include <simavr/sim_io.h>
#include <stdlib.h>
#include <string.h>

enum { UCSR0A_AT = 0xC0, UCSR0B_AT = 0xC1, UDR0_AT = 0xC6 };
enum { RXC = 1 << 7, TXC = 1 << 6, UDRE = 1 << 5, U2X = 1 << 1, RXEN = 1 << 4, TXEN = 1 << 3 };

static uint8_t read_status(avr_t *avr, avr_io_addr_t at, void *owner);
static void write_status(avr_t *avr, avr_io_addr_t at, uint8_t value, void *owner);
static uint8_t read_data(avr_t *avr, avr_io_addr_t at, void *owner);
static void write_data(avr_t *avr, avr_io_addr_t at, uint8_t value, void *owner);
static avr_cycle_count_t arrive(avr_t *avr, avr_cycle_count_t when, void *owner);

void sim_uart_attach(struct sim_uart *uart, avr_t *avr) {
  memset(uart, 0, sizeof *uart);
  uart->avr = avr;
  for (avr_io_t *io = avr->io_port; io; io = io->next)
    if (strcmp(io->kind, "uart") == 0) uart->io = (avr_uart_t *)io;
  avr->io[AVR_DATA_TO_IO(UCSR0A_AT)].r.c = read_status;
  avr->io[AVR_DATA_TO_IO(UCSR0A_AT)].r.param = uart;
  avr->io[AVR_DATA_TO_IO(UCSR0A_AT)].w.c = write_status;
  avr->io[AVR_DATA_TO_IO(UCSR0A_AT)].w.param = uart;
  avr->io[AVR_DATA_TO_IO(UDR0_AT)].r.c = read_data;
  avr->io[AVR_DATA_TO_IO(UDR0_AT)].r.param = uart;
  avr->io[AVR_DATA_TO_IO(UDR0_AT)].w.c = write_data;
  avr->io[AVR_DATA_TO_IO(UDR0_AT)].w.param = uart;
  uart->gap_min = UINT64_MAX;
}

void sim_uart_reset(struct sim_uart *uart) {
  uart->txc_cleared = uart->avr->cycle;
  uart->incoming_count = uart->incoming_next = 0;
  uart->received_count = 0;
}

uint64_t sim_uart_send(struct sim_uart *uart, uint64_t cycle, const uint8_t *bytes, size_t count) {
  if (uart->incoming_next == uart->incoming_count) uart->incoming_next = uart->incoming_count = 0;
  if (uart->incoming_count > 0 && cycle < uart->incoming[uart->incoming_count - 1].cycle)
    cycle = uart->incoming[uart->incoming_count - 1].cycle;
  const bool was_idle = uart->incoming_next == uart->incoming_count;
  for (size_t i = 0; i < count; i++) {
    if (uart->incoming_count == uart->incoming_capacity) {
      uart->incoming_capacity = uart->incoming_capacity ? 2 * uart->incoming_capacity : 256;
      uart->incoming = realloc(uart->incoming, uart->incoming_capacity * sizeof *uart->incoming);
      if (!uart->incoming) abort();
    }
    uart->incoming[uart->incoming_count].byte = bytes[i];
    uart->incoming[uart->incoming_count++].cycle = cycle + (i + 1) * SIM_UART_BYTE_CYCLES;
  }
  if (was_idle)
    avr_cycle_timer_register(uart->avr, cycle + SIM_UART_BYTE_CYCLES - uart->avr->cycle, arrive, uart);
  return cycle + SIM_UART_BYTE_CYCLES;
}

static avr_cycle_count_t arrive(avr_t *avr, avr_cycle_count_t when, void *owner) {
  (void)when;
  struct sim_uart *uart = owner;
  const uint8_t byte = uart->incoming[uart->incoming_next++].byte;
  if (avr->data[UCSR0B_AT] & RXEN) {
    if (uart->received_count < 3)
      uart->received[uart->received_count++] = byte;
    else
      uart->overruns++;
    avr_raise_interrupt(avr, &uart->io->rxc);
  }
  return uart->incoming_next < uart->incoming_count ? uart->incoming[uart->incoming_next].cycle : 0;
}

static uint8_t read_data(avr_t *avr, avr_io_addr_t at, void *owner) {
  struct sim_uart *uart = owner;
  avr->data[at] = uart->received[0];
  if (uart->received_count > 0) {
    uart->received_count--;
    memmove(uart->received, uart->received + 1, sizeof uart->received - 1);
  }
  avr_clear_interrupt(avr, &uart->io->rxc);
  if (uart->received_count > 0) avr_raise_interrupt(avr, &uart->io->rxc);
  return avr->data[at];
}

static uint8_t read_status(avr_t *avr, avr_io_addr_t at, void *owner) {
  struct sim_uart *uart = owner;
  const uint64_t fell_idle = avr->cycle >= uart->line_free ? uart->line_free : uart->idle_since;
  uint8_t status = avr->data[at] & U2X;
  if (uart->received_count > 0) status |= RXC;
  if (!uart->stalled && fell_idle > uart->txc_cleared) status |= TXC;
  if (!uart->stalled && avr->cycle >= uart->shift_start) status |= UDRE;
  return status;
}

static void write_status(avr_t *avr, avr_io_addr_t at, uint8_t value, void *owner) {
  struct sim_uart *uart = owner;
  if (value & TXC) uart->txc_cleared = avr->cycle;
  avr->data[at] = value & U2X;
}

static void write_data(avr_t *avr, avr_io_addr_t at, uint8_t value, void *owner) {
  (void)at;
  struct sim_uart *uart = owner;
  const uint64_t now = avr->cycle;
  if (!(avr->data[UCSR0B_AT] & TXEN) || now < uart->shift_start) {
    uart->dropped++;
    return;
  }
  if (uart->written++ > 0 && now - uart->last_write_cycle < uart->gap_min) uart->gap_min = now - uart->last_write_cycle;
  uart->last_write_cycle = now;
  if (now >= uart->line_free) {
    uart->idle_since = uart->line_free;
    /* the byte moves on with the next edge of the bit clock */
    uart->shift_start = (now / SIM_UART_BIT_CYCLES + 1) * SIM_UART_BIT_CYCLES;
  } else {
    uart->shift_start = uart->line_free;
  }
  uart->line_free = uart->shift_start + SIM_UART_BYTE_CYCLES;
  if (uart->on_byte) uart->on_byte(uart->owner, value, now, uart->line_free);
}
