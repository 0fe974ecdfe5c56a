#include "crc16.h"

uint16_t crc16_of(const uint8_t *bytes, uint8_t count) {
  uint16_t crc = 0xFFFF;
  while (count--) {
    /* one byte at a time without a table: x^16 = x^12 + x^5 + 1 applied to the whole upper byte */
    uint8_t t = (uint8_t)(crc >> 8) ^ *bytes++;
    t ^= t >> 4;
    crc = (uint16_t)(crc << 8) ^ (uint16_t)((uint16_t)t << 12) ^ (uint16_t)((uint16_t)t << 5) ^ t;
  }
  return crc;
}
