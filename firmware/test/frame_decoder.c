#include "frame_decoder.h"

#include <stdbool.h>
#include <string.h>

static bool decode_sample(const uint8_t *bytes, struct decoded_frame *frame);
static uint32_t u16(const uint8_t *at);
static uint32_t u32(const uint8_t *at);

enum decoder_answer decoder_examine(const uint8_t *bytes, size_t count, struct decoded_frame *frame) {
  if (count == 0) return DECODER_NOT_YET;
  if (bytes[0] != JS_FRAME_SYNC0) return DECODER_GARBAGE;
  if (count < 2) return DECODER_NOT_YET;
  if (bytes[1] != JS_FRAME_SYNC1) return DECODER_GARBAGE;
  if (count < 3) return DECODER_NOT_YET;
  const uint8_t kind = bytes[JS_FRAME_AT_VERSION_KIND] & 15;
  if (bytes[JS_FRAME_AT_VERSION_KIND] >> 4 != JS_PROTOCOL_VERSION) return DECODER_VERSION;
  if (kind < JS_FRAME_KIND_SAMPLE || kind > JS_FRAME_KIND_REPLY) return DECODER_VERSION;
  if (count < 4) return DECODER_NOT_YET;
  const uint8_t body_length = bytes[JS_FRAME_AT_BODY_LENGTH];
  if (body_length > JS_FRAME_BODY_MAX) return DECODER_LENGTH;
  const size_t crc_at = JS_FRAME_HEADER_BYTES + (size_t)body_length;
  if (count < crc_at + JS_FRAME_CRC_BYTES) return DECODER_NOT_YET;
  if (decoder_crc16(bytes + 2, crc_at - 2) != u16(bytes + crc_at)) return DECODER_CRC;

  frame->kind = kind;
  frame->boot_id = (uint16_t)u16(bytes + JS_FRAME_AT_BOOT_ID);
  frame->sequence = (uint16_t)u16(bytes + JS_FRAME_AT_SEQUENCE);
  frame->body_length = body_length;
  memcpy(frame->body, bytes + JS_FRAME_HEADER_BYTES, body_length);
  frame->length = crc_at + JS_FRAME_CRC_BYTES;
  bool right = true;
  if (kind == JS_FRAME_KIND_SAMPLE) right = decode_sample(bytes, frame);
  if (kind == JS_FRAME_KIND_IDENTITY) right = body_length == JS_IDENTITY_BODY_BYTES;
  if (kind == JS_FRAME_KIND_REPLY) right = body_length >= JS_REPLY_AT_PAYLOAD - JS_FRAME_HEADER_BYTES;
  return right ? DECODER_FRAME : DECODER_BODY;
}

const char *decoder_reason(enum decoder_answer answer) {
  static const char *const names[] = {"not yet", "frame", "garbage", "version", "length", "crc", "body"};
  return names[answer];
}

/* Bit by bit, as the definition has it. */
uint16_t decoder_crc16(const uint8_t *bytes, size_t count) {
  uint16_t crc = 0xFFFF;
  for (size_t i = 0; i < count; i++) {
    crc ^= (uint16_t)(bytes[i] << 8);
    for (int bit = 0; bit < 8; bit++) crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
  }
  return crc;
}

static bool decode_sample(const uint8_t *bytes, struct decoded_frame *frame) {
  const int fixed = JS_SAMPLE_AT_COUNTS - JS_FRAME_HEADER_BYTES;
  if (frame->body_length < fixed) return false;
  frame->first_index = u32(bytes + JS_SAMPLE_AT_FIRST_INDEX);
  frame->tick = u32(bytes + JS_SAMPLE_AT_TICK);
  frame->tx_tick = u32(bytes + JS_SAMPLE_AT_TX_TICK);
  frame->mode = bytes[JS_SAMPLE_AT_MODE];
  frame->channels = bytes[JS_SAMPLE_AT_CHANNELS];
  frame->sample_count = bytes[JS_SAMPLE_AT_SAMPLE_COUNT];
  frame->flags = bytes[JS_SAMPLE_AT_FLAGS];
  frame->marker_edges = bytes[JS_SAMPLE_AT_MARKER_EDGES];
  frame->marker_offset = bytes[JS_SAMPLE_AT_MARKER_OFFSET];
  frame->ping_count = (frame->flags & JS_FLAG_PING_MASK) >> JS_FLAG_PING_SHIFT;
  const int samples = frame->sample_count;
  if (frame->mode >= JS_MODE_COUNT || frame->channels == 0 || frame->flags & 0x80) return false;
  if (samples == 0 || samples > JS_SAMPLE_COUNT_MAX || samples % 4) return false;
  if (samples % __builtin_popcount(frame->channels)) return false;
  if (frame->body_length != fixed + samples / 4 * 5 + frame->ping_count * JS_PING_REPORT_BYTES) return false;
  const uint8_t *at = bytes + JS_SAMPLE_AT_COUNTS;
  for (int i = 0; i < samples; i += 4, at += 5)
    for (int j = 0; j < 4; j++) frame->counts[i + j] = (uint16_t)(at[j] | (at[4] >> 2 * j & 3) << 8);
  for (int i = 0; i < frame->ping_count; i++, at += JS_PING_REPORT_BYTES) {
    frame->pings[i].id = at[0];
    frame->pings[i].rx_tick = u32(at + 1);
  }
  return true;
}

static uint32_t u16(const uint8_t *at) { return (uint32_t)(at[0] | at[1] << 8); }

static uint32_t u32(const uint8_t *at) { return u16(at) | u16(at + 2) << 16; }
