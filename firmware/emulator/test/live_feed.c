#include "live_feed.h"

#include <time.h>
#include <zmq.h>

#include "joulespan_protocol.h"
#include "power_log_writer.h"

static void *speak(void *context);

void live_feed_start(live_feed_t *feed, const char *endpoint) {
  feed->endpoint = endpoint;
  feed->stop = 0;
  pthread_create(&feed->thread, NULL, speak, feed);
}

void live_feed_stop(live_feed_t *feed) {
  feed->stop = 1;
  pthread_join(feed->thread, NULL);
}

int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void *speak(void *context) {
  live_feed_t *feed = context;
  static uint8_t bytes[JS_EVENT_HEADER_BYTES + POWER_BATCH_MAX * JS_POWER_RECORD_BYTES];
  power_record_t records[POWER_BATCH_MAX];
  void *zmq = zmq_ctx_new(), *socket = zmq_socket(zmq, ZMQ_PUB);
  zmq_bind(socket, feed->endpoint);
  uint64_t source_id = (uint64_t)now_ns();
  card_activity_t activity = card_activity_start(4, 0.5, now_ns());
  for (int tick = 0; !feed->stop; tick++) {
    int64_t watermark_ns = now_ns();
    uint32_t count = tick % 100 == 0 ? card_activity_idle_levels(&activity, watermark_ns, records) : 0;
    count += card_activity_until(&activity, watermark_ns, records + count, POWER_BATCH_MAX - count);
    /* a batch that was full leaves spans for the next one */
    for (int i = 0; i < activity.devices; i++)
      if (activity.device[i].free_ns < watermark_ns) watermark_ns = activity.device[i].free_ns;
    uint8_t message = count ? JS_POWER_MESSAGE_RECORDS : JS_MESSAGE_HEARTBEAT;
    zmq_send(socket, bytes, power_message_write(bytes, message, source_id, watermark_ns, records, count), 0);
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  }
  int linger_ms = 0;
  zmq_setsockopt(socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
  zmq_close(socket);
  zmq_ctx_term(zmq);
  return NULL;
}
