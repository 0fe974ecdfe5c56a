/*
 * Cuts the bytes from the host into commands: protocol/frame.md, host to device.
 *
 * After a refused candidate at N the search resumes at N + 1, so a damaged length costs no command behind it.
 */
#ifndef JOULESPAN_COMMAND_PARSER_H
#define JOULESPAN_COMMAND_PARSER_H

#include <stdbool.h>
#include <stdint.h>

#include "joulespan_protocol.h"

#define COMMAND_BYTES_MAX (JS_COMMAND_HEADER_BYTES + JS_COMMAND_PAYLOAD_MAX + JS_FRAME_CRC_BYTES)
/* Sync bytes whose arrival is remembered while they wait in the parser: the candidate's, and any inside it. */
#define COMMAND_PARSER_ARRIVALS 4

/* A byte and, of a sync byte, when it was taken from the UART; not every sync byte need have a stamp. */
struct received_byte {
  uint8_t byte;
  bool stamped;
  uint32_t tick;
};

struct command {
  uint8_t code;
  uint8_t length;
  const uint8_t *payload; /* valid until the parser is called again */
  bool stamped;
  uint32_t rx_tick; /* arrival of the first byte, when stamped */
};

enum command_answer { COMMAND_NOT_YET, COMMAND_READY, COMMAND_GARBAGE, COMMAND_BAD_LENGTH, COMMAND_BAD_CRC };

struct command_parser {
  uint8_t held_count;
  uint8_t wanted; /* there is nothing to examine while fewer are held */
  /* bytes that the last answer disposed of: the command, the garbage, or the first byte of a refused candidate */
  uint8_t disposed;
  uint8_t arrival_count;
  struct {
    uint8_t at;
    uint32_t tick;
  } arrivals[COMMAND_PARSER_ARRIVALS];
  uint8_t held[COMMAND_BYTES_MAX]; /* last: short offsets to the rest are cheaper on an 8-bit machine */
};

void command_parser_init(struct command_parser *parser);

/* To be called only after command_parser_next() said not yet. */
void command_parser_push(struct command_parser *parser, struct received_byte received);

/* Fills `command` when ready; its code only when the CRC was bad. */
enum command_answer command_parser_next(struct command_parser *parser, struct command *command);

/* True when the parser holds the beginning of a command. */
bool command_parser_is_partial(const struct command_parser *parser);

/* Gives up the candidate in hand: the rest of it is not coming. */
void command_parser_abandon(struct command_parser *parser);

#endif
