/* Body of a sample frame: protocol/frame.md, kind 1. */
#ifndef JOULESPAN_SAMPLE_FRAME_H
#define JOULESPAN_SAMPLE_FRAME_H

#include <stdint.h>

#include "joulespan_protocol.h"

/* Bytes of the largest sample frame: 140 samples and three ping reports. */
#define SAMPLE_FRAME_BYTES_MAX                                                                                  \
  (JS_SAMPLE_AT_COUNTS + JS_SAMPLE_COUNT_MAX / 4 * 5 + JS_PING_REPORTS_MAX * JS_PING_REPORT_BYTES + \
   JS_FRAME_CRC_BYTES)

struct ping_report {
  uint8_t id;
  uint32_t rx_tick;
};

/* The fields between the frame header and the packed counts; `flags` without the ping count. */
struct sample_fields {
  uint32_t first_index;
  uint32_t tick;
  uint32_t tx_tick;
  uint8_t mode;
  uint8_t channels;
  uint8_t sample_count;
  uint8_t flags;
  uint8_t marker_edges;
  uint8_t marker_offset;
};

/* Samples in a frame of these channels: the multiple of 4 and of their number that is 128, or next above it. */
uint8_t sample_frame_samples(uint8_t channels);

/* Packs four 10-bit counts into five bytes. A port whose interrupt packs by itself has no use for it. */
void sample_frame_pack(uint8_t packed[5], const uint16_t counts[4]);

/* Writes all of the body but the counts, which are in place already; returns the body's length. */
uint8_t sample_frame_finish(uint8_t *frame, const struct sample_fields *fields, const struct ping_report *pings,
                            uint8_t ping_count);

#endif
