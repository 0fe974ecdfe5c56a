/* The core as a whole, on a port made of arrays: what goes in, what comes out. */
#include <string.h>

#include "array_port.h"
#include "bytes.h"
#include "check.h"
#include "device.h"
#include "frame_decoder.h"

static size_t sent_read;

static void command(uint8_t code, const void *payload, uint8_t length) {
  uint8_t bytes[COMMAND_BYTES_MAX] = {JS_COMMAND_SYNC, code, length};
  memcpy(bytes + 3, payload, length);
  bytes_put_u16(bytes + 3 + length, decoder_crc16(bytes + 1, 2u + length));
  array_port_receive(bytes, 5u + length, true);
}

static void poll(void) {
  while (device_poll()) continue;
}

/* While sampling the interrupt sends: all of what is under way, then the core goes on. */
static void poll_while_sampling(void) {
  do {
    poll();
    array_port_transmit();
  } while (device_poll() || array_port.transmitting_left);
}

/* The next frame sent; fails the test when there is none. */
static const struct decoded_frame *next_frame(void) {
  static struct decoded_frame frame;
  static uint16_t sequence;
  memset(&frame, 0, sizeof frame);
  const enum decoder_answer answer =
      decoder_examine(array_port.sent + sent_read, array_port.sent_count - sent_read, &frame);
  CHECK_EQ(answer, DECODER_FRAME);
  if (answer != DECODER_FRAME) return &frame;
  sent_read += frame.length;
  if (frame.sequence != 0) CHECK_EQ(frame.sequence, (uint16_t)(sequence + 1));
  sequence = frame.sequence;
  return &frame;
}

static void check_reply(uint8_t code, uint8_t status, const void *payload, uint8_t length) {
  const struct decoded_frame *frame = next_frame();
  CHECK_EQ(frame->kind, JS_FRAME_KIND_REPLY);
  CHECK_EQ(frame->body[0], code);
  CHECK_EQ(frame->body[1], status);
  CHECK_EQ(frame->body_length, 6 + length);
  CHECK(memcmp(frame->body + 6, payload, length) == 0);
}

static void check_nothing_more_sent(void) { CHECK_EQ(array_port.sent_count - sent_read, 0); }

static void boots_are_counted_and_the_device_introduces_itself(void) {
  memset(array_port.eeprom, 0xFF, sizeof array_port.eeprom);
  for (int boot = 0; boot < 3; boot++) {
    device_boot(8);
    poll();
    const struct decoded_frame *frame = next_frame();
    CHECK_EQ(frame->kind, JS_FRAME_KIND_IDENTITY);
    CHECK_EQ(frame->boot_id, boot);
    CHECK_EQ(frame->sequence, 0);
    const uint8_t expected[] = {1, 1, 2, 3, 0x00, 0x24, 0xF4, 0, 8, 0, 8, 3, 1, 0x0F, 1, 0x05, 0};
    CHECK(memcmp(frame->body, expected, sizeof expected) == 0);
    for (int i = 21; i < 33; i++) CHECK_EQ(frame->body[i], 0);
  }
  check_nothing_more_sent();
}

static void commands_are_refused_in_the_words_of_the_contract(void) {
  command('Z', "", 0);
  command(JS_COMMAND_PING, "", 0);
  command(JS_COMMAND_CONFIGURE, "\0", 1);
  command(JS_COMMAND_CONFIGURE, "\2\1", 2); /* a mode this board lacks */
  command(JS_COMMAND_CONFIGURE, "\3\1", 2);
  command(JS_COMMAND_CONFIGURE, "\0\0", 2);
  command(JS_COMMAND_CONFIGURE, "\0\x10", 2); /* an input it lacks */
  poll();
  check_reply('Z', JS_STATUS_UNKNOWN_COMMAND, "", 0);
  check_reply(JS_COMMAND_PING, JS_STATUS_LENGTH, "", 0);
  check_reply(JS_COMMAND_CONFIGURE, JS_STATUS_LENGTH, "", 0);
  for (int i = 0; i < 4; i++) check_reply(JS_COMMAND_CONFIGURE, JS_STATUS_VALUE, "", 0);
  const uint8_t damaged[] = {JS_COMMAND_SYNC, JS_COMMAND_STOP, 0, 1, 2};
  array_port_receive(damaged, sizeof damaged, true);
  poll();
  check_reply(JS_COMMAND_STOP, JS_STATUS_CRC, "", 0);
  check_nothing_more_sent();
}

