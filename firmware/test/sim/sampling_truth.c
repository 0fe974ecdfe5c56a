#include "sampling_truth.h"

#include "check.h"

/* Ticks are 8 cycles; a tick says when a sample was held to one of them, either way. */
#define TICK_CYCLES 8
/* tx_tick is taken before the two last bytes go in together, 22 cycles apart and more. */
#define TX_TICK_EARLY_CYCLES_MAX 64
#define UDR_GAP_CYCLES_MIN 16

struct expectation {
  size_t ordinal; /* conversion that the frame's first sample is */
  bool off_by_slip;
};

static void check_frame(const struct sim_host *host, const struct truth_stretch *stretch, size_t at,
                        struct expectation expected);
static void check_samples(const struct sim_host *host, const struct decoded_frame *frame, struct expectation expected);
static void check_marker(const struct decoded_frame *frame, const struct truth_stretch *stretch, size_t ordinal);
static void check_tx_tick(const struct sim_host *host, size_t at);
static uint8_t input_of(uint8_t channels, int sample);

bool truth_marker_level(size_t ordinal) {
  const bool busy = ordinal / 500 % 5 == 3;
  return busy ? ordinal & 1 : sim_adc_code(ordinal / 37, 15) & 1;
}

static void on_end(void *owner, size_t ordinal) { sim_board_set_marker(owner, truth_marker_level(ordinal)); }

void truth_drive_marker(struct sim_board *board) {
  board->adc.on_end = on_end;
  board->adc.owner = board;
}

struct truth_verdict truth_check(const struct sim_host *host, const struct truth_stretch *stretch) {
  struct truth_verdict verdict = {.next_index = stretch->first_index};
  for (size_t at = stretch->first_frame + 1; at < host->count; at++) {
    const struct decoded_frame *frame = &host->frames[at].frame;
    CHECK_EQ(frame->sequence, (uint16_t)(host->frames[at - 1].frame.sequence + 1));
    if (frame->kind != JS_FRAME_KIND_SAMPLE) continue;
    const uint32_t jump = frame->first_index - verdict.next_index;
    /* only a frame that says so may leave indices out */
    const bool overrun = frame->flags & JS_FLAG_OVERRUN;
    const bool slip = frame->flags & JS_FLAG_SLIP;
    if (!overrun && !slip) CHECK_EQ(jump, 0);
    if (overrun) CHECK(jump >= frame->sample_count);
    if (overrun && !slip) CHECK_EQ(jump % frame->sample_count, 0);
    verdict.overruns += overrun;
    verdict.slips += slip;
    verdict.dropped_samples += jump;
    /* a frame before one that slipped is off by the slip from some sample on */
    bool next_slipped = false;
    for (size_t next = at + 1; next < host->count; next++) {
      if (host->frames[next].frame.kind != JS_FRAME_KIND_SAMPLE) continue;
      next_slipped = host->frames[next].frame.flags & JS_FLAG_SLIP;
      break;
    }
    const size_t ordinal = frame->first_index - stretch->first_index;
    check_frame(host, stretch, at, (struct expectation){.ordinal = ordinal, .off_by_slip = next_slipped});
    CHECK_EQ((frame->flags & JS_FLAG_ANCHOR) != 0, verdict.frames == 0);
    verdict.frames++;
    verdict.samples += frame->sample_count;
    verdict.next_index = frame->first_index + frame->sample_count;
  }
  return verdict;
}

void truth_check_chip_rules(const struct sim_board *board) {
  CHECK_EQ(board->uart.dropped, 0);
  CHECK(board->uart.gap_min >= UDR_GAP_CYCLES_MIN);
  CHECK_EQ(board->uart.overruns, 0);
  CHECK_EQ(board->adc.mux_writes_early, 0);
}

static void check_frame(const struct sim_host *host, const struct truth_stretch *stretch, size_t at,
                        struct expectation expected) {
  const struct decoded_frame *frame = &host->frames[at].frame;
  CHECK_EQ(frame->mode, stretch->mode);
  CHECK_EQ(frame->channels, stretch->channels);
  CHECK(frame->sample_count >= 128 && frame->sample_count % __builtin_popcount(stretch->channels) == 0);
  CHECK(expected.ordinal + frame->sample_count <= host->board->adc.count);
  if (expected.ordinal + frame->sample_count > host->board->adc.count) return;
  check_samples(host, frame, expected);
  if (!expected.off_by_slip && !(frame->flags & JS_FLAG_SLIP)) check_marker(frame, stretch, expected.ordinal);
  check_tx_tick(host, at);
}

static void check_samples(const struct sim_host *host, const struct decoded_frame *frame, struct expectation expected) {
  const struct sim_conversion *conversion = host->board->adc.conversions + expected.ordinal;
  const uint32_t period = frame->mode == JS_MODE_FAST ? 26 : frame->mode == JS_MODE_BALANCED ? 52 : 104;
  for (int i = 0; i < frame->sample_count; i++, conversion++) {
    const uint32_t tick = frame->tick + (uint32_t)i * period;
    const int64_t early =
        (int64_t)(conversion->hold_cycle - sim_board_cycle_of(host->board, tick, conversion->hold_cycle));
    CHECK_BETWEEN(early, -TICK_CYCLES, TICK_CYCLES);
    if (expected.off_by_slip) continue;
    CHECK_EQ(frame->counts[i], conversion->code);
    CHECK_EQ(conversion->mux, input_of(frame->channels, i));
  }
}

static void check_marker(const struct decoded_frame *frame, const struct truth_stretch *stretch, size_t ordinal) {
  bool before = ordinal ? truth_marker_level(ordinal - 1) : stretch->marker_before;
  int edges = 0;
  int offset = JS_SAMPLE_MARKER_NONE;
  for (int i = 0; i < frame->sample_count; i++) {
    const bool level = truth_marker_level(ordinal + (size_t)i);
    if (level != before && edges++ == 0) offset = i;
    before = level;
  }
  CHECK_EQ((frame->flags & JS_FLAG_MARKER) != 0, truth_marker_level(ordinal));
  CHECK_EQ(frame->marker_edges, edges);
  CHECK_EQ(frame->marker_offset, offset);
}

static void check_tx_tick(const struct sim_host *host, size_t at) {
  const struct decoded_frame *frame = &host->frames[at].frame;
  CHECK(frame->flags & JS_FLAG_TX_TICK_VALID);
  const uint64_t written = host->frames[at - 1].last_byte_written_cycle;
  const int64_t early = (int64_t)(written - sim_board_cycle_of(host->board, frame->tx_tick, written));
  CHECK_BETWEEN(early, 0, TX_TICK_EARLY_CYCLES_MAX);
}

/* The (sample mod their number)-th of the selected inputs. */
static uint8_t input_of(uint8_t channels, int sample) {
  int skip = sample % __builtin_popcount(channels);
  for (uint8_t input = 0;; input++)
    if (channels >> input & 1 && skip-- == 0) return input;
}
