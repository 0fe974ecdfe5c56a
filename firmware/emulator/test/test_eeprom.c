/* The EEPROM: what is written is read back, and takes the chip's time. */
#include "check.h"
#include "eeprom.h"
#include "probe_bench.h"

enum { ERASED = 1, WRITE_BEGUN, WRITE_ENDED, READ_BACK, WITHOUT_ENABLE, AND_WRITTEN, BLOCK_ENDED };
enum { LATEST_CYCLES = 16000000, CYCLES_PER_US = 16 };

static double between_us(const probe_bench_t *bench, uint8_t from, uint8_t until);

int main(int argument_count, char **arguments) {
  if (argument_count != 2) return 1;
  static mcu_t mcu;
  static eeprom_t eeprom;
  static probe_bench_t bench;
  failure_t failure;
  CHECK(mcu_open(&mcu, arguments[1], 16e6, &failure));
  CHECK(eeprom_attach(&eeprom, &mcu, &failure));
  probe_bench_attach(&bench, &mcu);
  CHECK(probe_bench_run(&bench, LATEST_CYCLES, 6000));
  CHECK(bench.overshoot <= PROBE_OVERSHOOT_MAX);
  CHECK(probe_bench_find(&bench, ERASED, 0).value == 0xFF);
  CHECK(probe_bench_find(&bench, READ_BACK, 0).value == 0x5A);
  CHECK((probe_bench_find(&bench, WRITE_ENDED, 0).value & 7) == 0);
  CHECK(probe_bench_find(&bench, WITHOUT_ENABLE, 0).value == 0);
  CHECK(probe_bench_find(&bench, AND_WRITTEN, 0).value == (0x5A & 0x0F));
  CHECK(probe_bench_find(&bench, BLOCK_ENDED, 0).value == 10);
  CHECK_NEAR(between_us(&bench, WRITE_BEGUN, WRITE_ENDED), 3400, 10);
  CHECK_NEAR(between_us(&bench, WITHOUT_ENABLE, AND_WRITTEN), 1800, 10);
  CHECK_NEAR(between_us(&bench, AND_WRITTEN, BLOCK_ENDED), 10 * 3400, 100);
  CHECK(eeprom.bytes_programmed == 12);
  uint8_t bytes[MCU_EEPROM_BYTES];
  mcu_read_eeprom(&mcu, bytes);
  CHECK(bytes[16] == 1 && bytes[25] == 10 && bytes[26] == 0xFF && bytes[1023] == 0x0A);
  mcu_close(&mcu);
  return check_report();
}

static double between_us(const probe_bench_t *bench, uint8_t from, uint8_t until) {
  uint64_t cycles = probe_bench_find(bench, until, 0).cycle - probe_bench_find(bench, from, 0).cycle;
  return (double)cycles / CYCLES_PER_US;
}
