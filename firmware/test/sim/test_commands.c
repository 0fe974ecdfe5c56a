/* Every command on the ELF: boot, identity, calibration, supply, what is refused, and what happens at line rate. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "sampling_truth.h"

static struct sim_board board;
static struct sim_host host;

static const struct decoded_frame *ask(uint8_t code, const void *payload, uint8_t length) {
  return sim_host_ask(&host, code, payload, length);
}

static uint32_t u32(const uint8_t *at) {
  return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Position in host.frames of the last frame that has come. */
static size_t last_frame(void) { return host.count - 1; }

static void check_identity(const struct decoded_frame *frame, uint16_t boot_id, uint8_t reset_cause, uint8_t mode,
                           uint8_t channels, bool streaming) {
  CHECK(frame != NULL);
  if (!frame) return;
  CHECK_EQ(frame->kind, JS_FRAME_KIND_IDENTITY);
  CHECK_EQ(frame->boot_id, boot_id);
  const uint8_t *body = frame->body;
  CHECK_EQ(body[0], JS_HARDWARE_ATMEGA328P);
  CHECK_EQ(u32(body + 4), 16000000);
  CHECK_EQ(body[8] | body[9] << 8, JS_TICK_DIVIDER);
  CHECK_EQ(body[10], reset_cause);
  CHECK_EQ(body[11], 7);
  CHECK_EQ(body[12], JS_MODE_BALANCED);
  CHECK_EQ(body[13], 0x3F);
  CHECK_EQ(body[14], mode);
  CHECK_EQ(body[15], channels);
  CHECK_EQ(body[16], streaming);
}

static void the_board_introduces_itself(void) {
  CHECK_EQ(host.count, 1);
  CHECK_EQ(host.frames[0].frame.sequence, 0);
  check_identity(&host.frames[0].frame, 0, 1, JS_MODE_BALANCED, 0x01, false);
  for (int i = 21; i < 33; i++) CHECK_EQ(host.frames[0].frame.body[i], 0);
  const struct decoded_frame *frame = ask(JS_COMMAND_IDENTIFY, NULL, 0);
  check_identity(frame, 0, 1, JS_MODE_BALANCED, 0x01, false);
  CHECK_EQ(frame->sequence, 1);
  const uint64_t sent = host.frames[last_frame()].last_byte_sent_cycle;
  const int64_t age = (int64_t)(sent - sim_board_cycle_of(&board, u32(frame->body + 17), sent));
  CHECK_BETWEEN(age, 0, 20000);
}

static void a_reset_counts_a_boot(void) {
  host.count = 0;
  sim_board_reset(&board);
  CHECK_EQ(host.count, 1);
  CHECK_EQ(host.frames[0].frame.sequence, 0);
  check_identity(&host.frames[0].frame, 1, 2, JS_MODE_BALANCED, 0x01, false);
}

static void a_ping_is_answered_at_once(void) {
  for (int i = 0; i < 50; i++) {
    const uint64_t arrival = sim_host_ping(&host, board.avr->cycle + 1000 + (uint64_t)i * 37, (uint8_t)i);
    sim_board_run(&board, 16000 + (uint64_t)i * 101);
    const struct decoded_frame *frame = &host.frames[last_frame()].frame;
    CHECK_EQ(frame->kind, JS_FRAME_KIND_REPLY);
    CHECK_EQ(frame->body[0], JS_COMMAND_PING);
    CHECK_EQ(reply_status(frame), JS_STATUS_OK);
    CHECK_EQ(reply_payload_length(frame), JS_PING_REPORT_BYTES);
    CHECK_EQ(reply_payload(frame)[0], i);
    const uint64_t taken = sim_board_cycle_of(&board, u32(reply_payload(frame) + 1), board.avr->cycle);
    CHECK_BETWEEN((int64_t)(taken - arrival), -8, 100);
  }
}

