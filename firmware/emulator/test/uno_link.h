#ifndef EMULATOR_TEST_UNO_LINK_H
#define EMULATOR_TEST_UNO_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "joulespan_protocol.h"

enum { UNO_COMMAND_MAX = JS_COMMAND_HEADER_BYTES + JS_COMMAND_PAYLOAD_MAX + JS_FRAME_CRC_BYTES };

/* protocol/frame.md from the host's side, as far as the tests need it. */
size_t uno_command(uint8_t bytes[UNO_COMMAND_MAX], uint8_t command, const uint8_t *payload, uint8_t length);

typedef struct {
  const uint8_t *bytes;
  uint8_t kind, body_length;
  uint16_t boot_id;
  size_t end; /* in the stream */
} uno_frame_t;

/* The next whole frame at or behind *at, which moves behind it; bytes that belong to none are counted. */
bool uno_next_frame(const uint8_t *stream, size_t size, size_t *at, uno_frame_t *frame, size_t *garbage);
uint16_t uno_count(const uno_frame_t *frame, unsigned sample);

#endif
