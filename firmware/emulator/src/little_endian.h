#ifndef EMULATOR_LITTLE_ENDIAN_H
#define EMULATOR_LITTLE_ENDIAN_H

#include <stdint.h>
#include <string.h>

/* The wire formats are little endian and unaligned; the host may be neither. */

static inline uint16_t load_u16le(const uint8_t *bytes) {
  return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static inline uint32_t load_u32le(const uint8_t *bytes) {
  return (uint32_t)load_u16le(bytes) | (uint32_t)load_u16le(bytes + 2) << 16;
}

static inline uint64_t load_u64le(const uint8_t *bytes) {
  return (uint64_t)load_u32le(bytes) | (uint64_t)load_u32le(bytes + 4) << 32;
}

static inline float load_f32le(const uint8_t *bytes) {
  uint32_t bits = load_u32le(bytes);
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline void store_u16le(uint8_t *bytes, uint16_t value) {
  bytes[0] = (uint8_t)value;
  bytes[1] = (uint8_t)(value >> 8);
}

static inline void store_u32le(uint8_t *bytes, uint32_t value) {
  store_u16le(bytes, (uint16_t)value);
  store_u16le(bytes + 2, (uint16_t)(value >> 16));
}

static inline void store_u64le(uint8_t *bytes, uint64_t value) {
  store_u32le(bytes, (uint32_t)value);
  store_u32le(bytes + 4, (uint32_t)(value >> 32));
}

static inline void store_f32le(uint8_t *bytes, float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  store_u32le(bytes, bits);
}

#endif
