#include "command_parser.h"

#include <string.h>

#include "check.h"
#include "frame_decoder.h"

static struct command_parser parser;

static size_t seal(uint8_t *bytes, uint8_t code, const uint8_t *payload, uint8_t length) {
  bytes[0] = JS_COMMAND_SYNC;
  bytes[1] = code;
  bytes[2] = length;
  if (length) memcpy(bytes + 3, payload, length);
  const uint16_t crc = decoder_crc16(bytes + 1, 2u + length);
  bytes[3 + length] = (uint8_t)crc;
  bytes[4 + length] = (uint8_t)(crc >> 8);
  return 5u + length;
}

/* Byte i arrives at tick 1000 + i; only sync bytes have a stamp, as from a port. */
static int feed(const uint8_t *bytes, size_t count, struct command *last) {
  int commands = 0;
  for (size_t i = 0; i < count; i++) {
    command_parser_push(&parser,
                        (struct received_byte){bytes[i], bytes[i] == JS_COMMAND_SYNC, 1000 + (uint32_t)i});
    struct command command;
    enum command_answer answer;
    while ((answer = command_parser_next(&parser, &command)) != COMMAND_NOT_YET)
      if (answer == COMMAND_READY) {
        commands++;
        *last = command;
      }
  }
  return commands;
}

static void garbage_is_disposed_of_at_once(void) {
  struct command command;
  command_parser_init(&parser);
  for (int i = 0; i < 1000; i++) {
    command_parser_push(&parser, (struct received_byte){.byte = (uint8_t)(i % JS_COMMAND_SYNC)});
    CHECK_EQ(command_parser_next(&parser, &command), COMMAND_GARBAGE);
    CHECK_EQ(parser.disposed, 1);
    CHECK_EQ(command_parser_next(&parser, &command), COMMAND_NOT_YET);
  }
}

static void the_stamp_is_that_of_the_first_byte(void) {
  uint8_t bytes[16];
  struct command command;
  command_parser_init(&parser);
  const uint8_t id = JS_COMMAND_SYNC; /* a payload that looks like a sync */
  const size_t count = seal(bytes, JS_COMMAND_PING, &id, 1);
  CHECK_EQ(feed(bytes, count, &command), 1);
  CHECK(command.stamped);
  CHECK_EQ(command.rx_tick, 1000);
  CHECK_EQ(feed(bytes, count, &command), 1);
  CHECK_EQ(command.rx_tick, 1000);
}

static void a_command_found_inside_a_damaged_one_keeps_its_own_stamp(void) {
  uint8_t bytes[32] = {JS_COMMAND_SYNC, JS_COMMAND_PING, 4, 0};
  struct command command;
  command_parser_init(&parser);
  const uint8_t id = 9;
  const size_t count = 4 + seal(bytes + 4, JS_COMMAND_PING, &id, 1);
  CHECK_EQ(feed(bytes, count, &command), 1);
  CHECK(command.stamped);
  CHECK_EQ(command.rx_tick, 1004);
  CHECK_EQ(command.payload[0], 9);
}

static void more_syncs_than_there_is_room_for_go_without_a_stamp(void) {
  uint8_t bytes[32] = {JS_COMMAND_SYNC, 0, 13};
  struct command command;
  command_parser_init(&parser);
  for (int i = 3; i < 12; i++) bytes[i] = i % 3 ? 0xFF : JS_COMMAND_SYNC;
  const uint8_t id = 9;
  const size_t count = 12 + seal(bytes + 12, JS_COMMAND_PING, &id, 1);
  CHECK_EQ(feed(bytes, count, &command), 1);
  CHECK(!command.stamped);
}

static void an_abandoned_command_makes_room_for_the_next(void) {
  const uint8_t torn[] = {JS_COMMAND_SYNC, JS_COMMAND_WRITE_CALIBRATION, 186, 'J', 'S'};
  uint8_t bytes[16];
  struct command command;
  command_parser_init(&parser);
  CHECK(!command_parser_is_partial(&parser));
  CHECK_EQ(feed(torn, sizeof torn, &command), 0);
  CHECK(command_parser_is_partial(&parser));
  command_parser_abandon(&parser);
  const uint8_t id = 3;
  CHECK_EQ(feed(bytes, seal(bytes, JS_COMMAND_PING, &id, 1), &command), 1);
  CHECK_EQ(command.payload[0], 3);
}

static void any_damaged_byte_costs_one_command(void) {
  uint8_t bytes[64];
  uint8_t damaged[64];
  const uint8_t id = 1;
  size_t count = seal(bytes, JS_COMMAND_PING, &id, 1);
  const size_t first = count;
  for (int i = 0; i < 8; i++) count += seal(bytes + count, JS_COMMAND_STOP, NULL, 0);
  for (size_t at = 0; at < first; at++)
    for (int bit = 0; bit < 8; bit++) {
      struct command command = {0};
      command_parser_init(&parser);
      memcpy(damaged, bytes, count);
      damaged[at] ^= (uint8_t)(1 << bit);
      int commands = feed(damaged, count, &command);
      /* a grown length holds back what follows until it is complete or given up */
      while (command_parser_is_partial(&parser)) {
        command_parser_abandon(&parser);
        enum command_answer answer;
        while ((answer = command_parser_next(&parser, &command)) != COMMAND_NOT_YET)
          commands += answer == COMMAND_READY;
      }
      CHECK_EQ(commands, 8);
    }
}

int main(void) {
  garbage_is_disposed_of_at_once();
  the_stamp_is_that_of_the_first_byte();
  a_command_found_inside_a_damaged_one_keeps_its_own_stamp();
  more_syncs_than_there_is_room_for_go_without_a_stamp();
  an_abandoned_command_makes_room_for_the_next();
  any_damaged_byte_costs_one_command();
  return check_report("command_parser");
}
