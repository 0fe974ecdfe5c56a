#include "sim_host.h"

#include <stdlib.h>
#include <string.h>

static void on_byte(void *owner, uint8_t byte, uint64_t written_cycle, uint64_t sent_cycle);
static void drop(struct sim_host *host, size_t bytes);

void sim_host_attach(struct sim_host *host, struct sim_board *board) {
  memset(host, 0, sizeof *host);
  host->board = board;
  board->uart.on_byte = on_byte;
  board->uart.owner = host;
}

void sim_host_detach(struct sim_host *host) {
  host->board->uart.on_byte = NULL;
  free(host->frames);
}

uint64_t sim_host_send(struct sim_host *host, uint64_t cycle, uint8_t code, const uint8_t *payload, uint8_t length) {
  uint8_t bytes[JS_COMMAND_HEADER_BYTES + 255 + JS_FRAME_CRC_BYTES] = {JS_COMMAND_SYNC, code, length};
  if (length) memcpy(bytes + JS_COMMAND_HEADER_BYTES, payload, length);
  const size_t crc_at = JS_COMMAND_HEADER_BYTES + (size_t)length;
  const uint16_t crc = decoder_crc16(bytes + 1, crc_at - 1);
  bytes[crc_at] = (uint8_t)crc;
  bytes[crc_at + 1] = (uint8_t)(crc >> 8);
  if (cycle < host->board->avr->cycle) cycle = host->board->avr->cycle;
  return sim_uart_send(&host->board->uart, cycle, bytes, crc_at + JS_FRAME_CRC_BYTES);
}

uint64_t sim_host_ping(struct sim_host *host, uint64_t cycle, uint8_t id) {
  return sim_host_send(host, cycle, JS_COMMAND_PING, &id, 1);
}

const struct decoded_frame *sim_host_ask(struct sim_host *host, uint8_t code, const uint8_t *payload, uint8_t length) {
  size_t seen = host->count;
  sim_host_send(host, 0, code, payload, length);
  for (int ms = 0; ms < 2000; ms++) {
    sim_board_run(host->board, SIM_CPU_HZ / 1000);
    for (; seen < host->count; seen++) {
      const struct decoded_frame *frame = &host->frames[seen].frame;
      if (code == JS_COMMAND_IDENTIFY && frame->kind == JS_FRAME_KIND_IDENTITY) return frame;
      if (frame->kind == JS_FRAME_KIND_REPLY && frame->body[0] == code) return frame;
    }
  }
  return NULL;
}

uint8_t reply_status(const struct decoded_frame *reply) {
  return reply ? reply->body[JS_REPLY_AT_STATUS - JS_FRAME_HEADER_BYTES] : 0xFF;
}

const uint8_t *reply_payload(const struct decoded_frame *reply) {
  static const uint8_t none[JS_FRAME_BODY_MAX];
  return reply ? reply->body + JS_REPLY_AT_PAYLOAD - JS_FRAME_HEADER_BYTES : none;
}

uint8_t reply_payload_length(const struct decoded_frame *reply) {
  return reply ? reply->body_length - (JS_REPLY_AT_PAYLOAD - JS_FRAME_HEADER_BYTES) : 0xFF;
}

static void on_byte(void *owner, uint8_t byte, uint64_t written_cycle, uint64_t sent_cycle) {
  struct sim_host *host = owner;
  host->held[host->held_count++] = byte;
  for (;;) {
    if (host->count == host->capacity) {
      host->capacity = host->capacity ? 2 * host->capacity : 256;
      host->frames = realloc(host->frames, host->capacity * sizeof *host->frames);
      if (!host->frames) abort();
    }
    struct host_frame *next = &host->frames[host->count];
    const enum decoder_answer answer = decoder_examine(host->held, host->held_count, &next->frame);
    if (answer == DECODER_NOT_YET) return;
    if (answer == DECODER_FRAME) {
      next->last_byte_written_cycle = written_cycle;
      next->last_byte_sent_cycle = sent_cycle;
      host->count++;
      drop(host, next->frame.length);
    } else {
      host->bad_bytes++;
      drop(host, 1);
    }
  }
}

static void drop(struct sim_host *host, size_t bytes) {
  host->held_count -= bytes;
  memmove(host->held, host->held + bytes, host->held_count);
}
