#include "power.h"

#include <math.h>
#include <stdlib.h>

#include "draw.h"
#include "joulespan_protocol.h"
#include "power_timeline.h"

static const uint32_t NO_PHASE = UINT32_MAX;
static const double TICK_S = 1e-3; /* wander and leakage move on this grid */

enum { RUNNING_MAX = 32 }; /* phases of one device at the same instant */

typedef struct {
  double start_s, end_s;
  double start_w, slope_w_per_s;
  span_t span; /* energy_j stays 0: added when the phase ends */
  uint32_t next_free;
} phase_t;

typedef struct {
  double lag_s;
  double idle_input_w, idle_w; /* before and behind the lag */
  double dynamic_w;
  double idle_j, dynamic_j;
  double heat_rise_k, leak_w, heat_mark_j;
  uint32_t running[RUNNING_MAX]; /* indices into power.phases */
  int running_count;
} device_t;

struct power {
  const board_t *board;
  int64_t origin_ns;
  double now_s;
  uint64_t next_tick;
  power_timeline_t timeline;
  phase_t *phases; /* pending and running ones; a slot is free again when its phase ended */
  uint32_t phase_count, phase_capacity, free_phase;
  device_t devices[BOARD_DEVICES_MAX];
  int device_count;
  struct {
    double wander_w, slow_w, slow_j;
    draw_t wander;
  } rails[BOARD_RAILS_MAX];
  uint64_t phases_beyond_limit;
  span_ledger_t spans;
  power_follower_t follower;
  void *follower_context;
  power_segment_t segment;
};

static void add_phase(power_t *power, const power_record_t *record, uint64_t source_id, double start_s, double skip_s);
static void apply_due_events(power_t *power);
static uint32_t allocate_phase(power_t *power);
static void start_phase(power_t *power, device_t *device, uint32_t index);
static void end_phase(power_t *power, device_t *device, uint32_t index);
static double energy_j(const phase_t *phase, double until_s);
static void step(power_t *power, double duration_s);
static void step_device(power_t *power, int index, double duration_s);
static void tick(power_t *power);
static void update_slow(power_t *power);

power_t *power_new(const board_t *board, const specimen_t *specimen, int64_t origin_ns) {
  power_t *power = calloc(1, sizeof *power);
  power->board = board;
  power->origin_ns = origin_ns;
  power->next_tick = 1;
  power->free_phase = NO_PHASE;
  for (int i = 0; i < BOARD_DEVICES_MAX; i++) power->devices[i].lag_s = specimen->device_lag_s[i];
  for (int i = 0; i < board->rail_count; i++) {
    power->rails[i].wander = draw_stream_at(board->noise_seed, "rail.wander", (unsigned)i);
    power->rails[i].wander_w = board->rails[i].wander_w * draw_normal(&power->rails[i].wander);
  }
  update_slow(power);
  return power;
}

void power_free(power_t *power) {
  if (!power) return;
  free(power->phases);
  power_timeline_free(&power->timeline);
  span_ledger_free(&power->spans);
  free(power);
}

void power_follow(power_t *power, power_follower_t follower, void *context) {
  power->follower = follower;
  power->follower_context = context;
}

power_arrival_t power_add(power_t *power, const power_record_t *record, uint64_t source_id) {
  double start_s = (double)(record->t_ns - power->origin_ns) * 1e-9;
  double skip_s = 0; /* the part of a phase that lies before power-on */
  if (record->type == JS_POWER_PHASE) {
    if (start_s < 0) skip_s = -start_s;
    if (record->duration_ns == 0 || skip_s >= record->duration_ns * 1e-9) return POWER_BEFORE_START;
    start_s += skip_s;
  }
  if (record->device >= power->device_count) power->device_count = record->device + 1;
  bool late = start_s >= 0 && start_s < power->now_s;
  if (late) start_s = power->now_s;
  if (record->type == JS_POWER_PHASE)
    add_phase(power, record, source_id, start_s, skip_s);
  else
    power_timeline_push(
        &power->timeline,
        (timeline_event_t){
            .t_s = start_s, .kind = TIMELINE_IDLE_LEVEL, .device = record->device, .watts = record->watts_start});
  return late ? POWER_LATE : POWER_ON_TIME;
}

