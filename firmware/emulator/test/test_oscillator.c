/* The device clock: the rate as stated, the exact integral of it, and an inverse good to 1 ns over an hour. */
#include "check.h"
#include "oscillator.h"

static const oscillator_t RESONATOR = {
    .f_hz = 16e6, .offset = -2021e-6, .warmup = 60e-6, .warmup_tau_s = 120, .sine = 3e-6, .sine_period_s = 60};

static void check_inverse(oscillator_t oscillator);
static void check_integral(void);
static void check_drift(void);
static void check_slew(void);

int main(void) {
  check_inverse(RESONATOR);
  oscillator_t fast = RESONATOR;
  fast.offset = 4500e-6;
  check_inverse(fast);
  oscillator_t steady = {.f_hz = 16e6, .warmup_tau_s = 1, .sine_period_s = 1};
  check_inverse(steady);
  check_integral();
  check_drift();
  check_slew();
  return check_report();
}

static void check_inverse(oscillator_t oscillator) {
  double worst_s = 0, last_s = -1;
  int backwards = 0;
  for (double t_s = 0; t_s < 3600; t_s += 0.0731234567) {
    double back_s = oscillator_time_s(&oscillator, oscillator_cycles(&oscillator, t_s));
    worst_s = fmax(worst_s, fabs(back_s - t_s));
    if (back_s <= last_s) backwards++;
    last_s = back_s;
  }
  CHECK(worst_s < 2e-12);
  CHECK(backwards == 0);
  /* in any order, and cycle by cycle without a step at the chords */
  double step_s = 1 / oscillator_rate_hz(&oscillator, 1800), worst_step_s = 0;
  double cycle = floor(oscillator_cycles(&oscillator, 1800));
  last_s = oscillator_time_s(&oscillator, cycle);
  for (int i = 1; i < 40000; i++) {
    double t_s = oscillator_time_s(&oscillator, cycle + i);
    worst_step_s = fmax(worst_step_s, fabs(t_s - last_s - step_s));
    last_s = t_s;
  }
  CHECK(worst_step_s < 2e-12);
  CHECK_NEAR(oscillator_time_s(&oscillator, 0), 0, 1e-15);
}

/* Simpson's rule over the rate against the closed form. */
static void check_integral(void) {
  for (double from_s = 0; from_s < 400; from_s += 37) {
    enum { STEPS = 2000 };
    double width_s = 11.0 / STEPS, sum = 0;
    for (int i = 0; i < STEPS; i++) {
      double a = from_s + i * width_s;
      sum += width_s / 6 *
             (oscillator_rate_hz(&RESONATOR, a) + 4 * oscillator_rate_hz(&RESONATOR, a + width_s / 2) +
              oscillator_rate_hz(&RESONATOR, a + width_s));
    }
    double closed = oscillator_cycles(&RESONATOR, from_s + 11) - oscillator_cycles(&RESONATOR, from_s);
    CHECK_NEAR(closed, sum, 1e-4); /* of 1.76e8 cycles */
  }
}

static void check_drift(void) {
  double stated = oscillator_worst_drift_ppm_per_s(&RESONATOR), seen = 0;
  for (double t_s = 0; t_s < 300; t_s += 0.01) {
    double change = oscillator_rate_hz(&RESONATOR, t_s + 0.01) - oscillator_rate_hz(&RESONATOR, t_s);
    seen = fmax(seen, fabs(change) / 0.01 / 16e6 * 1e6);
  }
  CHECK(seen <= stated * (1 + 1e-6));
  CHECK(seen > 0.9 * stated);
  CHECK_NEAR(stated, 60.0 / 120 + 3 * 2 * M_PI / 60, 1e-9);
}

/* A slewed host sees the device slow down; what the device counts in true time is as without. */
static void check_slew(void) {
  oscillator_t slewed = RESONATOR;
  slewed.slews[0] = (host_slew_t){.from_s = 10, .until_s = 20, .ratio = 500e-6};
  slewed.slews[1] = (host_slew_t){.from_s = 30, .until_s = 40, .ratio = -500e-6};
  slewed.slew_count = 2;
  check_inverse(slewed);
  CHECK_NEAR(oscillator_cycles(&slewed, 10), oscillator_cycles(&RESONATOR, 10), 1e-6);
  CHECK_NEAR(oscillator_cycles(&slewed, 25), oscillator_cycles(&RESONATOR, 25 - 10 + 10 / 1.0005), 1e-6);
  CHECK_NEAR(oscillator_rate_hz(&slewed, 15) / oscillator_rate_hz(&RESONATOR, 15), 1 / 1.0005, 1e-8);
  CHECK_NEAR(oscillator_cycles(&slewed, 50), oscillator_cycles(&RESONATOR, 50 - 20 + 10 / 1.0005 + 10 / 0.9995), 1e-6);
}