static void a_ping_is_answered_with_the_stamp_of_its_first_byte(void) {
  command(JS_COMMAND_PING, "\x42", 1);
  poll();
  check_reply(JS_COMMAND_PING, JS_STATUS_OK, "\x42\0\0\2\0", 5);
  uint8_t unstamped[] = {JS_COMMAND_SYNC, JS_COMMAND_PING, 1, 7, 0, 0};
  bytes_put_u16(unstamped + 4, decoder_crc16(unstamped + 1, 3));
  array_port_receive(unstamped, sizeof unstamped, false);
  poll();
  check_nothing_more_sent();
}

static void a_calibration_record_is_kept_and_told(void) {
  uint8_t record[JS_CALIBRATION_BYTES] = "JSC1\1\10";
  memcpy(record + JS_CALIBRATION_AT_SERIAL, "JS-0007", 7);
  command(JS_COMMAND_READ_CALIBRATION, "", 0);
  poll();
  check_reply(JS_COMMAND_READ_CALIBRATION, JS_STATUS_EEPROM, "", 0);
  command(JS_COMMAND_WRITE_CALIBRATION, record, sizeof record); /* its CRC is wrong */
  poll();
  check_reply(JS_COMMAND_WRITE_CALIBRATION, JS_STATUS_VALUE, "", 0);
  bytes_put_u16(record + JS_CALIBRATION_AT_CRC, decoder_crc16(record, JS_CALIBRATION_AT_CRC));
  array_port.eeprom_is_worn = true;
  command(JS_COMMAND_WRITE_CALIBRATION, record, sizeof record);
  poll();
  check_reply(JS_COMMAND_WRITE_CALIBRATION, JS_STATUS_EEPROM, "", 0);
  array_port.eeprom_is_worn = false;
  command(JS_COMMAND_WRITE_CALIBRATION, record, sizeof record);
  command(JS_COMMAND_READ_CALIBRATION, "", 0);
  command(JS_COMMAND_IDENTIFY, "", 0);
  poll();
  check_reply(JS_COMMAND_WRITE_CALIBRATION, JS_STATUS_OK, "", 0);
  CHECK(memcmp(array_port.eeprom + JS_EEPROM_AT_CALIBRATION, record, sizeof record) == 0);
  check_reply(JS_COMMAND_READ_CALIBRATION, JS_STATUS_OK, record, sizeof record);
  const struct decoded_frame *frame = next_frame();
  CHECK(memcmp(frame->body + 21, "JS-0007\0\0\0\0\0", 12) == 0);
  CHECK_EQ(frame->body[0], JS_HARDWARE_ATMEGA328P);
}

static void the_supply_is_worked_out_from_the_bandgap(void) {
  /* 1.1 V * 1024 * 32 / 7200 = 5.00622 V */
  command(JS_COMMAND_MEASURE_VCC, "", 0);
  poll();
  check_reply(JS_COMMAND_MEASURE_VCC, JS_STATUS_OK, (uint8_t[]){5006 & 255, 5006 >> 8, 7200 & 255, 7200 >> 8}, 4);
  array_port.bandgap_sum = 0; /* no such supply, but no division by zero either */
  command(JS_COMMAND_MEASURE_VCC, "", 0);
  poll();
  check_reply(JS_COMMAND_MEASURE_VCC, JS_STATUS_OK, "\xFF\xFF\0\0", 4);
}

static void sampling_starts_behind_its_reply(void) {
  command(JS_COMMAND_CONFIGURE, "\0\3", 2);
  command(JS_COMMAND_START, "", 0);
  poll();
  check_reply(JS_COMMAND_CONFIGURE, JS_STATUS_OK, "\0\3", 2);
  check_reply(JS_COMMAND_START, JS_STATUS_OK, "", 0);
  CHECK(array_port.sampling);
  CHECK_EQ(array_port.sent_before_start, array_port.sent_count);
}