void power_advance(power_t *power, double t_s) {
  for (;;) {
    apply_due_events(power);
    if (!(power->now_s < t_s)) return;
    double tick_s = (double)power->next_tick * TICK_S;
    double until_s = fmin(t_s, fmin(tick_s, power_timeline_next_s(&power->timeline)));
    step(power, until_s - power->now_s);
    power->now_s = until_s;
    if (until_s == tick_s) tick(power);
  }
}

double power_device_w(const power_t *power, int device) {
  return power->devices[device].idle_w + power->devices[device].dynamic_w;
}

double power_rail_w(const power_t *power, int rail) {
  double sum_w = 0;
  for (int i = 0; i < power->device_count; i++) sum_w += power_device_w(power, i);
  return power->rails[rail].slow_w + power->board->rails[rail].device_share * sum_w;
}

power_energy_t power_rail_energy(const power_t *power, int rail) {
  double idle_j = 0, dynamic_j = 0, share = power->board->rails[rail].device_share;
  for (int i = 0; i < power->device_count; i++) {
    idle_j += power->devices[i].idle_j;
    dynamic_j += power->devices[i].dynamic_j;
  }
  idle_j = share * idle_j + power->rails[rail].slow_j; /* slow holds the leakage, already shared */
  dynamic_j *= share;
  return (power_energy_t){.total_j = idle_j + dynamic_j, .idle_j = idle_j, .dynamic_j = dynamic_j};
}

uint64_t power_phases_beyond_limit(const power_t *power) {
  return power->phases_beyond_limit;
}

const span_ledger_t *power_close(power_t *power) {
  for (int i = 0; i < power->device_count; i++) {
    const device_t *device = &power->devices[i];
    for (int k = 0; k < device->running_count; k++) {
      const phase_t *phase = &power->phases[device->running[k]];
      span_t part = phase->span;
      part.energy_j = energy_j(phase, power->now_s);
      span_ledger_add(&power->spans, &part);
    }
  }
  return &power->spans;
}

static void add_phase(power_t *power, const power_record_t *record, uint64_t source_id, double start_s, double skip_s) {
  double duration_s = record->duration_ns * 1e-9;
  double slope = ((double)record->watts_end - record->watts_start) / duration_s;
  uint32_t index = allocate_phase(power);
  phase_t *phase = &power->phases[index];
  *phase = (phase_t){.start_s = start_s,
                     .end_s = start_s + duration_s - skip_s,
                     .start_w = record->watts_start + slope * skip_s,
                     .slope_w_per_s = slope,
                     .span = {.source_id = source_id,
                              .span_id = record->span_id,
                              .inference_id = record->inference_id,
                              .device = record->device,
                              .segment = record->segment,
                              .model = record->model,
                              .kind = record->kind,
                              .start_ns = record->t_ns}};
  timeline_event_t event = {
      .t_s = phase->start_s, .kind = TIMELINE_PHASE_START, .device = record->device, .phase = index};
  power_timeline_push(&power->timeline, event);
  event.kind = TIMELINE_PHASE_END;
  event.t_s = phase->end_s;
  power_timeline_push(&power->timeline, event);
}

static uint32_t allocate_phase(power_t *power) {
  if (power->free_phase != NO_PHASE) {
    uint32_t index = power->free_phase;
    power->free_phase = power->phases[index].next_free;
    return index;
  }
  if (power->phase_count == power->phase_capacity) {
    power->phase_capacity = power->phase_capacity ? 2 * power->phase_capacity : 256;
    power->phases = realloc(power->phases, power->phase_capacity * sizeof *power->phases);
  }
  return power->phase_count++;
}

static void apply_due_events(power_t *power) {
  while (power_timeline_next_s(&power->timeline) <= power->now_s) {
    timeline_event_t event = power_timeline_pop(&power->timeline);
    device_t *device = &power->devices[event.device];
    switch (event.kind) {
      case TIMELINE_IDLE_LEVEL:
        device->idle_input_w = event.watts;
        if (event.t_s < 0 && power->now_s == 0) device->idle_w = event.watts; /* settled long before power-on */
        break;
      case TIMELINE_PHASE_START: start_phase(power, device, event.phase); break;
      case TIMELINE_PHASE_END: end_phase(power, device, event.phase); break;
    }
  }
}

static void start_phase(power_t *power, device_t *device, uint32_t index) {
  if (device->running_count < RUNNING_MAX)
    device->running[device->running_count++] = index;
  else
    power->phases_beyond_limit++;
}

