#include "sampling_log.h"

#include "little_endian.h"

enum { CLOCK_ROW_EVERY = 256, CODE_RECORD_BYTES = 8 };

static void commit_pending(sampling_log_t *log);
static void write_row(sampling_log_t *log, struct sampling_log_entry *entry);

void sampling_log_add(sampling_log_t *log, unsigned boot, const adc_conversion_t *conversion, double t_s) {
  commit_pending(log);
  if (!log->in_stretch) log->boot = boot;
  log->pending = (struct sampling_log_entry){.valid = true,
                                             .first = !log->in_stretch,
                                             .index = log->next_index++,
                                             .t_s = t_s,
                                             .code = conversion->code,
                                             .input = conversion->multiplexer};
  log->in_stretch = true;
}

void sampling_log_end_stretch(sampling_log_t *log, bool unserved) {
  if (unserved && log->pending.valid) {
    log->pending.valid = false;
    log->next_index--;
  }
  commit_pending(log);
  if (log->committed.valid) {
    write_row(log, &log->committed);
    truth_stretch_row(log->truth, log->boot, log->first.index, log->first.t_s, log->committed.index,
                      log->committed.t_s);
  }
  log->committed.valid = false;
  log->in_stretch = false;
}

void sampling_log_boot(sampling_log_t *log) {
  sampling_log_end_stretch(log, false);
  log->next_index = 0;
}

static void commit_pending(sampling_log_t *log) {
  if (!log->pending.valid) return;
  log->committed = log->pending;
  if (log->committed.first) log->first = log->committed;
  log->pending.valid = false;
  log->total++;
  if (log->committed.first || log->committed.index % CLOCK_ROW_EVERY == 0) write_row(log, &log->committed);
  if (!log->codes) return;
  uint8_t record[CODE_RECORD_BYTES] = {0};
  store_u16le(record, log->committed.code);
  record[2] = log->committed.input;
  store_u32le(record + 4, log->boot);
  fwrite(record, 1, sizeof record, log->codes);
}

static void write_row(sampling_log_t *log, struct sampling_log_entry *entry) {
  if (entry->written) return;
  entry->written = true;
  truth_clock_row(log->truth, log->boot, entry->index, entry->t_s);
}
