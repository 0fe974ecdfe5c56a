#ifndef EMULATOR_EEPROM_H
#define EMULATOR_EEPROM_H

#include <simavr/avr_eeprom.h>

#include "mcu.h"

/*
 * The ATmega328P's EEPROM control (datasheet 8.6.3), in place of simavr's: programming a byte takes 3.4 ms (1.8 ms for
 * erase or write alone) during which EEPE reads one; simavr is done at once, which hides 0.6 s of a calibration record.
 */
typedef struct {
  mcu_t *mcu;
  avr_eeprom_t *registers;
  uint64_t bytes_programmed;
} eeprom_t;

bool eeprom_attach(eeprom_t *eeprom, mcu_t *mcu, failure_t *failure);

#endif