static void end_phase(power_t *power, device_t *device, uint32_t index) {
  phase_t *phase = &power->phases[index];
  for (int i = 0; i < device->running_count; i++) {
    if (device->running[i] != index) continue;
    device->running[i] = device->running[--device->running_count];
    phase->span.energy_j = energy_j(phase, phase->end_s);
    span_ledger_add(&power->spans, &phase->span);
    break;
  }
  phase->next_free = power->free_phase;
  power->free_phase = index;
}

static double energy_j(const phase_t *phase, double until_s) {
  double duration_s = until_s - phase->start_s;
  return duration_s * (phase->start_w + phase->slope_w_per_s * duration_s / 2);
}

static void step(power_t *power, double duration_s) {
  power->segment.duration_s = duration_s;
  power->segment.device_count = power->device_count;
  for (int i = 0; i < power->device_count; i++) step_device(power, i, duration_s);
  for (int i = 0; i < power->board->rail_count; i++) {
    power->segment.slow_w[i] = power->rails[i].slow_w;
    power->rails[i].slow_j += power->rails[i].slow_w * duration_s;
  }
  if (power->follower) power->follower(power->follower_context, &power->segment);
}

/*
 * y' = (u - y) / lag with u = a + b tau has y = a - b lag + b tau + c exp(-tau / lag), and integrating the equation
 * itself gives the energy behind the lag without a second formula: integral y = integral u - lag (y(end) - y(start)).
 */
static void step_device(power_t *power, int index, double duration_s) {
  device_t *device = &power->devices[index];
  double lag_s = device->lag_s, decay = exp(-duration_s / lag_s);

  double input_w = 0, slope = 0;
  for (int i = 0; i < device->running_count; i++) {
    const phase_t *phase = &power->phases[device->running[i]];
    input_w += phase->start_w + phase->slope_w_per_s * (power->now_s - phase->start_s);
    slope += phase->slope_w_per_s;
  }
  double level_w = input_w - slope * lag_s, transient_w = device->dynamic_w - level_w;
  double dynamic_w = level_w + slope * duration_s + transient_w * decay;
  device->dynamic_j += duration_s * (input_w + slope * duration_s / 2) - lag_s * (dynamic_w - device->dynamic_w);
  device->dynamic_w = dynamic_w;

  double idle_transient_w = device->idle_w - device->idle_input_w;
  double idle_w = device->idle_input_w + idle_transient_w * decay;
  device->idle_j += duration_s * device->idle_input_w - lag_s * (idle_w - device->idle_w);
  device->idle_w = idle_w;

  power->segment.device[index].level_w = level_w + device->idle_input_w;
  power->segment.device[index].slope_w_per_s = slope;
  power->segment.device[index].transient_w = transient_w + idle_transient_w;
  power->segment.device[index].lag_s = lag_s;
  power->segment.device[index].decay = decay;
}

static void tick(power_t *power) {
  power->next_tick++;
  const board_t *board = power->board;
  double cool = exp(-TICK_S / board->thermal.tau_s);
  for (int i = 0; i < power->device_count; i++) {
    device_t *device = &power->devices[i];
    double heat_j = device->idle_j + device->dynamic_j;
    double mean_w = (heat_j - device->heat_mark_j) / TICK_S;
    device->heat_mark_j = heat_j;
    device->heat_rise_k = device->heat_rise_k * cool + board->thermal.k_per_w * mean_w * (1 - cool);
    device->leak_w = board->thermal.w_per_k * device->heat_rise_k;
  }
  for (int i = 0; i < board->rail_count; i++) {
    double keep = exp(-TICK_S / board->rails[i].wander_tau_s);
    power->rails[i].wander_w = keep * power->rails[i].wander_w +
                               board->rails[i].wander_w * sqrt(1 - keep * keep) * draw_normal(&power->rails[i].wander);
  }
  update_slow(power);
}

static void update_slow(power_t *power) {
  double leak_w = 0;
  for (int i = 0; i < power->device_count; i++) leak_w += power->devices[i].leak_w;
  for (int i = 0; i < power->board->rail_count; i++) {
    const board_rail_t *rail = &power->board->rails[i];
    power->rails[i].slow_w = rail->base_w + power->rails[i].wander_w + rail->device_share * leak_w;
  }
}
