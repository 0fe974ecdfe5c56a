#include "downlink.h"

#include <stdlib.h>

static void grow(downlink_t *downlink);

void downlink_push(downlink_t *downlink, uint64_t arrival_cycle, const uint8_t *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (downlink->count == downlink->capacity) grow(downlink);
    size_t at = (downlink->first + downlink->count++) % downlink->capacity;
    downlink->queue[at] = (struct downlink_byte){.arrival_cycle = arrival_cycle, .byte = bytes[i]};
  }
}

uint64_t downlink_next_cycle(downlink_t *downlink, const usart_t *usart) {
  if (downlink->count == 0) return UINT64_MAX;
  if (!downlink->placed) {
    uint64_t edge = downlink->queue[downlink->first].arrival_cycle;
    if (edge < downlink->line_free_cycle) edge = downlink->line_free_cycle;
    downlink->start_cycle = edge + usart_start_cycles(usart);
    downlink->receive_cycle = edge + usart_receive_cycles(usart);
    downlink->line_free_cycle = edge + usart_byte_cycles(usart);
    downlink->placed = true;
  }
  return downlink->started ? downlink->receive_cycle : downlink->start_cycle;
}

bool downlink_deliver(downlink_t *downlink, usart_t *usart) {
  if (!downlink->started) {
    downlink->started = true;
    usart_receive_start(usart);
    return false;
  }
  usart_receive(usart, downlink->queue[downlink->first].byte);
  downlink->first = (downlink->first + 1) % downlink->capacity;
  downlink->count--;
  downlink->placed = downlink->started = false;
  return true;
}

void downlink_free(downlink_t *downlink) {
  free(downlink->queue);
  *downlink = (downlink_t){0};
}

static void grow(downlink_t *downlink) {
  size_t capacity = downlink->capacity ? 2 * downlink->capacity : 256;
  struct downlink_byte *queue = malloc(capacity * sizeof *queue);
  for (size_t i = 0; i < downlink->count; i++) queue[i] = downlink->queue[(downlink->first + i) % downlink->capacity];
  free(downlink->queue);
  downlink->queue = queue;
  downlink->capacity = capacity;
  downlink->first = 0;
}
