#include "testbed.h"

#include <math.h>
#include <string.h>

#include "eeprom_file.h"
#include "joulespan_protocol.h"
#include "little_endian.h"

enum { MUX_BANDGAP = 14, MUX_GROUND = 15, REFERENCE_BANDGAP = 3, CODE_MAX = 1023, MARKER_PORT = 'D', MARKER_BIT = 2 };

static uint16_t hold(void *context, const adc_conversion_t *conversion);
static void complete(void *context, const adc_conversion_t *conversion);
static void stretch_end(void *context, bool unserved);
static void sent(void *context, uint8_t byte, uint64_t end_cycle);
static void after_reset(void *context);
static void take_feed_marker(testbed_t *testbed, const power_record_t *record);
static double noise_lsb(testbed_t *testbed, uint16_t prescaler);
static uint64_t cycle_at(const testbed_t *testbed, double t_s);
static uint64_t next_input_cycle(testbed_t *testbed);
static void apply_inputs(testbed_t *testbed);
static void begin_faults(testbed_t *testbed, double until_s);
static void log_byte_fault(testbed_t *testbed, const byte_fault_t *fault, double t_s, uint64_t offset);
static unsigned boot_id(testbed_t *testbed);
static bool open_codes(testbed_t *testbed, failure_t *failure);

bool testbed_open(testbed_t *testbed, byte_group_sink_t sink, void *context, failure_t *failure) {
  testbed->specimen = specimen_draw(&testbed->board);
  testbed->oscillator = specimen_oscillator(&testbed->specimen, &testbed->board);
  testbed->power = power_new(&testbed->board, &testbed->specimen, testbed->setup.origin_ns);
  testbed->sensors = sensor_bank_new(&testbed->board, &testbed->specimen, testbed->power);
  testbed->uplink = (byte_group_t){.sink = sink, .context = context};
  testbed->adc_noise = draw_stream(testbed->board.noise_seed, "adc.noise");
  testbed->byte_faults = draw_stream(testbed->board.noise_seed, "fault.bytes");
  if (!truth_open(&testbed->truth, testbed->setup.truth_directory, testbed->setup.origin_ns, failure)) return false;
  if (!open_codes(testbed, failure)) return false;
  testbed->sampling = (sampling_log_t){.truth = &testbed->truth, .codes = testbed->codes};
  if (!mcu_open(&testbed->mcu, testbed->setup.firmware_path, testbed->board.f_cpu_hz, failure)) return false;
  adc_listener_t listener = {.hold = hold, .complete = complete, .stretch_end = stretch_end, .context = testbed};
  if (!adc_attach(&testbed->adc, &testbed->mcu, listener, failure)) return false;
  if (!usart_attach(&testbed->usart, &testbed->mcu, sent, testbed, failure)) return false;
  if (!eeprom_attach(&testbed->eeprom, &testbed->mcu, failure)) return false;
  mcu_on_reset(&testbed->mcu, after_reset, testbed);
  if (testbed->setup.eeprom_path && !eeprom_file_load(&testbed->mcu, testbed->setup.eeprom_path, failure)) return false;
  if (testbed->feed_wire != FEED_WIRE_OPEN) testbed->marker_wired = true;
  testbed->marker.level = testbed->feed_wire == FEED_WIRE_INVERTED;
  if (testbed->marker_wired) mcu_drive_pin(&testbed->mcu, MARKER_PORT, MARKER_BIT, testbed->marker.level);
  return true;
}

double testbed_now_s(const testbed_t *testbed) {
  return (double)(testbed->slices * TESTBED_SLICE_NS) * 1e-9;
}

double testbed_slice_end_s(const testbed_t *testbed) {
  return (double)((testbed->slices + 1) * TESTBED_SLICE_NS) * 1e-9;
}

void testbed_add_power(testbed_t *testbed, const power_message_t *message) {
  for (uint32_t i = 0; i < message->count; i++) {
    power_record_t record = power_message_record(message, i);
    if (record.type == JS_POWER_MARKER) {
      take_feed_marker(testbed, &record);
      continue;
    }
    power_arrival_t arrival = power_add(testbed->power, &record, message->source_id);
    testbed->counts.power_records++;
    if (arrival == POWER_LATE) testbed->counts.late_power_records++;
    if (arrival == POWER_BEFORE_START) testbed->counts.power_records_before_start++;
  }
}

/* The runner's line ends at the pin, ends at it through an inverter, or ends nowhere. */
static void take_feed_marker(testbed_t *testbed, const power_record_t *record) {
  if (testbed->feed_wire == FEED_WIRE_OPEN) return;
  double t_s = (double)(record->t_ns - testbed->setup.origin_ns) * 1e-9;
  bool level = (record->segment == 1) != (testbed->feed_wire == FEED_WIRE_INVERTED);
  testbed_add_marker_edge(testbed, (marker_edge_t){.t_s = t_s, .level = level});
}

