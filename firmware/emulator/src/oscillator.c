#include "oscillator.h"

#include <math.h>

static void draw_chord(oscillator_t *oscillator, double cycles);
static double newton_s(const oscillator_t *oscillator, double cycles);
static double true_time_s(const oscillator_t *oscillator, double host_s);
static double true_rate(const oscillator_t *oscillator, double host_s);

double oscillator_cycles(const oscillator_t *o, double host_s) {
  double t_s = true_time_s(o, host_s);
  double angular = 2 * M_PI / o->sine_period_s;
  double warmup_s = t_s + o->warmup_tau_s * expm1(-t_s / o->warmup_tau_s);
  double sine_s = (1 - cos(angular * t_s)) / angular;
  return o->f_hz * ((1 + o->offset) * t_s + o->warmup * warmup_s + o->sine * sine_s);
}

double oscillator_rate_hz(const oscillator_t *o, double host_s) {
  double t_s = true_time_s(o, host_s);
  double warmup = -expm1(-t_s / o->warmup_tau_s);
  double rate = 1 + o->offset + o->warmup * warmup + o->sine * sin(2 * M_PI * t_s / o->sine_period_s);
  return o->f_hz * rate * true_rate(o, host_s);
}

double oscillator_time_s(oscillator_t *o, double cycles) {
  if (!(cycles >= o->chord.start_cycles && cycles < o->chord.end_cycles)) draw_chord(o, cycles);
  return o->chord.start_s + (cycles - o->chord.start_cycles) * o->chord.s_per_cycle;
}

double oscillator_worst_drift_ppm_per_s(const oscillator_t *o) {
  return 1e6 * (fabs(o->warmup) / o->warmup_tau_s + fabs(o->sine) * 2 * M_PI / o->sine_period_s);
}

/* On a fixed grid of times, so that the answer does not depend on what was asked before. */
static void draw_chord(oscillator_t *o, double cycles) {
  double step = floor(newton_s(o, cycles) / OSCILLATOR_CHORD_S);
  do {
    o->chord.start_s = step * OSCILLATOR_CHORD_S;
    o->chord.start_cycles = oscillator_cycles(o, o->chord.start_s);
    o->chord.end_cycles = oscillator_cycles(o, (step + 1) * OSCILLATOR_CHORD_S);
    step += cycles < o->chord.start_cycles ? -1 : 1; /* Newton's last digit may fall on the other side of a grid line */
  } while (cycles < o->chord.start_cycles || cycles >= o->chord.end_cycles);
  o->chord.s_per_cycle = OSCILLATOR_CHORD_S / (o->chord.end_cycles - o->chord.start_cycles);
}

/* The rate stays within parts per thousand of its start value, so Newton converges from anywhere. */
static double newton_s(const oscillator_t *o, double cycles) {
  double t_s = cycles / (o->f_hz * (1 + o->offset));
  for (int i = 0; i < 8; i++) {
    double step_s = (cycles - oscillator_cycles(o, t_s)) / oscillator_rate_hz(o, t_s);
    t_s += step_s;
    if (fabs(step_s) < 2e-12 * (1 + t_s * 1e-3)) break; /* the resolution of a double, seconds in an hour, is 0.5 ps */
  }
  return t_s;
}

static double true_time_s(const oscillator_t *o, double host_s) {
  double t_s = host_s;
  for (int i = 0; i < o->slew_count && o->slews[i].from_s < host_s; i++) {
    double slewed_s = fmin(host_s, o->slews[i].until_s) - o->slews[i].from_s;
    t_s += slewed_s * (1 / (1 + o->slews[i].ratio) - 1);
  }
  return t_s;
}

static double true_rate(const oscillator_t *o, double host_s) {
  for (int i = 0; i < o->slew_count; i++)
    if (host_s >= o->slews[i].from_s && host_s < o->slews[i].until_s) return 1 / (1 + o->slews[i].ratio);
  return 1;
}
