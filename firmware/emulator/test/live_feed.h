#ifndef EMULATOR_TEST_LIVE_FEED_H
#define EMULATOR_TEST_LIVE_FEED_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

/* A runner's power feed: binds a PUB socket and sends, every millisecond, what four devices do and a watermark. */
typedef struct {
  const char *endpoint;
  pthread_t thread;
  atomic_int stop;
} live_feed_t;

void live_feed_start(live_feed_t *feed, const char *endpoint);
/* Falls silent without an end message, as a killed runner does. */
void live_feed_stop(live_feed_t *feed);

int64_t now_ns(void);

#endif
