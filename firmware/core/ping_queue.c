#include "ping_queue.h"

#include <string.h>

void ping_queue_add(struct ping_queue *queue, struct ping_report report) {
  if (queue->count < PING_QUEUE_CAPACITY) queue->reports[queue->count++] = report;
}

void ping_queue_drop(struct ping_queue *queue, uint8_t count) {
  queue->count -= count;
  memmove(queue->reports, queue->reports + count, queue->count * sizeof queue->reports[0]);
}
