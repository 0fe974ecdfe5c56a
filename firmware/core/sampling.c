#include "sampling.h"

#include "joulespan_protocol.h"
#include "link.h"
#include "ping_queue.h"
#include "port.h"
#include "sample_clock.h"

static uint8_t mode;
static uint8_t channels;
static uint8_t frame_samples;
static bool active;
static bool frame_in_use;
static struct sample_clock clock;
static struct ping_queue pings;

static void send(const struct port_filled_frame *filled);
static void release_sent(void);

void sampling_init(void) {
  mode = port_board.default_mode;
  channels = port_board.default_channels;
  active = false;
  frame_in_use = false;
  clock.index = 0;
  pings.count = 0;
}

bool sampling_configure(uint8_t new_mode, uint8_t new_channels) {
  if (new_mode >= JS_MODE_COUNT || !(port_board.modes & 1 << new_mode)) return false;
  if (new_channels == 0 || (new_channels & (uint8_t)~port_board.inputs)) return false;
  mode = new_mode;
  channels = new_channels;
  return true;
}

uint8_t sampling_mode(void) { return mode; }

uint8_t sampling_channels(void) { return channels; }

void sampling_start(void) {
  frame_samples = sample_frame_samples(channels);
  const uint32_t first_hold_tick = port_sampling_start(mode, channels, frame_samples);
  sample_clock_start(&clock, clock.index, first_hold_tick, mode, frame_samples);
  active = true;
}

void sampling_stop(void) {
  port_sampling_stop();
  active = false;
  do port_transmit_finish();
  while (link_is_idle() && sampling_send_filled());
}

bool sampling_is_active(void) { return active; }

uint32_t sampling_next_index(void) { return clock.index; }

void sampling_report_ping(struct ping_report ping) { ping_queue_add(&pings, ping); }

bool sampling_take_ping(struct ping_report *ping) {
  if (pings.count == 0) return false;
  *ping = pings.reports[0];
  ping_queue_drop(&pings, 1);
  return true;
}

bool sampling_send_filled(void) {
  struct port_filled_frame filled;
  release_sent();
  if (!port_frame_filled(&filled)) return false;
  send(&filled);
  return true;
}

static void send(const struct port_filled_frame *filled) {
  const struct sample_place place = sample_clock_place(&clock, filled->ordinal, filled->last_hold_stamp);
  struct sample_fields fields = {
      .first_index = place.index,
      .tick = place.tick,
      .mode = mode,
      .channels = channels,
      .sample_count = frame_samples,
      .flags = place.flags,
      .marker_edges = filled->marker_edges,
      .marker_offset = filled->marker_offset,
  };
  if (filled->marker_level) fields.flags |= JS_FLAG_MARKER;
  if (link_tx_tick(&fields.tx_tick)) fields.flags |= JS_FLAG_TX_TICK_VALID;
  const uint8_t ping_count = pings.count < JS_PING_REPORTS_MAX ? pings.count : JS_PING_REPORTS_MAX;
  const uint8_t body_length = sample_frame_finish(filled->bytes, &fields, pings.reports, ping_count);
  ping_queue_drop(&pings, ping_count);
  link_send(filled->bytes, JS_FRAME_KIND_SAMPLE, body_length);
  frame_in_use = true;
}

/* The link is idle: the frame it sent last may be filled again. */
static void release_sent(void) {
  if (!frame_in_use) return;
  port_frame_release();
  frame_in_use = false;
}
