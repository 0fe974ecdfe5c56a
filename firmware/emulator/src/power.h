#ifndef EMULATOR_POWER_H
#define EMULATOR_POWER_H

#include <stdint.h>

#include "board.h"
#include "power_message.h"
#include "span_ledger.h"
#include "specimen.h"

/*
 * The card: what its rails deliver, from the power records of the runner. Time is in seconds since power-on.
 *
 *   rail = base + wander + device_share * sum over devices (lagged idle level + lagged phases + leakage)
 *
 * The lag is one pole, solved in closed form between events, so the energy of every phase arrives exactly. Wander
 * (Ornstein-Uhlenbeck) and leakage (proportional to a one-pole temperature rise) are piecewise constant over 1 ms.
 */
typedef struct power power_t;

/* The course of all powers over a stretch without events, offset tau from its start:
   device: level + slope * tau + transient * exp(-tau / lag); rail: the same sum plus slow. */
typedef struct {
  double duration_s;
  int device_count;
  struct {
    double level_w, slope_w_per_s, transient_w;
    double lag_s, decay; /* decay = exp(-duration / lag) */
  } device[BOARD_DEVICES_MAX];
  double slow_w[BOARD_RAILS_MAX];
} power_segment_t;

typedef void (*power_follower_t)(void *context, const power_segment_t *segment);

typedef enum {
  POWER_ON_TIME,
  POWER_LATE,         /* for an instant already simulated: shifted to the front, nothing of its energy is lost */
  POWER_BEFORE_START, /* over before power-on: ignored */
} power_arrival_t;

typedef struct {
  double total_j, idle_j, dynamic_j; /* since power-on; idle: base, wander, idle levels, leakage */
} power_energy_t;

power_t *power_new(const board_t *board, const specimen_t *specimen, int64_t origin_ns);
void power_free(power_t *power);
/* The follower sees every segment once, in order. */
void power_follow(power_t *power, power_follower_t follower, void *context);
power_arrival_t power_add(power_t *power, const power_record_t *record, uint64_t source_id);
/* Earlier times than the front are ignored. */
void power_advance(power_t *power, double t_s);

double power_device_w(const power_t *power, int device); /* idle and phases, seen through the lag, without leakage */
double power_rail_w(const power_t *power, int rail);
power_energy_t power_rail_energy(const power_t *power, int rail);
/* Phases left out because too many of one device overlapped: they are in no rail and in no span. */
uint64_t power_phases_beyond_limit(const power_t *power);
/* Net energies of all spans up to the front, the running parts of unfinished phases included. Call once, at the end. */
const span_ledger_t *power_close(power_t *power);

#endif
