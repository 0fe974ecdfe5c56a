#include "power_feed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

#include "host_clock.h"
#include "joulespan_protocol.h"

static const int64_t SILENT_AFTER_NS = 2000000000;
enum { POLL_MS = 20 }; /* so that a stop is seen while waiting */

static void drain(power_feed_t *feed, power_feed_sink_t sink, void *context);
static void take(power_feed_t *feed, zmq_msg_t *part, power_feed_sink_t sink, void *context);
static void advance_watermark(power_feed_t *feed, const power_message_t *message);

bool power_feed_open(power_feed_t *feed, const char *endpoint, failure_t *failure) {
  *feed = (power_feed_t){.watermark_ns = INT64_MIN};
  feed->zmq_context = zmq_ctx_new();
  feed->socket = zmq_socket(feed->zmq_context, ZMQ_SUB);
  int unlimited = 0, linger_ms = 0;
  zmq_setsockopt(feed->socket, ZMQ_RCVHWM, &unlimited, sizeof unlimited);
  zmq_setsockopt(feed->socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
  zmq_setsockopt(feed->socket, ZMQ_SUBSCRIBE, "", 0);
  if (zmq_connect(feed->socket, endpoint) != 0)
    return failure_set(failure, "%s: power feed cannot be connected: %s, check --powers", endpoint,
                       zmq_strerror(errno));
  return true;
}

void power_feed_wait(power_feed_t *feed, int64_t until_ns, const atomic_int *stop, power_feed_sink_t sink,
                     void *context) {
  drain(feed, sink, context);
  int64_t started_ns = host_clock_ns();
  while (feed->spoke && !feed->silent && !feed->ended && feed->watermark_ns < until_ns && !*stop) {
    zmq_pollitem_t item = {.socket = feed->socket, .events = ZMQ_POLLIN};
    zmq_poll(&item, 1, POLL_MS);
    drain(feed, sink, context);
    int64_t now_ns = host_clock_ns();
    if (feed->watermark_ns < until_ns && now_ns - feed->last_advance_ns > SILENT_AFTER_NS) {
      feed->silent = true;
      feed->silences++;
      fprintf(stderr, "power feed: no watermark for 2 s, declared silent; going on with the powers that are known\n");
    }
    if (now_ns - started_ns > feed->longest_wait_ns) feed->longest_wait_ns = now_ns - started_ns;
  }
}

void power_feed_close(power_feed_t *feed) {
  if (feed->socket) zmq_close(feed->socket);
  if (feed->zmq_context) zmq_ctx_term(feed->zmq_context);
}

static void drain(power_feed_t *feed, power_feed_sink_t sink, void *context) {
  zmq_msg_t part;
  zmq_msg_init(&part);
  while (zmq_msg_recv(&part, feed->socket, ZMQ_DONTWAIT) >= 0) take(feed, &part, sink, context);
  zmq_msg_close(&part);
}

static void take(power_feed_t *feed, zmq_msg_t *part, power_feed_sink_t sink, void *context) {
  power_message_t message;
  failure_t failure;
  if (!power_message_open(&message, zmq_msg_data(part), zmq_msg_size(part), &failure)) {
    if (feed->bad_messages++ == 0) fprintf(stderr, "power feed: %s (told once, counted always)\n", failure.text);
    return;
  }
  feed->messages++;
  sink(context, &message);
  advance_watermark(feed, &message);
}

static void advance_watermark(power_feed_t *feed, const power_message_t *message) {
  if (message->message == JS_MESSAGE_END) {
    feed->ended = true;
    return;
  }
  bool restarted = !feed->spoke || feed->ended || message->source_id != feed->source_id;
  if (!restarted && message->watermark_ns <= feed->watermark_ns) return;
  feed->spoke = true;
  feed->ended = false;
  feed->source_id = message->source_id;
  feed->watermark_ns = message->watermark_ns;
  feed->last_advance_ns = host_clock_ns();
  if (feed->silent) fprintf(stderr, "power feed: speaks again\n");
  feed->silent = false;
}
