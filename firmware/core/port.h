/*
 * What a board supplies to the core. The core never touches a register; a port never knows a frame's fields, except
 * those its sampling interrupt fills: the packed counts.
 */
#ifndef JOULESPAN_PORT_H
#define JOULESPAN_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "command_parser.h"

struct port_board {
  uint8_t hardware;
  uint8_t firmware[3]; /* major, minor, patch */
  uint32_t f_cpu_hz;
  uint16_t tick_divider;
  uint8_t modes;  /* bit m set: mode m is supported */
  uint8_t inputs; /* bit c set: ADC input c exists */
  uint8_t default_mode;
  uint8_t default_channels;
};

extern const struct port_board port_board;

uint32_t port_tick(void);

void port_eeprom_read(uint16_t address, uint8_t *bytes, uint8_t count);
/* Returns when the bytes are in; blocks 3.4 ms for each byte that changes. */
void port_eeprom_write(uint16_t address, const uint8_t *bytes, uint8_t count);

/* The next byte from the host, if there is one. */
bool port_receive(struct received_byte *received);

/* Begins to send; only while nothing is being sent. `bytes` stay in use until port_transmitting() says no. */
void port_transmit(const uint8_t *bytes, uint8_t count);
/* `count` more bytes, behind those of port_transmit(), are ready. */
void port_transmit_more(uint8_t count);
bool port_transmitting(void);
/* Waits until all has been handed to the UART. Only while sampling is stopped: else sampling drives the UART. */
void port_transmit_finish(void);
/* Timer just before the last byte entered the UART, at most 32 ms ago. */
uint32_t port_transmit_tick(void);

/* Starts the converter; returns the tick at which the first sample is held. */
uint32_t port_sampling_start(uint8_t mode, uint8_t channels, uint8_t frame_samples);
/* Stops it. The frame being filled is gone; filled ones remain to be taken. */
void port_sampling_stop(void);

/* A frame whose packed counts are in place at JS_SAMPLE_AT_COUNTS. */
struct port_filled_frame {
  uint8_t *bytes;
  uint8_t ordinal;         /* frames since the start before this one, dropped ones too; wraps */
  uint16_t last_hold_stamp; /* see sample_clock_place() */
  bool marker_level;       /* at the first sample */
  uint8_t marker_edges;
  uint8_t marker_offset;
};

/* The oldest frame that is filled and not released; the same one again until it is released. */
bool port_frame_filled(struct port_filled_frame *filled);
void port_frame_release(void);

/* Sum of 32 conversions of the bandgap reference against the supply; takes some ms. Only while sampling is stopped. */
uint16_t port_measure_bandgap(void);

#endif
