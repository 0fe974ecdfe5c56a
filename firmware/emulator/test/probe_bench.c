#include "probe_bench.h"

enum { GPIOR0_ADDRESS = 0x3E, GPIOR1_ADDRESS = 0x4A, GPIOR2_ADDRESS = 0x4B };

static void take_report(avr_t *avr, avr_io_addr_t address, uint8_t value, void *context);

void probe_bench_attach(probe_bench_t *bench, mcu_t *mcu) {
  *bench = (probe_bench_t){.mcu = mcu};
  mcu_hook_write(mcu, GPIOR0_ADDRESS, take_report, bench);
}

bool probe_bench_run(probe_bench_t *bench, uint64_t latest_cycle, uint64_t longest_piece) {
  while (!probe_bench_done(bench) && bench->mcu->avr->cycle < latest_cycle) {
    bench->random = bench->random * 6364136223846793005ULL + 1442695040888963407ULL;
    if (!probe_bench_run_until(bench, bench->mcu->avr->cycle + 1 + (bench->random >> 33) % longest_piece)) return false;
  }
  return probe_bench_done(bench);
}

bool probe_bench_run_until(probe_bench_t *bench, uint64_t cycle) {
  failure_t failure;
  if (!mcu_run_until(bench->mcu, cycle, &failure)) return false;
  uint64_t overshoot = bench->mcu->avr->cycle > cycle ? bench->mcu->avr->cycle - cycle : 0;
  if (overshoot > bench->overshoot) bench->overshoot = overshoot;
  return true;
}

bool probe_bench_done(const probe_bench_t *bench) {
  for (int i = 0; i < bench->count; i++)
    if (bench->reports[i].tag == PROBE_DONE) return true;
  return false;
}

probe_report_t probe_bench_find(const probe_bench_t *bench, uint8_t tag, int n) {
  for (int i = 0; i < bench->count; i++)
    if (bench->reports[i].tag == tag && n-- == 0) return bench->reports[i];
  return (probe_report_t){0};
}

static void take_report(avr_t *avr, avr_io_addr_t address, uint8_t value, void *context) {
  probe_bench_t *bench = context;
  avr->data[address] = value;
  if (bench->count == PROBE_REPORTS_MAX) return;
  uint16_t reported = (uint16_t)(avr->data[GPIOR1_ADDRESS] | avr->data[GPIOR2_ADDRESS] << 8);
  bench->reports[bench->count++] = (probe_report_t){.tag = value, .value = reported, .cycle = avr->cycle};
}
