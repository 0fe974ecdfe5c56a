#include "link_model.h"

#include <math.h>
#include <string.h>

static const double POLL_S = 1e-3 * (1 + 7e-6); /* a USB frame, by CLOCK_MONOTONIC */

static const char *const NAMES[] = {"ideal", "pty", "cdc", "ftdi1", "ftdi16"};
/* Fixed parts of the delays by kind, seconds: up to the adapter, from the poll to the read; down likewise. */
static const double UP_BEFORE_POLL_S[] = {20e-6, 15e-6, 60e-6, 80e-6, 80e-6};
static const double UP_AFTER_POLL_S[] = {0, 0, 40e-6, 40e-6, 40e-6};
static const double DOWN_BEFORE_POLL_S[] = {20e-6, 15e-6, 40e-6, 40e-6, 40e-6};
static const double DOWN_AFTER_POLL_S[] = {0, 0, 30e-6, 30e-6, 30e-6};

static bool is_usb(const link_model_t *link);
static double next_poll_s(const link_model_t *link, double t_s, unsigned every);
static double spike_s(const link_model_t *link, draw_t *stream);

bool link_model_named(const char *name, link_kind_t *kind) {
  for (int i = 0; i < (int)(sizeof NAMES / sizeof *NAMES); i++) {
    if (strcmp(name, NAMES[i])) continue;
    *kind = (link_kind_t)i;
    return true;
  }
  return false;
}

const char *link_model_name(link_kind_t kind) {
  return NAMES[kind];
}

link_model_t link_model_open(link_kind_t kind, uint64_t seed, double lag_s) {
  draw_t phase = draw_stream(seed, "link.phase");
  return (link_model_t){.kind = kind,
                        .lag_s = kind == LINK_PTY ? lag_s : 0,
                        .poll_phase_s = draw_uniform(&phase, 0, POLL_S),
                        .up = draw_stream(seed, "link.up"),
                        .down = draw_stream(seed, "link.down")};
}

double link_model_up_s(link_model_t *link, double t_s) {
  double at_s = t_s + link->lag_s + UP_BEFORE_POLL_S[link->kind];
  if (link->kind == LINK_IDEAL) at_s += draw_exponential(&link->up, 20e-6);
  if (link->kind == LINK_PTY) at_s += draw_exponential(&link->up, 60e-6);
  if (is_usb(link)) {
    at_s += draw_exponential(&link->up, 100e-6);
    /* A partial packet waits for the latency timer; every second group happens to fill its last packet. */
    bool waits = link->kind == LINK_FTDI16 && draw_uniform(&link->up, 0, 1) >= 0.5;
    at_s = next_poll_s(link, at_s, waits ? 16 : 1) + draw_exponential(&link->up, 30e-6);
  }
  at_s += UP_AFTER_POLL_S[link->kind] + spike_s(link, &link->up);
  return link->last_up_s = fmax(link->last_up_s, at_s);
}

double link_model_down_s(link_model_t *link, double t_s) {
  double at_s = t_s + DOWN_BEFORE_POLL_S[link->kind];
  if (link->kind == LINK_IDEAL) at_s += draw_exponential(&link->down, 20e-6);
  if (link->kind == LINK_PTY) at_s += draw_exponential(&link->down, 60e-6);
  if (is_usb(link)) {
    at_s += draw_exponential(&link->down, 100e-6);
    at_s = next_poll_s(link, at_s, 1) + draw_exponential(&link->down, 20e-6);
  }
  at_s += DOWN_AFTER_POLL_S[link->kind] + spike_s(link, &link->down);
  return link->last_down_s = fmax(link->last_down_s, at_s);
}

double link_model_floor_up_s(const link_model_t *link) {
  return link->lag_s + UP_BEFORE_POLL_S[link->kind] + UP_AFTER_POLL_S[link->kind];
}

double link_model_floor_down_s(const link_model_t *link) {
  return DOWN_BEFORE_POLL_S[link->kind] + DOWN_AFTER_POLL_S[link->kind];
}

static bool is_usb(const link_model_t *link) {
  return link->kind == LINK_CDC || link->kind == LINK_FTDI1 || link->kind == LINK_FTDI16;
}

static double next_poll_s(const link_model_t *link, double t_s, unsigned every) {
  double period_s = POLL_S * every;
  return link->poll_phase_s + ceil((t_s - link->poll_phase_s) / period_s) * period_s;
}

/* Scheduling on the host: rare, long, and always late. */
static double spike_s(const link_model_t *link, draw_t *stream) {
  if (link->kind == LINK_IDEAL) return 0;
  bool hit = draw_uniform(stream, 0, 1) < (is_usb(link) ? 0.005 : 0.002);
  double length_s = is_usb(link) ? draw_uniform(stream, 2e-3, 20e-3) : draw_uniform(stream, 0.2e-3, 4e-3);
  return hit ? length_s : 0;
}
