/* Pings received and not yet reported, oldest first. */
#ifndef JOULESPAN_PING_QUEUE_H
#define JOULESPAN_PING_QUEUE_H

#include <stdint.h>

#include "sample_frame.h"

/* Beyond this many a ping gets no answer; the host counts it as lost. */
#define PING_QUEUE_CAPACITY 8

struct ping_queue {
  struct ping_report reports[PING_QUEUE_CAPACITY];
  uint8_t count;
};

void ping_queue_add(struct ping_queue *queue, struct ping_report report);

/* Forgets the oldest `count`. */
void ping_queue_drop(struct ping_queue *queue, uint8_t count);

#endif
