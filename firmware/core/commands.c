#include "commands.h"

#include <string.h>

#include "bytes.h"
#include "calibration.h"
#include "link.h"
#include "port.h"
#include "sampling.h"

#define ANSWER_PAYLOAD_MAX JS_CALIBRATION_BYTES
#define REPLY_FIXED_BODY_BYTES (JS_REPLY_AT_PAYLOAD - JS_FRAME_HEADER_BYTES)
#define BANDGAP_MV 1100UL
#define BANDGAP_CONVERSIONS 32UL
#define ADC_FULL_SCALE 1024UL

struct rule {
  uint8_t code;
  uint8_t payload_length;
  bool while_sampling;
};

static const struct rule rules[] = {
    {JS_COMMAND_PING, 1, true},
    {JS_COMMAND_IDENTIFY, 0, true},
    {JS_COMMAND_CONFIGURE, 2, false},
    {JS_COMMAND_START, 0, false},
    {JS_COMMAND_STOP, 0, true},
    {JS_COMMAND_READ_CALIBRATION, 0, true},
    {JS_COMMAND_WRITE_CALIBRATION, JS_CALIBRATION_BYTES, false},
    {JS_COMMAND_MEASURE_VCC, 0, false},
};

static uint8_t reset_cause;
static bool start_after_answer;
static enum { ANSWER_FREE, ANSWER_WAITS, ANSWER_IS_SENT } answer_state;
static uint8_t answer_kind;
static uint8_t answer_body_length;
static uint8_t answer[JS_REPLY_AT_PAYLOAD + ANSWER_PAYLOAD_MAX + JS_FRAME_CRC_BYTES];
static uint8_t *const payload = answer + JS_REPLY_AT_PAYLOAD;

static uint8_t refusal(const struct command *command);
static void execute(const struct command *command);
static bool read_calibration(void);
static bool write_calibration(const uint8_t *record);
static void measure_vcc(void);
static void reply(uint8_t code, uint8_t status, uint8_t payload_length);

void commands_init(uint8_t cause) {
  reset_cause = cause;
  start_after_answer = false;
  answer_state = ANSWER_FREE;
}

void commands_execute(const struct command *command) {
  const uint8_t status = refusal(command);
  if (status == JS_STATUS_OK)
    execute(command);
  else
    reply(command->code, status, 0);
}

void commands_refuse_crc(uint8_t code) { reply(code, JS_STATUS_CRC, 0); }

void commands_identify(void) {
  uint8_t *serial = answer + JS_IDENTITY_AT_SERIAL;
  if (read_calibration())
    memmove(serial, payload + JS_CALIBRATION_AT_SERIAL, JS_SERIAL_NUMBER_BYTES);
  else
    memset(serial, 0, JS_SERIAL_NUMBER_BYTES);
  answer[JS_IDENTITY_AT_HARDWARE] = port_board.hardware;
  memcpy(answer + JS_IDENTITY_AT_FIRMWARE, port_board.firmware, sizeof port_board.firmware);
  bytes_put_u32(answer + JS_IDENTITY_AT_F_CPU_HZ, port_board.f_cpu_hz);
  bytes_put_u16(answer + JS_IDENTITY_AT_TICK_DIVIDER, port_board.tick_divider);
  answer[JS_IDENTITY_AT_RESET_CAUSE] = reset_cause;
  answer[JS_IDENTITY_AT_MODES] = port_board.modes;
  answer[JS_IDENTITY_AT_DEFAULT_MODE] = port_board.default_mode;
  answer[JS_IDENTITY_AT_INPUTS] = port_board.inputs;
  answer[JS_IDENTITY_AT_MODE] = sampling_mode();
  answer[JS_IDENTITY_AT_CHANNELS] = sampling_channels();
  answer[JS_IDENTITY_AT_STREAMING] = sampling_is_active();
  bytes_put_u32(answer + JS_IDENTITY_AT_TICK, port_tick());
  answer_kind = JS_FRAME_KIND_IDENTITY;
  answer_body_length = JS_IDENTITY_BODY_BYTES;
  answer_state = ANSWER_WAITS;
}

void commands_answer_ping(struct ping_report ping) {
  payload[0] = ping.id;
  bytes_put_u32(payload + 1, ping.rx_tick);
  reply(JS_COMMAND_PING, JS_STATUS_OK, JS_PING_REPORT_BYTES);
}

