/*
 * Every vector in protocol/vectors/frame: the decoder of the tests must find what the JSON says, and the core must
 * build each good sample frame again, byte for byte.
 */
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "check.h"
#include "crc16.h"
#include "frame_decoder.h"
#include "link.h"
#include "port.h"
#include "sample_frame.h"
#include "vector_files.h"

static const struct vector *vector;

static void check_vector(const struct vector *given);
static void check_frame(const cJSON *expected, const struct decoded_frame *frame, const uint8_t *bytes);
static void check_sample(const cJSON *expected, const struct decoded_frame *frame);
static void rebuild_sample(const struct decoded_frame *frame, const uint8_t *bytes);

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s <protocol/vectors/frame>\n", argv[0]);
    return 2;
  }
  CHECK(vector_files_each(argv[1], check_vector) > 0);
  return check_report("frame_vectors");
}

static void check_vector(const struct vector *given) {
  vector = given;
  const int failures_before = check_failures();
  const cJSON *frame_expected = cJSON_GetObjectItem(vector->expected, "frames")->child;
  const cJSON *bad_expected = cJSON_GetObjectItem(vector->expected, "bad")->child;
  size_t at = 0;
  bool in_garbage = false;
  for (;;) {
    struct decoded_frame frame;
    const enum decoder_answer answer = decoder_examine(vector->bytes + at, vector->count - at, &frame);
    if (answer == DECODER_NOT_YET) break;
    if (answer == DECODER_FRAME) {
      CHECK(frame_expected != NULL);
      if (!frame_expected) break;
      check_frame(frame_expected, &frame, vector->bytes + at);
      frame_expected = frame_expected->next;
      at += frame.length;
      in_garbage = false;
      continue;
    }
    if (answer != DECODER_GARBAGE || !in_garbage) {
      CHECK(bad_expected != NULL);
      if (!bad_expected) break;
      CHECK_EQ(at, vector_number(bad_expected, "offset"));
      CHECK(strcmp(decoder_reason(answer), vector_text(bad_expected, "reason")) == 0);
      bad_expected = bad_expected->next;
    }
    in_garbage = answer == DECODER_GARBAGE;
    at++;
  }
  CHECK(frame_expected == NULL);
  CHECK(bad_expected == NULL);
  CHECK_EQ(vector->count - at, vector_number(vector->expected, "rest"));
  if (check_failures() > failures_before) fprintf(stderr, "in vector %s\n", vector->name);
}

static void check_frame(const cJSON *expected, const struct decoded_frame *frame, const uint8_t *bytes) {
  CHECK_EQ(frame->kind, vector_number(expected, "kind"));
  CHECK_EQ(frame->boot_id, vector_number(expected, "boot_id"));
  CHECK_EQ(frame->sequence, vector_number(expected, "sequence"));
  if (frame->kind == JS_FRAME_KIND_SAMPLE) {
    check_sample(expected, frame);
    rebuild_sample(frame, bytes);
    return;
  }
  uint8_t body[JS_FRAME_BODY_MAX];
  CHECK_EQ(frame->body_length, vector_hex(vector_text(expected, "body"), body, sizeof body));
  CHECK(memcmp(frame->body, body, frame->body_length) == 0);
}

static void check_sample(const cJSON *expected, const struct decoded_frame *frame) {
  CHECK_EQ(frame->first_index, vector_number(expected, "first_index"));
  CHECK_EQ(frame->tick, vector_number(expected, "tick"));
  CHECK_EQ(frame->tx_tick, vector_number(expected, "tx_tick"));
  CHECK_EQ(frame->mode, vector_number(expected, "mode"));
  CHECK_EQ(frame->channels, vector_number(expected, "channels"));
  CHECK_EQ(frame->flags, vector_number(expected, "flags"));
  CHECK_EQ(frame->marker_edges, vector_number(expected, "marker_edges"));
  CHECK_EQ(frame->marker_offset, vector_number(expected, "marker_offset"));
  const cJSON *counts = cJSON_GetObjectItem(expected, "counts");
  CHECK_EQ(frame->sample_count, cJSON_GetArraySize(counts));
  int i = 0;
  for (const cJSON *count = counts->child; count; count = count->next, i++)
    CHECK_EQ(frame->counts[i], count->valuedouble);
  const cJSON *pings = cJSON_GetObjectItem(expected, "pings");
  CHECK_EQ(frame->ping_count, cJSON_GetArraySize(pings));
  i = 0;
  for (const cJSON *ping = pings->child; ping; ping = ping->next, i++) {
    CHECK_EQ(frame->pings[i].id, vector_number(ping, "id"));
    CHECK_EQ(frame->pings[i].rx_tick, vector_number(ping, "rx_tick"));
  }
}

/* The port under link_send(): remembers what was let go, and checks that the CRC was added to it. */
static const uint8_t *sent;
static size_t sent_count;

void port_transmit(const uint8_t *bytes, uint8_t count) {
  sent = bytes;
  sent_count = count;
}

void port_transmit_more(uint8_t count) { sent_count += count; }

bool port_transmitting(void) { return false; }

uint32_t port_transmit_tick(void) { return 0; }

static void rebuild_sample(const struct decoded_frame *frame, const uint8_t *bytes) {
  static uint8_t built[SAMPLE_FRAME_BYTES_MAX];
  memset(built, 0xEE, sizeof built);
  for (int i = 0; i < frame->sample_count; i += 4)
    sample_frame_pack(built + JS_SAMPLE_AT_COUNTS + i / 4 * 5, frame->counts + i);
  const struct sample_fields fields = {
      .first_index = frame->first_index,
      .tick = frame->tick,
      .tx_tick = frame->tx_tick,
      .mode = frame->mode,
      .channels = frame->channels,
      .sample_count = frame->sample_count,
      .flags = frame->flags & (uint8_t)~JS_FLAG_PING_MASK,
      .marker_edges = frame->marker_edges,
      .marker_offset = frame->marker_offset,
  };
  struct ping_report pings[JS_PING_REPORTS_MAX];
  for (int i = 0; i < frame->ping_count; i++)
    pings[i] = (struct ping_report){frame->pings[i].id, frame->pings[i].rx_tick};
  const uint8_t body_length = sample_frame_finish(built, &fields, pings, frame->ping_count);
  link_init(frame->boot_id);
  for (int i = 0; i <= frame->sequence; i++) {
    CHECK(link_is_idle());
    link_send(built, JS_FRAME_KIND_SAMPLE, body_length);
  }
  CHECK_EQ(sent_count, frame->length);
  CHECK(sent == built && memcmp(built, bytes, frame->length) == 0);
}
