#ifndef EMULATOR_OSCILLATOR_H
#define EMULATOR_OSCILLATOR_H

/* At 2 ppm/s a chord of 0.5 ms leaves the curve by no more than 0.06 ps: h^2 / 8 * 2e-6. */
#define OSCILLATOR_CHORD_S 0.5e-3

enum { OSCILLATOR_SLEWS_MAX = 16 };

/* CLOCK_MONOTONIC is slewed by `ratio` in [from_s, until_s): it then runs that much faster than true time. */
typedef struct {
  double from_s, until_s, ratio;
} host_slew_t;

/*
 * The device's clock against the host's CLOCK_MONOTONIC:
 *   rate(t) = f * (1 + offset + warmup * (1 - exp(-t / warmup_tau)) + sine * sin(2 pi t / sine_period))
 * t in true seconds: those of CLOCK_MONOTONIC, but where the host slews that. The device knows nothing of the host.
 * t since power-on (never absolute: a double then resolves 1 ns for weeks), cycles counted from power-on.
 */
typedef struct {
  double f_hz;
  double offset, warmup, sine; /* relative: 1e-6 is 1 ppm */
  double warmup_tau_s, sine_period_s;
  host_slew_t slews[OSCILLATOR_SLEWS_MAX]; /* ascending, apart */
  int slew_count;
  struct {
    double start_cycles, end_cycles, start_s, s_per_cycle;
  } chord; /* of the last inverse */
} oscillator_t;

double oscillator_cycles(const oscillator_t *oscillator, double t_s);
double oscillator_rate_hz(const oscillator_t *oscillator, double t_s);
/* The inverse, to 0.1 ps, by chords of OSCILLATOR_CHORD_S: remembers the last one, for millions of calls in a row. */
double oscillator_time_s(oscillator_t *oscillator, double cycles);
/* Upper bound of |d rate / dt|, ppm/s. */
double oscillator_worst_drift_ppm_per_s(const oscillator_t *oscillator);

#endif
