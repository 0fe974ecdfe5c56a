#ifndef EMULATOR_POWER_FEED_H
#define EMULATOR_POWER_FEED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "failure.h"
#include "power_message.h"

typedef void (*power_feed_sink_t)(void *context, const power_message_t *message);

/*
 * The live power feed, a ZeroMQ SUB socket. A slice may run once the watermark has passed its end; before the first
 * message, and while the feed has been silent for 2 s, nothing is waited for.
 */
typedef struct {
  void *zmq_context, *socket;
  bool spoke, silent, ended;
  int64_t watermark_ns;
  int64_t last_advance_ns; /* CLOCK_MONOTONIC when the watermark last rose */
  uint64_t source_id;
  uint64_t messages, bad_messages, silences;
  int64_t longest_wait_ns;
} power_feed_t;

bool power_feed_open(power_feed_t *feed, const char *endpoint, failure_t *failure);
/* Hands over what has arrived, then waits until the watermark allows until_ns or *stop is set. */
void power_feed_wait(power_feed_t *feed, int64_t until_ns, const atomic_int *stop, power_feed_sink_t sink,
                     void *context);
void power_feed_close(power_feed_t *feed);

#endif
