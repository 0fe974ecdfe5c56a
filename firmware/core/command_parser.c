#include "command_parser.h"

#include <string.h>

#include "bytes.h"
#include "crc16.h"

static enum command_answer examine(struct command_parser *parser, struct command *command);
static void dispose(struct command_parser *parser);

void command_parser_init(struct command_parser *parser) {
  parser->held_count = 0;
  parser->wanted = 1;
  parser->disposed = 0;
  parser->arrival_count = 0;
}

void command_parser_push(struct command_parser *parser, struct received_byte received) {
  if (received.stamped && parser->arrival_count < COMMAND_PARSER_ARRIVALS) {
    parser->arrivals[parser->arrival_count].at = parser->held_count;
    parser->arrivals[parser->arrival_count].tick = received.tick;
    parser->arrival_count++;
  }
  parser->held[parser->held_count++] = received.byte;
}

enum command_answer command_parser_next(struct command_parser *parser, struct command *command) {
  if (parser->disposed) dispose(parser);
  if (parser->held_count < parser->wanted) return COMMAND_NOT_YET;
  return examine(parser, command);
}

bool command_parser_is_partial(const struct command_parser *parser) {
  return parser->held_count > parser->disposed;
}

void command_parser_abandon(struct command_parser *parser) {
  parser->disposed = 1;
}

static enum command_answer examine(struct command_parser *parser, struct command *command) {
  const uint8_t *held = parser->held;
  const uint8_t count = parser->held_count;
  if (held[0] != JS_COMMAND_SYNC) {
    const uint8_t *sync = memchr(held, JS_COMMAND_SYNC, count);
    parser->disposed = sync ? (uint8_t)(sync - held) : count;
    return COMMAND_GARBAGE;
  }
  parser->wanted = JS_COMMAND_HEADER_BYTES;
  if (count < parser->wanted) return COMMAND_NOT_YET;
  const uint8_t length = held[2];
  if (length > JS_COMMAND_PAYLOAD_MAX) {
    parser->disposed = 1;
    return COMMAND_BAD_LENGTH;
  }
  const uint8_t crc_at = JS_COMMAND_HEADER_BYTES + length;
  parser->wanted = crc_at + JS_FRAME_CRC_BYTES;
  if (count < parser->wanted) return COMMAND_NOT_YET;
  command->code = held[1];
  if (crc16_of(held + 1, crc_at - 1) != bytes_get_u16(held + crc_at)) {
    parser->disposed = 1;
    return COMMAND_BAD_CRC;
  }
  command->length = length;
  command->payload = held + JS_COMMAND_HEADER_BYTES;
  command->stamped = parser->arrival_count > 0 && parser->arrivals[0].at == 0;
  command->rx_tick = parser->arrivals[0].tick;
  parser->disposed = crc_at + JS_FRAME_CRC_BYTES;
  return COMMAND_READY;
}

static void dispose(struct command_parser *parser) {
  const uint8_t gone = parser->disposed;
  parser->disposed = 0;
  parser->wanted = 1;
  parser->held_count -= gone;
  memmove(parser->held, parser->held + gone, parser->held_count);
  uint8_t kept = 0;
  for (uint8_t i = 0; i < parser->arrival_count; i++) {
    if (parser->arrivals[i].at < gone) continue;
    parser->arrivals[kept].at = parser->arrivals[i].at - gone;
    parser->arrivals[kept].tick = parser->arrivals[i].tick;
    kept++;
  }
  parser->arrival_count = kept;
}