static void pings_back_to_back_keep_their_own_stamps(void) {
  uint64_t arrivals[6];
  const size_t before = host.count;
  for (int i = 0; i < 6; i++) arrivals[i] = sim_host_ping(&host, 0, (uint8_t)(JS_COMMAND_SYNC + i));
  sim_board_run(&board, 100000);
  CHECK_EQ(host.count - before, 6);
  for (size_t i = 0; i < 6 && before + i < host.count; i++) {
    const struct decoded_frame *frame = &host.frames[before + i].frame;
    CHECK_EQ(reply_payload(frame)[0], JS_COMMAND_SYNC + i);
    const uint64_t taken = sim_board_cycle_of(&board, u32(reply_payload(frame) + 1), board.avr->cycle);
    CHECK_BETWEEN((int64_t)(taken - arrivals[i]), -8, 100);
  }
}

/* Bytes stay in the ring while the supply is measured: far longer than 16 bits of the clock can tell apart. */
static void a_ping_that_waited_keeps_its_stamp(void) {
  sim_host_send(&host, 0, JS_COMMAND_MEASURE_VCC, NULL, 0);
  const uint64_t arrival = sim_host_ping(&host, board.avr->cycle + 2000, 0x77);
  sim_board_run(&board, SIM_CPU_HZ / 50);
  const struct decoded_frame *frame = &host.frames[last_frame()].frame;
  CHECK_EQ(frame->body[0], JS_COMMAND_PING);
  const uint64_t taken = sim_board_cycle_of(&board, u32(reply_payload(frame) + 1), board.avr->cycle);
  CHECK_BETWEEN((int64_t)(taken - arrival), -8, 100);
}

/* Pings so that the first byte is in at `arrival_cycle`; returns how long after that the reply read the clock. */
static int64_t ping_at(uint64_t arrival_cycle) {
  const uint64_t arrival = sim_host_ping(&host, arrival_cycle - SIM_UART_BYTE_CYCLES, 1);
  CHECK_EQ(arrival, arrival_cycle);
  sim_board_run(&board, arrival + 20000 - board.avr->cycle);
  const struct host_frame *reply = &host.frames[last_frame()];
  const uint64_t taken = sim_board_cycle_of(&board, u32(reply_payload(&reply->frame) + 1), arrival);
  CHECK_BETWEEN((int64_t)(taken - arrival), -8, 100);
  const uint64_t replied = sim_board_cycle_of(&board, u32(reply->frame.body + 2), arrival);
  CHECK_BETWEEN((int64_t)(reply->last_byte_sent_cycle - replied), 0, 10000);
  return (int64_t)(replied - arrival);
}

static uint64_t next_overflow(void) {
  const uint64_t tick = (board.avr->cycle - board.tick_epoch) / 8;
  return board.tick_epoch + ((tick >> 16) + 1) * 0x10000 * 8;
}

static void the_clock_runs_on_through_overflows(void) {
  /* 32.768 ms each: a ping every 1.25 ms and more meets them at many phases */
  int64_t reply_delay = 0;
  for (int i = 0; i < 300; i++) reply_delay = ping_at(board.avr->cycle + 137);
  /* right at the overflow, where a stamp is taken before its interrupt or after, and where the reply reads the clock */
  for (int i = -120; i < 120; i++) {
    ping_at(next_overflow() + (uint64_t)(int64_t)i);
    ping_at(next_overflow() - (uint64_t)reply_delay + (uint64_t)(int64_t)i);
  }
}

static void wrong_commands_are_refused(void) {
  CHECK_EQ(reply_status(ask('Q', NULL, 0)), JS_STATUS_UNKNOWN_COMMAND);
  CHECK_EQ(reply_status(ask(JS_COMMAND_CONFIGURE, "\1", 1)), JS_STATUS_LENGTH);
  CHECK_EQ(reply_status(ask(JS_COMMAND_CONFIGURE, "\3\1", 2)), JS_STATUS_VALUE);
  CHECK_EQ(reply_status(ask(JS_COMMAND_CONFIGURE, "\1\0", 2)), JS_STATUS_VALUE);
  CHECK_EQ(reply_status(ask(JS_COMMAND_CONFIGURE, "\1\x40", 2)), JS_STATUS_VALUE);
  const uint8_t damaged[] = {JS_COMMAND_SYNC, JS_COMMAND_START, 0, 0x12, 0x34};
  sim_uart_send(&board.uart, board.avr->cycle, damaged, sizeof damaged);
  sim_board_run(&board, 50000);
  CHECK_EQ(host.frames[last_frame()].frame.body[0], JS_COMMAND_START);
  CHECK_EQ(reply_status(&host.frames[last_frame()].frame), JS_STATUS_CRC);
}

