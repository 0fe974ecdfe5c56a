/* Link models: floors that hold and are reached, order kept, the USB frame's clock, rates and lengths of spikes. */
#include <string.h>

#include "check.h"
#include "link_model.h"

enum { N = 200000 };
static const double LAG_S = 5e-3;

static void check_model(link_kind_t kind);
static void check_polls(void);
static void check_latency_timer(void);

int main(void) {
  for (link_kind_t kind = LINK_IDEAL; kind <= LINK_FTDI16; kind++) check_model(kind);
  check_polls();
  check_latency_timer();
  link_kind_t kind;
  CHECK(link_model_named("ftdi16", &kind) && kind == LINK_FTDI16 && !link_model_named("ftdi", &kind));
  return check_report();
}

static void check_model(link_kind_t kind) {
  link_model_t link = link_model_open(kind, 3, LAG_S), again = link_model_open(kind, 3, LAG_S);
  double least_up_s = 1, least_down_s = 1, last_up_s = 0, last_down_s = 0;
  int disorder = 0, differing = 0, spikes = 0;
  double spike_s = kind == LINK_PTY ? 1e-3 : 20e-3; /* above what the parts without spikes reach */
  for (int i = 0; i < N; i++) {
    double t_s = i * 30.37e-3; /* far apart, so that no spike holds up the next group */
    double up_s = link_model_up_s(&link, t_s), down_s = link_model_down_s(&link, t_s);
    if (up_s != link_model_up_s(&again, t_s) || down_s != link_model_down_s(&again, t_s)) differing++;
    if (up_s < last_up_s || down_s < last_down_s) disorder++;
    last_up_s = up_s;
    last_down_s = down_s;
    least_up_s = fmin(least_up_s, up_s - t_s);
    least_down_s = fmin(least_down_s, down_s - t_s);
    if (up_s - t_s - link_model_floor_up_s(&link) > spike_s) spikes++;
  }
  CHECK(disorder == 0);
  CHECK(differing == 0);
  CHECK(least_up_s >= link_model_floor_up_s(&link) - 1e-10);
  CHECK(least_up_s < link_model_floor_up_s(&link) + 10e-6);
  CHECK(least_down_s >= link_model_floor_down_s(&link) - 1e-10);
  CHECK(least_down_s < link_model_floor_down_s(&link) + 10e-6);
  if (kind == LINK_IDEAL) CHECK(spikes == 0);
  if (kind == LINK_PTY) {
    CHECK_NEAR(spikes, N * 0.002 * 3.0 / 3.8, 100); /* those of the 0.2-4 ms that exceed 1 ms */
    CHECK_NEAR(link_model_floor_up_s(&link), LAG_S + 15e-6, 1e-12);
    CHECK_NEAR(link_model_floor_down_s(&link), 15e-6, 1e-12); /* the lag is the uplink's alone */
  }
}

/* Every USB delivery without its own wake-up lies on one grid of 1 ms + 7 ppm. */
static void check_polls(void) {
  link_model_t link = link_model_open(LINK_CDC, 5, 0);
  double poll_s = 1e-3 * (1 + 7e-6);
  int off_grid = 0, just_behind = 0;
  for (int i = 0; i < N; i++) {
    double up_s = link_model_up_s(&link, i * 30.37e-3) - 40e-6;
    double behind_s = fmod(up_s - link.poll_phase_s, poll_s);
    if (behind_s > 400e-6 && behind_s < poll_s - 1e-9) off_grid++; /* Exp(30 us) reaches 400 us once in 600 000 */
    if (behind_s < 30e-6) just_behind++;
  }
  CHECK(off_grid < 0.006 * N); /* spikes only */
  CHECK_NEAR(just_behind / (double)N, 0.995 * (1 - exp(-1)), 0.01);
}

static void check_latency_timer(void) {
  link_model_t fast = link_model_open(LINK_FTDI1, 5, 0), slow = link_model_open(LINK_FTDI16, 5, 0);
  double fast_s = 0, slow_s = 0;
  for (int i = 0; i < N; i++) {
    fast_s += link_model_up_s(&fast, i * 50.37e-3) - i * 50.37e-3;
    slow_s += link_model_up_s(&slow, i * 50.37e-3) - i * 50.37e-3;
  }
  CHECK_NEAR((slow_s - fast_s) / N, 0.5 * 7.5e-3, 0.2e-3); /* half the groups wait 8 ms instead of 0.5 */
}
