#include "device.h"

#include "bytes.h"
#include "command_parser.h"
#include "commands.h"
#include "joulespan_protocol.h"
#include "link.h"
#include "port.h"
#include "sampling.h"

/* 0.1 s: a command whose bytes stop coming for so long was cut short, by a host that died or a byte that was lost. */
#define COMMAND_STALL_TICKS 200000UL

/* Bytes taken in one step: what is to be sent need not wait for the end of a long command. */
#define BYTES_PER_STEP 16

static struct command_parser parser;
static uint32_t received_tick;

static uint16_t count_boot(void);
static bool take_commands(void);
static bool parse(void);
static bool send_something(void);

void device_boot(uint8_t reset_cause) {
  command_parser_init(&parser);
  link_init(count_boot());
  sampling_init();
  commands_init(reset_cause);
  commands_identify();
}

bool device_poll(void) {
  const bool sent = send_something();
  return take_commands() || sent;
}

static uint16_t count_boot(void) {
  uint8_t counter[2];
  port_eeprom_read(JS_EEPROM_AT_BOOT_ID, counter, sizeof counter);
  /* erased EEPROM reads 0xFFFF: the first boot of a board is number 0 */
  const uint16_t boot_id = (uint16_t)(bytes_get_u16(counter) + 1);
  bytes_put_u16(counter, boot_id);
  port_eeprom_write(JS_EEPROM_AT_BOOT_ID, counter, sizeof counter);
  return boot_id;
}

static bool send_something(void) {
  if (!sampling_is_active()) port_transmit_finish();
  if (!link_is_idle()) return false;
  commands_release_sent();
  /* samples first: an answer then takes only the time on the line that they leave, and can never make them overrun */
  if (sampling_send_filled()) return true;
  struct ping_report ping;
  if (commands_answer_is_free() && !sampling_is_active() && sampling_take_ping(&ping)) commands_answer_ping(ping);
  return commands_send_answer();
}

/* One command at most. */
static bool take_commands(void) {
  /* the one answer buffer is the brake: what comes behind waits in the port */
  if (!commands_answer_is_free()) return false;
  struct received_byte received;
  uint8_t taken = 0;
  bool parsed;
  while (!(parsed = parse()) && taken < BYTES_PER_STEP && port_receive(&received)) {
    command_parser_push(&parser, received);
    taken++;
  }
  if (taken) received_tick = port_tick();
  if (taken || parsed || !command_parser_is_partial(&parser)) return taken || parsed;
  if (port_tick() - received_tick <= COMMAND_STALL_TICKS) return false;
  command_parser_abandon(&parser);
  return true;
}

/* One answer of the parser; false when it needs more bytes. */
static bool parse(void) {
  struct command command;
  switch (command_parser_next(&parser, &command)) {
    case COMMAND_NOT_YET:
      return false;
    case COMMAND_READY:
      commands_execute(&command);
      return true;
    case COMMAND_BAD_CRC:
      commands_refuse_crc(command.code);
      return true;
    case COMMAND_GARBAGE:
    case COMMAND_BAD_LENGTH:
      return true;
  }
  return false;
}
