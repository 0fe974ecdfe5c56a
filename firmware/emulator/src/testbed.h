#ifndef EMULATOR_TESTBED_H
#define EMULATOR_TESTBED_H

#include "adc.h"
#include "board.h"
#include "byte_group.h"
#include "downlink.h"
#include "eeprom.h"
#include "fault.h"
#include "marker.h"
#include "mcu.h"
#include "oscillator.h"
#include "power.h"
#include "power_message.h"
#include "sampling_log.h"
#include "sensor.h"
#include "specimen.h"
#include "truth.h"
#include "usart.h"

/* Time moves in slices of 0.5 ms of host time; the rows of truth/rails.csv fall on every 20th. */
enum { TESTBED_SLICE_NS = 500000, TESTBED_SLICES_PER_RAIL_ROW = 20 };

typedef struct {
  const char *firmware_path;
  const char *truth_directory;
  const char *eeprom_path; /* may be NULL: erased, not kept */
  const char *codes_path;  /* may be NULL */
  int64_t origin_ns;       /* CLOCK_MONOTONIC of power-on: emulated time 0 */
} testbed_setup_t;

/* The whole bench between the card's power records and the serial line: everything but the link and the wall clock. */
typedef struct {
  testbed_setup_t setup;
  board_t board;
  fault_plan_t faults;
  specimen_t specimen;
  oscillator_t oscillator;
  mcu_t mcu;
  adc_t adc;
  usart_t usart;
  eeprom_t eeprom;
  power_t *power;
  sensor_bank_t *sensors;
  downlink_t downlink;
  marker_t marker;
  feed_wire_t feed_wire;
  bool marker_wired; /* else the pin is left to its pull-up */
  byte_group_t uplink;
  truth_t truth;
  sampling_log_t sampling;
  FILE *codes;
  draw_t adc_noise, byte_faults;
  int next_fault; /* first event of the plan that has not begun */
  double held_s;  /* sample-and-hold instant of the conversion that completes next */
  uint64_t slices;
  struct {
    uint64_t bytes_from_device; /* that left its UART */
    uint64_t bytes_to_device;   /* that entered its receiver */
    uint64_t bytes_dropped, bytes_flipped, bytes_inserted;
    uint64_t bytes_lost_unplugged, host_bytes_lost_unplugged;
    uint64_t power_records, late_power_records, power_records_before_start, late_marker_edges;
  } counts;
} testbed_t;

/* board, faults, wires and setup are set before; it stays where it is in memory, and is to be freed also after a failure. */
bool testbed_open(testbed_t *testbed, byte_group_sink_t sink, void *context, failure_t *failure);
double testbed_now_s(const testbed_t *testbed);
double testbed_slice_end_s(const testbed_t *testbed);

void testbed_add_power(testbed_t *testbed, const power_message_t *message);
/* Bytes that reached the adapter at arrival_s; an arrival in the past counts as now. */
void testbed_receive(testbed_t *testbed, const uint8_t *bytes, size_t count, double arrival_s);
void testbed_add_marker_edge(testbed_t *testbed, marker_edge_t edge);
bool testbed_run_slice(testbed_t *testbed, failure_t *failure);

/* Hands over the last bytes and writes what is known at the end: stages, last rows, EEPROM. */
bool testbed_finish(testbed_t *testbed, failure_t *failure);
void testbed_free(testbed_t *testbed);

#endif