static void a_sample_frame_tells_all_it_knows(void) {
  const uint32_t tick_of_start_reply = 0x10000 + (uint32_t)array_port.sent_count;
  array_port_fill_frame(0);
  poll_while_sampling();
  const struct decoded_frame *frame = next_frame();
  CHECK_EQ(frame->kind, JS_FRAME_KIND_SAMPLE);
  CHECK_EQ(frame->first_index, 0);
  CHECK_EQ(frame->tick, 5000);
  CHECK_EQ(frame->tx_tick, tick_of_start_reply);
  CHECK_EQ(frame->mode, JS_MODE_FAST);
  CHECK_EQ(frame->channels, 3);
  CHECK_EQ(frame->flags, JS_FLAG_ANCHOR | JS_FLAG_MARKER | JS_FLAG_TX_TICK_VALID);
  CHECK_EQ(frame->marker_edges, 2);
  CHECK_EQ(frame->marker_offset, 7);
  for (int i = 0; i < 128; i += 4) {
    CHECK_EQ(frame->counts[i], i);
    CHECK_EQ(frame->counts[i + 1], 1023);
    CHECK_EQ(frame->counts[i + 2], 0);
    CHECK_EQ(frame->counts[i + 3], 512 + i);
  }
  CHECK_EQ(array_port.filled_count, 0);
}

static void pings_ride_in_sample_frames_three_at_a_time(void) {
  for (uint8_t id = 1; id <= 4; id++) command(JS_COMMAND_PING, &id, 1);
  poll_while_sampling();
  check_nothing_more_sent();
  array_port_fill_frame(1);
  array_port_fill_frame(2);
  poll_while_sampling();
  const struct decoded_frame *frame = next_frame();
  CHECK_EQ(frame->ping_count, 3);
  for (int i = 0; i < 3; i++) CHECK_EQ(frame->pings[i].id, i + 1);
  CHECK_EQ(frame->pings[0].rx_tick, 0x20000);
  frame = next_frame();
  CHECK_EQ(frame->ping_count, 1);
  CHECK_EQ(frame->pings[0].id, 4);
  CHECK_EQ(frame->first_index, 256);
}

static void commands_that_disturb_sampling_are_busy(void) {
  command(JS_COMMAND_CONFIGURE, "\1\1", 2);
  poll_while_sampling();
  check_reply(JS_COMMAND_CONFIGURE, JS_STATUS_BUSY, "", 0);
  command(JS_COMMAND_START, "", 0);
  command(JS_COMMAND_MEASURE_VCC, "", 0);
  command(JS_COMMAND_WRITE_CALIBRATION, array_port.eeprom, JS_CALIBRATION_BYTES);
  poll_while_sampling();
  check_reply(JS_COMMAND_START, JS_STATUS_BUSY, "", 0);
  check_reply(JS_COMMAND_MEASURE_VCC, JS_STATUS_BUSY, "", 0);
  check_reply(JS_COMMAND_WRITE_CALIBRATION, JS_STATUS_BUSY, "", 0);
  command(JS_COMMAND_IDENTIFY, "", 0);
  poll_while_sampling();
  const struct decoded_frame *frame = next_frame();
  CHECK_EQ(frame->kind, JS_FRAME_KIND_IDENTITY);
  CHECK_EQ(frame->body[16], 1);
  CHECK_EQ(array_port.starts, 1);
}

static void samples_go_before_answers(void) {
  array_port_fill_frame(3);
  command(JS_COMMAND_IDENTIFY, "", 0);
  poll_while_sampling();
  CHECK_EQ(next_frame()->kind, JS_FRAME_KIND_SAMPLE);
  CHECK_EQ(next_frame()->kind, JS_FRAME_KIND_IDENTITY);
}