static void make_record(uint8_t *record) {
  memset(record, 0, JS_CALIBRATION_BYTES);
  memcpy(record, "JSC1\1\10", 6);
  memcpy(record + JS_CALIBRATION_AT_SERIAL, "JS-0042", 7);
  for (int i = JS_CALIBRATION_AT_ENTRIES + 4; i < JS_CALIBRATION_AT_CRC; i++)
    if ((i - JS_CALIBRATION_AT_ENTRIES) % JS_CALIBRATION_ENTRY_BYTES >= 4) record[i] = (uint8_t)(i * 11);
  const uint16_t crc = decoder_crc16(record, JS_CALIBRATION_AT_CRC);
  record[JS_CALIBRATION_AT_CRC] = (uint8_t)crc;
  record[JS_CALIBRATION_AT_CRC + 1] = (uint8_t)(crc >> 8);
}

/* The longest command there is, at line rate, into a ring that must hold it. */
static void a_calibration_record_survives_a_reset(void) {
  uint8_t record[JS_CALIBRATION_BYTES];
  make_record(record);
  CHECK_EQ(reply_status(ask(JS_COMMAND_READ_CALIBRATION, NULL, 0)), JS_STATUS_EEPROM);
  record[20] ^= 1;
  CHECK_EQ(reply_status(ask(JS_COMMAND_WRITE_CALIBRATION, record, JS_CALIBRATION_BYTES)), JS_STATUS_VALUE);
  record[20] ^= 1;
  CHECK_EQ(reply_status(ask(JS_COMMAND_WRITE_CALIBRATION, record, JS_CALIBRATION_BYTES)), JS_STATUS_OK);
  host.count = 0;
  sim_board_reset(&board);
  CHECK_EQ(host.frames[0].frame.boot_id, 2);
  CHECK(memcmp(host.frames[0].frame.body + 21, "JS-0042\0\0\0\0\0", 12) == 0);
  const struct decoded_frame *frame = ask(JS_COMMAND_READ_CALIBRATION, NULL, 0);
  CHECK_EQ(reply_status(frame), JS_STATUS_OK);
  CHECK_EQ(reply_payload_length(frame), JS_CALIBRATION_BYTES);
  CHECK(memcmp(reply_payload(frame), record, sizeof record) == 0);
}

static void the_supply_is_measured(void) {
  const struct decoded_frame *frame = ask(JS_COMMAND_MEASURE_VCC, NULL, 0);
  CHECK_EQ(reply_status(frame), JS_STATUS_OK);
  CHECK_EQ(reply_payload_length(frame), 4);
  const uint8_t *payload = reply_payload(frame);
  CHECK_EQ(payload[2] | payload[3] << 8, 32 * SIM_ADC_BANDGAP_CODE);
  /* 1.1 V * 1024 / 225 = 5.00622 V */
  CHECK_EQ(payload[0] | payload[1] << 8, 5006);
}

