#ifndef EMULATOR_EEPROM_FILE_H
#define EMULATOR_EEPROM_FILE_H

#include "mcu.h"

/* --eeprom: 1024 bytes, kept from run to run; a missing file is an erased EEPROM. */
bool eeprom_file_load(mcu_t *mcu, const char *path, failure_t *failure);
bool eeprom_file_save(mcu_t *mcu, const char *path, failure_t *failure);

#endif
