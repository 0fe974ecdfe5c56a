/* How a probe tells its test something: a value in GPIOR2:1, then a tag into GPIOR0, whose write the test hooks. */
#ifndef EMULATOR_TEST_PROBE_REPORT_H
#define EMULATOR_TEST_PROBE_REPORT_H

#include <avr/io.h>
#include <stdint.h>

enum { REPORT_DONE = 0xFF };

static inline void report(uint8_t tag, uint16_t value) {
  GPIOR1 = (uint8_t)value;
  GPIOR2 = (uint8_t)(value >> 8);
  GPIOR0 = tag;
}

#endif