void testbed_receive(testbed_t *testbed, const uint8_t *bytes, size_t count, double arrival_s) {
  if (fault_plan_unplugged(&testbed->faults, arrival_s)) {
    testbed->counts.host_bytes_lost_unplugged += count;
    return;
  }
  uint64_t cycle = cycle_at(testbed, fault_plan_after_stall_s(&testbed->faults, arrival_s));
  uint64_t now = testbed->mcu.avr->cycle;
  downlink_push(&testbed->downlink, cycle > now ? cycle : now, bytes, count);
}

void testbed_add_marker_edge(testbed_t *testbed, marker_edge_t edge) {
  if (edge.t_s < testbed_now_s(testbed)) testbed->counts.late_marker_edges++;
  marker_push(&testbed->marker, edge);
}

bool testbed_run_slice(testbed_t *testbed, failure_t *failure) {
  double end_s = testbed_slice_end_s(testbed);
  uint64_t end_cycle = (uint64_t)oscillator_cycles(&testbed->oscillator, end_s);
  begin_faults(testbed, end_s);
  while (testbed->mcu.avr->cycle < end_cycle) {
    uint64_t input_cycle = next_input_cycle(testbed);
    if (!mcu_run_until(&testbed->mcu, input_cycle < end_cycle ? input_cycle : end_cycle, failure)) return false;
    apply_inputs(testbed);
  }
  power_advance(testbed->power, end_s);
  byte_group_idle(&testbed->uplink, end_s);
  testbed->slices++;
  if (testbed->slices % TESTBED_SLICES_PER_RAIL_ROW == 0)
    for (int i = 0; i < testbed->board.rail_count; i++)
      truth_rail_row(&testbed->truth, testbed->board.rails[i].name, end_s, power_rail_energy(testbed->power, i));
  return true;
}

bool testbed_finish(testbed_t *testbed, failure_t *failure) {
  byte_group_flush(&testbed->uplink);
  sampling_log_end_stretch(&testbed->sampling, false);
  truth_stages(&testbed->truth, power_close(testbed->power));
  bool ok = !testbed->setup.eeprom_path || eeprom_file_save(&testbed->mcu, testbed->setup.eeprom_path, failure);
  ok = truth_close(&testbed->truth, failure) && ok;
  if (testbed->codes && (ferror(testbed->codes) | fclose(testbed->codes)) != 0)
    ok = failure_set(failure, "%s: the disk did not take everything", testbed->setup.codes_path);
  return ok;
}

void testbed_free(testbed_t *testbed) {
  mcu_close(&testbed->mcu);
  sensor_bank_free(testbed->sensors);
  power_free(testbed->power);
  downlink_free(&testbed->downlink);
  marker_free(&testbed->marker);
}

/* Datasheet 24.7: code = floor(1024 V / Vref); the references are the true ones. */
static uint16_t hold(void *context, const adc_conversion_t *conversion) {
  testbed_t *testbed = context;
  double t_s = oscillator_time_s(&testbed->oscillator, (double)conversion->hold_cycle);
  testbed->held_s = t_s;
  power_advance(testbed->power, t_s);
  const specimen_t *specimen = &testbed->specimen;
  double reference_v = conversion->reference == REFERENCE_BANDGAP ? specimen->bandgap_v : specimen->vcc_v;
  double code;
  if (conversion->multiplexer == MUX_BANDGAP)
    code = 1024 * specimen->bandgap_v / reference_v;
  else if (conversion->multiplexer < BOARD_CHANNELS_MAX)
    code = 1024 * sensor_bank_pin_v(testbed->sensors, conversion->multiplexer, t_s) / reference_v +
           noise_lsb(testbed, conversion->prescaler);
  else
    code = 0; /* ground, and what is not wired */
  return (uint16_t)fmin(fmax(floor(code), 0), CODE_MAX);
}

static void complete(void *context, const adc_conversion_t *conversion) {
  testbed_t *testbed = context;
  if (!testbed->adc.in_stretch) return;
  unsigned boot = testbed->sampling.in_stretch ? 0 : boot_id(testbed); /* read once a stretch */
  sampling_log_add(&testbed->sampling, boot, conversion, testbed->held_s);
}

static void stretch_end(void *context, bool unserved) {
  testbed_t *testbed = context;
  sampling_log_end_stretch(&testbed->sampling, unserved);
}

static void sent(void *context, uint8_t byte, uint64_t end_cycle) {
  testbed_t *testbed = context;
  double t_s = oscillator_time_s(&testbed->oscillator, (double)end_cycle);
  uint64_t offset = testbed->counts.bytes_from_device++;
  if (fault_plan_unplugged(&testbed->faults, t_s)) {
    testbed->counts.bytes_lost_unplugged++;
    return;
  }
  byte_fault_t fault = fault_plan_hit(&testbed->faults, &testbed->byte_faults, byte);
  if (fault.kind != BYTE_PASSED) log_byte_fault(testbed, &fault, t_s, offset);
  for (size_t i = 0; i < fault.count; i++) byte_group_add(&testbed->uplink, fault.bytes[i], t_s);
}

