#ifndef EMULATOR_LINK_MODEL_H
#define EMULATOR_LINK_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "draw.h"

/*
 * How long bytes take between the device's line and the host program, both ways, first in first out.
 *   ideal            20 us + Exp(20 us)
 *   pty              the live testbed: lag (up only) + 15 us + Exp(60 us), 0.2 % spikes of 0.2-4 ms
 *   cdc, ftdi1, ftdi16   a USB adapter polled every 1 ms by a bus 7 ppm off, latency timer none, 1 ms, 16 ms;
 *                    0.5 % spikes of 2-20 ms
 */
typedef enum { LINK_IDEAL, LINK_PTY, LINK_CDC, LINK_FTDI1, LINK_FTDI16 } link_kind_t;

typedef struct {
  link_kind_t kind;
  double lag_s;
  double poll_phase_s;
  draw_t up, down;
  double last_up_s, last_down_s;
} link_model_t;

bool link_model_named(const char *name, link_kind_t *kind);
const char *link_model_name(link_kind_t kind);
link_model_t link_model_open(link_kind_t kind, uint64_t seed, double lag_s);
/* When the host's read returns bytes whose last one ended on the device's line at t_s. */
double link_model_up_s(link_model_t *link, double t_s);
/* When bytes that the host wrote at t_s reach the device's line. */
double link_model_down_s(link_model_t *link, double t_s);
/* No delay is ever shorter. */
double link_model_floor_up_s(const link_model_t *link);
double link_model_floor_down_s(const link_model_t *link);

#endif