bool commands_answer_is_free(void) { return answer_state == ANSWER_FREE; }

bool commands_send_answer(void) {
  if (answer_state != ANSWER_WAITS) return false;
  link_send(answer, answer_kind, answer_body_length);
  answer_state = ANSWER_IS_SENT;
  if (start_after_answer) {
    start_after_answer = false;
    port_transmit_finish();
    if (link_is_idle()) sampling_start();
  }
  return true;
}

void commands_release_sent(void) {
  if (answer_state == ANSWER_IS_SENT) answer_state = ANSWER_FREE;
}

/* JS_STATUS_OK when the command may be executed. */
static uint8_t refusal(const struct command *command) {
  for (uint8_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
    if (rules[i].code != command->code) continue;
    if (rules[i].payload_length != command->length) return JS_STATUS_LENGTH;
    return sampling_is_active() && !rules[i].while_sampling ? JS_STATUS_BUSY : JS_STATUS_OK;
  }
  return JS_STATUS_UNKNOWN_COMMAND;
}

static void execute(const struct command *command) {
  const uint8_t *given = command->payload;
  const uint8_t code = command->code;
  switch (code) {
    case JS_COMMAND_PING:
      /* without a stamp there is nothing true to answer */
      if (command->stamped) sampling_report_ping((struct ping_report){given[0], command->rx_tick});
      break;
    case JS_COMMAND_IDENTIFY:
      commands_identify();
      break;
    case JS_COMMAND_CONFIGURE:
      if (sampling_configure(given[0], given[1])) {
        payload[0] = sampling_mode();
        payload[1] = sampling_channels();
        reply(code, JS_STATUS_OK, 2);
      } else {
        reply(code, JS_STATUS_VALUE, 0);
      }
      break;
    case JS_COMMAND_START:
      start_after_answer = true;
      reply(code, JS_STATUS_OK, 0);
      break;
    case JS_COMMAND_STOP:
      if (sampling_is_active()) sampling_stop();
      bytes_put_u32(payload, sampling_next_index());
      reply(code, JS_STATUS_OK, sizeof(uint32_t));
      break;
    case JS_COMMAND_READ_CALIBRATION:
      if (read_calibration())
        reply(code, JS_STATUS_OK, JS_CALIBRATION_BYTES);
      else
        reply(code, JS_STATUS_EEPROM, 0);
      break;
    case JS_COMMAND_WRITE_CALIBRATION:
      if (!calibration_is_valid(given))
        reply(code, JS_STATUS_VALUE, 0);
      else
        reply(code, write_calibration(given) ? JS_STATUS_OK : JS_STATUS_EEPROM, 0);
      break;
    case JS_COMMAND_MEASURE_VCC:
      measure_vcc();
      reply(code, JS_STATUS_OK, 2 * sizeof(uint16_t));
      break;
  }
}

/* Into the payload of the answer; false when there is no valid record. */
static bool read_calibration(void) {
  port_eeprom_read(JS_EEPROM_AT_CALIBRATION, payload, JS_CALIBRATION_BYTES);
  return calibration_is_valid(payload);
}

static bool write_calibration(const uint8_t *record) {
  port_eeprom_write(JS_EEPROM_AT_CALIBRATION, record, JS_CALIBRATION_BYTES);
  return read_calibration() && memcmp(payload, record, JS_CALIBRATION_BYTES) == 0;
}

static void measure_vcc(void) {
  const uint16_t sum = port_measure_bandgap();
  const uint32_t full = BANDGAP_MV * ADC_FULL_SCALE * BANDGAP_CONVERSIONS;
  const uint32_t vcc_mv = sum ? (full + sum / 2) / sum : UINT16_MAX;
  bytes_put_u16(payload, vcc_mv < UINT16_MAX ? (uint16_t)vcc_mv : UINT16_MAX);
  bytes_put_u16(payload + 2, sum);
}

/* The payload, if any, is in place. */
static void reply(uint8_t code, uint8_t status, uint8_t payload_length) {
  answer[JS_REPLY_AT_COMMAND] = code;
  answer[JS_REPLY_AT_STATUS] = status;
  bytes_put_u32(answer + JS_REPLY_AT_TICK, port_tick());
  answer_kind = JS_FRAME_KIND_REPLY;
  answer_body_length = REPLY_FIXED_BODY_BYTES + payload_length;
  answer_state = ANSWER_WAITS;
}
