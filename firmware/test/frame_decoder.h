/*
 * A decoder of device frames written from protocol/frame.md alone, so that the firmware is not judged by its own code.
 * Three answers about the bytes from a position on: not yet, frame, or bad.
 */
#ifndef JOULESPAN_FRAME_DECODER_H
#define JOULESPAN_FRAME_DECODER_H

#include <stddef.h>
#include <stdint.h>

#include "joulespan_protocol.h"

enum decoder_answer {
  DECODER_NOT_YET,
  DECODER_FRAME,
  DECODER_GARBAGE,
  DECODER_VERSION,
  DECODER_LENGTH,
  DECODER_CRC,
  DECODER_BODY
};

struct decoded_frame {
  uint8_t kind;
  uint16_t boot_id;
  uint16_t sequence;
  uint8_t body_length;
  uint8_t body[JS_FRAME_BODY_MAX];
  size_t length; /* of the whole frame */
  /* sample frames only */
  uint32_t first_index;
  uint32_t tick;
  uint32_t tx_tick;
  uint8_t mode;
  uint8_t channels;
  uint8_t sample_count;
  uint8_t flags;
  uint8_t marker_edges;
  uint8_t marker_offset;
  uint16_t counts[JS_SAMPLE_COUNT_MAX];
  uint8_t ping_count;
  struct {
    uint8_t id;
    uint32_t rx_tick;
  } pings[JS_PING_REPORTS_MAX];
};

/* Fills `frame` when the answer is a frame. A bad answer is about the first byte only. */
enum decoder_answer decoder_examine(const uint8_t *bytes, size_t count, struct decoded_frame *frame);

const char *decoder_reason(enum decoder_answer answer);

uint16_t decoder_crc16(const uint8_t *bytes, size_t count);

#endif
