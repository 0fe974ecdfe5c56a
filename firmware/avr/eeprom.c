#include "eeprom.h"

#include <avr/eeprom.h>

#include "joulespan_protocol.h"

_Static_assert(JS_EEPROM_AT_BOOT_ID + 2 <= JS_EEPROM_AT_CALIBRATION &&
                   JS_EEPROM_AT_CALIBRATION + JS_CALIBRATION_BYTES <= E2END + 1,
               "both must fit, and not overlap");

void eeprom_read(uint16_t address, uint8_t *bytes, uint8_t count) {
  eeprom_read_block(bytes, (const void *)address, count);
}

void eeprom_write(uint16_t address, const uint8_t *bytes, uint8_t count) {
  eeprom_update_block(bytes, (void *)address, count);
  eeprom_busy_wait();
}
