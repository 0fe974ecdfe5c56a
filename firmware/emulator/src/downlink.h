#ifndef EMULATOR_DOWNLINK_H
#define EMULATOR_DOWNLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "usart.h"

/* The wire from the adapter to the device: bytes start no earlier than they arrived, one byte time apart. */
typedef struct {
  struct downlink_byte {
    uint64_t arrival_cycle;
    uint8_t byte;
  } *queue; /* ring */
  size_t capacity, first, count;
  uint64_t line_free_cycle;
  uint64_t start_cycle, receive_cycle; /* of the first byte, once its place on the wire is known */
  bool placed, started;
} downlink_t;

/* Arrivals ascend. */
void downlink_push(downlink_t *downlink, uint64_t arrival_cycle, const uint8_t *bytes, size_t count);
/* When the receiver next sees something, a start bit or a complete byte; UINT64_MAX when nothing is on its way. */
uint64_t downlink_next_cycle(downlink_t *downlink, const usart_t *usart);
/* Shows it to the receiver; true when it was a complete byte. */
bool downlink_deliver(downlink_t *downlink, usart_t *usart);
void downlink_free(downlink_t *downlink);

#endif
