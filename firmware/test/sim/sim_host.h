/* The host's end of the line: decodes what the board sends, and talks to it. */
#ifndef JOULESPAN_SIM_HOST_H
#define JOULESPAN_SIM_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame_decoder.h"
#include "sim_board.h"

struct host_frame {
  struct decoded_frame frame;
  uint64_t last_byte_written_cycle;
  uint64_t last_byte_sent_cycle;
};

struct sim_host {
  struct sim_board *board;
  struct host_frame *frames; /* all since the host was attached, in order */
  size_t count;
  size_t capacity;
  size_t bad_bytes;
  uint8_t held[512];
  size_t held_count;
};

/* To an open board; before it boots, to see that too. */
void sim_host_attach(struct sim_host *host, struct sim_board *board);
void sim_host_detach(struct sim_host *host);

/* Sends a command whose first start bit is at `cycle`, or as soon as it can be; returns when its first byte is in. */
uint64_t sim_host_send(struct sim_host *host, uint64_t cycle, uint8_t code, const uint8_t *payload, uint8_t length);
uint64_t sim_host_ping(struct sim_host *host, uint64_t cycle, uint8_t id);

/* Sends a command now and runs the board until its reply, or the identity frame to identify, is in. NULL after 2 s. */
const struct decoded_frame *sim_host_ask(struct sim_host *host, uint8_t code, const uint8_t *payload, uint8_t length);

uint8_t reply_status(const struct decoded_frame *reply);
/* Zeros when there is no reply. */
const uint8_t *reply_payload(const struct decoded_frame *reply);
uint8_t reply_payload_length(const struct decoded_frame *reply);

#endif
