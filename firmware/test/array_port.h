/* A port made of arrays: what the core would do to a board, as a test can see it. */
#ifndef JOULESPAN_ARRAY_PORT_H
#define JOULESPAN_ARRAY_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port.h"

struct array_port {
  uint8_t eeprom[1024];
  bool eeprom_is_worn; /* writes do not last */
  uint32_t now;        /* one tick on with every reading */
  uint8_t sent[65536];
  size_t sent_count;
  size_t transmitting_left;
  bool sampling;
  int starts;
  size_t sent_before_start;
  int filled_count;
  uint16_t bandgap_sum;
};

extern struct array_port array_port;

/* Sync bytes are stamped 0x20000 + their position, when asked for. */
void array_port_receive(const uint8_t *bytes, size_t count, bool stamped);

/* Sends all that is under way, as the sampling interrupt would. */
void array_port_transmit(void);

/* Fills a frame of 128 samples of the fast mode that began at tick 5000. */
void array_port_fill_frame(uint8_t ordinal);

#endif
