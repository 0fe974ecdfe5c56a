#include "eeprom.h"

#include <stddef.h>

enum { EEPM_SHIFT = 4, EERIE_BIT = 3, EEMPE_BIT = 2, EEPE_BIT = 1, EERE_BIT = 0, WRITABLE = 0x3F }; /* EECR */
enum { ERASE_AND_WRITE = 0, ERASE_ONLY = 1, WRITE_ONLY = 2 };
enum { ERASE_AND_WRITE_US = 3400, HALF_US = 1800, ENABLE_CYCLES = 4, WRITE_HALT_CYCLES = 2, READ_HALT_CYCLES = 4 };

static void write_control(avr_t *avr, avr_io_addr_t address, uint8_t value, void *context);
static void program_byte(eeprom_t *eeprom, unsigned mode);
static avr_cycle_count_t end_enable(avr_t *avr, avr_cycle_count_t when, void *context);
static avr_cycle_count_t end_programming(avr_t *avr, avr_cycle_count_t when, void *context);
static uint8_t *selected_byte(eeprom_t *eeprom);

bool eeprom_attach(eeprom_t *eeprom, mcu_t *mcu, failure_t *failure) {
  avr_eeprom_t *registers = (avr_eeprom_t *)mcu_find_peripheral(mcu, "eeprom");
  if (!registers) return failure_set(failure, "simavr: the atmega328p has no eeprom");
  *eeprom = (eeprom_t){.mcu = mcu, .registers = registers};
  mcu_hook_write(mcu, registers->r_eecr, write_control, eeprom);
  return true;
}

static void write_control(avr_t *avr, avr_io_addr_t address, uint8_t value, void *context) {
  eeprom_t *eeprom = context;
  uint8_t before = avr->data[address];
  bool busy = before >> EEPE_BIT & 1, enabled = before >> EEMPE_BIT & 1;
  bool read = !busy && (value >> EERE_BIT & 1), program = !busy && enabled && (value >> EEPE_BIT & 1);

  uint8_t after = value & (uint8_t)(WRITABLE & ~(1 << EEPE_BIT | 1 << EERE_BIT)); /* EERE is cleared by the hardware */
  if (busy) after = (uint8_t)((after & ~(3 << EEPM_SHIFT)) | (before & (3 << EEPM_SHIFT)));
  avr->data[address] = (uint8_t)(after | (busy || program) << EEPE_BIT);

  if (!enabled && (value >> EEMPE_BIT & 1)) avr_cycle_timer_register(avr, ENABLE_CYCLES, end_enable, eeprom);
  if (read) {
    avr->data[eeprom->registers->r_eedr] = *selected_byte(eeprom);
    mcu_halt(eeprom->mcu, READ_HALT_CYCLES);
  }
  if (program) program_byte(eeprom, after >> EEPM_SHIFT & 3);
  if (!busy && !program && (after >> EERIE_BIT & 1)) avr_raise_interrupt(avr, &eeprom->registers->ready);
}

static void program_byte(eeprom_t *eeprom, unsigned mode) {
  avr_t *avr = eeprom->mcu->avr;
  uint8_t *byte = selected_byte(eeprom), data = avr->data[eeprom->registers->r_eedr];
  if (mode == ERASE_AND_WRITE) *byte = data;
  if (mode == ERASE_ONLY) *byte = 0xFF;
  if (mode == WRITE_ONLY) *byte &= data;
  eeprom->bytes_programmed++;
  mcu_halt(eeprom->mcu, WRITE_HALT_CYCLES);
  uint32_t duration_us = mode == ERASE_AND_WRITE ? ERASE_AND_WRITE_US : HALF_US;
  avr_cycle_timer_register_usec(avr, duration_us, end_programming, eeprom);
}

static avr_cycle_count_t end_enable(avr_t *avr, avr_cycle_count_t when, void *context) {
  eeprom_t *eeprom = context;
  (void)when;
  avr->data[eeprom->registers->r_eecr] &= (uint8_t)~(1 << EEMPE_BIT);
  return 0;
}

static avr_cycle_count_t end_programming(avr_t *avr, avr_cycle_count_t when, void *context) {
  eeprom_t *eeprom = context;
  (void)when;
  uint8_t *control = &avr->data[eeprom->registers->r_eecr];
  *control &= (uint8_t)~(1 << EEPE_BIT);
  if (*control >> EERIE_BIT & 1) avr_raise_interrupt(avr, &eeprom->registers->ready);
  return 0;
}

static uint8_t *selected_byte(eeprom_t *eeprom) {
  const uint8_t *data = eeprom->mcu->avr->data;
  unsigned address = data[eeprom->registers->r_eearl] | data[eeprom->registers->r_eearh] << 8;
  return &eeprom->registers->eeprom[address % MCU_EEPROM_BYTES];
}
