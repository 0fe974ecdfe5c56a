#include "sample_frame.h"

#include "bytes.h"

_Static_assert(SAMPLE_FRAME_BYTES_MAX <= JS_FRAME_HEADER_BYTES + JS_FRAME_BODY_MAX + JS_FRAME_CRC_BYTES,
               "a sample frame must fit the body length");

#define SAMPLES_WANTED 128

uint8_t sample_frame_samples(uint8_t channels) {
  uint8_t channel_count = 0;
  for (uint8_t bits = channels; bits; bits &= (uint8_t)(bits - 1)) channel_count++;
  uint8_t samples = SAMPLES_WANTED;
  while (samples % channel_count) samples += 4;
  return samples;
}

void sample_frame_pack(uint8_t packed[5], const uint16_t counts[4]) {
  packed[4] = 0;
  for (uint8_t i = 0; i < 4; i++) {
    packed[i] = (uint8_t)counts[i];
    packed[4] |= (uint8_t)((counts[i] >> 8 & 3) << (2 * i));
  }
}

uint8_t sample_frame_finish(uint8_t *frame, const struct sample_fields *fields, const struct ping_report *pings,
                            uint8_t ping_count) {
  bytes_put_u32(frame + JS_SAMPLE_AT_FIRST_INDEX, fields->first_index);
  bytes_put_u32(frame + JS_SAMPLE_AT_TICK, fields->tick);
  bytes_put_u32(frame + JS_SAMPLE_AT_TX_TICK, fields->tx_tick);
  frame[JS_SAMPLE_AT_MODE] = fields->mode;
  frame[JS_SAMPLE_AT_CHANNELS] = fields->channels;
  frame[JS_SAMPLE_AT_SAMPLE_COUNT] = fields->sample_count;
  frame[JS_SAMPLE_AT_FLAGS] = fields->flags | (uint8_t)(ping_count << JS_FLAG_PING_SHIFT);
  frame[JS_SAMPLE_AT_MARKER_EDGES] = fields->marker_edges;
  frame[JS_SAMPLE_AT_MARKER_OFFSET] = fields->marker_offset;
  uint8_t *end = frame + JS_SAMPLE_AT_COUNTS + fields->sample_count / 4 * 5;
  for (uint8_t i = 0; i < ping_count; i++) {
    end[0] = pings[i].id;
    bytes_put_u32(end + 1, pings[i].rx_tick);
    end += JS_PING_REPORT_BYTES;
  }
  return (uint8_t)(end - frame - JS_FRAME_HEADER_BYTES);
}