static void stop_sends_what_is_filled_then_replies_with_the_next_index(void) {
  array_port_fill_frame(4);
  poll(); /* under way when the stop comes */
  array_port_fill_frame(5);
  for (uint8_t id = 1; id <= 4; id++) command(JS_COMMAND_PING, &id, 1);
  command(JS_COMMAND_STOP, "", 0);
  poll();
  CHECK(!array_port.sampling);
  CHECK_EQ(next_frame()->first_index, 512);
  const struct decoded_frame *frame = next_frame();
  CHECK_EQ(frame->first_index, 640);
  CHECK_EQ(frame->ping_count, 3);
  check_reply(JS_COMMAND_STOP, JS_STATUS_OK, "\0\3\0\0", 4);
  check_reply(JS_COMMAND_PING, JS_STATUS_OK, "\4\0\0\2\0", 5);
  check_nothing_more_sent();
  CHECK_EQ(array_port.filled_count, 0);
  command(JS_COMMAND_STOP, "", 0);
  poll();
  check_reply(JS_COMMAND_STOP, JS_STATUS_OK, "\0\3\0\0", 4);
}

static void indices_go_on_after_a_restart(void) {
  command(JS_COMMAND_START, "", 0);
  poll();
  check_reply(JS_COMMAND_START, JS_STATUS_OK, "", 0);
  array_port_fill_frame(0);
  poll_while_sampling();
  const struct decoded_frame *frame = next_frame();
  CHECK_EQ(frame->first_index, 768);
  CHECK(frame->flags & JS_FLAG_ANCHOR);
  command(JS_COMMAND_STOP, "", 0);
  poll();
  check_reply(JS_COMMAND_STOP, JS_STATUS_OK, "\x80\3\0\0", 4);
}

static void a_torn_command_is_forgotten_after_a_while(void) {
  const uint8_t torn[] = {JS_COMMAND_SYNC, JS_COMMAND_WRITE_CALIBRATION, 186, 'J', 'S'};
  array_port_receive(torn, sizeof torn, true);
  poll();
  command(JS_COMMAND_PING, "\1", 1);
  poll();
  check_nothing_more_sent(); /* taken for payload */
  array_port.now += 150000;
  poll();
  check_nothing_more_sent();
  array_port.now += 60000; /* 0.1 s and more after the last byte */
  poll();
  poll();
  check_reply(JS_COMMAND_PING, JS_STATUS_OK, "\1\0\0\2\0", 5);
}

static void any_bytes_at_all_do_no_harm(void) {
  uint32_t random = 1;
  for (int round = 0; round < 3000; round++) {
    uint8_t bytes[64];
    for (size_t i = 0; i < sizeof bytes; i++) {
      random = random * 1664525 + 1013904223;
      bytes[i] = random >> 24 < 24 ? JS_COMMAND_SYNC : (uint8_t)(random >> 16);
    }
    array_port_receive(bytes, sizeof bytes, true);
    poll();
    array_port.now += 1000;
    array_port.sent_count = sent_read = 0;
  }
  array_port.now += 300000;
  for (int i = 0; i < COMMAND_BYTES_MAX; i++, array_port.now += 300000) poll();
  array_port.sent_count = sent_read = 0;
  command(JS_COMMAND_IDENTIFY, "", 0);
  poll();
  struct decoded_frame frame;
  CHECK_EQ(decoder_examine(array_port.sent, array_port.sent_count, &frame), DECODER_FRAME);
  CHECK_EQ(frame.kind, JS_FRAME_KIND_IDENTITY);
}

int main(void) {
  boots_are_counted_and_the_device_introduces_itself();
  commands_are_refused_in_the_words_of_the_contract();
  a_ping_is_answered_with_the_stamp_of_its_first_byte();
  a_calibration_record_is_kept_and_told();
  the_supply_is_worked_out_from_the_bandgap();
  sampling_starts_behind_its_reply();
  a_sample_frame_tells_all_it_knows();
  pings_ride_in_sample_frames_three_at_a_time();
  commands_that_disturb_sampling_are_busy();
  samples_go_before_answers();
  stop_sends_what_is_filled_then_replies_with_the_next_index();
  indices_go_on_after_a_restart();
  a_torn_command_is_forgotten_after_a_while();
  any_bytes_at_all_do_no_harm();
  return check_report("device");
}
