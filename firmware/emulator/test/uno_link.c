#include "uno_link.h"

#include <string.h>

#include "little_endian.h"

static uint16_t crc16(const uint8_t *bytes, size_t size);

size_t uno_command(uint8_t bytes[UNO_COMMAND_MAX], uint8_t command, const uint8_t *payload, uint8_t length) {
  bytes[0] = JS_COMMAND_SYNC;
  bytes[1] = command;
  bytes[2] = length;
  if (length) memcpy(bytes + JS_COMMAND_HEADER_BYTES, payload, length);
  size_t at_crc = JS_COMMAND_HEADER_BYTES + (size_t)length;
  store_u16le(bytes + at_crc, crc16(bytes + 1, at_crc - 1));
  return at_crc + JS_FRAME_CRC_BYTES;
}

bool uno_next_frame(const uint8_t *stream, size_t size, size_t *at, uno_frame_t *frame, size_t *garbage) {
  for (; *at + JS_FRAME_HEADER_BYTES + JS_FRAME_CRC_BYTES <= size; (*at)++, (*garbage)++) {
    const uint8_t *bytes = stream + *at;
    if (bytes[0] != JS_FRAME_SYNC0 || bytes[1] != JS_FRAME_SYNC1) continue;
    size_t at_crc = JS_FRAME_HEADER_BYTES + (size_t)bytes[JS_FRAME_AT_BODY_LENGTH];
    if (*at + at_crc + JS_FRAME_CRC_BYTES > size) return false;
    if (crc16(bytes + JS_FRAME_AT_VERSION_KIND, at_crc - JS_FRAME_AT_VERSION_KIND) != load_u16le(bytes + at_crc))
      continue;
    *at += at_crc + JS_FRAME_CRC_BYTES;
    *frame = (uno_frame_t){.bytes = bytes,
                           .kind = bytes[JS_FRAME_AT_VERSION_KIND] & 15,
                           .body_length = bytes[JS_FRAME_AT_BODY_LENGTH],
                           .boot_id = load_u16le(bytes + JS_FRAME_AT_BOOT_ID),
                           .end = *at};
    return true;
  }
  return false;
}

uint16_t uno_count(const uno_frame_t *frame, unsigned sample) {
  const uint8_t *group = frame->bytes + JS_SAMPLE_AT_COUNTS + sample / 4 * 5;
  return (uint16_t)(group[sample % 4] | (group[4] >> 2 * (sample % 4) & 3) << 8);
}

/* CRC-16/CCITT-FALSE, bit by bit. */
static uint16_t crc16(const uint8_t *bytes, size_t size) {
  uint16_t crc = 0xFFFF;
  for (size_t i = 0; i < size; i++) {
    crc ^= (uint16_t)(bytes[i] << 8);
    for (int bit = 0; bit < 8; bit++) crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
  }
  return crc;
}
