/* The 1 KiB EEPROM: boot counter and calibration record, where protocol/frame.md puts them. */
#ifndef JOULESPAN_AVR_EEPROM_H
#define JOULESPAN_AVR_EEPROM_H

#include <stdint.h>

void eeprom_read(uint16_t address, uint8_t *bytes, uint8_t count);

/* Writes the bytes that differ, 3.4 ms each, and waits for the last. */
void eeprom_write(uint16_t address, const uint8_t *bytes, uint8_t count);

#endif
