#include "array_port.h"

#include <string.h>

#include "check.h"
#include "sample_frame.h"

const struct port_board port_board = {
    .hardware = JS_HARDWARE_ATMEGA328P,
    .firmware = {1, 2, 3},
    .f_cpu_hz = 16000000,
    .tick_divider = 8,
    .modes = 1 << JS_MODE_FAST | 1 << JS_MODE_BALANCED,
    .inputs = 0x0F,
    .default_mode = JS_MODE_BALANCED,
    .default_channels = 0x05,
};

#define FIRST_HOLD_TICK 5000

struct array_port array_port = {.bandgap_sum = 225 * 32};

static struct received_byte incoming[2048];
static size_t incoming_count;
static size_t incoming_next;
static const uint8_t *transmitting_at;
static uint8_t frames[3][256];
static struct port_filled_frame filled[3];

void array_port_receive(const uint8_t *bytes, size_t count, bool stamped) {
  if (incoming_next == incoming_count) incoming_next = incoming_count = 0;
  for (size_t i = 0; i < count; i++)
    incoming[incoming_count++] =
        (struct received_byte){bytes[i], stamped && bytes[i] == JS_COMMAND_SYNC, 0x20000 + (uint32_t)i};
}

void array_port_transmit(void) {
  if (array_port.transmitting_left)
    memcpy(array_port.sent + array_port.sent_count, transmitting_at, array_port.transmitting_left);
  array_port.sent_count += array_port.transmitting_left;
  array_port.transmitting_left = 0;
}

void array_port_fill_frame(uint8_t ordinal) {
  uint8_t *bytes = frames[array_port.filled_count];
  filled[array_port.filled_count++] = (struct port_filled_frame){
      .bytes = bytes,
      .ordinal = ordinal,
      .last_hold_stamp = (uint16_t)(FIRST_HOLD_TICK + (ordinal * 128 + 127) * JS_MODE_FAST_PERIOD_TICKS),
      .marker_level = true,
      .marker_edges = 2,
      .marker_offset = 7,
  };
  for (int i = 0; i < 128; i += 4) {
    const uint16_t counts[4] = {(uint16_t)i, 1023, 0, (uint16_t)(512 + i)};
    sample_frame_pack(bytes + JS_SAMPLE_AT_COUNTS + i / 4 * 5, counts);
  }
}

uint32_t port_tick(void) { return array_port.now++; }

void port_eeprom_read(uint16_t address, uint8_t *bytes, uint8_t count) {
  memcpy(bytes, array_port.eeprom + address, count);
}

void port_eeprom_write(uint16_t address, const uint8_t *bytes, uint8_t count) {
  CHECK(!array_port.sampling);
  if (!array_port.eeprom_is_worn) memcpy(array_port.eeprom + address, bytes, count);
}

bool port_receive(struct received_byte *received) {
  if (incoming_next == incoming_count) return false;
  *received = incoming[incoming_next++];
  return true;
}

void port_transmit(const uint8_t *bytes, uint8_t count) {
  CHECK_EQ(array_port.transmitting_left, 0);
  transmitting_at = bytes;
  array_port.transmitting_left = count;
}

void port_transmit_more(uint8_t count) { array_port.transmitting_left += count; }

bool port_transmitting(void) { return array_port.transmitting_left > 0; }

void port_transmit_finish(void) {
  CHECK(!array_port.sampling);
  array_port_transmit();
}

uint32_t port_transmit_tick(void) { return 0x10000 + (uint32_t)array_port.sent_count; }

uint32_t port_sampling_start(uint8_t mode, uint8_t channels, uint8_t frame_samples) {
  CHECK_EQ(mode, JS_MODE_FAST);
  CHECK_EQ(channels, 0x03);
  CHECK_EQ(frame_samples, 128);
  array_port.sampling = true;
  array_port.starts++;
  array_port.sent_before_start = array_port.sent_count;
  return FIRST_HOLD_TICK;
}

void port_sampling_stop(void) { array_port.sampling = false; }

bool port_frame_filled(struct port_filled_frame *frame) {
  if (array_port.filled_count == 0) return false;
  *frame = filled[0];
  return true;
}

void port_frame_release(void) {
  CHECK(array_port.filled_count > 0);
  array_port.filled_count--;
  memmove(filled, filled + 1, sizeof filled - sizeof filled[0]);
}

uint16_t port_measure_bandgap(void) {
  CHECK(!array_port.sampling);
  return array_port.bandgap_sum;
}