static void after_reset(void *context) {
  testbed_t *testbed = context;
  sampling_log_boot(&testbed->sampling);
  if (testbed->marker_wired) mcu_drive_pin(&testbed->mcu, MARKER_PORT, MARKER_BIT, testbed->marker.level);
}

static double noise_lsb(testbed_t *testbed, uint16_t prescaler) {
  int column = prescaler <= 16 ? 0 : prescaler == 32 ? 1 : 2;
  return testbed->board.adc_noise_lsb[column] * draw_normal(&testbed->adc_noise);
}

/* Rounded up: nothing from outside acts before its time. */
static uint64_t cycle_at(const testbed_t *testbed, double t_s) {
  return t_s <= 0 ? 0 : (uint64_t)ceil(oscillator_cycles(&testbed->oscillator, t_s));
}

static uint64_t next_input_cycle(testbed_t *testbed) {
  uint64_t next = downlink_next_cycle(&testbed->downlink, &testbed->usart);
  double edge_s = marker_next_s(&testbed->marker);
  uint64_t edge_cycle = isfinite(edge_s) ? cycle_at(testbed, edge_s) : UINT64_MAX;
  if (edge_cycle < next) next = edge_cycle;
  if (testbed->next_fault < testbed->faults.event_count) {
    uint64_t cycle = cycle_at(testbed, testbed->faults.events[testbed->next_fault].at_s);
    if (cycle < next) next = cycle;
  }
  return next;
}

static void apply_inputs(testbed_t *testbed) {
  uint64_t now = testbed->mcu.avr->cycle;
  while (downlink_next_cycle(&testbed->downlink, &testbed->usart) <= now) {
    if (downlink_deliver(&testbed->downlink, &testbed->usart)) testbed->counts.bytes_to_device++;
  }
  while (isfinite(marker_next_s(&testbed->marker)) && cycle_at(testbed, marker_next_s(&testbed->marker)) <= now)
    mcu_drive_pin(&testbed->mcu, MARKER_PORT, MARKER_BIT, marker_take(&testbed->marker).level);
  while (testbed->next_fault < testbed->faults.event_count) {
    const fault_event_t *event = &testbed->faults.events[testbed->next_fault];
    if (cycle_at(testbed, event->at_s) > now) break;
    testbed->next_fault++;
    if (event->kind == FAULT_RESET) mcu_reset(&testbed->mcu);
  }
}

/* Stalls and unpluggings act on the link by their times alone; here they are only written down. */
static void begin_faults(testbed_t *testbed, double until_s) {
  double from_s = testbed_now_s(testbed);
  char detail[64];
  for (int i = 0; i < testbed->faults.event_count; i++) {
    const fault_event_t *event = &testbed->faults.events[i];
    double end_s = event->at_s + event->duration_s;
    snprintf(detail, sizeof detail, event->kind == FAULT_RESET ? "" : "duration_s=%.9f", event->duration_s);
    if (event->at_s >= from_s && event->at_s < until_s) {
      const char *names[] = {[FAULT_RESET] = "reset", [FAULT_STALL] = "stall", [FAULT_UNPLUG] = "unplug"};
      truth_fault_row(&testbed->truth, event->at_s, names[event->kind], -1, detail);
    }
    if (event->kind == FAULT_UNPLUG && end_s >= from_s && end_s < until_s)
      truth_fault_row(&testbed->truth, end_s, "replug", -1, "");
  }
}

static void log_byte_fault(testbed_t *testbed, const byte_fault_t *fault, double t_s, uint64_t offset) {
  char detail[32] = "";
  const char *kind = "drop";
  if (fault->kind == BYTE_DROPPED) testbed->counts.bytes_dropped++;
  if (fault->kind == BYTE_FLIPPED) {
    kind = "flip";
    snprintf(detail, sizeof detail, "xor=0x%02x", fault->detail);
    testbed->counts.bytes_flipped++;
  }
  if (fault->kind == BYTE_INSERTED) {
    kind = "insert";
    snprintf(detail, sizeof detail, "byte=0x%02x", fault->detail);
    testbed->counts.bytes_inserted++;
  }
  truth_fault_row(&testbed->truth, t_s, kind, (int64_t)offset, detail);
}

/* As the firmware counts it in EEPROM, so that truth and frames carry the same number. */
static unsigned boot_id(testbed_t *testbed) {
  uint8_t eeprom[MCU_EEPROM_BYTES];
  mcu_read_eeprom(&testbed->mcu, eeprom);
  return load_u16le(eeprom + JS_EEPROM_AT_BOOT_ID);
}

static bool open_codes(testbed_t *testbed, failure_t *failure) {
  if (!testbed->setup.codes_path) return true;
  testbed->codes = fopen(testbed->setup.codes_path, "wb");
  return testbed->codes || failure_set(failure, "%s: cannot be written, check --codes", testbed->setup.codes_path);
}