/* Answers as long as they get, in the fast mode, beside the samples: not one of those may be lost. */
static void commands_do_not_disturb_fast_sampling(void) {
  CHECK_EQ(reply_status(ask(JS_COMMAND_CONFIGURE, "\0\7", 2)), JS_STATUS_OK);
  struct truth_stretch stretch = {.mode = JS_MODE_FAST, .channels = 7, .marker_before = true};
  CHECK_EQ(reply_status(ask(JS_COMMAND_START, NULL, 0)), JS_STATUS_OK);
  stretch.first_frame = last_frame();
  while (host.frames[stretch.first_frame].frame.kind != JS_FRAME_KIND_REPLY) stretch.first_frame--;
  CHECK_EQ(reply_status(ask(JS_COMMAND_START, NULL, 0)), JS_STATUS_BUSY);
  CHECK_EQ(reply_status(ask(JS_COMMAND_MEASURE_VCC, NULL, 0)), JS_STATUS_BUSY);
  CHECK_EQ(reply_status(ask(JS_COMMAND_CONFIGURE, "\1\1", 2)), JS_STATUS_BUSY);
  check_identity(ask(JS_COMMAND_IDENTIFY, NULL, 0), 2, 2, JS_MODE_FAST, 7, true);
  for (int i = 0; i < 20; i++) {
    sim_board_run(&board, 1000 + (uint64_t)i * 1777);
    CHECK_EQ(reply_payload_length(ask(JS_COMMAND_READ_CALIBRATION, NULL, 0)), JS_CALIBRATION_BYTES);
  }
  const struct decoded_frame *stopped = ask(JS_COMMAND_STOP, NULL, 0);
  CHECK_EQ(reply_status(stopped), JS_STATUS_OK);
  const struct truth_verdict verdict = truth_check(&host, &stretch);
  CHECK(verdict.frames > 50);
  CHECK_EQ(verdict.slips, 0);
  CHECK_EQ(verdict.overruns, 0);
  CHECK_EQ(u32(reply_payload(stopped)), verdict.next_index);
  check_identity(ask(JS_COMMAND_IDENTIFY, NULL, 0), 2, 2, JS_MODE_FAST, 7, false);
  CHECK_EQ(u32(reply_payload(ask(JS_COMMAND_STOP, NULL, 0))), verdict.next_index);
}

static void a_torn_command_is_forgotten(void) {
  const uint8_t torn[] = {JS_COMMAND_SYNC, JS_COMMAND_WRITE_CALIBRATION, JS_CALIBRATION_BYTES, 'J', 'S', 'C'};
  sim_uart_send(&board.uart, board.avr->cycle, torn, sizeof torn);
  sim_board_run(&board, SIM_CPU_HZ / 5);
  CHECK(ask(JS_COMMAND_IDENTIFY, NULL, 0) != NULL);
}

static void a_reset_while_sampling_is_a_boot_like_any(void) {
  CHECK_EQ(reply_status(ask(JS_COMMAND_START, NULL, 0)), JS_STATUS_OK);
  sim_board_run(&board, SIM_CPU_HZ / 100 + 12345);
  host.count = 0;
  host.held_count = 0; /* of the frame that was cut off */
  sim_board_reset(&board);
  CHECK_EQ(host.count, 1);
  check_identity(&host.frames[0].frame, 3, 2, JS_MODE_BALANCED, 0x01, false);
  CHECK_EQ(u32(reply_payload(ask(JS_COMMAND_STOP, NULL, 0))), 0);
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s <uno.elf>\n", argv[0]);
    return 2;
  }
  if (!sim_board_open(&board, argv[1])) return 1;
  sim_host_attach(&host, &board);
  truth_drive_marker(&board);
  sim_board_boot(&board);
  the_board_introduces_itself();
  a_reset_counts_a_boot();
  a_ping_is_answered_at_once();
  pings_back_to_back_keep_their_own_stamps();
  a_ping_that_waited_keeps_its_stamp();
  the_clock_runs_on_through_overflows();
  wrong_commands_are_refused();
  a_calibration_record_survives_a_reset();
  the_supply_is_measured();
  commands_do_not_disturb_fast_sampling();
  a_torn_command_is_forgotten();
  a_reset_while_sampling_is_a_boot_like_any();
  CHECK_EQ(host.bad_bytes, 0);
  truth_check_chip_rules(&board);
  sim_host_detach(&host);
  sim_board_close(&board);
  return check_report("sim commands");
}
